// SPDX-License-Identifier: Apache-2.0
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/workspace/models.h"
#include "core/workspace/trash.h"
#include "tests/core/base/smalldisk.h"
#include "tests/core/workspace/fixture.h"
#include "tests/support/testcase.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace bottega;
using namespace bottega::test;
namespace fs = std::filesystem;

/// What was deleted comes back as it was, or is removed for good, and nothing else is touched.
class TrashTest : public TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void aRunComesBackAsItWas();
    void aVersionComesBackUnderItsNumber();
    void whatIsThereAgainIsNotOverwritten();
    void emptiedByAge();
    void entriesAreToldWithoutTheirRecord();
    void foundByABeginning();
    void ofTwoProcessesOneDeletes();
    void leftoversAreSwept();
    void case46_deleteFollowsNoLink();
    void case46_restoreStaysInside();
    void case08_aFullDiskLeavesTheRun();
};

namespace {

std::string contentOf(const fs::path &folder)
{
    std::map<std::string, std::string> files;
    for (const auto &entry : fs::recursive_directory_iterator(folder))
        files[entry.path().lexically_relative(folder).string()] =
            entry.is_regular_file() ? WorkspaceFixture::read(entry.path()) : "/";
    std::string text;
    for (const auto &[name, bytes] : files)
        text += name + "=" + bytes + "\n";
    return text;
}

Model registered(const WorkspaceFixture &fixture, const RunFolder &run)
{
    return *Models(fixture.workspace).registerFromRun(run, {"digits", "outputs/model.npz", {}, {{"stage", "test"}}});
}

} // namespace

void TrashTest::aRunComesBackAsItWas()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun(3, std::string(1 << 20, 'w'));
    const std::string before = contentOf(run.root());
    const Trash trash(fixture.workspace);
    const auto item = trash.put(run.id());
    QVERIFY_RESULT(item);
    QVERIFY(item->bytes >= 1 << 20);
    QVERIFY(!fs::exists(run.root()));
    QVERIFY(fixture.workspace.runIds()->empty());
    const auto missing = fixture.workspace.run(run.id());
    QVERIFY(!missing);
    QCOMPARE(missing.error().remedy, "It is in the trash: bottega-cli run restore " + run.id());
    const auto items = trash.list();
    QVERIFY_RESULT(items);
    QCOMPARE(items->size(), std::size_t{1});
    QCOMPARE(items->front().name, run.id());
    QCOMPARE(items->front().bytes, item->bytes);
    QVERIFY(std::abs(items->front().deletedAt - wallTime()) < 60);
    QVERIFY_RESULT(trash.restore(*item));
    QCOMPARE(contentOf(run.root()), before);
    QVERIFY(trash.list()->empty());
    QVERIFY(fs::is_empty(fixture.workspace.trashFolder()));
    QVERIFY(trash.restore(*item).error().code == ErrorCode::NotFound);
    QVERIFY(trash.remove(*item).error().code == ErrorCode::NotFound);
}

void TrashTest::aVersionComesBackUnderItsNumber()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    const Models models(fixture.workspace);
    const Model first = registered(fixture, run);
    QVERIFY_RESULT(models.setTag(first, "stage", "best"));
    QVERIFY_RESULT(models.moveToTrash(first));
    QVERIFY(models.find("digits:1").error().code == ErrorCode::NotFound);
    QCOMPARE(registered(fixture, run).version, 2); // the number stays taken
    const Trash trash(fixture.workspace);
    QVERIFY_RESULT(trash.restore(*trash.find("digits:1")));
    const auto again = models.find("digits:1");
    QVERIFY_RESULT(again);
    QCOMPARE(again->tags.at("stage"), std::string("best"));
    QVERIFY_RESULT(models.verify(*again));
    QCOMPARE(registered(fixture, run).version, 3);
}

void TrashTest::whatIsThereAgainIsNotOverwritten()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    const fs::path copy = fixture.folder("copy");
    fs::copy(run.root(), copy, fs::copy_options::recursive);
    const Trash trash(fixture.workspace);
    const auto item = trash.put(run.id());
    fs::rename(copy, run.root());
    const auto restored = trash.restore(*item);
    QVERIFY(!restored);
    QVERIFY(restored.error().code == ErrorCode::Exists);
    QVERIFY(!restored.error().kept.empty() && !restored.error().remedy.empty());
    QCOMPARE(trash.list()->size(), std::size_t{1});
    const auto second = trash.put(run.id()); // twice the same name: both are kept
    QVERIFY_RESULT(second);
    QCOMPARE(trash.list()->size(), std::size_t{2});
    QCOMPARE(trash.find(run.id())->entry, second->entry);
}

void TrashTest::emptiedByAge()
{
    WorkspaceFixture fixture;
    const Trash trash(fixture.workspace);
    const auto old = trash.put(fixture.completedRun().id());
    const auto fresh = trash.put(fixture.completedRun().id());
    QVERIFY_RESULT(fresh);
    const fs::path file = fixture.workspace.trashFolder() / old->entry / "deleted.json";
    Json record = *readJsonObject(file);
    record["deletedAt"] = wallTime() - 40 * 86400.0;
    WorkspaceFixture::write(file, dumpJson(record));
    const auto emptied = trash.empty(30 * 86400.0);
    QVERIFY_RESULT(emptied);
    QCOMPARE(emptied->items, std::size_t{1});
    QVERIFY(emptied->bytes > 0);
    QCOMPARE(trash.list()->front().name, fresh->name);
    QCOMPARE(trash.empty()->items, std::size_t{1});
    QVERIFY(fs::is_empty(fixture.workspace.trashFolder()));
    QCOMPARE(trash.empty()->items, std::size_t{0});
}

void TrashTest::entriesAreToldWithoutTheirRecord()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    const Trash trash(fixture.workspace);
    const auto item = trash.put(run.id());
    WorkspaceFixture::write(fixture.workspace.trashFolder() / item->entry / "deleted.json", "{half");
    const auto items = trash.list();
    QCOMPARE(items->size(), std::size_t{1});
    QVERIFY(items->front().deletedAt > 0 && items->front().bytes > 0);
    QVERIFY_RESULT(trash.restore(items->front()));
    QVERIFY(fs::exists(run.runJson()));
}

void TrashTest::foundByABeginning()
{
    WorkspaceFixture fixture;
    const Trash trash(fixture.workspace);
    const RunFolder one = fixture.newRun("apples"), two = fixture.newRun("pears");
    QVERIFY(trash.find("apples").error().remedy.find("empty") != std::string::npos);
    QVERIFY_RESULT(trash.put(one.id()));
    QVERIFY_RESULT(trash.put(two.id()));
    QCOMPARE(trash.find("app")->name, one.id());
    QVERIFY(trash.find("oranges").error().remedy.find(one.id()) != std::string::npos);
    QVERIFY(trash.find("").error().code == ErrorCode::NotFound);
    QVERIFY_RESULT(trash.put(fixture.newRun("apples").id()));
    QVERIFY(trash.find("app").error().code == ErrorCode::Usage);
}

void TrashTest::ofTwoProcessesOneDeletes()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    std::vector<pid_t> pids;
    for (int i = 0; i < 8; ++i) {
        const pid_t pid = ::fork();
        if (pid == 0) {
            const auto item = Trash(fixture.workspace).put(run.id());
            ::_exit(item ? 0 : item.error().code == ErrorCode::NotFound ? 1 : 2);
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
    QCOMPARE(Trash(fixture.workspace).list()->size(), std::size_t{1});
    QCOMPARE(std::distance(fs::directory_iterator(fixture.workspace.trashFolder()), {}), std::ptrdiff_t{1});
}

void TrashTest::leftoversAreSwept()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    const fs::path empty = fixture.workspace.trashFolder() / (run.id() + "~0000abcd");
    const fs::path fresh = fixture.workspace.trashFolder() / (run.id() + "~0000abce");
    for (const fs::path &entry : {empty, fresh})
        WorkspaceFixture::write(entry / "deleted.json", "{}");
    const timespec old[2] = {{1000, 0}, {1000, 0}};
    QCOMPARE(::utimensat(AT_FDCWD, empty.c_str(), old, 0), 0);
    const auto item = Trash(fixture.workspace).put(run.id());
    QVERIFY_RESULT(item);
    QVERIFY(!fs::exists(empty));
    QVERIFY(fs::exists(fresh)); // somebody may be filling it
    QCOMPARE(Trash(fixture.workspace).list()->size(), std::size_t{1});
}

void TrashTest::case46_deleteFollowsNoLink()
{
    WorkspaceFixture fixture;
    const fs::path outside = fixture.folder("outside");
    const RunFolder run = fixture.completedRun();
    const Trash trash(fixture.workspace);
    fs::create_directories(outside / "digits_1700000000_0000abcd");
    WorkspaceFixture::write(outside / "file", "stays");
    const std::string before = contentOf(outside);
    // A run that is a link, one that holds links, and a model folder that is one.
    fs::create_directory_symlink(outside, fixture.workspace.runsFolder() / "digits_1700000000_0000abcd");
    QVERIFY(trash.put("digits_1700000000_0000abcd").error().code == ErrorCode::NotFound);
    fs::create_directory_symlink(outside, fixture.workspace.modelsFolder() / "digits");
    fs::create_directories(outside / "1");
    QVERIFY(trash.put("digits:1").error().code == ErrorCode::NotFound);
    Model planted;
    planted.name = "digits";
    planted.version = 1;
    QVERIFY(!Models(fixture.workspace).remove(planted));
    fs::remove(outside / "1");
    fs::create_directory_symlink(outside, run.work() / "outputs/link");
    fs::create_symlink(outside / "file", run.work() / "outputs/file");
    const auto item = trash.put(run.id());
    QVERIFY_RESULT(item);
    QVERIFY_RESULT(trash.remove(*item));
    QCOMPARE(contentOf(outside), before);
    // The trash itself as a link: nothing is moved through it.
    fs::remove_all(fixture.workspace.trashFolder());
    fs::create_directory_symlink(outside, fixture.workspace.trashFolder());
    const RunFolder second = fixture.completedRun();
    const auto refused = trash.put(second.id());
    QVERIFY(!refused);
    QVERIFY(!refused.error().kept.empty() && !refused.error().remedy.empty());
    QVERIFY(fs::exists(second.runJson()));
    QCOMPARE(contentOf(outside), before);
}

void TrashTest::case46_restoreStaysInside()
{
    WorkspaceFixture fixture;
    const Trash trash(fixture.workspace);
    const auto item = trash.put(fixture.completedRun().id());
    // Names from elsewhere: no entry of ours, and its record may say what it likes.
    for (const char *name : {"..~0000abcd", "a~..~0000abcd", "models~0000abcd", "~0000abcd", "x~1~2~0000abcd"})
        WorkspaceFixture::write(fixture.workspace.trashFolder() / name / "it/run.json", "{}");
    Json record = *readJsonObject(fixture.workspace.trashFolder() / item->entry / "deleted.json");
    record["name"] = "../../escaped";
    record["from"] = "../../escaped";
    WorkspaceFixture::write(fixture.workspace.trashFolder() / item->entry / "deleted.json", dumpJson(record));
    QCOMPARE(trash.list()->size(), std::size_t{1});
    TrashItem hostile = *item;
    hostile.name = "../../escaped";
    QVERIFY(!trash.restore(hostile));
    QVERIFY_RESULT(trash.restore(trash.list()->front()));
    QVERIFY(fs::exists(fixture.workspace.runsFolder() / item->name / "run.json"));
    QVERIFY(!fs::exists(fixture.folder("escaped")) && !fs::exists(fixture.workspace.root() / "escaped"));
}

void TrashTest::case08_aFullDiskLeavesTheRun()
{
    WorkspaceFixture fixture;
    fs::create_directories(fixture.folder("disk"));
    const auto problem = onSmallDisk(fixture.folder("disk"), 1 << 20, [&]() -> std::string {
        const auto workspace = Workspace::init(fixture.folder("disk/ws"));
        if (!workspace)
            return describe(workspace.error());
        Job job;
        job.experiment = "digits";
        job.recipe = "mnist-mlp";
        job.runId = makeRunId("digits");
        const auto run = RunFolder::create(workspace->runsFolder(), job);
        if (!run)
            return describe(run.error());
        fillDisk(fixture.folder("disk"));
        const auto item = Trash(*workspace).put(run->id());
        if (item)
            return fs::exists(workspace->trashFolder() / item->entry / "it/run.json") ? "" : "the run is gone";
        if (item.error().code != ErrorCode::DiskFull || item.error().kept.empty() || item.error().remedy.empty())
            return describe(item.error());
        return run->readJob() && Trash(*workspace).list()->empty() ? "" : "the run was touched";
    });
    if (!problem)
        QSKIP("this machine permits no file system of one's own");
    QVERIFY2(problem->empty(), problem->c_str());
}

BOTTEGA_TEST_MAIN(TrashTest)
#include "tst_trash.moc"
