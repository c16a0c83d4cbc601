// SPDX-License-Identifier: Apache-2.0
#include "core/base/file.h"
#include "core/workspace/filecopy.h"
#include "core/workspace/models.h"
#include "core/workspace/runrecord.h"
#include "tests/core/workspace/fixture.h"
#include "tests/support/testcase.h"

#include <algorithm>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace bottega;
using namespace bottega::test;
namespace fs = std::filesystem;

class ModelsTest : public TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void registersAndFinds();
    void wrongPathListsWhatTheRunHas();
    void folderAsPrefix();
    void versionsAreNeverGivenTwice();
    void twoProcessesGetDifferentVersions();
    void namesAndTextsAreChecked();
    void plantedLinkIsNotFollowed();
    void downloadWritesWholeFiles();
    void downloadNeverOverwritesUnasked();
    void downloadRefusesDamage();
    void hostilePathsInModelJson();
    void damagedVersionHidesNoOther();
    void descriptionAndTags();
    void modelOutlivesItsRun();
    void removeFreesSpace();
    void fullDiskIsToldBefore();
};

namespace {

Models::Registration weights(const std::string &name = "digits")
{
    return {name, "outputs/model.npz", "first", {{"stage", "test"}}};
}

} // namespace

void ModelsTest::registersAndFinds()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun(3, "the weights");
    const Models models(fixture.workspace);
    const auto model = models.registerFromRun(run, weights());
    QVERIFY_RESULT(model);
    QCOMPARE(model->id(), std::string("digits:1"));
    QCOMPARE(model->run, run.id());
    QCOMPARE(model->experiment, std::string("digits"));
    QCOMPARE(model->recipe, std::string("mnist-mlp"));
    QCOMPARE(model->dataName, std::string("tiny"));
    QCOMPARE(model->files.size(), std::size_t{1});
    QCOMPARE(model->files[0].path, std::string("model.npz"));
    QCOMPARE(model->files[0].size, std::uint64_t{11});
    QCOMPARE(model->metrics.at("Accuracy"), 0.9 + 0.01 * 2);
    QCOMPARE(WorkspaceFixture::read(models.filesFolder(*model) / "model.npz"), std::string("the weights"));
    QCOMPARE(models.registerFromRun(run, weights())->version, 2);
    QCOMPARE(models.registerFromRun(run, weights("other"))->version, 1);
    QCOMPARE(models.find("digits")->version, 2);
    QCOMPARE(models.find("digits:latest")->version, 2);
    QCOMPARE(models.find("digits:1")->version, 1);
    const auto list = models.list();
    QVERIFY_RESULT(list);
    std::vector<std::string> ids;
    for (const Model &one : *list)
        ids.push_back(one.id());
    QCOMPARE(ids, (std::vector<std::string>{"digits:2", "digits:1", "other:1"}));
    for (const std::string missing : {"digits:3", "digits:0", "digits:01", "digits:x", "nobody", "", ":", "../runs:1"})
        QVERIFY(models.find(missing).error().code == ErrorCode::NotFound);
    QVERIFY(models.find("digits:9").error().remedy.find("2, 1") != std::string::npos);
    QVERIFY(models.find("nobody").error().remedy.find("digits, other") != std::string::npos);
    const Json json = modelToJson(*model);
    for (const char *key : {"id", "name", "version", "aliases", "tags", "description", "run", "experiment", "files",
                            "metrics"})
        QVERIFY2(json.contains(key), key);
    QCOMPARE(readRunRecord(run)->model.substr(0, 6), std::string("other:")); // the newest of all
}

void ModelsTest::wrongPathListsWhatTheRunHas()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    const Models models(fixture.workspace);
    for (const std::string path : {"outputs/modell.npz", "model.npz", "outputs/model", "", "/", "../run.json",
                                   "outputs/../../run.json", "/etc/passwd"}) {
        const auto model = models.registerFromRun(run, {"digits", path, {}, {}});
        QVERIFY(!model);
        QVERIFY(model.error().code == ErrorCode::NotFound);
        QVERIFY(model.error().remedy.find("outputs/model.npz") != std::string::npos);
    }
    QVERIFY(!fs::exists(fixture.workspace.modelsFolder() / "digits"));
}

void ModelsTest::folderAsPrefix()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    WorkspaceFixture::write(run.work() / "outputs/extra/deep/notes.txt", "notes");
    WorkspaceFixture::write(run.work() / "outputs-other/secret", "not this");
    const Models models(fixture.workspace);
    const auto model = models.registerFromRun(run, {"digits", "outputs/", {}, {}});
    QVERIFY_RESULT(model);
    QCOMPARE(model->files.size(), std::size_t{2});
    QCOMPARE(model->files[0].path, std::string("extra/deep/notes.txt"));
    const auto written = models.download(*model, fixture.folder("out"));
    QVERIFY_RESULT(written);
    QCOMPARE(WorkspaceFixture::read(fixture.folder("out/extra/deep/notes.txt")), std::string("notes"));
}

void ModelsTest::versionsAreNeverGivenTwice()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    const Models models(fixture.workspace);
    QVERIFY_RESULT(models.registerFromRun(run, weights()));
    const auto second = models.registerFromRun(run, weights());
    QVERIFY_RESULT(models.remove(*second));
    QVERIFY(models.find("digits:2").error().code == ErrorCode::NotFound);
    QCOMPARE(models.registerFromRun(run, weights())->version, 3);
    for (const char *reference : {"digits:1", "digits:3"})
        QVERIFY_RESULT(models.remove(*models.find(reference)));
    QCOMPARE(models.registerFromRun(run, weights())->version, 4);
    QVERIFY(models.remove(*second).error().code == ErrorCode::NotFound);
}

void ModelsTest::twoProcessesGetDifferentVersions()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    const Models models(fixture.workspace);
    constexpr int children = 4, each = 5;
    std::vector<pid_t> pids;
    for (int i = 0; i < children; ++i) {
        const pid_t pid = ::fork();
        if (pid == 0) {
            bool isGood = true;
            for (int k = 0; k < each; ++k)
                isGood = isGood && models.registerFromRun(run, weights()).has_value();
            ::_exit(isGood ? 0 : 1);
        }
        pids.push_back(pid);
    }
    for (const pid_t pid : pids) {
        int status = -1;
        QCOMPARE(::waitpid(pid, &status, 0), pid);
        QCOMPARE(status, 0);
    }
    const auto list = models.list();
    QVERIFY_RESULT(list);
    QCOMPARE(list->size(), std::size_t{children * each});
    QCOMPARE(list->front().version, children * each);
    for (const Model &model : *list)
        QVERIFY_RESULT(models.verify(model));
}

void ModelsTest::namesAndTextsAreChecked()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    const Models models(fixture.workspace);
    for (const std::string &name : {std::string("<img src=x>"), std::string("a/b"), std::string(".."), std::string("a\n"),
                                   std::string(300, 'n'), std::string(), std::string("a:1"), std::string("a ")}) {
        const auto model = models.registerFromRun(run, weights(name));
        QVERIFY(!model);
        QVERIFY(model.error().code == ErrorCode::Usage);
    }
    QVERIFY(!models.registerFromRun(run, {"digits", "outputs/model.npz", std::string(5001, 'd'), {}}));
    QVERIFY(!models.registerFromRun(run, {"digits", "outputs/model.npz", {}, {{"a\nb", "v"}}}));
    QVERIFY(fs::is_empty(fixture.workspace.modelsFolder()));
}

void ModelsTest::plantedLinkIsNotFollowed()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    WorkspaceFixture::write(fixture.folder("secret"), "private key");
    fs::create_symlink(fixture.folder("secret"), run.work() / "outputs/link.npz");
    fs::create_directory_symlink(fixture.folder(), run.work() / "outputs/folder");
    const Models models(fixture.workspace);
    QVERIFY(!models.registerFromRun(run, {"digits", "outputs/link.npz", {}, {}}));
    QVERIFY(!models.registerFromRun(run, {"digits", "outputs/folder/secret", {}, {}}));
    const auto all = models.registerFromRun(run, {"digits", "outputs", {}, {}});
    QVERIFY_RESULT(all);
    QCOMPARE(all->files.size(), std::size_t{1}); // the model alone
    // A link in the registry itself is not followed either.
    const fs::path file = models.filesFolder(*all) / "model.npz";
    fs::remove(file);
    fs::create_symlink(fixture.folder("secret"), file);
    QVERIFY(!models.download(*all, fixture.folder("out")));
    QVERIFY(!fs::exists(fixture.folder("out/model.npz")));
}

void ModelsTest::downloadWritesWholeFiles()
{
    WorkspaceFixture fixture;
    const Models models(fixture.workspace);
    const auto model = models.registerFromRun(fixture.completedRun(1, "abc"), weights());
    QVERIFY_RESULT(model);
    const auto written = models.download(*model, fixture.folder("new/out"));
    QVERIFY_RESULT(written);
    QCOMPARE(*written, std::vector<fs::path>{fixture.folder("new/out") / "model.npz"});
    QCOMPARE(WorkspaceFixture::read(written->front()), std::string("abc"));
    QCOMPARE(std::distance(fs::directory_iterator(fixture.folder("new/out")), {}), std::ptrdiff_t{1});
    QVERIFY(!models.download(*model, "/proc/self/out"));
}

void ModelsTest::downloadNeverOverwritesUnasked()
{
    WorkspaceFixture fixture;
    const Models models(fixture.workspace);
    const RunFolder run = fixture.completedRun(1, "new");
    WorkspaceFixture::write(run.work() / "outputs/another.txt", "another");
    const auto model = models.registerFromRun(run, {"digits", "outputs", {}, {}});
    QVERIFY_RESULT(model);
    const fs::path target = fixture.folder("out/model.npz");
    WorkspaceFixture::write(target, "mine");
    const auto refused = models.download(*model, fixture.folder("out"));
    QVERIFY(!refused);
    QVERIFY(refused.error().code == ErrorCode::Exists);
    QCOMPARE(WorkspaceFixture::read(target), std::string("mine"));
    QVERIFY(!fs::exists(fixture.folder("out/another.txt"))); // nothing is copied then
    fs::remove(target);
    fs::create_symlink(fixture.folder("nowhere"), target); // a dangling link is something too
    QVERIFY(models.download(*model, fixture.folder("out")).error().code == ErrorCode::Exists);
    QVERIFY_RESULT(models.download(*model, fixture.folder("out"), true));
    QCOMPARE(WorkspaceFixture::read(target), std::string("new"));
    QVERIFY(!fs::exists(fixture.folder("nowhere"))); // the link was replaced, not followed
}

void ModelsTest::downloadRefusesDamage()
{
    WorkspaceFixture fixture;
    const Models models(fixture.workspace);
    const RunFolder run = fixture.completedRun(1, "weights");
    const auto model = models.registerFromRun(run, weights());
    const auto sound = models.registerFromRun(run, weights());
    QVERIFY_RESULT(model);
    WorkspaceFixture::write(models.filesFolder(*model) / "model.npz", "weighty");
    for (const auto &result : {models.verify(*model), models.download(*model, fixture.folder("out"))
                                                          .map([](const auto &) {})}) {
        QVERIFY(!result);
        QVERIFY(result.error().code == ErrorCode::Corrupt);
        QVERIFY(result.error().what.find("digits:1") != std::string::npos);
        QVERIFY(describe(result.error()).find("model.npz") != std::string::npos);
    }
    QVERIFY(fs::is_empty(fixture.folder("out")));
    QVERIFY_RESULT(models.verify(*sound));
}

void ModelsTest::hostilePathsInModelJson()
{
    WorkspaceFixture fixture;
    const Models models(fixture.workspace);
    const auto model = models.registerFromRun(fixture.completedRun(), weights());
    QVERIFY_RESULT(model);
    const fs::path description = models.filesFolder(*model).parent_path() / "model.json";
    const std::string good = WorkspaceFixture::read(description);
    for (const std::string bad : {"../../../x", "/etc/passwd", "a/../../b", "", ".", "a\\u0000b", "a//b"}) {
        std::string text = good;
        const std::size_t at = text.find("\"model.npz\"");
        WorkspaceFixture::write(description, text.replace(at, 11, "\"" + bad + "\""));
        const auto found = models.find("digits:1");
        QVERIFY2(!found, bad.c_str());
        QVERIFY(found.error().code == ErrorCode::Corrupt);
    }
}

void ModelsTest::damagedVersionHidesNoOther()
{
    WorkspaceFixture fixture;
    const Models models(fixture.workspace);
    const RunFolder run = fixture.completedRun();
    for (int i = 0; i < 3; ++i)
        QVERIFY_RESULT(models.registerFromRun(run, weights()));
    WorkspaceFixture::write(fixture.workspace.modelsFolder() / "digits/2/model.json", "{\"files\":");
    QCOMPARE(models.list()->size(), std::size_t{2});
    QVERIFY(models.find("digits:2").error().code == ErrorCode::Corrupt);
    QVERIFY_RESULT(models.find("digits:1"));
    QCOMPARE(models.registerFromRun(run, weights())->version, 4);
}

void ModelsTest::descriptionAndTags()
{
    WorkspaceFixture fixture;
    const Models models(fixture.workspace);
    const RunFolder run = fixture.completedRun();
    const auto model = models.registerFromRun(run, weights());
    QCOMPARE(model->description, std::string("first"));
    QVERIFY_RESULT(models.setDescription(*model, "<b>second</b>\nline"));
    QVERIFY_RESULT(models.setTag(*model, "owner", "me"));
    QVERIFY_RESULT(models.setTag(*model, "stage", std::nullopt));
    QVERIFY(!models.setTag(*model, "", "x"));
    QVERIFY(!models.setTag(*model, "x", std::string(1001, 'v')));
    const auto found = models.find("digits:1");
    QCOMPARE(found->description, std::string("<b>second</b>\nline"));
    QCOMPARE(found->tags, (std::map<std::string, std::string>{{"owner", "me"}}));
    const auto next = models.registerFromRun(run, {"digits", "outputs/model.npz", {}, {}});
    QVERIFY(models.find(next->id())->tags.empty()); // each version has its own
}

void ModelsTest::modelOutlivesItsRun()
{
    WorkspaceFixture fixture;
    const Models models(fixture.workspace);
    const RunFolder run = fixture.completedRun(1, "kept");
    QVERIFY_RESULT(models.registerFromRun(run, weights()));
    QVERIFY_RESULT(removeTree(run.root()));
    const auto model = models.find("digits");
    QVERIFY_RESULT(model);
    QCOMPARE(model->run, run.id());
    QVERIFY_RESULT(models.download(*model, fixture.folder("out")));
    QVERIFY(!models.registerFromRun(run, weights()));
}

void ModelsTest::removeFreesSpace()
{
    WorkspaceFixture fixture;
    const Models models(fixture.workspace);
    const RunFolder run = fixture.completedRun(1, std::string(1 << 20, 'w'));
    const auto model = models.registerFromRun(run, weights());
    QVERIFY_RESULT(model);
    WorkspaceFixture::write(fixture.folder("outside/file"), "stays");
    fs::create_directory_symlink(fixture.folder("outside"), models.filesFolder(*model) / "link");
    const auto freed = models.remove(*model);
    QVERIFY_RESULT(freed);
    QVERIFY(*freed >= 1 << 20);
    QVERIFY(fs::exists(fixture.folder("outside/file")));
    QVERIFY(fs::is_empty(fixture.workspace.modelsFolder() / "digits"));
}

void ModelsTest::fullDiskIsToldBefore()
{
    const WorkspaceFixture fixture;
    QVERIFY_RESULT(checkFreeSpace(fixture.folder("not/there/yet"), 1));
    const auto space = checkFreeSpace(fixture.folder("not/there/yet"), std::uint64_t{1} << 60);
    QVERIFY(!space);
    QVERIFY(space.error().code == ErrorCode::DiskFull);
    QVERIFY2(space.error().what.find("1.2 EB are needed") != std::string::npos, space.error().what.c_str());
    QVERIFY2(space.error().what.find("are free") != std::string::npos, space.error().what.c_str());
    QCOMPARE(sizeText(999), std::string("999 bytes"));
    QCOMPARE(sizeText(54'950'048), std::string("55.0 MB"));
}

BOTTEGA_TEST_MAIN(ModelsTest)
#include "tst_models.moc"
