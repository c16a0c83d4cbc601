// SPDX-License-Identifier: Apache-2.0
#include "core/base/clock.h"
#include "core/compute/launch.h"
#include "core/compute/local/localtarget.h"
#include "core/compute/submit.h"
#include "core/formats/npz/npz.h"
#include "core/run/process.h"
#include "core/run/runstatus.h"
#include "core/workspace/datasets.h"
#include "core/workspace/models.h"
#include "core/workspace/runfeed.h"
#include "core/workspace/runrecord.h"
#include "tests/core/workspace/fixture.h"
#include "tests/support/testcase.h"

#include <QSignalSpy>

#include <csignal>
#include <fcntl.h>
#include <limits>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace bottega;
using namespace bottega::test;
namespace fs = std::filesystem;

class SubmitTest : public TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void requestIsCompleted();
    void requestsAreRefused_data();
    void requestsAreRefused();
    void preparingMakesNothing();
    void launchDetaches();
    void launchNamesTheReason();
    void toolsAreFound();
    void targetsAreDescribed();
    void failedLaunchIsJournaled();
    void realRunFromSubmitToModel();
    void realRunIsResumed();
    void realRunIsCanceled();
    void resumeIsRefused();
    void liveRunIsNotDeleted();
    void deleteFreesSpace();
    void cancelOfAnEndedRun();
};

namespace {

JobRequest request()
{
    JobRequest job;
    job.experiment = "digits";
    job.recipe = "mnist-mlp";
    job.params = {{"epochs", "1"}, {"batchsize", "500"}};
    return job;
}

RunState stateOf(const RunFolder &run)
{
    const auto status = readRunStatus(run);
    return status ? status->state : RunState::NotStarted;
}

} // namespace

void SubmitTest::initTestCase()
{
    qputenv("BOTTEGA_LIBEXEC", BOTTEGA_BIN_DIR);
}

void SubmitTest::requestIsCompleted()
{
    const WorkspaceFixture fixture;
    const auto job = prepareJob(fixture.workspace, request());
    QVERIFY_RESULT(job);
    QCOMPARE(job->param("epochs"), std::string("1"));
    QCOMPARE(job->param("momentum"), std::string("0.9"));
    QCOMPARE(job->data.name, std::string("mnist-small"));
    QCOMPARE(job->data.trainCount, std::int64_t{10000});
    QCOMPARE(job->createdBy, std::string("bottega " BOTTEGA_VERSION));
}

void SubmitTest::requestsAreRefused_data()
{
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *field, const QString &value, const char *says) {
        QTest::addRow("%s %s", field, qPrintable(value.simplified().left(20)))
            << QString::fromLatin1(field) << value << QString::fromUtf8(says);
    };
    row("experiment", QStringLiteral("ab"), "experiment");
    row("experiment", QString(300, u'x'), "300");
    row("experiment", QStringLiteral("<b>x</b>"), "experiment");
    row("experiment", QStringLiteral("a/../b"), "experiment");
    row("experiment", QStringLiteral("abc\ndef"), "experiment");
    row("experiment", QString(), "experiment");
    row("recipe", QStringLiteral("mnist"), "mnist-mlp");
    row("target", QStringLiteral("moon"), "local");
    row("gpu", QStringLiteral("maybe"), "auto, never or require");
    row("gpu", QStringLiteral("require"), "CPU");
    row("dataset", QStringLiteral("mnist"), "data get mnist");
    row("dataset", QStringLiteral("../x"), "data set");
    row("epochs", QStringLiteral("ten"), "epochs=ten");
    row("batchsize", QStringLiteral("0"), "batchsize=0");
    row("batchsize", QStringLiteral("10001"), "10000 training images");
    row("nonsense", QStringLiteral("1"), "nonsense");
    row("duration", QStringLiteral("-1"), "seconds");
    row("duration", QStringLiteral("nan"), "seconds");
    row("resume", QStringLiteral("digits_1_00000000"), "no run");
}

void SubmitTest::requestsAreRefused()
{
    QFETCH(QString, field);
    QFETCH(QString, value);
    QFETCH(QString, says);
    const WorkspaceFixture fixture;
    JobRequest job = request();
    job.params.clear();
    const std::string text = value.toStdString();
    if (field == u"experiment")
        job.experiment = text;
    else if (field == u"recipe")
        job.recipe = text;
    else if (field == u"target")
        job.target = text;
    else if (field == u"gpu")
        job.gpu = text;
    else if (field == u"dataset")
        job.dataset = text;
    else if (field == u"duration")
        job.maxDurationSeconds = text == "nan" ? std::numeric_limits<double>::quiet_NaN() : -1;
    else if (field == u"resume")
        job.resumeFrom = text;
    else
        job.params = {{field.toStdString(), text}};
    const auto run = submitRun(fixture.workspace, job);
    QVERIFY(!run);
    QVERIFY2(describe(run.error()).find(says.toStdString()) != std::string::npos, describe(run.error()).c_str());
    QVERIFY(fs::is_empty(fixture.workspace.runsFolder()));
}

void SubmitTest::preparingMakesNothing()
{
    const WorkspaceFixture fixture;
    QVERIFY_RESULT(prepareJob(fixture.workspace, request()));
    QVERIFY(fs::is_empty(fixture.workspace.runsFolder()));
    QVERIFY(fs::is_empty(fixture.workspace.datasetsFolder()));
}

void SubmitTest::launchDetaches()
{
    const WorkspaceFixture fixture;
    const fs::path log = fixture.folder("log");
    const int leak = ::open("/dev/null", O_RDONLY); // without close-on-exec, as a careless library would
    QVERIFY(leak >= 0);
    // What the program sees of itself: folder, descriptors, session, parent.
    const std::string script = "pwd; ls -l /proc/$$/fd | wc -l; cut -d ' ' -f 4,6 /proc/$$/stat; "
                               "cat /proc/self/status | grep -E 'SigBlk|SigIgn'; echo done; exec sleep 60";
    QVERIFY_RESULT(launchDetached({"/bin/sh", "-c", script}, log));
    ::close(leak);
    QTRY_VERIFY(WorkspaceFixture::read(log).find("done") != std::string::npos);
    const QStringList lines = QString::fromStdString(WorkspaceFixture::read(log)).split(u'\n');
    QCOMPARE(lines[0], QStringLiteral("/"));
    QVERIFY2(lines[1].toInt() <= 5, qPrintable(lines[1])); // "total", 0, 1, 2 and the shell's own
    const QStringList numbers = lines[2].split(u' ');
    QVERIFY2(numbers[0].toInt() != ::getpid(), qPrintable(lines[2]));
    QVERIFY2(numbers[1].toInt() != ::getsid(0), qPrintable(lines[2]));
    QVERIFY2(lines[3].endsWith(QStringLiteral("0000000000000000")), qPrintable(lines[3]));
    QVERIFY2(lines[4].endsWith(QStringLiteral("0000000000000000")), qPrintable(lines[4]));
    QCOMPARE(::waitpid(-1, nullptr, WNOHANG), -1); // no child of ours, hence no zombie ever
    QCOMPARE(::kill(-numbers[1].toInt(), SIGKILL), 0); // its session is its process group
}

void SubmitTest::launchNamesTheReason()
{
    const WorkspaceFixture fixture;
    const fs::path text = fixture.folder("text");
    WorkspaceFixture::write(text, "no program");
    ::chmod(text.c_str(), 0755);
    for (const auto &[program, says] : {std::pair<fs::path, const char *>{"/nowhere/agent", "No such file"},
                                        {text, "Exec format"},
                                        {fixture.folder(), "denied"}}) {
        const auto launched = launchDetached({program.string()}, fixture.folder("log"));
        QVERIFY(!launched);
        QVERIFY2(launched.error().what.find(says) != std::string::npos, launched.error().what.c_str());
        QCOMPARE(launched.error().where, program.string());
    }
    QVERIFY(!launchDetached({"/bin/true"}, fixture.folder("missing/log")));
    QCOMPARE(::waitpid(-1, nullptr, WNOHANG), -1);
}

void SubmitTest::toolsAreFound()
{
    const auto agent = findTool("bottega-agent");
    QVERIFY_RESULT(agent);
    QCOMPARE(agent->parent_path(), fs::path(BOTTEGA_BIN_DIR));
    const auto missing = findTool("bottega-nothing");
    QVERIFY(missing.error().code == ErrorCode::NotFound);
    QVERIFY(missing.error().where.find(BOTTEGA_BIN_DIR) != std::string::npos);
}

void SubmitTest::targetsAreDescribed()
{
    QCOMPARE(targetNames(), std::vector<std::string>{"local"});
    const auto target = findTarget("local");
    QVERIFY_RESULT(target);
    const Json card = (*target)->describe();
    QVERIFY(card["cpus"].get<int>() >= 1);
    QVERIFY(card["memoryBytes"].get<std::uint64_t>() > std::uint64_t{64} << 20);
    QVERIFY(card["gpus"].is_array());
    QCOMPARE(card["host"].get<std::string>(), hostName());
}

void SubmitTest::failedLaunchIsJournaled()
{
    WorkspaceFixture fixture;
    const fs::path tools = fixture.folder("tools");
    for (const char *name : {"bottega-agent", "bottega-trainer"}) {
        WorkspaceFixture::write(tools / name, "no program");
        ::chmod((tools / name).c_str(), 0755);
    }
    qputenv("BOTTEGA_LIBEXEC", QByteArray::fromStdString(tools.string()));
    const auto run = submitRun(fixture.workspace, request());
    qputenv("BOTTEGA_LIBEXEC", BOTTEGA_BIN_DIR);
    QVERIFY(!run);
    QVERIFY(run.error().what.find("Exec format") != std::string::npos);
    const auto ids = fixture.workspace.runIds();
    QCOMPARE(ids->size(), std::size_t{1});
    QVERIFY(run.error().kept.find(ids->front()) != std::string::npos);
    const auto record = readRunRecord(*fixture.workspace.run(ids->front()));
    QVERIFY_RESULT(record);
    QVERIFY(record->status.state == RunState::Failed);
    QVERIFY(record->status.error.find("Exec format") != std::string::npos);
}

void SubmitTest::realRunFromSubmitToModel()
{
    WorkspaceFixture fixture;
    const auto run = submitRun(fixture.workspace, request());
    QVERIFY_RESULT(run);
    RunFeed feed(*run);
    RunRecord seen;
    std::map<std::string, std::size_t> points;
    connect(&feed, &RunFeed::recordChanged, this, [&seen](const RunRecord &record) { seen = record; });
    connect(&feed, &RunFeed::pointsArrived, this, [&points](const QList<MetricBatch> &batches) {
        for (const MetricBatch &batch : batches)
            points[batch.name] += batch.points.size();
    });
    QTRY_VERIFY_WITH_TIMEOUT(isTerminal(seen.status.state), 120'000);
    QVERIFY2(seen.status.state == RunState::Completed, seen.status.evidence.c_str());
    QTRY_VERIFY(!seen.artifacts.empty());
    const auto record = readRunRecord(*run);
    QVERIFY_RESULT(record);
    QCOMPARE(record->totalSteps(), std::int64_t{20});
    QCOMPARE(record->metrics.at("train/loss").count, std::uint64_t{20});
    QCOMPARE(points.at("train/loss"), std::size_t{20});
    QVERIFY(record->metrics.at("Accuracy").last > 0.3);
    QCOMPARE(record->metrics.at("train/loss").lastStep, std::int64_t{20});
    QCOMPARE(record->attempts.size(), std::size_t{1});
    const Models models(fixture.workspace);
    const auto model = models.registerFromRun(*run, {"digits", "outputs/model.npz", {}, {}});
    QVERIFY_RESULT(model);
    QVERIFY_RESULT(deleteRun(*run)); // the model stays
    const auto files = models.download(*model, fixture.folder("out"));
    QVERIFY_RESULT(files);
    const auto weights = readNpz(files->front());
    QVERIFY_RESULT(weights);
    QVERIFY(weights->contains("l1/W"));
    QVERIFY(models.find("digits")->metrics.at("Accuracy") > 0.3);
}

void SubmitTest::realRunIsResumed()
{
    WorkspaceFixture fixture;
    JobRequest whole = request();
    whole.params = {{"epochs", "2"}, {"batchsize", "300"}, {"seed", "7"}};
    JobRequest half = whole;
    half.params[0].second = "1";
    const auto wholeRun = submitRun(fixture.workspace, whole);
    const auto halfRun = submitRun(fixture.workspace, half);
    QVERIFY_RESULT(wholeRun);
    QVERIFY_RESULT(halfRun);
    QTRY_VERIFY_WITH_TIMEOUT(stateOf(*halfRun) == RunState::Completed, 120'000);
    JobRequest rest;
    rest.resumeFrom = halfRun->id();
    const auto nothingLeft = prepareJob(fixture.workspace, rest);
    QVERIFY(!nothingLeft);
    QVERIFY(nothingLeft.error().remedy.find("epochs=") != std::string::npos);
    rest.params = {{"epochs", "2"}};
    const auto resumed = submitRun(fixture.workspace, rest);
    QVERIFY_RESULT(resumed);
    const auto job = resumed->readJob();
    QCOMPARE(job->param("batchsize"), std::string("300")); // from the run it goes on from
    QCOMPARE(job->experiment, std::string("digits"));
    QVERIFY(job->resumeCheckpoint.ends_with("epoch-0001.npz"));
    QTRY_VERIFY_WITH_TIMEOUT(stateOf(*resumed) == RunState::Completed, 120'000);
    QTRY_VERIFY_WITH_TIMEOUT(stateOf(*wholeRun) == RunState::Completed, 120'000);
    QVERIFY(WorkspaceFixture::read(resumed->work() / "outputs/model.npz") ==
            WorkspaceFixture::read(wholeRun->work() / "outputs/model.npz"));
}

void SubmitTest::realRunIsCanceled()
{
    WorkspaceFixture fixture;
    JobRequest endless = request();
    endless.params = {{"epochs", "100000"}, {"batchsize", "100"}};
    const auto run = submitRun(fixture.workspace, endless);
    QVERIFY_RESULT(run);
    QTRY_VERIFY_WITH_TIMEOUT(stateOf(*run) == RunState::Running, 60'000);
    QVERIFY(deleteRun(*run).error().remedy.find("run cancel") != std::string::npos);
    QVERIFY_RESULT(requestCancel(*run));
    QTRY_VERIFY_WITH_TIMEOUT(stateOf(*run) == RunState::Canceled, 60'000);
    QVERIFY_RESULT(deleteRun(*run));
}

void SubmitTest::resumeIsRefused()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    JobRequest job = request();
    job.resumeFrom = run.id();
    job.params.clear();
    const auto otherData = prepareJob(fixture.workspace, job);
    QVERIFY(!otherData);
    job.dataset = "mnist-small";
    const auto other = prepareJob(fixture.workspace, job);
    QVERIFY(!other);
    QVERIFY2(other.error().what.find("other data") != std::string::npos, other.error().what.c_str());
    // The same data, but no checkpoint.
    Job old = *run.readJob();
    old.runId = makeRunId("digits");
    old.data = *Datasets(fixture.workspace).plan("mnist-small");
    const auto bare = RunFolder::create(fixture.workspace.runsFolder(), old);
    QVERIFY_RESULT(bare);
    job.resumeFrom = bare->id();
    for (const char *name : {"epoch-x.npz", "epoch-.npz", "final.npz"})
        WorkspaceFixture::write(bare->checkpoints() / name, "none of ours");
    fs::create_symlink("/etc/passwd", bare->checkpoints() / "epoch-0009.npz");
    const auto none = prepareJob(fixture.workspace, job);
    QVERIFY(!none);
    QVERIFY2(none.error().what.find("no checkpoint") != std::string::npos, none.error().what.c_str());
    for (const char *name : {"epoch-0002.npz", "epoch-0007.npz", "epoch-0003.npz"})
        WorkspaceFixture::write(bare->checkpoints() / name, "checkpoint");
    const auto newest = prepareJob(fixture.workspace, job);
    QVERIFY_RESULT(newest);
    QCOMPARE(newest->resumeCheckpoint, (bare->checkpoints() / "epoch-0007.npz").string());
    job.recipe = "mnist-cnn";
    const auto recipe = prepareJob(fixture.workspace, job);
    QVERIFY(!recipe);
    QVERIFY2(recipe.error().what.find("mnist-mlp") != std::string::npos, recipe.error().what.c_str());
}

void SubmitTest::liveRunIsNotDeleted()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.newRun();
    WorkspaceFixture::journalAlive(run);
    const auto deleted = deleteRun(run);
    QVERIFY(!deleted);
    QVERIFY(deleted.error().code == ErrorCode::Usage);
    QVERIFY(fs::exists(run.runJson()));
}

void SubmitTest::deleteFreesSpace()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun(1, std::string(1 << 20, 'w'));
    WorkspaceFixture::write(fixture.folder("outside/file"), "stays");
    fs::create_directory_symlink(fixture.folder("outside"), run.work() / "outputs/link");
    const auto freed = deleteRun(run);
    QVERIFY_RESULT(freed);
    QVERIFY(*freed >= 1 << 20);
    QVERIFY(fs::is_empty(fixture.workspace.runsFolder()));
    QVERIFY(fs::exists(fixture.folder("outside/file")));
    QVERIFY(!deleteRun(run));
}

void SubmitTest::cancelOfAnEndedRun()
{
    WorkspaceFixture fixture;
    const auto canceled = requestCancel(fixture.completedRun());
    QVERIFY(!canceled);
    QVERIFY(canceled.error().code == ErrorCode::Usage);
    QVERIFY(canceled.error().what.find("Completed") != std::string::npos);
}

BOTTEGA_TEST_MAIN(SubmitTest)
#include "tst_submit.moc"
