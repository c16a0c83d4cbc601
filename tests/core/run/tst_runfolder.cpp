// SPDX-License-Identifier: Apache-2.0
#include "core/base/file.h"
#include "core/formats/tfevents/record.h"
#include "core/formats/tfevents/scalarevent.h"
#include "core/run/endrecord.h"
#include "core/run/journal.h"
#include "core/run/metricstream.h"
#include "core/run/runfolder.h"
#include "tests/support/testcase.h"

#include <QTemporaryDir>

#include <fstream>
#include <set>
#include <sys/stat.h>

using namespace bottega;
namespace fs = std::filesystem;

class TestRunFolder : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void runIdsAreUniqueAndKnown();
    void foreignTextsAreNoRunIds_data();
    void foreignTextsAreNoRunIds();
    void jobComesBackWhole();
    void damagedJobsAreRefused_data();
    void damagedJobsAreRefused();
    void newerFormatIsRefusedInWords();
    void everythingIsPrivateWhateverTheUmask();
    void existingRunIsNotTouched();
    void failureLeavesNothing();
    void textsThatCannotBeKeptAreRefused();
    void artifactsAreRegularFilesOnly();
    void diskUsageCountsEverything();
    void whatCannotBeReadIsPassedOver();
    void case47_noLinkInARunIsFollowed_data();
    void case47_noLinkInARunIsFollowed();

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path m_runs;

    static Job job()
    {
        Job made;
        made.runId = "mnist_1795441353_0a1b2c3d";
        made.experiment = "mnist";
        made.recipe = "mnist-mlp";
        made.params = {{"epochs", "10"}, {"batchsize", "128"}, {"note", "<b>two\nlines</b> 'quoted' $(x) \\ é"}};
        made.data = {"mnist", "/data/mnist", "abcd", 60000, 10000};
        made.gpu = "never";
        made.resumeFrom = "mnist_1_00000000";
        made.resumeCheckpoint = "/runs/x/checkpoints/epoch-3";
        made.maxDurationSeconds = 12.5;
        made.createdAt = 1795441353.125;
        made.createdBy = "0.1.0";
        return made;
    }
};

void TestRunFolder::init()
{
    TestCase::init();
    m_folder = std::make_unique<QTemporaryDir>();
    m_runs = fs::path(m_folder->path().toStdString()) / "runs";
}

void TestRunFolder::runIdsAreUniqueAndKnown()
{
    std::set<std::string> ids;
    for (int i = 0; i < 100; ++i) {
        const std::string id = makeRunId("my_experiment-1.2");
        QVERIFY2(isRunId(id), id.c_str());
        QVERIFY(id.starts_with("my_experiment-1.2_"));
        ids.insert(id);
    }
    QCOMPARE(ids.size(), std::size_t(100));
}

void TestRunFolder::foreignTextsAreNoRunIds_data()
{
    QTest::addColumn<QString>("text");
    for (const char *text : {"", "_", "__", "a_1_", "_1_0a1b2c3d", "a__0a1b2c3d", "a_1_0A1B2C3D", "a_1_0a1b2c3", "a_1_0a1b2c3d4",
                             "a_x_0a1b2c3d", "../a_1_0a1b2c3d", "a/b_1_0a1b2c3d", ".a_1_0a1b2c3d", "a b_1_0a1b2c3d",
                             ".new-a_1_0a1b2c3d", "a_1_0a1b2c3d\n"})
        QTest::newRow(text) << QString::fromUtf8(text);
}

void TestRunFolder::foreignTextsAreNoRunIds()
{
    QFETCH(QString, text);
    QVERIFY(!isRunId(text.toStdString()));
}

void TestRunFolder::jobComesBackWhole()
{
    const auto folder = RunFolder::create(m_runs, job());
    QVERIFY_RESULT(folder);
    QCOMPARE(folder->id(), job().runId);
    const auto back = folder->readJob();
    QVERIFY_RESULT(back);
    QCOMPARE(back->params, job().params); // in order, bit-equal
    QVERIFY(jobToJson(*back) == jobToJson(job()));
    QCOMPARE(back->param("epochs"), std::string("10"));
    QCOMPARE(back->param("none", "else"), std::string("else"));
    for (const fs::path &path : {folder->work() / "outputs", folder->work() / "logs", folder->systemLogs(), folder->metrics(),
                                 folder->telemetry(), folder->checkpoints()})
        QVERIFY2(fs::is_directory(path), path.c_str());
    QCOMPARE(std::distance(fs::directory_iterator(m_runs), fs::directory_iterator()), 1); // nothing hidden is left
}

void TestRunFolder::damagedJobsAreRefused_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("half") << QByteArray(R"({"runId":"a_1_0a1b2c3d","rec)");
    QTest::newRow("array") << QByteArray("[]");
    QTest::newRow("no recipe") << QByteArray(R"({"runId":"a_1_0a1b2c3d"})");
    QTest::newRow("recipe is a number") << QByteArray(R"({"runId":"a_1_0a1b2c3d","recipe":1})");
    QTest::newRow("params is a list") << QByteArray(R"({"runId":"a","recipe":"r","params":[1]})");
    QTest::newRow("param is a number") << QByteArray(R"({"runId":"a","recipe":"r","params":{"epochs":10}})");
    QTest::newRow("deep") << QByteArray(100000, '[');
}

void TestRunFolder::damagedJobsAreRefused()
{
    QFETCH(QByteArray, text);
    const auto folder = RunFolder::create(m_runs, job());
    QVERIFY_RESULT(folder);
    std::ofstream(folder->runJson(), std::ios::trunc) << text.toStdString();
    const auto back = folder->readJob();
    QVERIFY(!back);
    QCOMPARE(back.error().code, ErrorCode::Corrupt);
    QVERIFY(back.error().where.find("run.json") != std::string::npos);
}

void TestRunFolder::newerFormatIsRefusedInWords()
{
    Json json = jobToJson(job());
    json["format"] = 2;
    json["createdBy"] = "9.0";
    const auto back = jobFromJson(json, "run.json");
    QVERIFY(!back);
    QCOMPARE(back.error().code, ErrorCode::Unsupported);
    QVERIFY(back.error().what.find("9.0") != std::string::npos);
}

void TestRunFolder::everythingIsPrivateWhateverTheUmask()
{
    for (const mode_t mask : {mode_t(0), mode_t(0777)}) {
        Job made = job();
        made.runId = makeRunId("mask");
        QVERIFY_RESULT(makeFolder(m_runs));
        const mode_t before = ::umask(mask);
        const auto folder = RunFolder::create(m_runs, made);
        ::umask(before);
        QVERIFY_RESULT(folder);
        for (const auto &entry : fs::recursive_directory_iterator(folder->root())) {
            const auto expected = entry.is_directory() ? fs::perms::owner_all : fs::perms::owner_read | fs::perms::owner_write;
            QCOMPARE(int(entry.status().permissions()), int(expected));
        }
        QCOMPARE(int(fs::status(folder->root()).permissions()), int(fs::perms::owner_all));
    }
}

void TestRunFolder::existingRunIsNotTouched()
{
    QVERIFY(fs::create_directories(m_runs / job().runId)); // empty: a plain rename would replace it
    const auto folder = RunFolder::create(m_runs, job());
    QVERIFY(!folder);
    QCOMPARE(folder.error().code, ErrorCode::Exists);
    QVERIFY(fs::is_empty(m_runs / job().runId));
    QCOMPARE(std::distance(fs::directory_iterator(m_runs), fs::directory_iterator()), 1);
}

void TestRunFolder::failureLeavesNothing()
{
    QVERIFY(!RunFolder::create("/proc/no/such", job()));
    std::ofstream(m_runs.string()) << "a file where the folder should be";
    const auto folder = RunFolder::create(m_runs, job());
    QVERIFY(!folder);
    QCOMPARE(folder.error().kept, std::string("no run was made"));
    QVERIFY(fs::is_regular_file(m_runs));
}

void TestRunFolder::textsThatCannotBeKeptAreRefused()
{
    for (const std::string &text : {std::string("nul\0inside", 10), std::string("latin \xe9")}) {
        Job made = job();
        made.params = {{"note", text}};
        const auto folder = RunFolder::create(m_runs, made);
        QVERIFY(!folder);
        QCOMPARE(folder.error().code, ErrorCode::Usage);
        QVERIFY(!fs::exists(m_runs / made.runId));
    }
    Job made = job();
    made.runId = "../escape_1_0a1b2c3d";
    QVERIFY(!RunFolder::create(m_runs, made));
}

void TestRunFolder::artifactsAreRegularFilesOnly()
{
    const auto folder = RunFolder::create(m_runs, job());
    QVERIFY_RESULT(folder);
    QCOMPARE(folder->artifacts().value().size(), std::size_t(0));
    fs::create_directories(folder->work() / "outputs/deep/er");
    std::ofstream(folder->work() / "outputs/model.npz") << "12345";
    std::ofstream(folder->work() / "outputs/deep/er/<b>\nx") << "1";
    std::ofstream(folder->work() / "logs/a.txt") << "";
    std::ofstream(folder->work() / "script.py") << "not an artifact";
    fs::create_symlink("/etc/passwd", folder->work() / "outputs/link");
    fs::create_directory_symlink("/etc", folder->work() / "outputs/folder");
    QCOMPARE(::mkfifo((folder->work() / "outputs/fifo").c_str(), 0600), 0);
    const auto artifacts = folder->artifacts();
    QVERIFY_RESULT(artifacts);
    QCOMPARE(artifacts->size(), std::size_t(3));
    QCOMPARE((*artifacts)[0].path, std::string("logs/a.txt"));
    QCOMPARE((*artifacts)[1].path, std::string("outputs/deep/er/<b>\nx"));
    QCOMPARE((*artifacts)[2].path, std::string("outputs/model.npz"));
    QCOMPARE((*artifacts)[2].size, std::uint64_t(5));
    fs::remove_all(folder->work() / "outputs");
    fs::create_directory_symlink("/etc", folder->work() / "outputs");
    QCOMPARE(folder->artifacts().value().size(), std::size_t(1));
    fs::remove_all(folder->root());
    QCOMPARE(folder->artifacts().error().code, ErrorCode::NotFound);
}

void TestRunFolder::diskUsageCountsEverything()
{
    const auto folder = RunFolder::create(m_runs, job());
    QVERIFY_RESULT(folder);
    const std::uint64_t before = folder->diskUsage();
    std::ofstream(folder->checkpoints() / "c") << std::string(1 << 20, 'x');
    QVERIFY(folder->diskUsage() >= before + (1 << 20));
    fs::remove_all(folder->root());
    QCOMPARE(folder->diskUsage(), std::uint64_t(0));
}

void TestRunFolder::whatCannotBeReadIsPassedOver()
{
    const auto folder = RunFolder::create(m_runs, job());
    QVERIFY_RESULT(folder);
    fs::path deep = folder->work() / "outputs";
    for (int i = 0; i < 100; ++i)
        deep /= "d";
    fs::create_directories(deep);
    std::ofstream(deep / "file") << std::string(1 << 20, 'x');
    QVERIFY(folder->diskUsage() >= 1 << 20);
    QCOMPARE(folder->artifacts().value().size(), std::size_t(1));
    fs::create_directory(folder->work() / "outputs/closed");
    std::ofstream(folder->work() / "outputs/closed/file") << "x";
    fs::permissions(folder->work() / "outputs/closed", fs::perms::none);
    if (::geteuid() != 0) // who reads everything
        QCOMPARE(folder->artifacts().value().size(), std::size_t(1));
    QVERIFY(folder->diskUsage() >= 1 << 20);
    fs::permissions(folder->work() / "outputs/closed", fs::perms::owner_all);
}

void TestRunFolder::case47_noLinkInARunIsFollowed_data()
{
    QTest::addColumn<QString>("name");
    for (const char *name : {"run.json", "journal.jsonl", "end.json", "metrics", "metrics/a1.w1.tfevents.1", "system-logs",
                             "system-logs/70_driver_log.txt", "work", "work/outputs", "work/outputs/model.npz", "checkpoints"})
        QTest::newRow(name) << QString::fromLatin1(name);
}

/// A run that came from elsewhere, in which one name stands for what lies outside.
void TestRunFolder::case47_noLinkInARunIsFollowed()
{
    QFETCH(QString, name);
    const auto folder = RunFolder::create(m_runs, job());
    QVERIFY_RESULT(folder);
    JournalEntry entry;
    entry.state = RunState::Completed;
    QVERIFY_RESULT(appendJournal(folder->journal(), entry));
    std::ofstream(folder->endRecord()) << R"({"attempt": 1, "pid": 7, "state": "Completed"})";
    std::ofstream(folder->work() / "outputs/model.npz") << "12345";
    std::ofstream(folder->driverLog()) << "a secret";
    std::string event;
    appendRecord(event, encodeScalars(1, 1, {{"loss", 0.5}}, 1));
    std::ofstream(folder->metrics() / "a1.w1.tfevents.1") << event;

    const fs::path place = folder->root() / name.toStdString();
    const fs::path outside = m_runs.parent_path() / "outside";
    fs::remove_all(outside);
    const auto read = [&folder] {
        std::vector<bool> seen;
        seen.push_back(folder->readJob().has_value());
        const auto journal = readJournal(folder->file("journal.jsonl"));
        seen.push_back(journal && !journal->entries.empty());
        seen.push_back(readEndRecord(*folder, 1, 7).has_value());
        seen.push_back(!MetricStream(folder->metrics()).poll().value_or(std::vector<MetricBatch>()).empty());
        seen.push_back(readFile(folder->file(driverLogName)).has_value());
        seen.push_back(!folder->artifacts().value_or(std::vector<Artifact>()).empty());
        return seen;
    };
    QCOMPARE(read(), std::vector<bool>(6, true));
    fs::rename(place, outside);
    fs::create_symlink(outside, place);
    const std::vector<bool> now = read();
    const auto left = std::count(now.begin(), now.end(), true);
    QCOMPARE(left, name == u"checkpoints" ? 6 : 5);
    QVERIFY(folder->diskUsage() < 1 << 20);
}

BOTTEGA_TEST_MAIN(TestRunFolder)
#include "tst_runfolder.moc"
