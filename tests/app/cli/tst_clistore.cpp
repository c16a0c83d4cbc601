// SPDX-License-Identifier: Apache-2.0
#include "core/base/file.h"
#include "core/workspace/annotations.h"
#include "core/workspace/models.h"
#include "core/workspace/trust.h"
#include "core/workspace/workspacewatcher.h"
#include "tests/app/cli/clitest.h"
#include "tests/core/workspace/fixture.h"
#include "tests/core/workspace/injected.h"

#include <QProcess>
#include <QSignalSpy>

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>

using namespace bottega;
using namespace bottega::test;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

namespace {

std::string bytesOf(const fs::path &path)
{
    return readFile(path).value_or(std::string());
}

QStringList words(const std::vector<std::string> &list)
{
    QStringList texts;
    for (const std::string &word : list)
        texts.append(QString::fromStdString(word));
    return texts;
}

/// Everything below a folder with its content, but for the locks and the leftovers that a later call sweeps.
std::map<std::string, std::string> contentOf(const fs::path &folder)
{
    std::map<std::string, std::string> files;
    for (fs::recursive_directory_iterator entry(folder), end; entry != end; ++entry) {
        const std::string name = entry->path().filename().string();
        if (name.starts_with(".new-") || name.starts_with(".deleted-"))
            entry.disable_recursion_pending();
        else if (entry->is_regular_file() && !entry->is_symlink() && name != ".lock" && !name.starts_with(".saving-"))
            files[entry->path().lexically_relative(folder).string()] = bytesOf(entry->path());
    }
    return files;
}

} // namespace

/// The workspace as several programs, a failing disk and hostile names meet it; no run is started here.
class TestCliStore : public CliTest
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void case22_manyProgramsOneWorkspace();
    void case22_theIndexStaysOffANetwork();
    void case16_verifyNamesFileAndVersion();
    void case46_namesAreRefusedOrStayInside();
    void case08_failedCallsLoseNothing();
    void case08_killedCallsLoseNothing();

private:
    [[nodiscard]] std::string fresh(const std::string &name); // a workspace with one run and digits:1
    [[nodiscard]] std::string addCopies(const std::string &workspace, int count);

    std::string m_run;
    int m_number = 0;
};

void TestCliStore::init()
{
    TestCase::init();
    m_workspace = fresh("ws-" + std::to_string(m_number++));
}

std::string TestCliStore::fresh(const std::string &name)
{
    const fs::path folder = fs::path(m_folder.path().toStdString()) / name;
    fs::remove_all(folder);
    fs::copy(fs::path(BOTTEGA_SOURCE_DIR) / "tests/data/workspace-1", folder, fs::copy_options::recursive);
    m_run = fs::directory_iterator(folder / "runs")->path().filename().string();
    const auto workspace = Workspace::open(folder); // of the present format from here on
    if (!workspace || !trustWorkspace(*workspace))
        qWarning("The workspace could not be opened and trusted");
    return folder.string();
}

std::string TestCliStore::addCopies(const std::string &workspace, int count)
{
    std::string last;
    for (int i = 0; i < count; ++i) {
        last = makeRunId("copies");
        const fs::path target = fs::path(workspace) / "runs" / last;
        fs::copy(fs::path(workspace) / "runs" / m_run, target, fs::copy_options::recursive);
        Json job = *readJsonObject(target / "run.json");
        job["runId"] = last;
        std::ofstream(target / "run.json") << dumpJson(job);
    }
    return last;
}

void TestCliStore::case22_manyProgramsOneWorkspace()
{
    (void)addCopies(m_workspace, 6);
    const auto workspace = Workspace::open(m_workspace);
    QVERIFY_RESULT(workspace);
    // Two studios.
    std::vector<std::unique_ptr<WorkspaceWatcher>> watchers;
    std::vector<std::set<QString>> seen(2);
    std::vector<int> twice(2);
    for (std::size_t i = 0; i < 2; ++i) {
        watchers.push_back(std::make_unique<WorkspaceWatcher>(*workspace));
        const auto add = [&, i](const QList<RunRecord> &records) {
            for (const RunRecord &record : records)
                seen[i].insert(QString::fromStdString(record.id));
        };
        connect(watchers[i].get(), &WorkspaceWatcher::runsLoaded, this, [&, i, add](const QList<RunRecord> &records) {
            add(records);
            twice[i] += records.size() - static_cast<qsizetype>(seen[i].size());
        });
        connect(watchers[i].get(), &WorkspaceWatcher::runsChanged, this, add);
        connect(watchers[i].get(), &WorkspaceWatcher::runsRemoved, this, [&, i](const QStringList &ids) {
            for (const QString &id : ids)
                seen[i].erase(id);
        });
        QTRY_COMPARE(seen[i].size(), std::size_t{7});
    }
    std::vector<std::vector<std::string>> calls;
    const auto ids = *workspace->runIds();
    for (int i = 0; i < 5; ++i)
        calls.push_back({"model", "register", m_run, "--name", "shared", "--path", "outputs/model.npz", "--tag", "n=" + std::to_string(i)});
    for (int i = 0; i < 2; ++i)
        calls.push_back({"model", "register", m_run, "--name", "other", "--path", "outputs"});
    int deleted = 0;
    for (const std::string &id : ids) {
        if (id == m_run || deleted == 3)
            continue;
        ++deleted;
        calls.push_back({"run", "delete", id});
    }
    for (const char *verb : {"gc", "verify", "show", "gc"})
        calls.push_back({"workspace", verb});
    calls.push_back({"model", "delete", "digits:1"});
    calls.push_back({"run", "list"});
    std::vector<std::unique_ptr<QProcess>> processes;
    for (std::vector<std::string> call : calls) {
        call.insert(call.end(), {"--workspace", m_workspace, "--json"});
        processes.push_back(std::make_unique<QProcess>());
        processes.back()->start(QStringLiteral(BOTTEGA_BIN_DIR "/bottega-cli"), words(call));
    }
    for (std::size_t i = 0; i < processes.size(); ++i) {
        QTRY_VERIFY_WITH_TIMEOUT(processes[i]->state() == QProcess::NotRunning, 60'000);
        // A verify in the middle of changes may tell of a difference; everything else simply works.
        const int most = calls[i][1] == "verify" ? 1 : 0;
        QVERIFY2(processes[i]->exitCode() <= most,
                 (calls[i][1] + ": " + processes[i]->readAllStandardError().toStdString()).c_str());
    }
    const auto models = Models(*workspace).list();
    std::set<std::string> versions, numbers;
    for (const Model &model : *models) {
        QVERIFY_RESULT(Models(*workspace).verify(model));
        versions.insert(model.id());
        if (model.name == "shared")
            numbers.insert(model.tags.at("n"));
    }
    QCOMPARE(versions, (std::set<std::string>{"shared:1", "shared:2", "shared:3", "shared:4", "shared:5", "other:1", "other:2"}));
    QCOMPARE(numbers.size(), std::size_t{5}); // each registration once, none over another
    QCOMPARE(Trash(*workspace).list()->size(), std::size_t{4});
    std::set<QString> there;
    for (const std::string &id : workspace->runIds().value_or(std::vector<std::string>()))
        there.insert(QString::fromStdString(id));
    QCOMPARE(there.size(), std::size_t{4});
    for (std::size_t i = 0; i < 2; ++i) {
        watchers[i]->refreshNow();
        QTRY_COMPARE_WITH_TIMEOUT(seen[i], there, 10'000);
        QCOMPARE(twice[i], 0);
    }
    QCOMPARE(call({"workspace", "verify", "--data"}).code, 0);
    QVERIFY(readAnnotations(workspace->annotations())->size() >= 2);
}

void TestCliStore::case22_theIndexStaysOffANetwork()
{
    const auto cache = Workspace::open(m_workspace)->cacheFolder();
    fs::remove_all(cache);
    // statfs says NFS (0x6969), wherever the cache folder is.
    const auto listed = runInjected(u"statfs:poke_exit=@arg2=6969000000000000"_s,
                                    {u"run"_s, u"list"_s, u"--json"_s, u"--workspace"_s, QString::fromStdString(m_workspace)});
    if (!listed)
        QSKIP("this machine permits no tracing");
    QVERIFY2(listed->exitCode == 0, listed->err.c_str());
    QVERIFY(listed->wasReached);
    QVERIFY(listed->out.find(m_run) != std::string::npos); // from memory
    QVERIFY(!fs::exists(cache / "index.sqlite"));
    const auto shown = runInjected(u"statfs:poke_exit=@arg2=6969000000000000"_s,
                                   {u"workspace"_s, u"show"_s, u"--workspace"_s, QString::fromStdString(m_workspace)});
    QVERIFY2(shown->out.find("network file system") != std::string::npos, shown->out.c_str());
    QVERIFY(document({"workspace", "show"}).at("indexInMemory").is_null());
    QCOMPARE(call({"run", "list"}).code, 0);
    QVERIFY(fs::exists(cache / "index.sqlite"));
}

void TestCliStore::case16_verifyNamesFileAndVersion()
{
    QCOMPARE(call({"model", "register", m_run, "--name", "digits", "--path", "outputs/model.npz"}).code, 0);
    QCOMPARE_JSON(document({"workspace", "verify", "--data"}).at("findings"), Json::array());
    const fs::path file = fs::path(m_workspace) / "models/digits/1/files/model.npz";
    std::string bytes = bytesOf(file);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
    std::ofstream(file, std::ios::binary) << bytes;
    const auto checked = call({"workspace", "verify", "--data", "--json"});
    QCOMPARE(checked.code, 1);
    const Json findings = checked.document().at("findings");
    QCOMPARE(findings.size(), std::size_t{1});
    QCOMPARE_JSON(findings.at(0).at("subject"), "digits:1");
    QVERIFY(stringMember(findings.at(0), "where").find("models/digits/1/files/model.npz") != std::string::npos);
    int found = 0;
    for (const char *share : {"1/3", "2/3", "3/3"})
        found += call({"workspace", "verify", "--share", share}).code;
    QCOMPARE(found, 1);
    for (const char *share : {"0/3", "4/3", "1", "a/b", "1/0", "1/3x"})
        QCOMPARE(call({"workspace", "verify", "--share", share}).code, 2);
    // Loading refuses; the other version, of the same content, is fine.
    const std::string out = m_folder.filePath(u"out"_s).toStdString();
    const auto refused = call({"model", "download", "digits:1", "--to", out, "--json"});
    QCOMPARE(refused.code, 1);
    QCOMPARE(refused.error().value("code", ""), std::string("corrupt"));
    QCOMPARE(call({"model", "eval", "digits:1", "--data", "mnist-small"}).code, 1);
    QCOMPARE(call({"model", "download", "digits:2", "--to", out}).code, 0);
    QCOMPARE(call({"model", "eval", "digits:2", "--data", "mnist-small"}).code, 0);
}

/// Each name wherever a name can be given: refused in words, or harmless, and nothing outside is touched.
void TestCliStore::case46_namesAreRefusedOrStayInside()
{
    const fs::path outside = fs::path(m_folder.path().toStdString()) / "outside";
    fs::create_directories(outside);
    std::ofstream(outside / "secret") << "stays";
    const std::vector<std::string> names = {
        "../outside", "a/../../outside", "//proc/self/root", "file:///etc/passwd", "%2e%2e%252foutside", "..%2foutside", "#frag",
        "a#b", "..\\outside", "a\\b", std::string("a\0b", 3), "a\nb", "-rf", "--force", ".", "..", std::string(300, 'n'),
        "N\xcc\x83", "\xc3\x91", "name.", "name ", " name", "CON", "con.txt", "NUL", "~", "~root", "$(id)", "`id`", "a;b", "a|b",
        "/etc/passwd", outside.string(), "", "\xff\xfe", "a\tb", "\xe2\x80\xae" "txt"};
    // Refused by their form: all but these, which are ordinary names here.
    const std::set<std::string> ordinary = {"CON", "con.txt", "NUL"};
    const std::string out = (fs::path(m_folder.path().toStdString()) / "downloads").string();
    const auto before = contentOf(outside);
    const auto parent = [&] {
        std::set<std::string> all;
        for (const auto &entry : fs::directory_iterator(m_folder.path().toStdString()))
            all.insert(entry.path().filename().string());
        all.erase("downloads");
        all.erase("made");
        return all;
    };
    const auto siblings = parent();
    for (const std::string &name : names) {
        const auto workspaceBefore = contentOf(m_workspace);
        const bool isOrdinary = ordinary.contains(name);
        const std::vector<std::vector<std::string>> calls = {
            {"run", "submit", "--experiment=" + name, "--recipe", "no-such-recipe"}, // the name is looked at, no run is made
            {"model", "register", m_run, "--name=" + name, "--path", "outputs/none"},
            {"model", "register", m_run, "--name", "fine", "--path=" + name},
            {"data", "import", "--", name, out + "/none"},
            {"workspace", "init", m_folder.filePath(u"made"_s).toStdString() + "/x", "--name=" + name},
            {"model", "show", "--", name},
            {"model", "download", "--to", out, "--", name},
            {"model", "delete", "--permanently", "--", name + ":1"},
            {"model", "delete", "--", name + ":1"},
            {"model", "restore", "--", name + ":1"},
            {"run", "show", "--", name},
            {"run", "download", "--to", out, "--", m_run, name},
            {"run", "delete", "--", name},
            {"run", "delete", "--permanently", "--", name},
            {"run", "restore", "--", name},
            {"data", "verify", "--", name}};
        for (const auto &words : calls) {
            const auto told = call(words);
            const bool isMade = isOrdinary && words[0] == "workspace";
            QVERIFY2(isMade || (told.code >= 1 && told.code <= 3), (words[0] + " " + words[1] + " " + name + ": " + told.out).c_str());
            for (const char c : told.err) // shown with visible escapes
                QVERIFY2(c == '\n' || static_cast<unsigned char>(c) >= 0x20, (words[1] + ": " + told.err).c_str());
            QVERIFY2(told.err.find("\xe2\x80\xae") == std::string::npos, told.err.c_str());
            fs::remove_all(m_folder.filePath(u"made"_s).toStdString());
        }
        QVERIFY2(contentOf(m_workspace) == workspaceBefore, name.c_str());
    }
    QVERIFY(contentOf(outside) == before);
    QCOMPARE(parent(), siblings);
    QVERIFY(!fs::exists(out) || fs::is_empty(out));
    // Names that differ in case only are two models, each with its own files.
    for (const char *name : {"Fine", "fine"})
        QCOMPARE_JSON(document({"model", "register", m_run, "--name", name, "--path", "outputs/model.npz"}).at("version"), 1);
    QCOMPARE(call({"model", "delete", "Fine:1", "--permanently"}).code, 0);
    QCOMPARE(call({"model", "download", "fine:1", "--to", out}).code, 0);
}

/// Each operation with each of its writes, syncs and renames failing once: refused in words, nothing lost, and done by the
/// next try.
void TestCliStore::case08_failedCallsLoseNothing()
{
    const std::string images = m_folder.filePath(u"images"_s).toStdString();
    writeDataset(images, tinyFiles(), false);
    struct Operation
    {
        std::vector<std::string> call;
        std::string made; // what it makes, below the workspace
    };
    const std::vector<Operation> operations = {
        {{"model", "register", m_run, "--name", "fresh", "--path", "outputs/model.npz"}, "models/fresh/1/model.json"},
        {{"run", "delete", m_run}, {}},
        {{"model", "delete", "digits:1"}, {}},
        {{"data", "import", "mine", images}, "datasets/mine/dataset.json"},
    };
    int reached = 0;
    for (const Operation &operation : operations) {
        for (const char *fault : {"write:error=ENOSPC", "fsync:error=EIO", "fdatasync:error=EIO", "rename:error=ENOSPC", "renameat2:error=ENOSPC",
                                  "mkdir:error=EDQUOT"}) {
            reached += forEachCall([&](int n) {
                const std::string workspace = fresh("failing");
                const auto before = contentOf(workspace);
                std::vector<std::string> call = operation.call;
                call.insert(call.end(), {"--workspace", workspace, "--json"});
                const auto failed = runInjected(u"%1:when=%2"_s.arg(QLatin1StringView(fault)).arg(n), words(call));
                if (!failed || !failed->wasReached)
                    return false;
                const std::string where = operation.call[1] + " " + fault + " " + std::to_string(n) + ": " + failed->err;
                const auto after = contentOf(workspace);
                for (const auto &[file, bytes] : before) { // each is there, unchanged, in its place or in the trash
                    if (file.ends_with("annotations.jsonl") || file.starts_with("config.json"))
                        continue;
                    bool isThere = false;
                    for (const auto &[other, otherBytes] : after)
                        isThere = isThere || (otherBytes == bytes && fs::path(other).filename() == fs::path(file).filename());
                    if (!QTest::qVerify(isThere, file.c_str(), where.c_str(), __FILE__, __LINE__))
                        return false;
                }
                if (failed->exitCode != 0 && failed->err.find("The output could not be written") == std::string::npos) {
                    const Json error = parseJson(failed->err.substr(failed->err.find('{') == std::string::npos ? 0 : failed->err.find('{')), "err")
                                           .value_or(Json());
                    const bool isTold = error.is_object() && error.contains("error") && !stringMember(error["error"], "what").empty();
                    if (!QTest::qVerify(isTold, "told", where.c_str(), __FILE__, __LINE__))
                        return false;
                    const std::string made = fs::path(operation.made).parent_path().string();
                    const bool isHalf = !operation.made.empty() && after.contains(operation.made) &&
                                        !after.contains(made + "/files/model.npz") && !after.contains(made + "/t10k-labels-idx1-ubyte");
                    if (!QTest::qVerify(!isHalf, "half", where.c_str(), __FILE__, __LINE__))
                        return false;
                }
                m_workspace = workspace;
                const auto again = this->call(operation.call);
                const bool isDone = again.code == 0 || again.code == 3 || stringMember(again.error(), "code") == "exists" ||
                                    again.err.find("There is") != std::string::npos; // the fault came after it was done
                return QTest::qVerify(isDone, "again", (where + again.err).c_str(), __FILE__, __LINE__);
            });
            if (QTest::currentTestFailed())
                return;
        }
    }
    if (reached == 0)
        QSKIP("this machine permits no tracing");
    QVERIFY(reached >= 20);
}

void TestCliStore::case08_killedCallsLoseNothing()
{
    const std::vector<std::vector<std::string>> operations = {
        {"model", "register", m_run, "--name", "fresh", "--path", "outputs/model.npz"},
        {"run", "delete", m_run},
        {"run", "restore", m_run},
        {"model", "delete", "digits:1"},
    };
    int killed = 0;
    for (const auto &operation : operations) {
        for (const char *call : {"write", "fsync", "rename", "renameat2", "mkdir", "mkdirat", "unlink", "rmdir"}) {
            killed += forEachCall([&](int n) {
                m_workspace = fresh("killed");
                if (operation[1] == "restore" && this->call({"run", "delete", m_run}).code != 0)
                    return false;
                std::vector<std::string> words = operation;
                words.insert(words.end(), {"--workspace", m_workspace});
                const auto result = runInjected(u"%1:signal=KILL:when=%2"_s.arg(QLatin1StringView(call)).arg(n), ::words(words));
                if (!result || !result->wasKilled)
                    return false;
                const std::string where = operation[1] + " " + call + " " + std::to_string(n);
                // The run and the version are in their places or in the trash, whole, and what is registered is whole.
                const auto workspace = Workspace::open(m_workspace);
                const bool hasRun = workspace && (workspace->run(m_run) || Trash(*workspace).find(m_run));
                const bool hasModel = workspace && (Models(*workspace).find("digits:1") || Trash(*workspace).find("digits:1"));
                bool isWhole = true;
                for (const Model &model : Models(*workspace).list().value_or(std::vector<Model>()))
                    isWhole = isWhole && Models(*workspace).verify(model).has_value();
                if (!QTest::qVerify(hasRun && hasModel && isWhole, "lost", where.c_str(), __FILE__, __LINE__))
                    return false;
                const auto again = this->call(operation);
                return QTest::qVerify(again.code == 0 || again.code == 3, "again", (where + ": " + again.err).c_str(), __FILE__, __LINE__);
            });
            if (QTest::currentTestFailed())
                return;
        }
    }
    if (killed == 0)
        QSKIP("this machine permits no tracing");
    QVERIFY(killed >= 10);
}

BOTTEGA_TEST_MAIN(TestCliStore)
#include "tst_clistore.moc"
