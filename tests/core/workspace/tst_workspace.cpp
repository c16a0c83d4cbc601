// SPDX-License-Identifier: Apache-2.0
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/workspace/annotations.h"
#include "core/workspace/migration.h"
#include "core/workspace/runrecord.h"
#include "tests/core/workspace/fixture.h"
#include "tests/support/testcase.h"

#include <cmath>
#include <limits>
#include <sys/stat.h>
#include <unistd.h>

using namespace bottega;
using namespace bottega::test;
namespace fs = std::filesystem;

class WorkspaceTest : public TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initMakesAWorkspace();
    void initNeverTouchesAnExistingOne();
    void initNamesTheFolder();
    void namesAreChecked_data();
    void namesAreChecked();
    void openRefusesWhatIsNone();
    void damagedConfigurations_data();
    void damagedConfigurations();
    void unknownKeysSurvive();
    void searchOrder();
    void azureIsReadNeverWritten();
    void foreignConfigIsPassedOver();
    void runsByIdAndPrefix();
    void runsNewestFirst();
    void unwritableFolder();
    void cacheFolderFollowsTheEnvironment();
    void annotationsSurviveATornLine();
    void recordAsDocument();
};

void WorkspaceTest::initMakesAWorkspace()
{
    const QTemporaryDir dir;
    const fs::path folder = fs::path(dir.path().toStdString()) / "deep" / "demo-ws";
    const auto made = Workspace::init(folder);
    QVERIFY_RESULT(made);
    QCOMPARE(made->name(), std::string("demo-ws"));
    for (const fs::path &part : {made->runsFolder(), made->modelsFolder(), made->datasetsFolder()})
        QVERIFY(fs::is_directory(part));
    const auto config = readJsonObject(folder / "config.json");
    QVERIFY_RESULT(config);
    QCOMPARE(integerMember(*config, "format"), std::int64_t{workspaceFormat});
    QCOMPARE(stringMember(*config, "target"), std::string("local"));
    const auto opened = Workspace::open(folder.string() + "/");
    QVERIFY_RESULT(opened);
    QCOMPARE(opened->id(), made->id());
    QCOMPARE(opened->root(), made->root());
    struct stat info = {};
    QCOMPARE(::stat(folder.c_str(), &info), 0);
    QCOMPARE(info.st_mode & 0777u, 0700u);
}

void WorkspaceTest::initNeverTouchesAnExistingOne()
{
    const WorkspaceFixture fixture;
    const std::string before = WorkspaceFixture::read(fixture.workspace.root() / "config.json");
    const auto again = Workspace::init(fixture.workspace.root(), "other");
    QVERIFY(!again);
    QVERIFY(again.error().code == ErrorCode::Exists);
    QCOMPARE(WorkspaceFixture::read(fixture.workspace.root() / "config.json"), before);
}

void WorkspaceTest::initNamesTheFolder()
{
    const QTemporaryDir dir;
    const fs::path root = dir.path().toStdString();
    const auto spaced = Workspace::init(root / "my first <b>work");
    QVERIFY_RESULT(spaced);
    QCOMPARE(spaced->name(), std::string("my-first--b-work"));
    const auto single = Workspace::init(root / "a");
    QVERIFY_RESULT(single);
    QCOMPARE(single->name(), std::string("workspace"));
    const auto longer = Workspace::init(root / std::string(60, 'x'));
    QVERIFY_RESULT(longer);
    QCOMPARE(longer->name(), std::string(32, 'x'));
}

void WorkspaceTest::namesAreChecked_data()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("markup") << QStringLiteral("<img src='/dev/zero'>");
    QTest::newRow("slash") << QStringLiteral("a/b");
    QTest::newRow("newline") << QStringLiteral("a\nb");
    QTest::newRow("300") << QString(300, u'x');
    QTest::newRow("one") << QStringLiteral("x");
    QTest::newRow("up") << QStringLiteral("..");
    QTest::newRow("option") << QStringLiteral("-rf");
    QTest::newRow("percent") << QStringLiteral("%2e%2e%2f");
}

void WorkspaceTest::namesAreChecked()
{
    QFETCH(QString, name);
    const QTemporaryDir dir;
    const fs::path folder = fs::path(dir.path().toStdString()) / "ws";
    const auto made = Workspace::init(folder, name.toStdString());
    QVERIFY(!made);
    QVERIFY(made.error().code == ErrorCode::Usage);
    QVERIFY(!fs::exists(folder));
}

void WorkspaceTest::openRefusesWhatIsNone()
{
    const QTemporaryDir dir;
    const fs::path root = dir.path().toStdString();
    for (const fs::path &folder : {root, root / "missing"}) {
        const auto opened = Workspace::open(folder);
        QVERIFY(!opened);
        QVERIFY(opened.error().code == ErrorCode::NotFound);
        QVERIFY(opened.error().remedy.find("workspace init") != std::string::npos);
    }
    WorkspaceFixture::write(root / "file", "text");
    QVERIFY(!Workspace::open(root / "file"));
}

void WorkspaceTest::damagedConfigurations_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("says");
    QTest::newRow("empty") << QByteArray() << QStringLiteral("not valid JSON");
    QTest::newRow("half") << QByteArray("{\"format\": 1,\n \"id\": \"7b") << QStringLiteral("line 2");
    QTest::newRow("array") << QByteArray("[1]") << QStringLiteral("object");
    QTest::newRow("types") << QByteArray(R"({"format":"1","id":7,"name":[]})") << QStringLiteral("no valid format");
    QTest::newRow("path as id") << QByteArray(R"({"format":1,"id":"../../../etc","name":"evil"})") << QStringLiteral("no valid");
    QTest::newRow("newer") << QByteArray(R"({"format":99,"id":"12345678","name":"new"})") << QStringLiteral("newer version");
}

void WorkspaceTest::damagedConfigurations()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, says);
    const QTemporaryDir dir;
    const fs::path root = dir.path().toStdString();
    WorkspaceFixture::write(root / "config.json", bytes.toStdString());
    const auto opened = Workspace::open(root);
    QVERIFY(!opened);
    QVERIFY2(describe(opened.error()).find(says.toStdString()) != std::string::npos,
             describe(opened.error()).c_str());
    QVERIFY(!opened.error().remedy.empty());
    QCOMPARE(WorkspaceFixture::read(root / "config.json"), bytes.toStdString());
    QVERIFY(!Workspace::find(root / "below"));
}

void WorkspaceTest::unknownKeysSurvive()
{
    const WorkspaceFixture fixture;
    const fs::path path = fixture.workspace.root() / "config.json";
    auto config = readJsonObject(path);
    QVERIFY_RESULT(config);
    (*config)["future"] = {{"deep", {1, 2, 3}}};
    WorkspaceFixture::write(path, "\xEF\xBB\xBF" + dumpJson(*config)); // as an editor with a byte order mark saves it
    QVERIFY_RESULT(fixture.workspace.setDefaults({"digits", "local", "mnist-small"}));
    const auto saved = readJsonObject(path);
    QVERIFY_RESULT(saved);
    QCOMPARE(dumpJson((*saved)["future"]), std::string(R"({"deep":[1,2,3]})"));
    const WorkspaceDefaults defaults = fixture.workspace.defaults();
    QCOMPARE(defaults.experiment, std::string("digits"));
    QCOMPARE(defaults.dataset, std::string("mnist-small"));
}

void WorkspaceTest::searchOrder()
{
    const WorkspaceFixture fixture;
    const fs::path deep = fixture.workspace.root() / "projects" / "digits";
    fs::create_directories(deep);
    const auto found = Workspace::find(deep);
    QVERIFY_RESULT(found);
    QCOMPARE(found->id(), fixture.workspace.id());
    QVERIFY_RESULT(Workspace::find(fixture.workspace.root() / "config.json"));
    // .azureml/ in a far parent comes before a plain config.json nearby.
    WorkspaceFixture::write(fixture.folder(".azureml/config.json"),
                            R"({"subscription_id":"s","resource_group":"g","workspace_name":"cloud-ws"})");
    const auto azure = Workspace::find(deep);
    QVERIFY_RESULT(azure);
    QCOMPARE(azure->name(), std::string("cloud-ws"));
    QCOMPARE(azure->root(), fixture.folder("x").parent_path());
    const auto none = Workspace::find("/proc/self");
    QVERIFY(!none);
    QCOMPARE(none.error().where, std::string("/proc/self"));
}

void WorkspaceTest::azureIsReadNeverWritten()
{
    const QTemporaryDir dir;
    const fs::path root = dir.path().toStdString();
    const std::string azure = R"({"subscription_id":"s","resource_group":"g","workspace_name":"cloud-ws"})";
    WorkspaceFixture::write(root / "config.json", azure);
    const auto opened = Workspace::open(root);
    QVERIFY_RESULT(opened);
    QCOMPARE(opened->name(), std::string("cloud-ws"));
    QCOMPARE(Workspace::open(root)->id(), opened->id());
    QVERIFY_RESULT(opened->runIds());
    QVERIFY(!opened->setDefaults({"digits", "local", ""}));
    QVERIFY(!Workspace::init(root));
    QCOMPARE(WorkspaceFixture::read(root / "config.json"), azure);
}

void WorkspaceTest::foreignConfigIsPassedOver()
{
    const WorkspaceFixture fixture;
    const fs::path model = fixture.workspace.root() / "bert";
    WorkspaceFixture::write(model / "config.json", R"({"architectures":["BertModel"],"hidden_size":768})");
    const auto found = Workspace::find(model);
    QVERIFY_RESULT(found);
    QCOMPARE(found->id(), fixture.workspace.id());
    QVERIFY(Workspace::open(model).error().code == ErrorCode::NotFound);
}

void WorkspaceTest::runsByIdAndPrefix()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.newRun("digits");
    const RunFolder other = fixture.newRun("digits");
    QCOMPARE(fixture.workspace.run(run.id())->root(), run.root());
    QVERIFY(fixture.workspace.run("digits").error().code == ErrorCode::Usage);
    for (const std::string bad : {"", "none", "../..", "digits_1/../..", "<b>"}) {
        const auto missing = fixture.workspace.run(bad);
        QVERIFY(!missing);
        QVERIFY(missing.error().code == ErrorCode::NotFound);
    }
    std::size_t common = 0;
    while (run.id()[common] == other.id()[common])
        ++common;
    QCOMPARE(fixture.workspace.run(run.id().substr(0, common + 1))->root(), run.root());
}

void WorkspaceTest::runsNewestFirst()
{
    const WorkspaceFixture fixture;
    for (const char *id : {"aaa_1700000002_00000000", "zzz_x_1700000001_00000001", "mmm_1700000003_00000002"})
        fs::create_directories(fixture.workspace.runsFolder() / id);
    fs::create_directories(fixture.workspace.runsFolder() / ".new-aaa_1700000009_00000000");
    fs::create_symlink("/tmp", fixture.workspace.runsFolder() / "lnk_1700000009_00000000");
    const auto ids = fixture.workspace.runIds();
    QVERIFY_RESULT(ids);
    const std::vector<std::string> expected = {"mmm_1700000003_00000002", "aaa_1700000002_00000000",
                                               "zzz_x_1700000001_00000001"};
    QCOMPARE(*ids, expected);
}

void WorkspaceTest::unwritableFolder()
{
    // /proc takes no new folder from anybody, root included.
    const auto made = Workspace::init("/proc/self/ws", "demo");
    QVERIFY(!made);
    QVERIFY(made.error().where.find("/proc/self/ws") != std::string::npos);
}

void WorkspaceTest::cacheFolderFollowsTheEnvironment()
{
    const WorkspaceFixture fixture;
    const fs::path cache = qEnvironmentVariable("XDG_CACHE_HOME").toStdString();
    QCOMPARE(fixture.workspace.cacheFolder(), cache / "bottega" / fixture.workspace.id());
    const fs::path data = qEnvironmentVariable("XDG_DATA_HOME").toStdString();
    QCOMPARE(defaultWorkspacesFolder(), data / "bottega" / "workspaces");
}

void WorkspaceTest::annotationsSurviveATornLine()
{
    const WorkspaceFixture fixture;
    const fs::path path = fixture.workspace.annotations();
    QVERIFY_RESULT(appendAnnotation(path, {1, "models/a/1", "description", "first\nline"}));
    const std::string whole = WorkspaceFixture::read(path);
    QVERIFY_RESULT(appendAnnotation(path, {2, "models/a/1", "description", "second"}));
    const std::string both = WorkspaceFixture::read(path);
    for (std::size_t cut = whole.size(); cut < both.size(); ++cut) {
        WorkspaceFixture::write(path, both.substr(0, cut));
        QCOMPARE(readAnnotations(path)->size(), std::size_t{1});
        QVERIFY_RESULT(appendAnnotation(path, {3, "models/a/1", "tag:stage", nullptr}));
        const auto read = readAnnotations(path);
        QVERIFY_RESULT(read);
        QCOMPARE(read->front().value.get<std::string>(), std::string("first\nline"));
        QCOMPARE(read->back().key, std::string("tag:stage"));
    }
    QVERIFY_RESULT(readAnnotations(fixture.folder("missing.jsonl")));
}

void WorkspaceTest::recordAsDocument()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    WorkspaceFixture::addMetric(run, "train/loss", {2.0, 1.0, std::numeric_limits<double>::quiet_NaN()}, "other");
    const auto record = readRunRecord(run);
    QVERIFY_RESULT(record);
    QCOMPARE(record->totalSteps(), std::int64_t{100});
    QCOMPARE(record->progress(), 1.0);
    QCOMPARE(record->durationSeconds(0), 10.0);
    const Json json = runRecordToJson(*record);
    for (const char *key : {"id", "experiment", "state", "evidence", "target", "attempts", "job", "started", "ended",
                            "durationSeconds", "error", "artifacts", "metrics", "model"})
        QVERIFY2(json.contains(key), key);
    QCOMPARE(json["state"].get<std::string>(), std::string("Completed"));
    QCOMPARE(json["metrics"]["train/loss"]["last"].get<std::string>(), std::string("NaN"));
    QCOMPARE(json["metrics"]["train/loss"]["best"].get<double>(), 1.0);
    QCOMPARE(json["metrics"]["Accuracy"]["bestStep"].get<int>(), 3);
    QCOMPARE(json["artifacts"][0]["path"].get<std::string>(), std::string("outputs/model.npz"));
    QCOMPARE(json["attempts"].size(), std::size_t{1});
    QVERIFY(json["model"].is_null());
    QVERIFY(json["error"].is_null());
    QVERIFY(json["started"].get<std::string>().ends_with("Z"));
}

BOTTEGA_TEST_MAIN(WorkspaceTest)
#include "tst_workspace.moc"
