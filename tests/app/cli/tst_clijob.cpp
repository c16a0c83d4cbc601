// SPDX-License-Identifier: Apache-2.0
#include "core/base/file.h"
#include "core/run/journal.h"
#include "core/run/runfolder.h"
#include "tests/app/cli/clitest.h"

#include <QProcess>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <utility>

using namespace Qt::StringLiterals;
using namespace bottega;

namespace {

using Words = std::vector<std::string>;

bool contains(const std::string &text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

std::size_t lineCount(const std::string &text, std::string_view start)
{
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
        if (std::string_view(text).substr(at).starts_with(start))
            ++count;
        if (text.find('\n', at) == std::string::npos)
            break;
    }
    return count;
}

Words plus(Words words, const Words &more)
{
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

const Words submitSmall = {"run", "submit", "--experiment", "chainer-mnist", "--recipe", "mnist-mlp", "--data", "mnist-small"};

} // namespace

/// The main job by the command line, with the real agent and trainer, on the data that ships with the program.
class TestCliJob : public test::CliTest
{
    Q_OBJECT
private:
    std::string m_run; // completed, two epochs

    [[nodiscard]] std::filesystem::path runFolder(const std::string &id) const
    {
        return std::filesystem::path(m_workspace) / "runs" / id;
    }
    [[nodiscard]] std::string path(const char *name) const { return m_folder.filePath(QString::fromUtf8(name)).toStdString(); }
    [[nodiscard]] std::size_t runCount() { return document({"run", "list"}).at("items").size(); }

    void cancel(const std::string &id)
    {
        const Json ended = document({"run", "cancel", id, "--wait"});
        QCOMPARE(ended.value("state", ""), std::string("Canceled"));
    }

private Q_SLOTS:
    void initTestCase()
    {
        makeWorkspace();
        const Json run = document(plus(submitSmall, {"--param", "epochs=2", "--param", "batchsize=100", "--wait"}));
        m_run = run.value("id", "");
        QCOMPARE(run.value("state", ""), std::string("Completed"));
    }

    void init()
    {
        CliTest::init();
        m_isTerminal = false;
        m_onPause = [] { return true; };
    }

    void theRunsDocumentHasItsKeys()
    {
        const Json run = document({"run", "show", m_run});
        for (const char *key : {"id", "experiment", "state", "evidence", "target", "attempts", "job", "started", "ended",
                                "durationSeconds", "error", "artifacts", "metrics", "model"})
            QVERIFY2(run.contains(key), key);
        QCOMPARE_JSON(run.at("experiment"), "chainer-mnist");
        QVERIFY(run.at("error").is_null());
        QVERIFY(!run.value("evidence", "").empty());
        QCOMPARE_JSON(run.at("metrics").at("train/loss").at("count"), 200);
        const Json &accuracy = run.at("metrics").at("Accuracy");
        QCOMPARE_JSON(accuracy.at("count"), 2);
        QVERIFY(accuracy.at("last").get<double>() > 0.7 && accuracy.at("last").get<double>() <= 1);
        QVERIFY(accuracy.at("best") >= accuracy.at("last") && accuracy.contains("bestStep"));
        const Json &artifacts = run.at("artifacts");
        QVERIFY(std::any_of(artifacts.begin(), artifacts.end(),
                            [](const Json &one) { return one.at("path") == "outputs/model.npz"; }));
        QCOMPARE_JSON(document({"run", "list"}).at("items").at(0), document({"run", "show", m_run}));
    }

    void pipedWaitingGivesALinePerEpochAndState()
    {
        const auto said = call(plus(submitSmall, {"--param", "epochs=3", "--wait"}));
        QCOMPARE(said.code, 0);
        QVERIFY(said.err.empty());
        QVERIFY2(said.out.find_first_of("\r\x1b") == std::string::npos, said.out.c_str());
        QVERIFY(said.out.starts_with("Run chainer-mnist_"));
        QVERIFY(contains(said.out, "Data: mnist-small, 10,000 training and 2,000 test images"));
        QVERIFY(contains(said.out, "about 91 %"));
        for (const char *epoch : {"epoch 1/3  loss ", "epoch 2/3  loss ", "epoch 3/3  loss "})
            QVERIFY2(lineCount(said.out, epoch) == 1, said.out.c_str());
        QVERIFY(contains(said.out, "  val loss 0.") || contains(said.out, "  val loss 1."));
        for (const char *state : {"Running: ", "Completed after "})
            QVERIFY2(lineCount(said.out, state) == 1, said.out.c_str());
        QVERIFY2(contains(said.out, "\nCompleted after 0:"), said.out.c_str());
        QVERIFY(contains(said.out, "model register chainer-mnist_"));
    }

    void aDryRunTellsTheNetworkAndItsCostAndMakesNothing()
    {
        const std::size_t before = runCount();
        const Json plan = document({"run", "submit", "--experiment", "dry-run", "--recipe", "mnist-mlp", "--param",
                                    "hidden=30", "--dry-run"});
        QCOMPARE_JSON(plan.at("job").at("experiment"), "dry-run");
        QCOMPARE_JSON(plan.at("network").at("parameters"), 784 * 30 + 30 + 30 * 30 + 30 + 30 * 10 + 10);
        QVERIFY(plan.at("estimate").at("seconds").get<double>() > 0);
        QVERIFY(plan.at("estimate").at("memoryBytes").get<double>() > 1e6);
        const auto said = call({"run", "submit", "--experiment", "dry-run", "--recipe", "mnist-cnn", "--dry-run"});
        QCOMPARE(said.code, 0);
        QVERIFY2(contains(said.out, "conv2"), said.out.c_str());
        const auto wrong = call({"run", "submit", "--experiment", "dry-run", "--recipe", "mnist-cnn", "--param",
                                 "batchsize=0", "--dry-run"});
        QCOMPARE(wrong.code, 2);
        QCOMPARE(runCount(), before);
    }

    void aTerminalGetsOneLineThatIsRedrawn()
    {
        m_isTerminal = true;
        const auto said = call(plus(submitSmall, {"--param", "epochs=8", "--wait"}));
        QCOMPARE(said.code, 0);
        QVERIFY2(contains(said.out, "\repoch "), said.out.c_str());
        QVERIFY(contains(said.out, "█"));
        QVERIFY(contains(said.out, "accuracy 0."));
        QVERIFY(contains(said.out, " left\x1b[K"));
        QVERIFY(contains(said.out, "\r\x1b[KCompleted after"));
        m_isTerminal = false;
    }

    void jsonOnATerminalKeepsStandardOutputClean()
    {
        m_isTerminal = true;
        const auto said = call(plus(submitSmall, {"--param", "epochs=1", "--wait", "--json"}));
        QCOMPARE(said.code, 0);
        QCOMPARE(said.document().value("state", ""), std::string("Completed"));
        QVERIFY(said.err.ends_with("\r\x1b[K"));
    }

    void runsAreNamedByBeginningOrLatest()
    {
        const std::string newest = document({"run", "show", "latest"}).value("id", "");
        QCOMPARE(document({"run", "list"}).at("items").at(0).value("id", ""), newest);
        QCOMPARE(document({"run", "show", m_run.substr(0, m_run.size() - 2)}).value("id", ""), m_run);
        const auto vague = call({"run", "show", "chainer"});
        QVERIFY(vague.code == 2 || vague.code == 3);
        QCOMPARE(call({"run", "show", "nobody_1_00000000"}).code, 3);
    }

    void runsAreListedInATable()
    {
        const auto table = call({"run", "list"});
        QVERIFY(table.out.starts_with("RUN "));
        for (const char *title : {"EXPERIMENT", "STATE", "ACCURACY", "EPOCH", "DURATION"})
            QVERIFY2(contains(table.out, title), title);
        QCOMPARE(lineCount(table.out, "chainer-mnist_"), runCount());
        QVERIFY(contains(table.out, "  2/2 "));
        QCOMPARE(document({"run", "list", "--experiment", "chainer-mnist"}).at("items").size(), runCount());
        const auto none = call({"run", "list", "--experiment", "chainer-mist"});
        QCOMPARE(none.code, 0);
        QVERIFY(none.out.empty());
        QVERIFY2(contains(none.err, "There are: chainer-mnist"), none.err.c_str());
    }

    void showIsForPeopleToo()
    {
        const auto shown = call({"run", "show", m_run});
        for (const char *part : {"State         Completed: ", " ago", "batchsize=100", "train/loss", "outputs/model.npz",
                                 "mnist-small (10,000 training, 2,000 test)"})
            QVERIFY2(contains(shown.out, part), shown.out.c_str());
    }

    void metricsComeWhole()
    {
        const Json all = document({"run", "metrics", m_run});
        QCOMPARE(all.at("train/loss").size(), std::size_t(200));
        const Json &point = all.at("train/loss").at(199);
        QCOMPARE_JSON(point.at("step"), 200);
        QVERIFY(point.at("wallTime").get<double>() > 1.6e9 && point.at("value").is_number());
        const Json one = document({"run", "metrics", m_run, "--name", "Accuracy"});
        QCOMPARE(one.size(), std::size_t(1));
        QCOMPARE(one.at("Accuracy").size(), std::size_t(2));
        QCOMPARE(lineCount(call({"run", "metrics", m_run, "--name", "epoch"}).out, "epoch "), std::size_t(2));
        const auto none = call({"run", "metrics", m_run, "--name", "acuracy", "--json"});
        QCOMPARE(none.code, 3);
        QVERIFY(contains(none.error().value("remedy", ""), "Accuracy"));
    }

    void logsAreRawForPipesAndHarmlessForTerminals()
    {
        const auto plain = call({"run", "logs", m_run});
        QCOMPARE(plain.code, 0);
        QVERIFY2(contains(plain.out, "epoch"), plain.out.c_str());
        QVERIFY(contains(document({"run", "logs", m_run}).value("text", ""), "epoch"));
        QCOMPARE(call({"run", "logs", m_run, "--follow"}).out, plain.out);

        const Json copy = document(plus(submitSmall, {"--param", "epochs=1", "--wait"}));
        std::ofstream log(runFolder(copy.value("id", "")) / "system-logs" / "70_driver_log.txt", std::ios::app);
        log << "\x1b]0;owned\x07tail without end";
        log.close();
        QVERIFY(contains(call({"run", "logs", copy.value("id", "")}).out, "\x1b]0;owned"));
        m_isTerminal = true;
        const auto shown = call({"run", "logs", copy.value("id", "")});
        QVERIFY(!contains(shown.out, "\x1b"));
        QVERIFY(shown.out.ends_with("\\x1b]0;owned\\x07tail without end\n"));
    }

    void filesHaveHashesAndComeHome()
    {
        const Json files = document({"run", "files", m_run});
        const auto found = std::find_if(files.at("items").begin(), files.at("items").end(),
                                        [](const Json &one) { return one.at("path") == "outputs/model.npz"; });
        QVERIFY(found != files.at("items").end());
        QCOMPARE(found->at("sha256").get<std::string>().size(), std::size_t(64));
        QVERIFY(contains(call({"run", "files", m_run}).out, found->at("sha256").get<std::string>()));

        const std::string to = path("taken");
        const Json written = document({"run", "download", m_run, "outputs/model.npz", "--to", to});
        QCOMPARE(written.at("items").size(), std::size_t(1));
        QCOMPARE(std::filesystem::file_size(to + "/model.npz"), found->at("size").get<std::uintmax_t>());

        std::ofstream(to + "/model.npz") << "mine";
        const auto refused = call({"run", "download", m_run, "outputs/model.npz", "--to", to, "--json"});
        QCOMPARE(refused.code, 1);
        QCOMPARE(refused.error().value("code", ""), std::string("exists"));
        QCOMPARE(readFile(to + "/model.npz").value(), std::string("mine"));
        QCOMPARE(call({"run", "download", m_run, "outputs/model.npz", "--to", to, "--overwrite"}).code, 0);
        QCOMPARE(std::filesystem::file_size(to + "/model.npz"), found->at("size").get<std::uintmax_t>());
        const auto wrong = call({"run", "download", m_run, "outputs/modl.npz", "--to", to});
        QCOMPARE(wrong.code, 3);
        QVERIFY2(contains(wrong.err, "outputs/model.npz"), wrong.err.c_str());
    }

    void modelsAreRegisteredShownTakenAndDeleted()
    {
        const Json first = document({"model", "register", m_run, "--name", "small-mlp", "--path", "outputs/model.npz",
                                     "--description", "first\x1b[31m light", "--tag", "stage=trial", "--tag", "by=test"});
        for (const char *key : {"id", "name", "version", "aliases", "tags", "description", "run", "experiment", "files",
                                "metrics"})
            QVERIFY2(first.contains(key), key);
        QCOMPARE_JSON(first.at("id"), "small-mlp:1");
        QCOMPARE_JSON(first.at("run"), m_run);
        QCOMPARE_JSON(first.at("tags").at("stage"), "trial");
        QCOMPARE_JSON(document({"run", "show", m_run}).at("model"), "small-mlp:1");
        const auto second = call({"model", "register", m_run, "--name", "small-mlp", "--path", "outputs"});
        QCOMPARE(second.out, "Registered small-mlp:2 from run " + m_run + "\n");
        QCOMPARE_JSON(document({"model", "list"}).at("items").at(0), document({"model", "show", "small-mlp"}));
        QCOMPARE_JSON(document({"model", "show", "small-mlp:1"}).at("version"), 1);
        for (const Words &words : {Words{"model", "list"}, Words{"model", "show", "small-mlp:1"}}) {
            const auto shown = call(words);
            QVERIFY(contains(shown.out, "small-mlp:1") && contains(shown.out, "stage=trial"));
            QVERIFY2(!contains(shown.out, "\x1b"), shown.out.c_str());
        }

        const std::string to = path("out");
        QCOMPARE(call({"model", "download", "small-mlp:1", "--to", to}).out, to + "/model.npz\n");
        const auto again = call({"model", "download", "small-mlp:1", "--to", to, "--json"});
        QCOMPARE(again.code, 1);
        QCOMPARE(again.error().value("code", ""), std::string("exists"));
        QCOMPARE(call({"model", "download", "small-mlp", "--to", to, "--overwrite"}).code, 0);

        QCOMPARE(call({"model", "delete", "small-mlp"}).code, 2);
        const Json deleted = document({"model", "delete", "small-mlp:2", "--permanently"});
        QVERIFY(deleted.value("freedBytes", 0) > 100'000);
        QCOMPARE(call({"model", "show", "small-mlp:2"}).code, 3);
    }

    void evaluationEqualsTheRunsLastAccuracy()
    {
        QCOMPARE(call({"model", "register", m_run, "--name", "evaluated", "--path", "outputs/model.npz"}).code, 0);
        const Json evaluation = document({"model", "eval", "evaluated:1", "--data", "mnist-small"});
        const Json run = document({"run", "show", m_run});
        QCOMPARE_JSON(evaluation.at("accuracy"), run.at("metrics").at("val/accuracy").at("last"));
        QCOMPARE_JSON(evaluation.at("loss"), run.at("metrics").at("val/loss").at("last"));
        QCOMPARE_JSON(evaluation.at("count"), 2000);
        QCOMPARE(evaluation.at("confusion").size(), std::size_t(10));
        std::int64_t all = 0, right = 0;
        for (std::size_t row = 0; row < 10; ++row) {
            std::int64_t support = 0;
            for (const Json &count : evaluation.at("confusion").at(row))
                support += count.get<std::int64_t>();
            all += support;
            right += evaluation.at("confusion").at(row).at(row).get<std::int64_t>();
            const Json &report = evaluation.at("perClass").at(row);
            QCOMPARE(report.at("support").get<std::int64_t>(), support);
            for (const char *key : {"precision", "recall", "f1"})
                QVERIFY(report.at(key).get<double>() >= 0 && report.at(key).get<double>() <= 1);
        }
        QCOMPARE(all, 2000);
        QCOMPARE(double(right) / 2000, evaluation.at("accuracy").get<double>());
        const auto shown = call({"model", "eval", "evaluated"});
        QVERIFY(contains(shown.out, "PRECISION") && contains(shown.out, "TRUE \\ READ AS"));
        QCOMPARE(call({"model", "eval", "evaluated", "--data", "nothing"}).code, 3);
    }

    void numpyOpensTheDownloadedModel()
    {
        const QString python = u"/usr/bin/python3"_s;
        QProcess probe;
        probe.start(python, {u"-c"_s, u"import numpy"_s});
        if (!probe.waitForFinished() || probe.exitCode() != 0)
            QSKIP("numpy is not installed for /usr/bin/python3 (package python3-numpy)");
        QCOMPARE(call({"model", "register", m_run, "--name", "for-numpy", "--path", "outputs/model.npz"}).code, 0);
        const std::string to = path("numpy");
        QCOMPARE(call({"model", "download", "for-numpy:1", "--to", to}).code, 0);
        QProcess numpy;
        numpy.start(python, {u"-c"_s,
                             u"import numpy, sys\n"
                             "m = numpy.load(sys.argv[1])\n"
                             "print(*('%s %s %s' % (k, m[k].dtype, m[k].shape) for k in sorted(m.files)), sep='|')"_s,
                             QString::fromStdString(to) + u"/model.npz"_s});
        QVERIFY(numpy.waitForFinished());
        QCOMPARE(QString::fromUtf8(numpy.readAllStandardOutput()).trimmed(),
                 u"l1/W float32 (100, 784)|l1/b float32 (100,)|l2/W float32 (100, 100)|l2/b float32 (100,)|"
                 "l3/W float32 (10, 100)|l3/b float32 (10,)"_s);
    }

    void dataIsListedFetchedVerifiedAndImported()
    {
        const Json list = document({"data", "list"});
        const auto known = [&list](const char *name) {
            return std::any_of(list.at("items").begin(), list.at("items").end(),
                               [name](const Json &one) { return one.at("name") == name; });
        };
        QVERIFY(known("mnist") && known("mnist-small"));
        QVERIFY(contains(call({"data", "list"}).out, "mnist-small"));
        QCOMPARE_JSON(document({"data", "get", "mnist-small"}).at("name"), "mnist-small");
        QVERIFY(contains(call({"data", "verify", "mnist-small"}).out, "sound"));

        const std::string source = m_workspace + "/datasets/mnist-small";
        QVERIFY(contains(call({"data", "import", "my-digits", source}).out, "10,000 training"));
        QCOMPARE_JSON(document({"data", "verify", "my-digits"}).at("name"), "my-digits");
        const std::string images = m_workspace + "/datasets/my-digits/t10k-images-idx3-ubyte";
        std::fstream file(images, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(500);
        file.put('\x7f').put('\x01');
        file.close();
        const auto damaged = call({"data", "verify", "my-digits", "--json"});
        QCOMPARE(damaged.code, 1);
        QCOMPARE(damaged.error().value("code", ""), std::string("corrupt"));
        QCOMPARE(call({"data", "import", "mnist", source}).code, 1); // known name, other content
        QCOMPARE(call({"data", "import", "none", path("nowhere")}).code, 3);
        QCOMPARE(call({"data", "get", "cifar-zero"}).code, 3);
        QCOMPARE(call({"data", "verify", "cifar-zero"}).code, 3);
    }

    void theWorkspaceIsCountedVerifiedAndRebuilt()
    {
        const Json shown = document({"workspace", "show"});
        QCOMPARE(shown.at("runs").get<std::size_t>(), runCount());
        QCOMPARE_JSON(shown.at("experiments").at(0).at("name"), "chainer-mnist");
        QVERIFY(contains(call({"workspace", "show"}).out, "chainer-mnist"));
        QCOMPARE(document({"workspace", "rebuild"}).at("runs").get<std::size_t>(), runCount());
        QCOMPARE_JSON(document({"workspace", "verify"}).at("ok"), true);
        QVERIFY(contains(call({"workspace", "verify"}).out, "agree"));
    }

    void badInputIsRefusedAndChangesNothing_data()
    {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("said");
        const auto submit = [](const QStringList &more) {
            return QStringList{u"run"_s, u"submit"_s, u"--experiment"_s, u"chainer-mnist"_s, u"--recipe"_s, u"mnist-mlp"_s,
                               u"--data"_s, u"mnist-small"_s} + more;
        };
        const auto param = [&submit](const QString &text) { return submit({u"--param"_s, text}); };
        QTest::newRow("epochs=ten") << param(u"epochs=ten"_s) << 2 << u"epochs=ten: a whole number from 1 to"_s;
        QTest::newRow("batchsize=0") << param(u"batchsize=0"_s) << 2 << u"batchsize=0"_s;
        QTest::newRow("lr=nan") << param(u"lr=nan"_s) << 2 << u"lr=nan"_s;
        QTest::newRow("batch above the data") << param(u"batchsize=20000"_s) << 2 << u"10000"_s;
        QTest::newRow("unknown parameter") << param(u"epoch=1"_s) << 2 << u"epochs"_s;
        QTest::newRow("no equals sign") << param(u"epochs"_s) << 2 << u"a name, '=' and a value"_s;
        QTest::newRow("parameter twice") << submit({u"--param=seed=1"_s, u"--param=seed=2"_s}) << 2 << u"twice"_s;
        QTest::newRow("unknown data") << submit({}).replaceInStrings(u"mnist-small"_s, u"mnist-tiny"_s) << 3 << u"mnist-tiny"_s;
        QTest::newRow("unknown recipe") << submit({}).replaceInStrings(u"mnist-mlp"_s, u"mnist-mpl"_s) << 3 << u"mnist-mlp"_s;
        QTest::newRow("no recipe") << QStringList{u"run"_s, u"submit"_s, u"--experiment=abc"_s} << 2 << u"--recipe is missing"_s;
        QTest::newRow("unknown target") << submit({u"--target"_s, u"moon"_s}) << 3 << u"local"_s;
        QTest::newRow("gpu word") << submit({u"--gpu"_s, u"maybe"_s}) << 2 << u"auto, never or require"_s;
        QTest::newRow("gpu required") << submit({u"--gpu"_s, u"require"_s}) << 1 << u"CPU only"_s;
        QTest::newRow("device word") << submit({u"--device"_s, u"tpu"_s}) << 2 << u"auto, cpu, or a GPU"_s;
        QTest::newRow("CPU and GPU") << submit({u"--device"_s, u"cpu"_s, u"--gpu"_s, u"require"_s}) << 2 << u"required"_s;
        QTest::newRow("threads word") << submit({u"--threads"_s, u"all"_s}) << 2 << u"a whole number from 1"_s;
        QTest::newRow("too many threads") << submit({u"--threads"_s, u"99999"_s}) << 2 << u"threads=99999"_s;
        QTest::newRow("precision word") << submit({u"--precision"_s, u"fp16"_s}) << 2 << u"fp32, tf32 or bf16"_s;
        QTest::newRow("precision of a CPU") << submit({u"--precision=tf32"_s, u"--device=cpu"_s}) << 2 << u"needs a GPU"_s;
        QTest::newRow("duration word") << submit({u"--max-duration"_s, u"1h"_s}) << 2 << u"seconds"_s;
        QTest::newRow("duration below 0") << submit({u"--max-duration=-5"_s}) << 2 << u"seconds"_s;
        QTest::newRow("unknown run to resume") << submit({u"--resume-from"_s, u"gone_1_00000000"_s}) << 3 << u"gone"_s;
        const QList<std::pair<const char *, QString>> names = {
            {"markup", u"<b>bold</b>"_s}, {"slash", u"../up"_s},    {"newline", u"two\nlines"_s},
            {"long", QString(300, u'x')}, {"escape", u"a\x1b[2J"_s}, {"dot", u"."_s}};
        for (const auto &[kind, name] : names) {
            QTest::addRow("experiment name: %s", kind)
                << QStringList{u"run"_s, u"submit"_s, u"--experiment"_s, name, u"--recipe"_s, u"mnist-mlp"_s} << 2
                << u"valid name"_s;
            QTest::addRow("model name: %s", kind)
                << QStringList{u"model"_s, u"register"_s, u"latest"_s, u"--name"_s, name, u"--path"_s, u"outputs/model.npz"_s}
                << 2 << u"valid name"_s;
            QTest::addRow("data name: %s", kind)
                << QStringList{u"data"_s, u"import"_s, name, u"/nowhere"_s} << 2 << u"valid name"_s;
            QTest::addRow("run: %s", kind) << QStringList{u"run"_s, u"show"_s, name} << 3 << u"no run"_s;
            QTest::addRow("model: %s", kind) << QStringList{u"model"_s, u"show"_s, name} << 3 << u"no model"_s;
        }
        QTest::newRow("unknown run") << QStringList{u"run"_s, u"delete"_s, u"chainer-mnist_9"_s} << 3 << u"no run"_s;
        QTest::newRow("unknown model") << QStringList{u"model"_s, u"eval"_s, u"nobody:1"_s} << 3 << u"no model"_s;
        QTest::newRow("unknown version") << QStringList{u"model"_s, u"show"_s, u"known:99"_s} << 3 << u"1"_s;
        QTest::newRow("no version") << QStringList{u"model"_s, u"download"_s, u"known:x"_s, u"--to"_s, u"/tmp"_s} << 3 << u""_s;
        QTest::newRow("wrong artifact")
            << QStringList{u"model"_s, u"register"_s, u"latest"_s, u"--name=xyz"_s, u"--path=outputs/nothing.npz"_s} << 3
            << u"outputs/model.npz"_s;
        QTest::newRow("artifact outside")
            << QStringList{u"model"_s, u"register"_s, u"latest"_s, u"--name=xyz"_s, u"--path=../../config.json"_s} << -1
            << u""_s;
        QTest::newRow("tag without value")
            << QStringList{u"model"_s, u"register"_s, u"latest"_s, u"--name=xyz"_s, u"--path=outputs"_s, u"--tag=x"_s} << 2
            << u"--tag x"_s;
        QTest::newRow("target that cannot be written")
            << QStringList{u"model"_s, u"download"_s, u"known:1"_s, u"--to"_s, u"/sys/bottega"_s} << 1 << u"/sys"_s;
        QTest::newRow("target below a file")
            << QStringList{u"run"_s, u"download"_s, u"latest"_s, u"outputs"_s, u"--to"_s, u"/etc/passwd/out"_s} << -1
            << u"/etc/passwd"_s;
    }
    void badInputIsRefusedAndChangesNothing()
    {
        QFETCH(QStringList, words);
        QFETCH(int, code);
        QFETCH(QString, said);
        if (call({"model", "show", "known:1"}).code != 0)
            QCOMPARE(call({"model", "register", m_run, "--name", "known", "--path", "outputs/model.npz"}).code, 0);
        const std::size_t runs = runCount();
        const std::size_t models = document({"model", "list"}).at("items").size();
        const std::size_t datasets = document({"data", "list"}).at("items").size();
        Words wrong;
        for (const QString &word : words)
            wrong.push_back(word.toStdString());
        const auto plain = call(wrong);
        QVERIFY2(!contains(plain.err, "\x1b"), plain.err.c_str());
        QVERIFY2(contains(plain.err, said.toStdString()), plain.err.c_str());
        QVERIFY(plain.out.empty());
        if (code >= 0)
            QVERIFY2(plain.code == code, plain.err.c_str());
        else
            QVERIFY(plain.code != 0);
        wrong.emplace_back("--json");
        const auto json = call(wrong);
        QCOMPARE(json.code, plain.code);
        QVERIFY(json.out.empty());
        QVERIFY2(!json.error().value("what", "").empty(), json.err.c_str());
        QCOMPARE(runCount(), runs);
        QCOMPARE(document({"model", "list"}).at("items").size(), models);
        QCOMPARE(document({"data", "list"}).at("items").size(), datasets);
    }

    void aFolderThatIsNoWorkspaceIsSaid()
    {
        const std::string real = std::exchange(m_workspace, m_folder.path().toStdString());
        const auto none = call({"run", "list", "--json"});
        m_workspace.clear();
        const auto file = call({"--workspace", "/etc/passwd", "run", "list", "--json"});
        const auto init = call({"workspace", "init", "/etc/passwd/ws", "--json"});
        const auto name = call({"workspace", "init", path("new-ws"), "--name", "<b>", "--json"});
        m_workspace = real;
        QCOMPARE(none.code, 3);
        QVERIFY2(contains(none.error().value("remedy", ""), "workspace init"), none.err.c_str());
        QVERIFY(file.code != 0 && file.error().is_object());
        QVERIFY(init.code != 0 && init.error().is_object());
        QCOMPARE(name.code, 2);
        QVERIFY(!std::filesystem::exists(path("new-ws") + "/config.json"));
    }

    void interruptedWaitingLeavesTheRunAlone()
    {
        int pauses = 0;
        m_onPause = [&pauses] { return ++pauses < 8; };
        const auto left = call(plus(submitSmall, {"--param", "epochs=100000", "--max-duration=120", "--wait", "--json"}));
        m_onPause = [] { return true; };
        QCOMPARE(left.code, 130);
        const std::string id = left.document().value("id", "");
        QVERIFY(contains(left.err, "The run goes on"));
        QVERIFY2(contains(left.err, "--workspace " + m_workspace + " run cancel " + id), left.err.c_str());
        const Json alive = document({"run", "show", id});
        QVERIFY(alive.value("state", "") != "Canceled" && alive.at("ended").is_null());
        QCOMPARE(call({"run", "delete", id}).code, 2); // it lives
        cancel(id);
        const auto twice = call({"run", "cancel", id, "--json"});
        QCOMPARE(twice.code, 2);
        QVERIFY(contains(twice.error().value("what", ""), "Canceled"));
    }

    void followedLogsEndWithTheRun()
    {
        const std::string id = document(plus(submitSmall, {"--param", "epochs=2"})).value("id", "");
        const auto log = call({"run", "logs", id, "--follow"});
        QCOMPARE(log.code, 0);
        QCOMPARE(log.out, call({"run", "logs", id}).out);
        QCOMPARE(document({"run", "show", id}).value("state", ""), std::string("Completed"));
    }

    void aKilledTrainerIsAFailedRunWithTheSignalNamed()
    {
        bool isKilled = false;
        m_onPause = [&] {
            const std::string id = document({"run", "show", "latest"}).value("id", "");
            if (isKilled || !document({"run", "metrics", id}).contains("train/loss"))
                return true;
            const JournalContent journal = readJournal(runFolder(id) / "journal.jsonl").value();
            for (const JournalEntry &entry : journal.entries) {
                if (entry.state == RunState::Running && entry.pid)
                    isKilled = ::kill(*entry.pid, SIGKILL) == 0;
            }
            return true;
        };
        const auto failed = call(plus(submitSmall, {"--param", "epochs=100000", "--max-duration=120", "--wait", "--json"}));
        QVERIFY(isKilled);
        QCOMPARE(failed.code, 1);
        QVERIFY(failed.err.empty());
        const Json run = failed.document();
        QCOMPARE(run.value("state", ""), std::string("Failed"));
        QVERIFY2(contains(run.value("error", ""), "signal 9 (Killed)"), failed.out.c_str());
        const Json points = document({"run", "metrics", run.value("id", "")}).at("train/loss");
        QCOMPARE(points.back().at("step").get<std::size_t>(), points.size());
        QVERIFY(contains(call({"run", "show", run.value("id", "")}).out, "Failed: "));
    }

    void aTimeLimitEndsTheRun()
    {
        const auto limited = call(plus(submitSmall, {"--param", "epochs=100000", "--max-duration", "0.5", "--wait"}));
        QCOMPARE(limited.code, 1);
        const std::string state = document({"run", "show", "latest"}).value("state", "");
        QVERIFY2(state == "Failed" || state == "Canceled", state.c_str());
        QVERIFY2(contains(limited.out, "\n" + state + " after 0:"), limited.out.c_str());
    }

    void aRunGoesOnFromAnother()
    {
        const Json on = document({"run", "submit", "--resume-from", m_run, "--param", "epochs=3", "--wait"});
        QCOMPARE(on.value("state", ""), std::string("Completed"));
        QCOMPARE(on.value("experiment", ""), std::string("chainer-mnist"));
        QCOMPARE(on.at("metrics").at("epoch").at("last").get<double>(), 3.0);
        QCOMPARE_JSON(on.at("metrics").at("train/loss").at("count"), 100);
        QCOMPARE(call({"run", "submit", "--resume-from", m_run, "--param", "epochs=2"}).code, 2);
    }

    void aRunFolderDeletedWhileFollowedIsSaid()
    {
        const auto left = [this](const std::string &id) { // as a run that another host is still working on
            Json job = parseJson(readFile(runFolder(m_run) / "run.json").value(), "run.json").value();
            Job copy = jobFromJson(job, "run.json").value();
            copy.runId = id;
            QVERIFY_RESULT(RunFolder::create(std::filesystem::path(m_workspace) / "runs", copy));
        };
        left("chainer-mnist_1700000000_0000abcd");
        m_onPause = [this] {
            (void)removeTree(runFolder("chainer-mnist_1700000000_0000abcd"));
            return true;
        };
        const auto gone = call({"run", "logs", "chainer-mnist_1700000000_0000abcd", "--follow", "--json"});
        QCOMPARE(gone.code, 3);
        QCOMPARE(gone.error().value("code", ""), std::string("not-found"));
    }

    void anEndedRunIsDeletedAndItsModelStays()
    {
        const std::string id = document(plus(submitSmall, {"--param", "epochs=1", "--wait"})).value("id", "");
        QCOMPARE(call({"model", "register", id, "--name", "survivor", "--path", "outputs/model.npz"}).code, 0);
        QVERIFY(document({"run", "show", id}).value("diskBytes", 0) > 100'000);
        const Json trashed = document({"run", "delete", id});
        QCOMPARE(trashed.value("freedBytes", -1), 0);
        QVERIFY(trashed.value("bytes", 0) > 100'000);
        QVERIFY(!std::filesystem::exists(runFolder(id)));
        QCOMPARE_JSON(document({"run", "list", "--trash"}).at("items").at(0).at("id"), id);
        QVERIFY(contains(call({"run", "show", id}).err, "run restore"));
        QCOMPARE(call({"run", "restore", id}).out, "Restored " + id + ".\n");
        QCOMPARE_JSON(document({"run", "show", id}).at("state"), "Completed");
        QCOMPARE(call({"run", "delete", id}).code, 0);
        QCOMPARE(call({"workspace", "empty-trash", "--older-than", "soon"}).code, 2);
        QCOMPARE_JSON(document({"workspace", "empty-trash", "--older-than", "1"}).at("removed"), 0);
        QVERIFY(document({"workspace", "empty-trash"}).value("freedBytes", 0) > 100'000);
        QCOMPARE(call({"run", "restore", id}).code, 3);
        QCOMPARE(call({"run", "show", id}).code, 3);
        QCOMPARE(call({"model", "download", "survivor", "--to", path("survived")}).code, 0);
    }
};

BOTTEGA_TEST_MAIN(TestCliJob)
#include "tst_clijob.moc"
