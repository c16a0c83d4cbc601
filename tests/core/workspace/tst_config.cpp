// SPDX-License-Identifier: Apache-2.0
#include "core/base/file.h"
#include "core/workspace/config.h"
#include "core/workspace/datasets.h"
#include "core/workspace/index.h"
#include "core/workspace/migration.h"
#include "core/workspace/models.h"
#include "tests/core/base/smalldisk.h"
#include "tests/core/workspace/fixture.h"
#include "tests/core/workspace/injected.h"
#include "tests/support/testcase.h"

#include <random>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace bottega;
using namespace bottega::test;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

/// config.json damaged, shared and of other versions.
class ConfigTest : public TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void withoutAGoodCopyTheErrorTells();
    void case15_lastGoodCopyIsUsed_data();
    void case15_lastGoodCopyIsUsed();
    void case15_unknownKeysSurviveASave();
    void case15_twoProcessesLoseNoKey();
    void case15_anyBytesAreSurvived();
    void case08_aFullDiskLeavesTheOldConfig();
    void case08_failedCallsLeaveTheOldConfig();
    void case14_everyPastFormatOpens();
    void case14_killedAtEachCallOfTheMigration();
    void case14_aNewerFormatIsSaidInWords();
    void case14_newerRecordsAreRefused();
    void case22_oneOfManyMakesTheWorkspace();
};

namespace {

fs::path pastWorkspace(const WorkspaceFixture &fixture, int format)
{
    const fs::path target = fixture.folder("past-" + std::to_string(format) + "-" + std::to_string(std::rand()));
    fs::copy(fs::path(BOTTEGA_SOURCE_DIR) / "tests/data" / ("workspace-" + std::to_string(format)), target,
             fs::copy_options::recursive);
    return target;
}

/// What must be in every past workspace, whatever was done to it.
std::string problemOf(const fs::path &root)
{
    const auto workspace = Workspace::open(root);
    if (!workspace)
        return describe(workspace.error());
    const auto ids = workspace->runIds();
    if (!ids || ids->size() != 1)
        return "the run is not there";
    const auto record = readRunRecord(RunFolder(workspace->runsFolder() / ids->front()));
    if (!record || record->status.state != RunState::Completed || record->metrics.at("train/loss").count != 20)
        return "the run is not as it was";
    const auto model = Models(*workspace).find("digits:1");
    if (!model || model->tags.at("stage") != "best" || !Models(*workspace).verify(*model))
        return "the model is not as it was";
    const auto config = readConfig(root);
    if (!config || !config->problem.empty() || config->json.value("team", Json()) != Json({{"members", 3}}))
        return "the configuration is not as it was";
    return workspace->id() == "d6a78f19-b360-4f6c-936a-a05d8a9d77d4" ? "" : "it has another id";
}

} // namespace

void ConfigTest::withoutAGoodCopyTheErrorTells()
{
    const WorkspaceFixture fixture;
    const fs::path root = fixture.workspace.root();
    fs::remove(root / "config.json.last-good");
    WorkspaceFixture::write(root / "config.json", "{\"format\": 2,\n  \"id\": \"half");
    const auto opened = Workspace::open(root);
    QVERIFY(!opened);
    QVERIFY(opened.error().where.find("line 2") != std::string::npos);
    QVERIFY(!opened.error().kept.empty() && !opened.error().remedy.empty());
}

void ConfigTest::case15_lastGoodCopyIsUsed_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("where");
    QTest::newRow("empty") << QByteArray() << u"line 1, column 1"_s;
    QTest::newRow("blank") << QByteArray("\n\n") << u"line 1, column 1"_s;
    QTest::newRow("half") << QByteArray("{\"format\": 2,\n  \"id\": \"half") << u"line 2, column"_s;
    QTest::newRow("no object") << QByteArray("[1, 2]") << u"line 1, column 1"_s;
    QTest::newRow("wrong type") << QByteArray("{\"format\": 2,\n \"id\": 7,\n \"name\": \"abc\"}") << u"line 2, column 2"_s;
    QTest::newRow("wrong default") << QByteArray("{\"format\":2,\"id\":\"12345678\",\"name\":\"abc\",\n\"target\":[]}")
                                   << u"line 2, column 1"_s;
    QTest::newRow("path as id") << QByteArray("{\"format\":2,\"id\":\"../../../x\",\"name\":\"abc\"}") << u"line 1, column 13"_s;
    QTest::newRow("key missing") << QByteArray("{\"format\":2,\"id\":\"12345678\"}") << u"“name” is missing"_s;
    QTest::newRow("key twice") << QByteArray("{\"format\":2,\"id\":\"12345678\",\n\"name\":\"abc\",\n  \"name\":\"evil\"}")
                               << u"line 3, column 3"_s;
    QTest::newRow("twice by escape") << QByteArray("{\"format\":2,\"id\":\"12345678\",\"name\":\"abc\",\n\"n\\u0061me\":\"evil\"}")
                                     << u"line 2, column 1"_s;
    QTest::newRow("deep") << QByteArray(100'000, '[') << u"nested"_s;
    QTest::newRow("100 MB") << QByteArray("100 MB") << u"100000000 bytes"_s;
}

void ConfigTest::case15_lastGoodCopyIsUsed()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, where);
    const WorkspaceFixture fixture;
    const fs::path path = fixture.workspace.root() / "config.json";
    QVERIFY_RESULT(fixture.workspace.setDefaults({"digits", "local", "mnist-small"}));
    WorkspaceFixture::write(path, bytes.toStdString());
    if (bytes == "100 MB")
        QCOMPARE(::truncate(path.c_str(), 100'000'000), 0);
    const auto before = fs::file_size(path);
    const auto opened = Workspace::open(fixture.workspace.root());
    QVERIFY_RESULT(opened);
    QCOMPARE(opened->id(), fixture.workspace.id());
    QCOMPARE(opened->name(), fixture.workspace.name());
    QCOMPARE(opened->defaults().experiment, std::string("digits"));
    QVERIFY2(opened->problem().find(where.toStdString()) != std::string::npos, opened->problem().c_str());
    QVERIFY(opened->problem().find("config.json.last-good") != std::string::npos);
    QVERIFY(opened->problem().find("Mend the file") != std::string::npos);
    QCOMPARE(fs::file_size(path), before); // it is for people to look at
    QVERIFY_RESULT(Workspace::find(fixture.workspace.root() / "runs"));
    // A save goes on from the good copy and keeps the damaged one aside.
    QVERIFY_RESULT(opened->changeDefaults([](WorkspaceDefaults &defaults) { defaults.experiment = "letters"; }));
    const auto again = Workspace::open(fixture.workspace.root());
    QVERIFY(again && again->problem().empty());
    QCOMPARE(again->defaults().experiment, std::string("letters"));
    QCOMPARE(again->defaults().dataset, std::string("mnist-small"));
    int aside = 0;
    for (const auto &entry : fs::directory_iterator(fixture.workspace.root()))
        aside += entry.path().filename().string().starts_with("config.json.damaged-") && fs::file_size(entry) == before;
    QCOMPARE(aside, 1);
}

void ConfigTest::case15_unknownKeysSurviveASave()
{
    const WorkspaceFixture fixture;
    const fs::path path = fixture.workspace.root() / "config.json";
    auto config = readJsonObject(path);
    QVERIFY_RESULT(config);
    (*config)["future"] = {{"deep", {1, 2, 3}}, {"deep again", {{"future", true}}}};
    WorkspaceFixture::write(path, "\xEF\xBB\xBF" + dumpJson(*config)); // as an editor with a byte order mark saves it
    QVERIFY(Workspace::open(fixture.workspace.root())->problem().empty());
    QVERIFY_RESULT(fixture.workspace.setDefaults({"digits", "local", "mnist-small"}));
    const auto saved = readJsonObject(path);
    QVERIFY((*saved)["future"] == (*config)["future"]);
    QCOMPARE(stringMember(*saved, "dataset"), std::string("mnist-small"));
    QCOMPARE(WorkspaceFixture::read(path), WorkspaceFixture::read(path.string() + ".last-good"));
}

void ConfigTest::case15_twoProcessesLoseNoKey()
{
    const WorkspaceFixture fixture;
    constexpr int processes = 4, each = 15;
    std::vector<pid_t> pids;
    for (int p = 0; p < processes; ++p) {
        const pid_t pid = ::fork();
        if (pid == 0) {
            bool isGood = true;
            for (int i = 0; i < each; ++i)
                isGood = changeConfig(fixture.workspace.root(), [p](Json &config) -> Result<void> {
                             const std::string key = "count-" + std::to_string(p);
                             config[key] = integerMember(config, key.c_str()) + 1;
                             config["all"] = integerMember(config, "all") + 1;
                             return {};
                         }).has_value() && isGood;
            ::_exit(isGood ? 0 : 1);
        }
        pids.push_back(pid);
    }
    for (const pid_t pid : pids) {
        int status = 0;
        ::waitpid(pid, &status, 0);
        QCOMPARE(status, 0);
    }
    const auto config = readConfig(fixture.workspace.root());
    QCOMPARE(integerMember(config->json, "all"), std::int64_t{processes * each});
    for (int p = 0; p < processes; ++p)
        QCOMPARE(integerMember(config->json, ("count-" + std::to_string(p)).c_str()), std::int64_t{each});
}

void ConfigTest::case15_anyBytesAreSurvived()
{
    const WorkspaceFixture fixture;
    const fs::path path = fixture.workspace.root() / "config.json";
    const std::string good = WorkspaceFixture::read(path);
    std::mt19937 random(20261123);
    for (int i = 0; i < 400; ++i) {
        std::string bytes = good;
        const auto at = [&] { return random() % bytes.size(); };
        switch (random() % 4) {
        case 0: bytes[at()] = static_cast<char>(random()); break;
        case 1: bytes.resize(at()); break;
        case 2: bytes.insert(at(), bytes.substr(at(), random() % 40)); break;
        default: bytes.erase(at(), random() % 40); break;
        }
        WorkspaceFixture::write(path, bytes);
        const auto opened = Workspace::open(fixture.workspace.root());
        // Still ours with a reason, or what the mutant says is a valid configuration of its own, or of a newer format.
        QVERIFY2(opened || opened.error().code == ErrorCode::Unsupported, bytes.c_str());
        QVERIFY2(!opened || !opened->problem().empty() || readConfig(fixture.workspace.root())->problem.empty(), bytes.c_str());
        WorkspaceFixture::write(path, good);
        QCOMPARE(Workspace::open(fixture.workspace.root())->id(), fixture.workspace.id());
    }
}

void ConfigTest::case08_aFullDiskLeavesTheOldConfig()
{
    WorkspaceFixture fixture;
    fs::create_directories(fixture.folder("disk"));
    const auto problem = onSmallDisk(fixture.folder("disk"), 1 << 20, [&]() -> std::string {
        const auto workspace = Workspace::init(fixture.folder("disk/ws"));
        if (!workspace)
            return describe(workspace.error());
        if (!workspace->setDefaults({"before", "local", ""}))
            return "not saved while there was room";
        const std::string before = WorkspaceFixture::read(workspace->root() / "config.json");
        fillDisk(fixture.folder("disk"));
        const auto saved = workspace->setDefaults({std::string(8192, 'x'), "local", ""});
        if (saved || saved.error().code != ErrorCode::DiskFull || saved.error().kept.empty())
            return saved ? "saved on a full disk" : describe(saved.error());
        return WorkspaceFixture::read(workspace->root() / "config.json") == before ? "" : "the old file is gone";
    });
    if (!problem)
        QSKIP("this machine permits no file system of one's own");
    QVERIFY2(problem->empty(), problem->c_str());
}

/// The migration writes config.json and its copy: with each write, sync and rename failing, it stays as it was.
void ConfigTest::case08_failedCallsLeaveTheOldConfig()
{
    const WorkspaceFixture fixture;
    int reached = 0;
    for (const char *call : {"write", "fsync", "rename", "mkdir"}) {
        reached += forEachCall([&](int n) {
            const fs::path root = pastWorkspace(fixture, 1);
            const auto result = runInjected(u"%1:error=ENOSPC:when=%2"_s.arg(QLatin1StringView(call)).arg(n),
                                            {u"workspace"_s, u"show"_s, u"--workspace"_s, QString::fromStdString(root)});
            if (!result)
                return false;
            if (!QTest::qVerify(problemOf(root).empty(), call, problemOf(root).c_str(), __FILE__, __LINE__))
                return false;
            return result->wasReached;
        });
    }
    if (reached == 0)
        QSKIP("this machine permits no tracing");
}

void ConfigTest::case14_everyPastFormatOpens()
{
    WorkspaceFixture fixture;
    for (int format = 1; format < workspaceFormat; ++format) {
        const fs::path root = pastWorkspace(fixture, format);
        QCOMPARE(problemOf(root), std::string());
        QCOMPARE(integerMember(readConfig(root)->json, "format"), std::int64_t{workspaceFormat});
        QVERIFY(fs::is_directory(root / "trash") && fs::is_directory(root / "objects"));
        // On a disk that can't be written it opens as it is.
        const fs::path locked = pastWorkspace(fixture, format);
        const pid_t pid = ::fork();
        if (pid == 0) {
            fs::permissions(locked, fs::perms::owner_read | fs::perms::owner_exec);
            const bool isUser = ::getuid() != 0 || ::setresuid(65534, 65534, 65534) != 0;
            ::_exit(isUser && (!Workspace::open(locked) || Workspace::open(locked)->problem().empty()) ? 1 : 0);
        }
        int status = 0;
        ::waitpid(pid, &status, 0);
        QCOMPARE(status, 0);
        fs::permissions(locked, fs::perms::owner_all);
        QCOMPARE(integerMember(*readJsonObject(locked / "config.json"), "format"), std::int64_t{format});
    }
}

void ConfigTest::case14_killedAtEachCallOfTheMigration()
{
    const WorkspaceFixture fixture;
    int killed = 0;
    for (const char *call : {"mkdir", "write", "fchmod", "fsync", "rename", "unlink", "flock", "pread64"}) {
        killed += forEachCall([&](int n) {
            const fs::path root = pastWorkspace(fixture, 1);
            const auto result = runInjected(u"%1:signal=KILL:when=%2"_s.arg(QLatin1StringView(call)).arg(n),
                                            {u"workspace"_s, u"show"_s, u"--workspace"_s, QString::fromStdString(root)});
            if (!result || !result->wasKilled)
                return false;
            return QTest::qVerify(problemOf(root).empty(), call, problemOf(root).c_str(), __FILE__, __LINE__);
        });
    }
    if (killed == 0)
        QSKIP("this machine permits no tracing");
    QVERIFY(killed >= 10);
}

void ConfigTest::case14_aNewerFormatIsSaidInWords()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    const auto model = Models(fixture.workspace).registerFromRun(run, {"digits", "outputs/model.npz", {}, {}});
    const fs::path path = fixture.workspace.root() / "config.json";
    Json config = *readJsonObject(path);
    config["format"] = 7;
    config["createdBy"] = "bottega 9.1";
    config["readableBy"] = 6;
    WorkspaceFixture::write(path, dumpJson(config));
    const auto refused = Workspace::open(fixture.workspace.root());
    QVERIFY(!refused);
    QVERIFY(refused.error().code == ErrorCode::Unsupported);
    for (const char *part : {"bottega 9.1", "format 7", "formats up to 2"})
        QVERIFY2(refused.error().what.find(part) != std::string::npos, refused.error().what.c_str());
    QVERIFY(!refused.error().where.empty() && !refused.error().kept.empty());
    QVERIFY(refused.error().remedy.find("Update") != std::string::npos);
    config["readableBy"] = 2;
    WorkspaceFixture::write(path, dumpJson(config));
    const auto opened = Workspace::open(fixture.workspace.root());
    QVERIFY_RESULT(opened);
    QVERIFY(opened->isReadOnly());
    QVERIFY(opened->problem().find("read-only") != std::string::npos);
    QCOMPARE(opened->runIds()->size(), std::size_t{1});
    QCOMPARE(Models(*opened).list()->size(), std::size_t{1});
    const Models models(*opened);
    QVERIFY(models.registerFromRun(run, {"digits", "outputs/model.npz", {}, {}}).error().code == ErrorCode::Unsupported);
    QVERIFY(models.remove(*model).error().code == ErrorCode::Unsupported);
    QVERIFY(models.setTag(*model, "a", "b").error().code == ErrorCode::Unsupported);
    QVERIFY(Trash(*opened).put(run.id()).error().code == ErrorCode::Unsupported);
    QVERIFY(opened->setDefaults({}).error().code == ErrorCode::Unsupported);
    QVERIFY(Datasets(*opened).remove("tiny").error().code == ErrorCode::Unsupported);
    QCOMPARE(WorkspaceFixture::read(path), dumpJson(config));
}

void ConfigTest::case14_newerRecordsAreRefused()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    const RunFolder sound = fixture.completedRun();
    const Models models(fixture.workspace);
    const auto model = models.registerFromRun(run, {"digits", "outputs/model.npz", {}, {}});
    const auto second = models.registerFromRun(run, {"digits", "outputs/model.npz", {}, {}});
    writeDataset(fixture.folder("in"), tinyFiles(), false);
    QVERIFY_RESULT(Datasets(fixture.workspace).import("mine", {fixture.folder("in")}));
    const fs::path modelJson = models.filesFolder(*model).parent_path() / "model.json";
    const fs::path dataJson = fixture.workspace.datasetsFolder() / "mine/dataset.json";
    for (const fs::path &file : {run.runJson(), modelJson, dataJson}) {
        Json json = *readJsonObject(file);
        QCOMPARE(integerMember(json, "format"), std::int64_t{1}); // all have the number
        json["format"] = 42;
        WorkspaceFixture::write(file, dumpJson(json));
    }
    for (const Error &error : {run.readJob().error(), models.find("digits:1").error(), Datasets(fixture.workspace).find("mine").error()}) {
        QVERIFY2(error.code == ErrorCode::Unsupported, describe(error).c_str());
        QVERIFY(error.what.find("newer version") != std::string::npos || error.what.find("bottega") != std::string::npos);
        QVERIFY(!error.where.empty() && !error.kept.empty() && !error.remedy.empty());
    }
    QVERIFY_RESULT(sound.readJob());
    QVERIFY_RESULT(models.find("digits:2"));
    Index index = *Index::open(fixture.workspace);
    QCOMPARE(index.refresh()->changed.size(), std::size_t{2}); // one unreadable, with its reason
    // A line of a newer kind costs itself only.
    QVERIFY_RESULT(models.setTag(*second, "stage", "old"));
    const std::string lines = WorkspaceFixture::read(fixture.workspace.annotations());
    QVERIFY(lines.find("\"format\":1") != std::string::npos);
    WorkspaceFixture::write(fixture.workspace.annotations(),
                            lines + R"({"format":9,"time":1,"subject":"models/digits/2","key":"tag:stage","value":"new"})" + "\n");
    QCOMPARE(models.find("digits:2")->tags.at("stage"), std::string("old"));
}

void ConfigTest::case22_oneOfManyMakesTheWorkspace()
{
    const QTemporaryDir dir;
    const fs::path root = fs::path(dir.path().toStdString()) / "shared";
    std::vector<pid_t> pids;
    for (int i = 0; i < 8; ++i) {
        const pid_t pid = ::fork();
        if (pid == 0) {
            const auto made = Workspace::init(root);
            ::_exit(made ? 0 : made.error().code == ErrorCode::Exists ? 1 : 2);
        }
        pids.push_back(pid);
    }
    int winners = 0;
    for (const pid_t pid : pids) {
        int status = 0;
        ::waitpid(pid, &status, 0);
        QVERIFY(WIFEXITED(status) && WEXITSTATUS(status) != 2);
        winners += WEXITSTATUS(status) == 0;
    }
    QCOMPARE(winners, 1);
    QVERIFY_RESULT(Workspace::open(root));
}

BOTTEGA_TEST_MAIN(ConfigTest)
#include "tst_config.moc"
