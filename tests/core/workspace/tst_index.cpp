// SPDX-License-Identifier: Apache-2.0
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/formats/tfevents/eventwriter.h"
#include "core/workspace/index.h"
#include "core/workspace/models.h"
#include "core/workspace/runmetrics.h"
#include "core/workspace/storedrecord.h"
#include "tests/core/workspace/fixture.h"
#include "tests/support/testcase.h"

#include <sqlite3.h>

#include <algorithm>
#include <fstream>

using namespace bottega;
using namespace bottega::test;
namespace fs = std::filesystem;

class IndexTest : public TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void firstRefreshTellsAll();
    void changesAreToldOnce();
    void endedRunsAreNotReadAgain();
    void liveRunsAreFollowed();
    void removedRuns();
    void registeredModelIsNews();
    void unreadableRunHidesNoOther();
    void damagedFiles_data();
    void damagedFiles();
    void case43_hostileIndexIsMovedAside_data();
    void case43_hostileIndexIsMovedAside();
    void case43_formatOfALaterSqliteIsMovedAside();
    void onlyLiveRunsAreLookedAtBetween();
    void liveRunsAreReadOnFromTheirCache();
    void twoProcessesShare();
    void copyOfAWorkspace();
    void verifyTellsDifferences();
    void unusableCacheFolder();
};

namespace {

fs::path indexFile(const WorkspaceFixture &fixture)
{
    return fixture.workspace.cacheFolder() / "index.sqlite";
}

/// In the order in which they come.
std::vector<std::string> textsOf(const std::vector<RunRecord> &records)
{
    std::vector<std::string> texts;
    for (const RunRecord &record : records)
        texts.push_back(record.id + " " + record.model + " " + dumpJson(storedRecordToJson(record)));
    return texts;
}

/// A refresh tells changes in the order in which it found them: here in that of the list.
std::vector<std::string> textsOf(Index::Changes changes)
{
    sortNewestFirst(changes.changed);
    return textsOf(changes.changed);
}

void execute(const fs::path &file, const char *sql)
{
    sqlite3 *database = nullptr;
    if (sqlite3_open(file.c_str(), &database) != SQLITE_OK ||
        sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        QFAIL(sqlite3_errmsg(database));
    sqlite3_close(database);
}

/// By this process, from any file.
std::uint64_t bytesRead()
{
    std::ifstream io("/proc/self/io");
    std::string key;
    std::uint64_t count = 0;
    io >> key >> count;
    return key == "rchar:" ? count : 0;
}

int asideFiles(const WorkspaceFixture &fixture)
{
    int count = 0;
    for (const auto &entry : fs::directory_iterator(fixture.workspace.cacheFolder()))
        count += entry.path().filename().string().starts_with("index.sqlite.aside-") ? 1 : 0;
    return count;
}

} // namespace

void IndexTest::firstRefreshTellsAll()
{
    WorkspaceFixture fixture;
    const RunFolder first = fixture.completedRun(2);
    const RunFolder second = fixture.newRun("other");
    auto index = Index::open(fixture.workspace);
    QVERIFY_RESULT(index);
    const auto changes = index->refresh();
    QVERIFY_RESULT(changes);
    QCOMPARE(changes->changed.size(), std::size_t{2});
    QVERIFY(changes->removed.empty());
    QCOMPARE(textsOf(*index->runs()), textsOf(*changes));
    for (const RunRecord &record : changes->changed) {
        const auto read = readRunRecord(record.id == first.id() ? first : second);
        QVERIFY_RESULT(read);
        QCOMPARE(dumpJson(storedRecordToJson(record)), dumpJson(storedRecordToJson(*read)));
        QVERIFY(record.artifacts.empty());
    }
    // Another object tells all again, from the file.
    auto other = Index::open(fixture.workspace);
    QCOMPARE(textsOf(*other->refresh()), textsOf(*changes));
}

void IndexTest::changesAreToldOnce()
{
    WorkspaceFixture fixture;
    fixture.completedRun();
    const RunFolder live = fixture.newRun();
    auto index = Index::open(fixture.workspace);
    QCOMPARE(index->refresh()->changed.size(), std::size_t{2});
    QCOMPARE(index->refresh()->changed.size(), std::size_t{0});
    WorkspaceFixture::journal(live, RunState::Queued, wallTime());
    const auto changes = index->refresh();
    QCOMPARE(changes->changed.size(), std::size_t{1});
    QVERIFY(changes->changed[0].status.state == RunState::Queued);
    fixture.newRun();
    QCOMPARE(index->refresh()->changed.size(), std::size_t{1});
    QCOMPARE(index->refresh()->changed.size(), std::size_t{0});
}

void IndexTest::endedRunsAreNotReadAgain()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    {
        auto index = Index::open(fixture.workspace);
        QCOMPARE(index->refresh()->changed.size(), std::size_t{1});
    }
    // With run.json gone only the index can still know the job; the journal and metrics are as they were.
    fs::remove(run.runJson());
    auto index = Index::open(fixture.workspace);
    const auto known = index->refresh();
    QCOMPARE(known->changed.at(0).job.recipe, std::string("mnist-mlp"));
    QCOMPARE(known->changed.at(0).metrics.at("Accuracy").count, std::uint64_t{3});
    // A grown journal makes it read again.
    WorkspaceFixture::journal(run, RunState::Failed, wallTime());
    QVERIFY(index->refresh()->changed.at(0).status.state == RunState::NotResponding);
}

void IndexTest::liveRunsAreFollowed()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.newRun();
    WorkspaceFixture::journalAlive(run);
    auto index = Index::open(fixture.workspace);
    QVERIFY(index->refresh()->changed.at(0).status.state == RunState::Running);
    QVERIFY(index->hasLiveRuns());
    WorkspaceFixture::addMetric(run, "Accuracy", {0.5, 0.6});
    const auto changes = index->refresh();
    QCOMPARE(changes->changed.at(0).metrics.at("Accuracy").last, 0.6);
    QCOMPARE(index->runs()->at(0).metrics.at("Accuracy").last, 0.6);
    WorkspaceFixture::journal(run, RunState::Completed, wallTime(), "exit status 0");
    QVERIFY(index->refresh()->changed.at(0).status.state == RunState::Completed);
    QVERIFY(!index->hasLiveRuns());
    QCOMPARE(index->runs()->at(0).metrics.at("Accuracy").last, 0.6);
}

void IndexTest::removedRuns()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    auto index = Index::open(fixture.workspace);
    QVERIFY_RESULT(index->refresh());
    QVERIFY_RESULT(removeTree(run.root()));
    QCOMPARE(index->refresh()->removed, std::vector<std::string>{run.id()});
    QVERIFY(index->refresh()->removed.empty());
    QVERIFY(index->runs()->empty());
    QVERIFY(Index::open(fixture.workspace)->runs()->empty());
}

void IndexTest::registeredModelIsNews()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    fixture.completedRun();
    auto index = Index::open(fixture.workspace);
    QVERIFY_RESULT(index->refresh());
    const Models models(fixture.workspace);
    const auto model = models.registerFromRun(run, {"digits", "outputs/model.npz", {}, {}});
    QVERIFY_RESULT(model);
    auto changes = index->refresh();
    QCOMPARE(changes->changed.size(), std::size_t{1});
    QCOMPARE(changes->changed[0].model, std::string("digits:1"));
    QVERIFY_RESULT(models.remove(*model));
    changes = index->refresh();
    QCOMPARE(changes->changed.size(), std::size_t{1});
    QVERIFY(changes->changed[0].model.empty());
}

void IndexTest::unreadableRunHidesNoOther()
{
    WorkspaceFixture fixture;
    const RunFolder broken = fixture.newRun();
    const RunFolder sound = fixture.completedRun();
    WorkspaceFixture::write(broken.runJson(), "{");
    auto index = Index::open(fixture.workspace);
    const auto changes = index->refresh();
    QCOMPARE(changes->changed.size(), std::size_t{2});
    for (const RunRecord &record : changes->changed) {
        QVERIFY(record.status.state == (record.id == sound.id() ? RunState::Completed : RunState::NotResponding));
        QCOMPARE(record.job.experiment, std::string("digits"));
        QVERIFY(record.id == sound.id() || record.status.evidence.find("run.json") != std::string::npos);
    }
    QVERIFY(index->refresh()->changed.empty());
    QCOMPARE(index->runs()->size(), std::size_t{2});
}

void IndexTest::damagedFiles_data()
{
    QTest::addColumn<QString>("damage");
    for (const char *damage : {"deleted", "empty", "half", "noise", "header", "text", "flips", "wal"})
        QTest::newRow(damage) << QString::fromLatin1(damage);
}

void IndexTest::damagedFiles()
{
    QFETCH(QString, damage);
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    for (int i = 1; i < 20; ++i) // copies: twenty synced ones would be slow
        fs::copy(run.root(), fixture.workspace.runsFolder() / makeRunId("copies"), fs::copy_options::recursive);
    std::vector<std::string> before;
    {
        auto index = Index::open(fixture.workspace);
        before = textsOf(*index->refresh());
        QCOMPARE(textsOf(*index->runs()), before);
    }
    const fs::path file = indexFile(fixture);
    std::string bytes = WorkspaceFixture::read(file);
    QVERIFY(bytes.size() > 8192);
    const std::string name = damage.toStdString();
    if (name == "deleted")
        fs::remove(file);
    if (name == "empty")
        WorkspaceFixture::write(file, {});
    if (name == "half")
        WorkspaceFixture::write(file, bytes.substr(0, bytes.size() / 2 + 100));
    if (name == "noise")
        WorkspaceFixture::write(file, bytes.replace(4096, 8192, std::string(8192, '\xA5')));
    if (name == "header")
        WorkspaceFixture::write(file, bytes.replace(0, 16, "Another program."));
    if (name == "text")
        WorkspaceFixture::write(file, "not a database");
    if (name == "flips") {
        for (std::size_t at = 4096 + 50; at < bytes.size(); at += 997)
            bytes[at] = static_cast<char>(bytes[at] ^ 4);
        WorkspaceFixture::write(file, bytes);
    }
    if (name == "wal")
        WorkspaceFixture::write(file.string() + "-wal", std::string(5000, 'w'));
    auto index = Index::open(fixture.workspace);
    QVERIFY_RESULT(index);
    const auto changes = index->refresh();
    QVERIFY_RESULT(changes);
    QCOMPARE(textsOf(*changes), before);
    QCOMPARE(textsOf(*index->runs()), before);
    QVERIFY(index->verify()->empty());
    QCOMPARE(*index->rebuild(), 20);
    const auto runs = index->runs();
    QCOMPARE(textsOf(*runs), before);
    for (std::size_t i = 1; i < runs->size(); ++i) {
        const RunRecord &newer = runs->at(i - 1), &older = runs->at(i);
        QVERIFY(newer.job.createdAt > older.job.createdAt ||
                (newer.job.createdAt == older.job.createdAt && newer.id > older.id));
    }
}

void IndexTest::case43_hostileIndexIsMovedAside_data()
{
    QTest::addColumn<QByteArray>("sql");
    const QByteArray table = "CREATE TABLE runs (id TEXT PRIMARY KEY, signature TEXT NOT NULL, record BLOB NOT NULL, crc "
                             "INTEGER NOT NULL);";
    QTest::newRow("endless view")
        << QByteArray("CREATE VIEW runs AS WITH RECURSIVE n(id, signature, record, crc) AS (SELECT 1, 2, 3, 4 UNION ALL "
                      "SELECT id + 1, 2, 3, 4 FROM n) SELECT * FROM n;");
    QTest::newRow("trigger") << table + "CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM runs; END;";
    QTest::newRow("generated column")
        << QByteArray("CREATE TABLE runs (id TEXT PRIMARY KEY, signature TEXT NOT NULL, record BLOB NOT NULL, crc INTEGER "
                      "NOT NULL AS (length(hex(zeroblob(500000000)))));");
    QTest::newRow("index of an expression") << table + "CREATE INDEX i ON runs (abs(crc));";
    QTest::newRow("full-text table") << table + "CREATE VIRTUAL TABLE f USING fts5(x);";
    QTest::newRow("another table") << table + "CREATE TABLE more (x);";
    QTest::newRow("another form") << QByteArray("CREATE TABLE runs (id, signature, record, crc);");
    QTest::newRow("other program's") << table + "PRAGMA application_id = 7;";
}

void IndexTest::case43_hostileIndexIsMovedAside()
{
    QFETCH(QByteArray, sql);
    WorkspaceFixture fixture;
    fixture.completedRun();
    fs::create_directories(fixture.workspace.cacheFolder());
    execute(indexFile(fixture), ("PRAGMA application_id = 1114600551; PRAGMA user_version = 2;" + sql).constData());
    auto index = Index::open(fixture.workspace);
    QVERIFY_RESULT(index);
    QCOMPARE(asideFiles(fixture), 1); // moved, never deleted
    QCOMPARE(index->refresh()->changed.size(), std::size_t{1});
    QCOMPARE(index->refresh()->changed.size(), std::size_t{0});
    QCOMPARE(index->runs()->size(), std::size_t{1});
}

void IndexTest::case43_formatOfALaterSqliteIsMovedAside()
{
    WorkspaceFixture fixture;
    fixture.completedRun();
    QVERIFY_RESULT(Index::open(fixture.workspace));
    {
        std::fstream file(indexFile(fixture), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(44);
        file.write("\0\0\0\x09", 4); // of the schema
    }
    auto index = Index::open(fixture.workspace);
    QVERIFY_RESULT(index);
    QCOMPARE(asideFiles(fixture), 1);
    QCOMPARE(index->refresh()->changed.size(), std::size_t{1});
    QCOMPARE(Index::open(fixture.workspace)->runs()->size(), std::size_t{1}); // it is a file again
}

void IndexTest::onlyLiveRunsAreLookedAtBetween()
{
    WorkspaceFixture fixture;
    const RunFolder ended = fixture.completedRun();
    const RunFolder live = fixture.newRun();
    WorkspaceFixture::journalAlive(live);
    auto index = Index::open(fixture.workspace);
    QCOMPARE(index->refreshLive()->changed.size(), std::size_t{2}); // the first time all
    QCOMPARE(index->refreshLive()->changed.size(), std::size_t{0});
    WorkspaceFixture::addMetric(live, "loss", {0.5, 0.25});
    WorkspaceFixture::addMetric(ended, "loss", {0.5, 0.25}, "later");
    const auto between = index->refreshLive();
    QCOMPARE(between->changed.size(), std::size_t{1});
    QCOMPARE(between->changed.front().id, live.id());
    const auto whole = index->refresh();
    QCOMPARE(whole->changed.size(), std::size_t{1});
    QCOMPARE(whole->changed.front().id, ended.id());
    const RunFolder added = fixture.newRun();
    QCOMPARE(index->refreshLive()->changed.front().id, added.id());
    QVERIFY_RESULT(removeTree(added.root()));
    QCOMPARE(index->refreshLive()->removed, std::vector<std::string>{added.id()});
}

/// The studio is started again while a long run goes on: what was read before is not read from the event file again.
void IndexTest::liveRunsAreReadOnFromTheirCache()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.newRun();
    WorkspaceFixture::journalAlive(run);
    auto events = EventWriter::create(run.metrics(), 1, "trainer");
    QVERIFY_RESULT(events);
    int step = 0;
    const auto append = [&](int count) {
        for (const int end = step + count; step < end; ++step)
            QVERIFY_RESULT(events->append(step, {{"Accuracy", 1e-6 * step}}));
    };
    const auto summary = [&fixture] {
        auto index = Index::open(fixture.workspace);
        return index->refresh()->changed.at(0).metrics.at("Accuracy");
    };
    append(60'000);
    QCOMPARE(summary().count, std::uint64_t{60'000});
    const fs::path cache = columnCacheOf(run);
    QVERIFY(fs::exists(cache));
    const fs::path file = fs::directory_iterator(run.metrics())->path();
    const auto covered = fs::file_size(file);
    WorkspaceFixture::damageMiddle(file);
    append(100);
    const std::uint64_t before = bytesRead();
    const MetricSummary last = summary();
    QVERIFY(bytesRead() - before < 2 * fs::file_size(cache) + covered / 20); // the cache is checked, then read
    QCOMPARE(last.count, std::uint64_t{60'100});
    QCOMPARE(last.last, 1e-6 * 60'099);
    QCOMPARE(last.bestStep, std::int64_t{60'099});
    fs::remove(cache);
    QVERIFY(summary().count < 60'100); // the damage would have been seen
}

void IndexTest::twoProcessesShare()
{
    WorkspaceFixture fixture;
    auto one = Index::open(fixture.workspace);
    auto two = Index::open(fixture.workspace);
    QVERIFY_RESULT(two);
    const RunFolder run = fixture.completedRun();
    QCOMPARE(one->refresh()->changed.size(), std::size_t{1});
    QCOMPARE(two->refresh()->changed.size(), std::size_t{1});
    QVERIFY_RESULT(removeTree(run.root()));
    QCOMPARE(two->refresh()->removed.size(), std::size_t{1});
    QCOMPARE(one->refresh()->removed.size(), std::size_t{1});
    QCOMPARE(asideFiles(fixture), 0);
}

void IndexTest::copyOfAWorkspace()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun(1);
    auto index = Index::open(fixture.workspace);
    QVERIFY_RESULT(index->refresh());
    const fs::path copy = fixture.folder("copy");
    fs::copy(fixture.workspace.root(), copy, fs::copy_options::recursive);
    WorkspaceFixture::addMetric(RunFolder(copy / "runs" / run.id()), "extra", {1.0}, "other");
    auto other = Index::open(*Workspace::open(copy));
    QVERIFY_RESULT(other);
    QVERIFY(other->refresh()->changed.at(0).metrics.contains("extra"));
    auto again = Index::open(fixture.workspace);
    QVERIFY(!again->refresh()->changed.at(0).metrics.contains("extra"));
}

void IndexTest::verifyTellsDifferences()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    const RunFolder second = fixture.completedRun();
    auto index = Index::open(fixture.workspace);
    QVERIFY(index->verify()->empty());
    execute(indexFile(fixture), ("DELETE FROM runs WHERE id = '" + run.id() + "'").c_str());
    const auto differences = index->verify();
    QVERIFY_RESULT(differences);
    QCOMPARE(differences->size(), std::size_t{1});
    QVERIFY(differences->front().find(run.id()) != std::string::npos);
    // A changed event file of the same age and name: told by the words "metrics".
    for (const auto &entry : fs::directory_iterator(second.metrics()))
        WorkspaceFixture::write(entry.path(), {});
    const auto more = index->verify();
    QCOMPARE(more->size(), std::size_t{2});
    QVERIFY((*more)[0].find("metrics") != std::string::npos || (*more)[1].find("metrics") != std::string::npos);
    QCOMPARE(*index->rebuild(), 2);
    QVERIFY(index->verify()->empty());
}

void IndexTest::unusableCacheFolder()
{
    WorkspaceFixture fixture;
    fixture.completedRun();
    const QByteArray before = qgetenv("XDG_CACHE_HOME");
    qputenv("XDG_CACHE_HOME", "/proc/self/none");
    auto index = Index::open(fixture.workspace);
    qputenv("XDG_CACHE_HOME", before);
    QVERIFY_RESULT(index);
    QCOMPARE(index->refresh()->changed.size(), std::size_t{1});
    QCOMPARE(index->runs()->size(), std::size_t{1});
}

BOTTEGA_TEST_MAIN(IndexTest)
#include "tst_index.moc"
