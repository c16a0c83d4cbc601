// SPDX-License-Identifier: Apache-2.0
#include "core/base/file.h"
#include "core/engine/checkpoint.h"
#include "core/workspace/datasets.h"
#include "core/workspace/models.h"
#include "core/workspace/objectstore.h"
#include "core/workspace/trash.h"
#include "core/workspace/verify.h"
#include "tests/core/base/smalldisk.h"
#include "tests/core/workspace/fixture.h"
#include "tests/support/testcase.h"

#include <QCryptographicHash>

#include <fcntl.h>
#include <set>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace bottega;
using namespace bottega::test;
namespace fs = std::filesystem;

/// Files by content, what is collected of them, and the check of everything that has a sum.
class ObjectStoreTest : public TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void aFolderComesBackAsItWas();
    void theSameContentCostsOnce();
    void whatLeadsOutsideIsSkipped();
    void hostileManifests_data();
    void hostileManifests();
    void damageIsSeenWhileCopying();
    void garbageIsWhatNobodyNeeds();
    void anUnreadableReferenceKeepsEverything();
    void storingAndCollectingAtOnce();
    void case16_oneBitIsNamed();
    void case16_partsAreTheWhole();
    void case16_damageIsRefusedAndTheOthersAreFine();
    void case08_aFullDiskStoresNothing();
    void case08_aFullDiskRegistersAndImportsNothing();
    void case08_aReadOnlyDiskIsBrowsedAndComesBack();
};

namespace {

std::string sha256(const std::string &bytes)
{
    return QCryptographicHash::hash(QByteArray::fromStdString(bytes), QCryptographicHash::Sha256).toHex().toStdString();
}

void makeOld(const fs::path &path)
{
    const timespec old[2] = {{1'000'000, 0}, {1'000'000, 0}};
    QCOMPARE(::utimensat(AT_FDCWD, path.c_str(), old, AT_SYMLINK_NOFOLLOW), 0);
}

void flipBit(const fs::path &path, std::size_t at)
{
    std::string bytes = WorkspaceFixture::read(path);
    QVERIFY(at < bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    WorkspaceFixture::write(path, bytes);
}

fs::path project(const WorkspaceFixture &fixture)
{
    const fs::path folder = fixture.folder("project");
    WorkspaceFixture::write(folder / "train.py", "print('hello')\n");
    WorkspaceFixture::write(folder / "lib/deep/util.py", "x = 1\n");
    WorkspaceFixture::write(folder / "lib/copy.py", "x = 1\n");
    fs::create_directories(folder / "empty");
    fs::create_symlink("../train.py", folder / "lib/main.py");
    fs::permissions(folder / "train.py", fs::perms::owner_all);
    return folder;
}

std::string storeText(const fs::path &objects, const std::string &text)
{
    const std::string hash = sha256(text);
    WorkspaceFixture::write(objects / hash, text);
    return hash;
}

/// What `run submit` of a script will write.
void refer(const RunFolder &run, const std::string &hash)
{
    Json job = *readJsonObject(run.runJson());
    job["snapshot"] = hash;
    WorkspaceFixture::write(run.runJson(), dumpJson(job));
}

} // namespace

void ObjectStoreTest::aFolderComesBackAsItWas()
{
    WorkspaceFixture fixture;
    const ObjectStore store(fixture.workspace.objectsFolder());
    const fs::path folder = project(fixture);
    const auto stored = store.putFolder(folder);
    QVERIFY_RESULT(stored);
    QCOMPARE(stored->files, std::uint64_t{3});
    QVERIFY(stored->skipped.empty());
    const fs::path copy = fixture.folder("copy");
    QVERIFY_RESULT(store.materialize(stored->hash, copy));
    for (const char *file : {"train.py", "lib/deep/util.py", "lib/copy.py", "lib/main.py"})
        QCOMPARE(WorkspaceFixture::read(copy / file), WorkspaceFixture::read(folder / file));
    QVERIFY(fs::is_directory(copy / "empty"));
    QCOMPARE(fs::read_symlink(copy / "lib/main.py").string(), std::string("../train.py"));
    QVERIFY((fs::status(copy / "train.py").permissions() & fs::perms::owner_exec) != fs::perms::none);
    QVERIFY((fs::status(copy / "lib/copy.py").permissions() & fs::perms::owner_exec) == fs::perms::none);
    WorkspaceFixture::write(copy / "train.py", "changed"); // a private copy: the store keeps its own
    for (const std::string &hash : store.list().value_or(std::vector<std::string>()))
        QVERIFY_RESULT(store.verify(hash));
    const auto again = store.materialize(stored->hash, copy);
    QVERIFY(!again);
    QVERIFY(again.error().code == ErrorCode::Exists);
    QVERIFY(store.materialize(std::string(64, '0'), fixture.folder("none")).error().code == ErrorCode::NotFound);
    QVERIFY(store.materialize("../../config.json", fixture.folder("none")).error().code == ErrorCode::Usage);
    const auto file = store.putFile(folder / "train.py");
    QVERIFY_RESULT(file);
    QCOMPARE(file->hash, sha256("print('hello')\n"));
}

void ObjectStoreTest::theSameContentCostsOnce()
{
    WorkspaceFixture fixture;
    const ObjectStore store(fixture.workspace.objectsFolder());
    const fs::path folder = project(fixture);
    const auto first = store.putFolder(folder);
    const auto count = store.list()->size();
    QCOMPARE(count, std::size_t{3}); // two contents and the manifest
    QCOMPARE(store.putFolder(folder)->hash, first->hash);
    QCOMPARE(store.list()->size(), count);
    WorkspaceFixture::write(folder / "train.py", "print('bye')\n");
    QVERIFY(store.putFolder(folder)->hash != first->hash);
    QCOMPARE(store.list()->size(), count + 2);
    // What was truncated is mended by the next that stores it.
    const fs::path object = fixture.workspace.objectsFolder() / sha256("x = 1\n");
    fs::permissions(object, fs::perms::owner_write);
    fs::resize_file(object, 2);
    QVERIFY_RESULT(store.putFolder(folder));
    QCOMPARE(WorkspaceFixture::read(object), std::string("x = 1\n"));
}

void ObjectStoreTest::whatLeadsOutsideIsSkipped()
{
    WorkspaceFixture fixture;
    const ObjectStore store(fixture.workspace.objectsFolder());
    const fs::path folder = project(fixture);
    WorkspaceFixture::write(fixture.folder("secret"), "outside");
    fs::create_symlink("../secret", folder / "a");
    fs::create_symlink(fixture.folder("secret"), folder / "b");
    fs::create_symlink("deep/../../../secret", folder / "lib/c"); // could turn round behind another link
    fs::create_directory_symlink(fixture.folder(""), folder / "d");
    QCOMPARE(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    const auto stored = store.putFolder(folder);
    QVERIFY_RESULT(stored);
    const std::set<std::string> skipped(stored->skipped.begin(), stored->skipped.end());
    QCOMPARE(skipped, (std::set<std::string>{"a", "b", "lib/c", "d", "pipe"}));
    QCOMPARE(stored->files, std::uint64_t{3});
    for (const std::string &hash : store.list().value_or(std::vector<std::string>()))
        QVERIFY(WorkspaceFixture::read(fixture.workspace.objectsFolder() / hash) != "outside");
}

void ObjectStoreTest::hostileManifests_data()
{
    QTest::addColumn<QByteArray>("entries");
    const QByteArray hash(64, 'a');
    QTest::newRow("up") << QByteArray(R"({"path":"../x","sha256":")" + hash + R"("})");
    QTest::newRow("absolute") << QByteArray(R"({"path":"/tmp/x","sha256":")" + hash + R"("})");
    QTest::newRow("hash is a path") << QByteArray(R"({"path":"x","sha256":"../../config.json"})");
    QTest::newRow("link up") << QByteArray(R"({"path":"x","link":"../y"})");
    QTest::newRow("link absolute") << QByteArray(R"({"path":"x","link":"/etc"})");
    QTest::newRow("link turns round") << QByteArray(R"({"path":"s/x","link":"."},{"path":"s/y","link":"x/../.."})");
    QTest::newRow("through a link") << QByteArray(R"({"path":"x","link":"."},{"path":"x/y","folder":true})");
    QTest::newRow("twice") << QByteArray(R"({"path":"x","folder":true},{"path":"x","link":"y"})");
    QTest::newRow("numbers") << QByteArray("1, 2");
    QTest::newRow("no text") << QByteArray(R"({"path":7})");
}

void ObjectStoreTest::hostileManifests()
{
    QFETCH(QByteArray, entries);
    WorkspaceFixture fixture;
    const ObjectStore store(fixture.workspace.objectsFolder());
    const std::string text = R"({"format":1,"kind":"folder","entries":[)" + entries.toStdString() + "]}";
    const std::string hash = storeText(fixture.workspace.objectsFolder(), text);
    const fs::path target = fixture.folder("into/target");
    QVERIFY(!store.materialize(hash, target));
    QVERIFY(!fs::exists(target));
    QVERIFY(!fs::exists(fixture.folder("into")) || fs::is_empty(fixture.folder("into")));
}

void ObjectStoreTest::damageIsSeenWhileCopying()
{
    WorkspaceFixture fixture;
    const ObjectStore store(fixture.workspace.objectsFolder());
    const auto stored = store.putFolder(project(fixture));
    flipBit(fixture.workspace.objectsFolder() / sha256("x = 1\n"), 2);
    const auto made = store.materialize(stored->hash, fixture.folder("copy"));
    QVERIFY(!made);
    QVERIFY(made.error().code == ErrorCode::Corrupt);
    QVERIFY(made.error().what.find("copy.py") != std::string::npos);
    QVERIFY(!fs::exists(fixture.folder("copy")));
    flipBit(fixture.workspace.objectsFolder() / stored->hash, 2);
    QVERIFY(store.contents(stored->hash).error().code == ErrorCode::Corrupt);
}

void ObjectStoreTest::garbageIsWhatNobodyNeeds()
{
    WorkspaceFixture fixture;
    const ObjectStore store(fixture.workspace.objectsFolder());
    const fs::path folder = project(fixture);
    const RunFolder run = fixture.completedRun(), deleted = fixture.completedRun();
    refer(run, store.putFolder(folder)->hash);
    WorkspaceFixture::write(folder / "train.py", "second");
    refer(deleted, store.putFolder(folder)->hash);
    WorkspaceFixture::write(folder / "train.py", "nobody's");
    const auto garbage = store.putFolder(folder);
    for (const std::string &hash : store.list().value_or(std::vector<std::string>()))
        makeOld(fixture.workspace.objectsFolder() / hash);
    const std::size_t all = store.list()->size();
    QCOMPARE(all, std::size_t{7}); // 3 manifests, 3 train.py, one content that two files share
    const Trash trash(fixture.workspace);
    QVERIFY_RESULT(trash.put(deleted.id())); // still needed: it may come back
    QCOMPARE(collectObjects(fixture.workspace, true)->objects, std::size_t{2});
    QCOMPARE(store.list()->size(), all);
    const auto collected = collectObjects(fixture.workspace);
    QVERIFY_RESULT(collected);
    QCOMPARE(collected->objects, std::size_t{2});
    QVERIFY(collected->bytes > 0);
    QVERIFY(store.contents(garbage->hash).error().code == ErrorCode::NotFound);
    QVERIFY_RESULT(trash.restore(trash.list()->front()));
    QVERIFY(verifyData(fixture.workspace)->findings.empty());
    QVERIFY_RESULT(trash.put(deleted.id()));
    QVERIFY_RESULT(trash.empty());
    QCOMPARE(collectObjects(fixture.workspace)->objects, std::size_t{2});
    QVERIFY_RESULT(store.materialize(stringMember(*readJsonObject(run.runJson()), "snapshot"), fixture.folder("copy")));
    WorkspaceFixture::write(folder / "train.py", "just stored");
    QVERIFY_RESULT(store.putFolder(folder));
    QCOMPARE(collectObjects(fixture.workspace)->objects, std::size_t{0}); // a submit may be about to refer to it
}

void ObjectStoreTest::anUnreadableReferenceKeepsEverything()
{
    WorkspaceFixture fixture;
    const ObjectStore store(fixture.workspace.objectsFolder());
    const RunFolder run = fixture.completedRun();
    const auto stored = store.putFolder(project(fixture));
    refer(run, stored->hash);
    for (const std::string &hash : store.list().value_or(std::vector<std::string>()))
        makeOld(fixture.workspace.objectsFolder() / hash);
    const std::string job = WorkspaceFixture::read(run.runJson());
    WorkspaceFixture::write(run.runJson(), job.substr(0, job.size() / 2));
    const auto refused = collectObjects(fixture.workspace);
    QVERIFY(!refused);
    QVERIFY(refused.error().what.find(run.id()) != std::string::npos);
    QVERIFY(!refused.error().where.empty() && !refused.error().kept.empty() && !refused.error().remedy.empty());
    WorkspaceFixture::write(run.runJson(), job);
    flipBit(fixture.workspace.objectsFolder() / stored->hash, 40);
    const auto damaged = collectObjects(fixture.workspace);
    QVERIFY(!damaged);
    QVERIFY(damaged.error().what.find(run.id()) != std::string::npos);
    QCOMPARE(store.list()->size(), std::size_t{3});
}

/// Three store, refer and look again, while two collect with hardly any grace: nothing that was stored is missing.
void ObjectStoreTest::storingAndCollectingAtOnce()
{
    WorkspaceFixture fixture;
    const fs::path objects = fixture.workspace.objectsFolder();
    constexpr int storers = 3, rounds = 12;
    for (int i = 0; i < rounds / 2; ++i) { // there for long: who stores it again must make it young
        storeText(objects, "shared " + std::to_string(i));
        makeOld(objects / sha256("shared " + std::to_string(i)));
    }
    std::vector<pid_t> pids;
    for (int p = 0; p < storers + 2; ++p) {
        const pid_t pid = ::fork();
        if (pid != 0) {
            pids.push_back(pid);
            continue;
        }
        const ObjectStore store(objects);
        bool isGood = true;
        for (int i = 0; i < rounds && isGood; ++i) {
            if (p >= storers) {
                isGood = store.collect({}, 60).has_value();
                continue;
            }
            const fs::path folder = fixture.folder("p" + std::to_string(p));
            WorkspaceFixture::write(folder / "shared.py", "shared " + std::to_string(i / 2)); // by all of them
            const auto stored = store.putFolder(folder);
            isGood = stored && store.materialize(stored->hash, folder.string() + "-" + std::to_string(i)).has_value();
        }
        ::_exit(isGood ? 0 : 1);
    }
    for (const pid_t pid : pids) {
        int status = 0;
        ::waitpid(pid, &status, 0);
        QCOMPARE(status, 0);
    }
}

void ObjectStoreTest::case16_oneBitIsNamed()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    const Models models(fixture.workspace);
    for (int version = 1; version <= 3; ++version)
        QVERIFY_RESULT(models.registerFromRun(run, {"digits", "outputs/model.npz", {}, {}}));
    const auto stored = ObjectStore(fixture.workspace.objectsFolder()).putFolder(project(fixture));
    refer(run, stored->hash);
    writeDataset(fixture.folder("in"), tinyFiles(), false);
    QVERIFY_RESULT(Datasets(fixture.workspace).import("mine", {fixture.folder("in")}));
    engine::Checkpoint checkpoint;
    checkpoint.recipe = "mnist-mlp";
    QVERIFY_RESULT(engine::saveCheckpoint(run.checkpoints() / "epoch-0001.npz", checkpoint));
    const bool hasCheckpoint = engine::readCheckpoint(run.checkpoints() / "epoch-0001.npz").has_value();
    if (!hasCheckpoint)
        fs::remove(run.checkpoints() / "epoch-0001.npz");
    const auto sound = verifyData(fixture.workspace);
    QVERIFY_RESULT(sound);
    QVERIFY2(sound->findings.empty(), sound->findings.empty() ? "" : describe(sound->findings[0].error).c_str());
    QVERIFY(sound->items >= 8 && sound->bytes > 0);

    const fs::path model = models.filesFolder(*models.find("digits:2")) / "model.npz";
    struct Damage
    {
        fs::path file;
        std::string kind, subject;
    };
    const std::vector<Damage> all = {
        {model, "model", "digits:2"},
        {fixture.workspace.objectsFolder() / sha256("x = 1\n"), "object", sha256("x = 1\n")},
        {fixture.workspace.datasetsFolder() / "mine/train-images-idx3-ubyte", "dataset", "mine"},
        {fixture.workspace.modelsFolder() / "digits/3/model.json", "model", "digits:3"},
        {run.journal(), "run", run.id()},
    };
    for (const Damage &damage : all) {
        const std::string before = WorkspaceFixture::read(damage.file);
        flipBit(damage.file, damage.kind == "dataset" ? before.size() - 1 : 3);
        const auto found = verifyData(fixture.workspace);
        QVERIFY_RESULT(found);
        QVERIFY2(found->findings.size() == 1, damage.file.c_str());
        const Finding &finding = found->findings.front();
        QCOMPARE(finding.kind, damage.kind);
        QCOMPARE(finding.subject, damage.subject);
        QVERIFY(!finding.error.what.empty() && !finding.error.where.empty());
        if (damage.file == model)
            QVERIFY(finding.error.where.find("digits/2/files/model.npz") != std::string::npos);
        WorkspaceFixture::write(damage.file, before);
        QVERIFY(verifyData(fixture.workspace)->findings.empty());
    }
    fs::resize_file(model, 4); // where it ends too soon the offset is known
    QVERIFY(verifyData(fixture.workspace)->findings.at(0).error.where.find("at byte 4") != std::string::npos);
    fs::remove(model);
    QCOMPARE(verifyData(fixture.workspace)->findings.at(0).subject, std::string("digits:2"));
    fs::remove(fixture.workspace.objectsFolder() / sha256("x = 1\n"));
    const auto missing = verifyData(fixture.workspace);
    QVERIFY(missing->findings.back().error.what.find("is missing; the run " + run.id()) != std::string::npos);
}

void ObjectStoreTest::case16_partsAreTheWhole()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    const Models models(fixture.workspace);
    for (int version = 1; version <= 12; ++version)
        QVERIFY_RESULT(models.registerFromRun(run, {"digits", "outputs/model.npz", {}, {}}));
    flipBit(models.filesFolder(*models.find("digits:7")) / "model.npz", 1);
    const auto whole = verifyData(fixture.workspace);
    QCOMPARE(whole->items, std::uint64_t{13});
    std::uint64_t items = 0;
    std::size_t findings = 0;
    for (std::uint32_t part = 1; part <= 4; ++part) {
        const auto one = verifyData(fixture.workspace, {part, 4});
        items += one->items;
        findings += one->findings.size();
        QVERIFY(one->items < whole->items);
    }
    QCOMPARE(items, whole->items);
    QCOMPARE(findings, std::size_t{1});
    const auto stopped = verifyData(fixture.workspace, {}, [](const std::string &) { return false; });
    QVERIFY(!stopped);
    QVERIFY(stopped.error().code == ErrorCode::Canceled);
}

void ObjectStoreTest::case16_damageIsRefusedAndTheOthersAreFine()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    const Models models(fixture.workspace);
    for (int version = 1; version <= 3; ++version)
        QVERIFY_RESULT(models.registerFromRun(run, {"digits", "outputs/model.npz", {}, {}}));
    flipBit(models.filesFolder(*models.find("digits:2")) / "model.npz", 1);
    const auto refused = models.download(*models.find("digits:2"), fixture.folder("out"));
    QVERIFY(!refused);
    QVERIFY(refused.error().code == ErrorCode::Corrupt);
    QVERIFY(refused.error().what.find("digits:2") != std::string::npos);
    QVERIFY(!refused.error().kept.empty() && !refused.error().remedy.empty());
    QVERIFY(!fs::exists(fixture.folder("out")) || fs::is_empty(fixture.folder("out")));
    QVERIFY(!models.verify(*models.find("digits:2")));
    for (const char *other : {"digits:1", "digits:3"}) { // of the same content: no byte is shared with the damaged one
        QVERIFY_RESULT(models.verify(*models.find(other)));
        QVERIFY_RESULT(models.download(*models.find(other), fixture.folder(other)));
    }
}

void ObjectStoreTest::case08_aFullDiskStoresNothing()
{
    WorkspaceFixture fixture;
    const fs::path folder = project(fixture);
    WorkspaceFixture::write(folder / "large.bin", std::string(1 << 20, 'x'));
    fs::create_directories(fixture.folder("disk"));
    const auto problem = onSmallDisk(fixture.folder("disk"), 16 << 20, [&]() -> std::string {
        const ObjectStore store(fixture.folder("disk/objects"));
        const auto small = store.putFile(folder / "train.py");
        if (!small)
            return describe(small.error());
        WorkspaceFixture::write(fixture.folder("disk/rest"), std::string(7 << 20, 'r'));
        const auto early = store.putFolder(folder); // told before anything is written
        if (early || early.error().code != ErrorCode::DiskFull || early.error().what.find("are needed") == std::string::npos ||
            early.error().what.find("are free") == std::string::npos)
            return early ? "stored without room" : describe(early.error());
        fillDisk(fixture.folder("disk"));
        if (store.putFolder(folder) || store.materialize(small->hash, fixture.folder("disk/copy")))
            return "written on a full disk";
        if (store.list()->size() != 1 || !store.verify(small->hash))
            return "the store has changed";
        return std::distance(fs::directory_iterator(fixture.folder("disk/objects")), {}) <= 2 ? "" : "something is left over";
    });
    if (!problem)
        QSKIP("this machine permits no file system of one's own");
    QVERIFY2(problem->empty(), problem->c_str());
}

void ObjectStoreTest::case08_aFullDiskRegistersAndImportsNothing()
{
    WorkspaceFixture fixture;
    writeDataset(fixture.folder("in"), tinyFiles(), false);
    fs::create_directories(fixture.folder("disk"));
    const auto isTold = [](const auto &result) {
        return !result && result.error().code == ErrorCode::DiskFull && result.error().what.find("are needed") != std::string::npos &&
               result.error().what.find("are free") != std::string::npos && !result.error().kept.empty() &&
               !result.error().remedy.empty();
    };
    const auto problem = onSmallDisk(fixture.folder("disk"), 24 << 20, [&]() -> std::string {
        const auto workspace = Workspace::init(fixture.folder("disk/ws"));
        Job job = *fixture.completedRun().readJob();
        const auto run = RunFolder::create(workspace->runsFolder(), job);
        if (!run)
            return describe(run.error());
        WorkspaceFixture::journal(*run, RunState::Completed, 1, "exit status 0");
        WorkspaceFixture::write(run->work() / "outputs/model.npz", std::string(2 << 20, 'w'));
        const Models models(*workspace);
        if (!models.registerFromRun(*run, {"digits", "outputs/model.npz", {}, {}}))
            return "not registered while there was room";
        WorkspaceFixture::write(fixture.folder("disk/rest"), std::string(13 << 20, 'r'));
        if (!isTold(models.registerFromRun(*run, {"digits", "outputs/model.npz", {}, {}})))
            return "a registration without room was not told";
        if (!isTold(Datasets(*workspace).import("mine", {fixture.folder("in")})))
            return "an import without room was not told";
        fillDisk(fixture.folder("disk"));
        const auto late = models.setTag(*models.find("digits:1"), "stage", std::string(900, 'x'));
        if (late || late.error().code != ErrorCode::DiskFull)
            return late ? "tagged on a full disk" : describe(late.error());
        fs::remove(fixture.folder("disk/filler"));
        fs::remove(fixture.folder("disk/rest"));
        if (!models.setTag(*models.find("digits:1"), "stage", "best") || models.find("digits:1")->tags.at("stage") != "best")
            return "a line that was torn costs more than itself";
        if (!Datasets(*workspace).import("mine", {fixture.folder("in")}))
            return "not imported when there is room again";
        return verifyData(*workspace)->findings.empty() && models.list()->size() == 1 ? "" : "something is damaged";
    });
    if (!problem)
        QSKIP("this machine permits no file system of one's own");
    QVERIFY2(problem->empty(), problem->c_str());
}

void ObjectStoreTest::case08_aReadOnlyDiskIsBrowsedAndComesBack()
{
    WorkspaceFixture fixture;
    fs::create_directories(fixture.folder("disk"));
    const auto problem = onSmallDisk(fixture.folder("disk"), 24 << 20, [&]() -> std::string {
        const auto workspace = Workspace::init(fixture.folder("disk/ws"));
        const auto run = RunFolder::create(workspace->runsFolder(), *fixture.completedRun().readJob());
        WorkspaceFixture::journal(*run, RunState::Completed, 1, "exit status 0");
        WorkspaceFixture::write(run->work() / "outputs/model.npz", "weights");
        const Models models(*workspace);
        if (!models.registerFromRun(*run, {"digits", "outputs/model.npz", {}, {}}))
            return "not registered";
        const std::string disk = fixture.folder("disk").string();
        if (::mount("none", disk.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0)
            return ""; // not permitted here
        const auto opened = Workspace::open(workspace->root());
        if (!opened || opened->runIds()->size() != 1 || !models.find("digits:1") || !verifyData(*opened)->findings.empty())
            return "it can't be browsed";
        const std::vector<Error> errors = {opened->setDefaults({"x", "local", ""}).error(), Trash(*opened).put(run->id()).error(),
                                           models.setTag(*models.find("digits:1"), "a", "b").error(),
                                           models.registerFromRun(*run, {"digits", "outputs/model.npz", {}, {}}).error()};
        for (const Error &error : errors) {
            if (error.code != ErrorCode::Permission || error.what.find("Read-only") == std::string::npos || error.where.empty())
                return describe(error);
        }
        if (::mount("none", disk.c_str(), nullptr, MS_REMOUNT, nullptr) != 0)
            return "not writable again";
        return opened->setDefaults({"x", "local", ""}) && Trash(*opened).put(run->id()) ? "" : "it didn't come back";
    });
    if (!problem)
        QSKIP("this machine permits no file system of one's own");
    QVERIFY2(problem->empty(), problem->c_str());
}

BOTTEGA_TEST_MAIN(ObjectStoreTest)
#include "tst_objectstore.moc"
