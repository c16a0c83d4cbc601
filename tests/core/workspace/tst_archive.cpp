// SPDX-License-Identifier: Apache-2.0
#include "core/base/clock.h"
#include "core/base/folderwalk.h"
#include "core/formats/npz/zipfile.h"
#include "core/run/runstatus.h"
#include "core/workspace/annotations.h"
#include "core/workspace/archiveexport.h"
#include "core/workspace/archiveimport.h"
#include "core/workspace/models.h"
#include "core/workspace/trust.h"
#include "tests/core/base/smalldisk.h"
#include "tests/core/formats/zipforge.h"
#include "tests/core/workspace/fixture.h"
#include "tests/support/testcase.h"

#include <QCryptographicHash>
#include <QProcess>

#include <atomic>
#include <fcntl.h>
#include <functional>
#include <map>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace bottega;
using test::WorkspaceFixture;
namespace fs = std::filesystem;

namespace {

std::string shaOf(const std::string &bytes)
{
    return QCryptographicHash::hash(QByteArray::fromStdString(bytes), QCryptographicHash::Sha256).toHex().toStdString();
}

/// Every file below a folder with its bytes; links with what they name, other things by kind.
std::map<std::string, std::string> contentOf(const fs::path &folder)
{
    std::map<std::string, std::string> content;
    (void)walkBeneath(folder, [&](const Walked &walked) {
        if (walked.kind == WalkedKind::File)
            content[walked.path] = WorkspaceFixture::read(folder / walked.path);
        else if (walked.kind == WalkedKind::Link)
            content[walked.path] = "-> " + fs::read_symlink(folder / walked.path).string();
    });
    return content;
}

/// The members of an archive as another program sees them.
std::map<std::string, std::string> membersOf(const fs::path &file)
{
    std::map<std::string, std::string> members;
    const auto zip = zip::Archive::open(file);
    if (!zip)
        return members;
    for (const zip::Entry &entry : zip->entries())
        members[entry.name] = zip->extract(entry).value_or("damaged");
    return members;
}

bool isWhole(const Error &error)
{
    return !error.what.empty() && !error.where.empty() && !error.kept.empty() && !error.remedy.empty();
}

/// An archive with one run, right unless a test makes it otherwise.
struct Forged
{
    std::string run = "digits_1700000000_0123abcd";
    std::map<std::string, std::string> files;    // in the table of contents
    std::vector<test::ForgedMember> members;     // besides those
    test::ForgedEnd end;
    std::function<void(Json &)> edit = [](Json &) {}; // of the table of contents
    std::function<void(std::string &)> damage = [](std::string &) {};

    Forged()
    {
        Job job;
        job.runId = run;
        job.experiment = "digits";
        job.recipe = "mnist-mlp";
        files["runs/" + run + "/run.json"] = dumpJson(jobToJson(job));
        files["runs/" + run + "/work/outputs/a.txt"] = "content";
    }

    void save(const fs::path &path) const
    {
        ArchiveManifest manifest;
        manifest.program = "bottega";
        manifest.runs = {{run, "Completed", false}};
        std::vector<test::ForgedMember> all = members;
        for (const auto &[name, bytes] : files) {
            manifest.files.push_back({name, bytes.size(), shaOf(bytes)});
            all.push_back({name, bytes});
        }
        Json json = manifestToJson(manifest);
        edit(json);
        all.push_back({archiveManifestName, dumpJson(json)});
        std::string bytes = forgeZip(all, end);
        damage(bytes);
        WorkspaceFixture::write(path, bytes);
    }
};

} // namespace

class TestArchive : public test::TestCase
{
    Q_OBJECT
private:
    static Result<Model> registerModel(const WorkspaceFixture &fixture, const RunFolder &run, const std::string &name)
    {
        Models::Registration registration;
        registration.name = name;
        registration.artifactPath = "outputs/model.npz";
        return Models(fixture.workspace).registerFromRun(run, registration);
    }

    /// Both ways of importing must refuse it, in words, and leave nothing anywhere.
    static void verifyRefused(const Forged &forged, const char *what)
    {
        WorkspaceFixture fixture;
        const fs::path file = fixture.folder("hostile.bottega");
        forged.save(file);
        const auto before = contentOf(fixture.folder());
        const auto into = importArchive(file, fixture.workspace);
        QVERIFY2(!into, what);
        QVERIFY2(isWhole(into.error()), (std::string(what) + ": " + describe(into.error())).c_str());
        QVERIFY2(into.error().kept.find("nothing") == 0, (std::string(what) + ": " + into.error().kept).c_str());
        const auto to = importArchiveTo(file, fixture.folder("new"));
        QVERIFY2(!to && !fs::exists(fixture.folder("new")), what);
        QVERIFY2(contentOf(fixture.folder()) == before, what);
    }

private Q_SLOTS:
    void whatIsExportedComesBackAsItWas()
    {
        WorkspaceFixture fixture;
        std::string weights;
        for (int i = 0; i < 50'000; ++i)
            weights += std::to_string(i) + ' ';
        const RunFolder run = fixture.completedRun(5, weights);
        const auto model = registerModel(fixture, run, "digits");
        QVERIFY_RESULT(model);
        QVERIFY_RESULT(Models(fixture.workspace).setTag(*model, "stage", std::string("production")));
        WorkspaceFixture::write(fixture.workspace.datasetsFolder() / "mine/dataset.json", "{}");

        const fs::path file = fixture.folder("all.bottega");
        std::uint64_t told = 0;
        const auto report = exportArchive(fixture.workspace, {}, file, [&](std::uint64_t done, std::uint64_t total) {
            told = std::max(told, done);
            return done <= total;
        });
        QVERIFY_RESULT(report);
        QVERIFY(told > 500'000);
        QCOMPARE(report->bytes, fs::file_size(file));
        QVERIFY(report->bytes < 300'000); // packed
        QVERIFY(report->manifest.leftOut.empty());

        QProcess unzip;
        unzip.start(u"python3"_s, {u"-c"_s, u"import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(len(z.namelist()))"_s, QString::fromStdString(file.string())});
        QVERIFY(unzip.waitForFinished());
        QCOMPARE(unzip.readAllStandardOutput().trimmed().toULongLong(), report->manifest.files.size() + 1);

        const auto imported = importArchiveTo(file, fixture.folder("elsewhere"));
        QVERIFY_RESULT(imported);
        QCOMPARE(imported->items.size(), std::size_t(3));
        const auto copy = Workspace::open(fixture.folder("elsewhere"));
        QVERIFY_RESULT(copy);
        QVERIFY(copy->id() != fixture.workspace.id());
        QCOMPARE(copy->name(), fixture.workspace.name());
        QVERIFY(!isTrusted(*copy) && isTrusted(fixture.workspace));
        auto was = contentOf(fixture.workspace.root());
        auto is = contentOf(copy->root());
        for (const char *own : {"config.json", "config.json.last-good"}) { // another workspace, with an id of its own
            was.erase(own);
            is.erase(own);
        }
        for (const auto &[path, bytes] : was)
            QVERIFY2(is[path] == bytes, path.c_str());
        QCOMPARE(is.size(), was.size());
        QCOMPARE(Models(*copy).find("digits:1")->tags.at("stage"), std::string("production"));
        for (const char *name : {"runs", "models", "work"})
            QVERIFY((fs::status(name == std::string("work") ? copy->runsFolder() / run.id() / name : copy->root() / name).permissions() & fs::perms::others_all) == fs::perms::none);

        const auto again = importArchive(file, fixture.workspace);
        QVERIFY_RESULT(again);
        for (const ImportedItem &item : again->items)
            QVERIFY2(item.wasThere, item.name.c_str());
        auto still = contentOf(fixture.workspace.root());
        for (const auto &[path, bytes] : was)
            QVERIFY2(still[path] == bytes, path.c_str());
    }

    void chosenRunsAndModelsGoAlone()
    {
        WorkspaceFixture fixture;
        const RunFolder first = fixture.completedRun();
        const RunFolder second = fixture.completedRun(2, "other");
        QVERIFY_RESULT(registerModel(fixture, first, "digits"));
        QVERIFY_RESULT(registerModel(fixture, second, "digits"));
        const auto report = exportArchive(fixture.workspace, {{second.id()}, {"digits:2"}, false}, fixture.folder("some.bottega"));
        QVERIFY_RESULT(report);
        for (const auto &[name, bytes] : membersOf(fixture.folder("some.bottega")))
            QVERIFY2(name == archiveManifestName || name.starts_with("runs/" + second.id()) || name.starts_with("models/digits/2/"),
                     name.c_str());
        QCOMPARE(exportArchive(fixture.workspace, {{"nobody"}, {}, false}, fixture.folder("x.bottega")).error().code, ErrorCode::NotFound);
        QCOMPARE(exportArchive(fixture.workspace, {{}, {"nobody"}, false}, fixture.folder("x.bottega")).error().code, ErrorCode::NotFound);
        QCOMPARE(exportArchive(fixture.workspace, {}, fixture.folder("x.zip")).error().code, ErrorCode::Usage);
        QCOMPARE(exportArchive(fixture.workspace, {}, fixture.folder("some.bottega")).error().code, ErrorCode::Exists);
        QVERIFY_RESULT(exportArchive(fixture.workspace, {{}, {}, true}, fixture.folder("some.bottega")));
        QCOMPARE(std::distance(fs::directory_iterator(fixture.folder()), fs::directory_iterator()), 2); // ws, the archive
    }

    void aRunThatGoesOnIsTakenAsOfNow()
    {
        WorkspaceFixture fixture;
        const RunFolder run = fixture.newRun();
        WorkspaceFixture::journalAlive(run);
        const std::string whole = WorkspaceFixture::read(run.journal());
        WorkspaceFixture::write(run.journal(), whole + "{\"time\":1,\"torn");
        const auto report = exportArchive(fixture.workspace, {}, fixture.folder("live.bottega"));
        QVERIFY_RESULT(report);
        QVERIFY(report->manifest.runs.at(0).isLive);
        QVERIFY_RESULT(importArchiveTo(fixture.folder("live.bottega"), fixture.folder("copy")));
        const RunFolder copy(fixture.folder("copy/runs") / run.id());
        QVERIFY(WorkspaceFixture::read(copy.journal()).starts_with(whole));
        const auto status = readRunStatus(copy);
        QVERIFY_RESULT(status);
        QCOMPARE(status->state, RunState::Canceled); // whoever cancels the copy must not meet the original's processes
        QVERIFY(status->evidence.find("this copy ends here") != std::string::npos);
        QCOMPARE(status->damagedJournalLines, 0);
        QCOMPARE(readRunStatus(run)->state, RunState::Running);
    }

    void aRunWithoutAnEndGetsOne()
    {
        WorkspaceFixture fixture;
        Forged forged;
        forged.files["runs/" + forged.run + "/journal.jsonl"] = [&] {
            const RunFolder run = fixture.newRun();
            WorkspaceFixture::journalAlive(run);
            return WorkspaceFixture::read(run.journal());
        }();
        forged.save(fixture.folder("endless.bottega"));
        QVERIFY_RESULT(importArchive(fixture.folder("endless.bottega"), fixture.workspace));
        QCOMPARE(readRunStatus(RunFolder(fixture.workspace.runsFolder() / forged.run))->state, RunState::Canceled);
    }

    void otherContentIsNeverReplaced()
    {
        WorkspaceFixture fixture;
        const RunFolder run = fixture.completedRun(3, "ours");
        QVERIFY_RESULT(registerModel(fixture, run, "digits"));
        const fs::path file = fixture.folder("a.bottega");
        QVERIFY_RESULT(exportArchive(fixture.workspace, {}, file));
        WorkspaceFixture::write(run.work() / "outputs/model.npz", "changed");
        const auto refused = importArchive(file, fixture.workspace);
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::Exists);
        QVERIFY(isWhole(refused.error()));
        QCOMPARE(WorkspaceFixture::read(run.work() / "outputs/model.npz"), std::string("changed"));

        WorkspaceFixture other; // with a digits:1 of its own
        const RunFolder theirs = other.completedRun(3, "theirs");
        QVERIFY_RESULT(registerModel(other, theirs, "digits"));
        const auto imported = importArchive(file, other.workspace);
        QVERIFY_RESULT(imported);
        QCOMPARE(imported->items.at(1).as, std::string("digits:2"));
        const auto model = Models(other.workspace).find("digits:2");
        QVERIFY_RESULT(model);
        QCOMPARE(model->run, run.id());
        QVERIFY_RESULT(Models(other.workspace).verify(*model));
        const auto again = importArchive(file, other.workspace);
        QVERIFY_RESULT(again);
        QVERIFY(again->items.at(1).wasThere);
        QCOMPARE(again->items.at(1).as, std::string("digits:2"));
    }

    void aCancelLeavesNothing()
    {
        WorkspaceFixture fixture;
        fixture.completedRun(3, std::string(3 << 20, 'x'));
        const fs::path file = fixture.folder("a.bottega");
        const auto never = [](std::uint64_t, std::uint64_t) { return false; };
        auto before = contentOf(fixture.folder());
        const auto exported = exportArchive(fixture.workspace, {}, file, never);
        QVERIFY(!exported);
        QCOMPARE(exported.error().code, ErrorCode::Canceled);
        QVERIFY(contentOf(fixture.folder()) == before);
        QVERIFY_RESULT(exportArchive(fixture.workspace, {}, file));
        before = contentOf(fixture.folder());
        const auto imported = importArchiveTo(file, fixture.folder("new"), never);
        QVERIFY(!imported);
        QCOMPARE(imported.error().code, ErrorCode::Canceled);
        QVERIFY(contentOf(fixture.folder()) == before && !fs::exists(fixture.folder("new")));
    }

    void manyAndDenseMembersAreReadBack()
    {
        const QTemporaryDir folder;
        const fs::path file = fs::path(folder.path().toStdString()) / "many.zip";
        const UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
        zip::FileWriter writer(fd.get(), file);
        const auto zeros = [](std::uint64_t size) {
            return [size](std::span<std::byte> buffer, std::uint64_t offset) -> Result<std::size_t> {
                const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), size - offset));
                std::fill_n(buffer.begin(), count, std::byte{});
                return count;
            };
        };
        constexpr int members = 66'000; // more than the plain end record can count
        for (int i = 0; i < members; ++i)
            QVERIFY_RESULT(writer.add("m" + std::to_string(i), 1, zeros(1)));
        QVERIFY_RESULT(writer.add("large", std::uint64_t{2} << 30, zeros(3 << 20))); // with room for 64-bit sizes
        QVERIFY_RESULT(writer.finish());
        const auto zip = zip::Archive::open(file, {100'000, std::uint64_t{1} << 30, 10, 1 << 10}); // zeros are stored
        QVERIFY_RESULT(zip);
        QCOMPARE(zip->entries().size(), std::size_t(members + 1));
        QCOMPARE(zip->extract(zip->entries().back())->size(), std::size_t(3 << 20));
        QProcess python;
        python.start(u"python3"_s, {u"-c"_s, u"import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); print(len(z.namelist()), len(z.read('large')))"_s, QString::fromStdString(file.string())});
        QVERIFY(python.waitForFinished());
        QCOMPARE(python.readAllStandardOutput().trimmed(), QByteArray("66001 3145728"));
    }

    void case37_archiveThatLiesIsRefusedWhole()
    {
        const std::string inner = "runs/" + Forged().run + "/work/outputs/";
        const auto named = [&](const std::string &name) {
            Forged forged;
            forged.files[name] = "hostile";
            return forged;
        };
        for (const std::string &name :
             {std::string("../outside"), inner + "../../../../../outside", std::string("/tmp/bottega-outside"), std::string("runs"),
              inner + "a/./b", inner + "a//b", inner + std::string("a\0b", 3), inner + "a\nb", std::string("config.json"),
              std::string("annotations.jsonl"), std::string("runs/other_1700000000_0123abcd/run.json"),
              std::string("runs/../models/a/1/files/b"), inner + "A.TXT", inner + "a.txt/b", inner + std::string(300, 'n')})
            verifyRefused(named(name), name.c_str());
        Forged composed = named(inner + "\xC3\xA9"); // é in one character, and in two
        composed.files[inner + "e\xCC\x81"] = "x";
        verifyRefused(composed, "Unicode forms");
        Forged twice;
        twice.members.push_back({inner + "a.txt", "again"});
        verifyRefused(twice, "twice");
        Forged unnamed;
        unnamed.members.push_back({inner + "more.txt", "unnamed"});
        verifyRefused(unnamed, "not in the table of contents");
        Forged missing;
        missing.edit = [&](Json &json) { json["files"].push_back({{"path", inner + "gone"}, {"size", 1}, {"sha256", shaOf("")}}); };
        verifyRefused(missing, "missing");
        Forged changed;
        changed.edit = [&](Json &json) { json["files"][1]["sha256"] = shaOf("else"); };
        verifyRefused(changed, "SHA-256");
        Forged newer;
        newer.edit = [&](Json &json) { json["format"] = 99; };
        verifyRefused(newer, "newer format");
        Forged otherRun;
        otherRun.files["runs/" + otherRun.run + "/run.json"] = R"({"format":1,"runId":"else_1700000000_0123abcd","params":{}})";
        verifyRefused(otherRun, "another run's description");
    }

    void case37_bombIsRefusedBeforeItIsUnpacked()
    {
        const std::string inner = "runs/" + Forged().run + "/work/outputs/";
        const auto with = [&](test::ForgedMember member, std::uint64_t size) {
            Forged forged;
            member.name = inner + "bomb";
            forged.members.push_back(member);
            forged.edit = [inner, size, sha = shaOf(member.data)](Json &json) {
                json["files"].push_back({{"path", inner + "bomb"}, {"size", size}, {"sha256", sha}});
            };
            return forged;
        };
        const std::string zeros = test::deflated(std::string(65 << 20, '\0'));
        test::ForgedMember thousand{{}, zeros, 8, 0, {}, 65 << 20};
        verifyRefused(with(thousand, 65 << 20), "ratio of a thousand");
        const std::string packed = test::deflated(std::string(100'000, 'z'));
        verifyRefused(with({{}, packed, 8, 0, test::crcOf(std::string(99'999, 'z')), 99'999}, 99'999), "one byte more than declared");
        verifyRefused(with({{}, packed, 8, 0, test::crcOf(std::string(100'000, 'z')), 100'001}, 100'001), "one byte less");
        verifyRefused(with({{}, "abc", 0, 0, 12345}, 3), "CRC");
        verifyRefused(with({{}, "abc", 0, 1}, 3), "encrypted");
        verifyRefused(with({{}, "abc", 12}, 3), "bzip2");
        verifyRefused(with({{}, "abc", 0, 0, {}, 0xFFFFFFFF, 0xFFFFFFFF}, 3), "zip64 sizes that are not there");
        verifyRefused(with({{}, "abc", 0, 0, {}, 60, 60}, 60), "overlap");
        Forged million;
        million.end.count64 = 1'000'000;
        verifyRefused(million, "a million entries");
        Forged link;
        link.damage = [](std::string &bytes) {
            const std::size_t at = bytes.rfind("PK\1\2");
            bytes[at + 5] = 3; // by Unix
            bytes[at + 40] = 0;
            bytes[at + 41] = static_cast<char>(0120000 >> 8);
        };
        verifyRefused(link, "a link");
        Forged cut;
        cut.damage = [](std::string &bytes) { bytes.resize(bytes.size() / 2); };
        verifyRefused(cut, "cut");
    }

    void case37_spaceIsAskedForBeforehand()
    {
        WorkspaceFixture fixture;
        fixture.completedRun(1, std::string(2 << 20, 'x'));
        const fs::path file = fixture.folder("a.bottega");
        QVERIFY_RESULT(exportArchive(fixture.workspace, {}, file));
        fs::create_directory(fixture.folder("disk"));
        const auto problem = test::onSmallDisk(fixture.folder("disk"), 9 << 20, [&]() -> std::string {
            const auto imported = importArchiveTo(file, fixture.folder("disk/new")); // 8 MiB are kept free for others
            if (imported || imported.error().code != ErrorCode::DiskFull)
                return imported ? "imported" : describe(imported.error());
            const std::string &what = imported.error().what;
            if (what.find("are needed") == std::string::npos || what.find("are free") == std::string::npos || !isWhole(imported.error()))
                return describe(imported.error());
            return contentOf(fixture.folder("disk")).empty() ? "" : "something is left";
        });
        if (!problem)
            QSKIP("this machine permits no file system of one's own");
        QCOMPARE(*problem, std::string());
    }

    void case47_exportStoresNothingFromOutside()
    {
        WorkspaceFixture fixture;
        const RunFolder run = fixture.completedRun();
        WorkspaceFixture::write(fixture.folder("secret.txt"), "the outside");
        WorkspaceFixture::write(fixture.folder("folder/secret.txt"), "the outside");
        fs::create_symlink(fixture.folder("secret.txt"), run.work() / "outputs/link.txt");
        fs::create_directory_symlink(fixture.folder("folder"), run.work() / "outputs/linked");
        QCOMPARE(::mkfifo((run.work() / "outputs/fifo").c_str(), 0600), 0);
        const auto report = exportArchive(fixture.workspace, {}, fixture.folder("a.bottega"));
        QVERIFY_RESULT(report);
        QCOMPARE(report->manifest.leftOut.size(), std::size_t(3));
        for (const auto &[name, bytes] : membersOf(fixture.folder("a.bottega")))
            QVERIFY2(bytes.find("the outside") == std::string::npos, name.c_str());
    }

    void case47_linkFlippedDuringExportNeverLeadsOutside()
    {
        WorkspaceFixture fixture;
        const RunFolder run = fixture.completedRun();
        WorkspaceFixture::write(fixture.folder("outside/file.txt"), "the outside");
        const fs::path flipped = run.work() / "outputs/flipped";
        const fs::path real = run.work() / "outputs/.real";
        const fs::path link = run.work() / "outputs/.link";
        WorkspaceFixture::write(real / "file.txt", "the inside");
        fs::create_directory_symlink(fixture.folder("outside"), link);
        fs::create_directory(flipped);
        constexpr int flips = 20'000;
        std::atomic<bool> stops = false;
        std::atomic<int> done = 0;
        std::thread other([&] {
            for (int i = 0; i < flips || !stops; ++i) {
                ::renameat2(AT_FDCWD, (i % 2 == 0 ? real : link).c_str(), AT_FDCWD, flipped.c_str(), RENAME_EXCHANGE);
                ++done;
            }
        });
        for (int i = 0; i < 20 || done < flips; ++i) {
            const auto report = exportArchive(fixture.workspace, {{}, {}, true}, fixture.folder("a.bottega"));
            if (!report) // the path that was listed leads through a link now: refused in words
                continue;
            for (const auto &[name, bytes] : membersOf(fixture.folder("a.bottega"))) {
                if (bytes.find("the outside") != std::string::npos)
                    QTest::qFail(name.c_str(), __FILE__, __LINE__);
            }
        }
        stops = true;
        other.join();
        QCOMPARE(WorkspaceFixture::read(fixture.folder("outside/file.txt")), std::string("the outside"));
    }
};

BOTTEGA_TEST_MAIN(TestArchive)
#include "tst_archive.moc"
