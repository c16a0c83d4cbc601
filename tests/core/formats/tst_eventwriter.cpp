// SPDX-License-Identifier: Apache-2.0
// The writer of event files where the disk, its quota, descriptors or threads fail it.
#include "core/formats/tfevents/eventreader.h"
#include "core/formats/tfevents/eventwriter.h"
#include "tests/core/base/smalldisk.h"
#include "tests/support/testcase.h"

#include <QCoreApplication>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>

#include <csignal>
#include <fcntl.h>
#include <map>
#include <set>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace bottega;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

namespace {

/// What the event files of a folder hold: each sequence number's value, and how many files there are.
struct Stored
{
    std::map<std::uint64_t, double> values;
    std::size_t files = 0;
    std::uint64_t damaged = 0;
    bool isContradictory = false;

    [[nodiscard]] bool holdsFirst(std::uint64_t count) const
    {
        std::uint64_t expected = 1;
        for (const auto &[sequence, value] : values) {
            if (sequence != expected++ || value != static_cast<double>(sequence))
                return false;
        }
        return values.size() == count && !isContradictory;
    }
};

Stored storedIn(const fs::path &folder)
{
    Stored stored;
    for (const auto &entry : fs::directory_iterator(folder)) {
        if (entry.path().filename().string().find("tfevents") == std::string::npos)
            continue;
        ++stored.files;
        EventReader reader(entry.path());
        std::vector<ScalarPoint> points;
        while (reader.read(points).value_or(false)) {
        }
        stored.damaged += reader.damagedRecords();
        for (const ScalarPoint &point : points) {
            const auto [known, isNew] = stored.values.emplace(point.sequence, point.value);
            stored.isContradictory = stored.isContradictory || (!isNew && known->second != point.value);
        }
    }
    return stored;
}

/// What the helper told.
struct Told
{
    int exitStatus = -1;
    std::set<std::uint64_t> acknowledged;
    std::uint64_t attempted = 0;
    std::uint64_t synced = 0;
    std::uint64_t held = 0;
    std::uint64_t lost = 0;
    double worstMicroseconds = 0;
    QString problem;
    QString all;
};

Told toldBy(const QString &output)
{
    Told told;
    told.all = output;
    for (const QString &line : output.split(u'\n', Qt::SkipEmptyParts)) {
        const QStringList words = line.split(u' ');
        if (words[0] == "ack"_L1)
            told.acknowledged.insert(words[1].toULongLong());
        if (words[0] == "ack"_L1 || words[0] == "held"_L1)
            ++told.attempted;
        if (words[0] == "problem"_L1 || words[0] == "none"_L1)
            told.problem = line;
        if (words[0] == "end"_L1) {
            told.synced = words[2].toULongLong();
            told.held = words[4].toULongLong();
            told.lost = words[6].toULongLong();
            told.worstMicroseconds = words[8].toDouble();
        }
    }
    return told;
}

bool isSubset(const std::set<std::uint64_t> &acknowledged, const Stored &stored)
{
    return std::all_of(acknowledged.begin(), acknowledged.end(),
                       [&](std::uint64_t sequence) { return stored.values.contains(sequence); });
}

/// `work` in a process of its own, whose limits it may change; what went wrong, or nothing.
std::string inChild(const std::function<std::string()> &work)
{
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return "no pipe";
    const pid_t child = ::fork();
    if (child == 0) {
        const std::string problem = work();
        (void)!::write(ends[1], problem.data(), problem.size());
        ::_exit(problem.empty() ? 0 : 1);
    }
    ::close(ends[1]);
    std::string problem;
    char buffer[512];
    for (ssize_t count = 0; (count = ::read(ends[0], buffer, sizeof buffer)) > 0;)
        problem.append(buffer, static_cast<std::size_t>(count));
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    return problem.empty() && status != 0 ? "ended with status " + std::to_string(status) : problem;
}

/// Waits for what another thread brings about, up to ten seconds.
bool becomes(const std::function<bool()> &condition)
{
    for (int i = 0; i < 1000 && !condition(); ++i)
        ::usleep(10'000);
    return condition();
}

std::string appendUpTo(EventWriter &writer, std::uint64_t &count, std::uint64_t last, std::set<std::uint64_t> &acknowledged)
{
    while (count < last) {
        ++count;
        if (writer.append(static_cast<std::int64_t>(count), {{"loss", static_cast<double>(count)}}))
            acknowledged.insert(count);
    }
    return {};
}

/// A full disk, more than can be held, room again, and all of it without a call of ours.
std::string fillAndFree(const fs::path &folder)
{
    auto writer = EventWriter::create(folder, 1, "train");
    if (!writer)
        return describe(writer.error());
    std::vector<std::string> names;
    for (int i = 0; i < 1000; ++i)
        names.push_back(std::string(1000, 'm') + std::to_string(i));
    std::vector<ScalarValue> values;
    for (const std::string &name : names)
        values.push_back({name, 0.5});
    if (auto done = writer->append(0, values); !done)
        return describe(done.error());
    test::fillDisk(folder);
    Result<void> done;
    for (int i = 0; i < 100; ++i)
        done = writer->append(i, values);
    const WriterStatus full = writer->status();
    if (done || done.error().code != ErrorCode::DiskFull)
        return "a full disk was not told";
    if (full.lost < 20'000 || full.held < 50'000 || full.held + full.lost < 99'000)
        return "held " + std::to_string(full.held) + ", lost " + std::to_string(full.lost);
    const std::string text = describe(done.error());
    if (text.find(std::to_string(full.lost) + " were given up") == std::string::npos ||
        text.find("values wait in memory") == std::string::npos || text.find("Make room") == std::string::npos ||
        text.find("tfevents") == std::string::npos)
        return "the error says only: " + text;
    if (full.synced > 1000)
        return "a full disk is said to be synced";
    fs::remove(folder / "filler");
    if (!becomes([&] { return writer->status().held == 0; }))
        return "did not go on by itself";
    if (auto again = writer->append(101, {{"loss", 1}}); !again)
        return describe(again.error());
    if (auto synced = writer->sync(); !synced)
        return describe(synced.error());
    const Stored stored = storedIn(folder);
    const WriterStatus end = writer->status();
    if (stored.values.size() + end.lost != end.appended || stored.values.rbegin()->first != end.appended)
        return std::to_string(stored.values.size()) + " stored, " + std::to_string(end.lost) + " lost of " +
               std::to_string(end.appended);
    return stored.damaged == 0 && !stored.isContradictory ? std::string() : "damaged";
}

} // namespace

class TestEventWriter : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void idleWriterSyncsWithinASecond();
    void appendDoesNotWaitForTheDisk();
    void case06_failedSyncOfMetricsGoesOnInANewFile_data();
    void case06_failedSyncOfMetricsGoesOnInANewFile();
    void case06_metricsThatNeverSyncAreNeverCalledSynced();
    void case07_metricsSurviveAFullDisk();
    void case07_writerEndsOnAFullDisk();
    void case09_metricsSurviveALimitOfFileSize();
    void case09_metricsSurviveQuotaAndReadOnlyDisk_data();
    void case09_metricsSurviveQuotaAndReadOnlyDisk();
    void case10_metricsSurviveWithoutDescriptors();
    void case10_metricsSurviveWithoutThreads();

private:
    [[nodiscard]] Told runInjected(const QStringList &injections, int count, int pause, int linger);
    [[nodiscard]] bool isTraceable();

    std::unique_ptr<QTemporaryDir> m_temporary;
    fs::path m_folder;
};

void TestEventWriter::init()
{
    TestCase::init();
    m_temporary = std::make_unique<QTemporaryDir>();
    m_folder = m_temporary->path().toStdString();
}

bool TestEventWriter::isTraceable()
{
    QProcess strace;
    strace.start(u"strace"_s, {u"-qq"_s, u"-e"_s, u"trace=none"_s, u"true"_s});
    return strace.waitForStarted() && strace.waitForFinished() && strace.exitCode() == 0;
}

Told TestEventWriter::runInjected(const QStringList &injections, int count, int pause, int linger)
{
    QStringList arguments = {u"-f"_s, u"-qqq"_s, u"-o"_s, u"/dev/null"_s};
    for (const QString &injection : injections)
        arguments << u"-e"_s << u"inject="_s + injection;
    arguments << QCoreApplication::applicationDirPath() + u"/eventhelper"_s << QString::fromStdString(m_folder)
              << QString::number(count) << QString::number(pause) << QString::number(linger);
    QProcess strace;
    strace.start(u"strace"_s, arguments);
    strace.waitForFinished(60'000);
    Told told = toldBy(QString::fromUtf8(strace.readAllStandardOutput()));
    told.exitStatus = strace.exitStatus() == QProcess::NormalExit ? strace.exitCode() : -1;
    return told;
}

void TestEventWriter::idleWriterSyncsWithinASecond()
{
    auto writer = EventWriter::create(m_folder, 1, "train");
    QVERIFY_RESULT(writer);
    QVERIFY_RESULT(writer->append(1, {{"loss", 0.5}, {"accuracy", 0.25}}));
    QCOMPARE(writer->status().synced, std::uint64_t{0});
    QTRY_COMPARE_WITH_TIMEOUT(writer->status().synced, std::uint64_t{2}, 5000);
    QVERIFY_RESULT(writer->append(2, {{"loss", 0.25}}));
    QTRY_COMPARE_WITH_TIMEOUT(writer->status().synced, std::uint64_t{3}, 5000);
    QCOMPARE(storedIn(m_folder).files, std::size_t{1});
}

void TestEventWriter::appendDoesNotWaitForTheDisk()
{
    if (!isTraceable())
        QSKIP("NOT TESTED: strace may not trace on this machine");
    const Told told = runInjected({u"fdatasync:delay_exit=2000000:when=2+"_s}, 40, 50, 0);
    QCOMPARE(told.exitStatus, 0);
    QCOMPARE(told.acknowledged.size(), std::size_t{40});
    QVERIFY2(told.worstMicroseconds < 1e6, qPrintable(told.all));
    QCOMPARE(told.synced, std::uint64_t{40});
}

void TestEventWriter::case06_failedSyncOfMetricsGoesOnInANewFile_data()
{
    QTest::addColumn<QString>("injection");
    QTest::addColumn<bool>("hasWriter");
    QTest::newRow("at the start") << u"fdatasync:error=EIO:when=1"_s << false;
    QTest::newRow("once") << u"fdatasync:error=EIO:when=2"_s << true;
    QTest::newRow("a file and the one after it") << u"fdatasync:error=EIO:when=2..3"_s << true;
    QTest::newRow("no room that was promised") << u"fdatasync:error=ENOSPC:when=2"_s << true;
    QTest::newRow("the folder, at the start") << u"fsync:error=EIO:when=1"_s << false;
}

void TestEventWriter::case06_failedSyncOfMetricsGoesOnInANewFile()
{
    QFETCH(QString, injection);
    QFETCH(bool, hasWriter);
    if (!isTraceable())
        QSKIP("NOT TESTED: strace may not trace on this machine");
    const Told told = runInjected({injection}, 20, 50, 1500);
    const Stored stored = storedIn(m_folder);
    if (!hasWriter) {
        QCOMPARE(told.exitStatus, 3);
        QCOMPARE(stored.files, std::size_t{0});
        QVERIFY2(told.problem.contains(u"could not be synced"_s) && told.problem.contains(u"Input/output error"_s),
                 qPrintable(told.all));
        return;
    }
    QCOMPARE(told.exitStatus, 0);
    QCOMPARE(told.acknowledged.size(), std::size_t{20}); // logging never noticed
    QVERIFY(stored.holdsFirst(20));
    QCOMPARE(stored.damaged, std::uint64_t{0});
    QCOMPARE(stored.files, std::size_t{2});
    QCOMPARE(told.synced, std::uint64_t{20});
    QCOMPARE(told.lost, std::uint64_t{0});
}

void TestEventWriter::case06_metricsThatNeverSyncAreNeverCalledSynced()
{
    if (!isTraceable())
        QSKIP("NOT TESTED: strace may not trace on this machine");
    const Told told = runInjected({u"fdatasync:error=EIO:when=2+"_s}, 20, 50, 1500);
    QCOMPARE(told.exitStatus, 0);
    QVERIFY(told.synced < 20); // strace counts by thread: the first sync of the writer's own succeeds
    QVERIFY2(told.problem.contains(u"could not be synced to disk"_s) && told.problem.contains(u"tfevents"_s) &&
                 told.problem.contains(u"values wait in memory"_s) && told.problem.contains(u"nothing needs to be restarted"_s),
             qPrintable(told.problem));
    const Stored stored = storedIn(m_folder);
    QVERIFY(stored.holdsFirst(20)); // what write(2) took is there for every process
    QCOMPARE(stored.files, std::size_t{1}); // tries without success leave nothing
}

void TestEventWriter::case07_metricsSurviveAFullDisk()
{
    const auto problem = test::onSmallDisk(m_folder, 80 << 20, [&] { return fillAndFree(m_folder); });
    if (!problem)
        QSKIP("NOT TESTED: a small file system in a user namespace is not permitted on this machine");
    QVERIFY2(problem->empty(), problem->c_str());
}

void TestEventWriter::case07_writerEndsOnAFullDisk()
{
    const auto problem = test::onSmallDisk(m_folder, 256 << 10, [&]() -> std::string {
        {
            auto writer = EventWriter::create(m_folder, 1, "train");
            if (!writer || !writer->append(1, {{"loss", 1}}))
                return "no writer";
            test::fillDisk(m_folder);
            std::uint64_t count = 1;
            std::set<std::uint64_t> acknowledged;
            appendUpTo(*writer, count, 5000, acknowledged);
            const auto synced = writer->sync();
            if (synced || synced.error().code != ErrorCode::DiskFull)
                return "a full disk was synced";
            if (!isSubset(acknowledged, storedIn(m_folder)))
                return "an acknowledged point is missing";
        } // the destructor returns
        return storedIn(m_folder).files == 1 ? std::string() : "files without content were left";
    });
    if (!problem)
        QSKIP("NOT TESTED: a small file system in a user namespace is not permitted on this machine");
    QVERIFY2(problem->empty(), problem->c_str());
}

void TestEventWriter::case09_metricsSurviveALimitOfFileSize()
{
    const std::string problem = inChild([this]() -> std::string {
        std::signal(SIGXFSZ, SIG_IGN);
        const struct rlimit limit = {10'000, 10'000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        auto writer = EventWriter::create(m_folder, 1, "train");
        if (!writer)
            return describe(writer.error());
        std::uint64_t count = 0;
        std::set<std::uint64_t> acknowledged;
        for (std::uint64_t last = 100; last <= 1000; last += 100) {
            appendUpTo(*writer, count, last, acknowledged);
            if (!becomes([&] { return writer->status().held == 0; }))
                return "did not go on in a new file";
        }
        if (auto synced = writer->sync(); !synced)
            return describe(synced.error());
        const Stored stored = storedIn(m_folder);
        return stored.holdsFirst(1000) && stored.files > 4 && writer->status().lost == 0 ? std::string() : "points are missing";
    });
    QVERIFY2(problem.empty(), problem.c_str());
}

void TestEventWriter::case09_metricsSurviveQuotaAndReadOnlyDisk_data()
{
    QTest::addColumn<QString>("error");
    QTest::newRow("quota") << u"EDQUOT"_s;
    QTest::newRow("read-only") << u"EROFS"_s;
    QTest::newRow("no permission") << u"EACCES"_s;
    QTest::newRow("input/output") << u"EIO"_s;
}

/// pwrite64 and write of the helper's own output are spared by counting from the end of its start.
void TestEventWriter::case09_metricsSurviveQuotaAndReadOnlyDisk()
{
    QFETCH(QString, error);
    if (!isTraceable())
        QSKIP("NOT TESTED: strace may not trace on this machine");
    // The helper writes a record and then a line of output: write 3, 5, 7 … are records.
    const Told told = runInjected({u"write:error="_s + error + u":when=4"_s}, 20, 50, 300);
    QCOMPARE(told.exitStatus, 0);
    QCOMPARE(told.attempted, std::uint64_t{20});
    const Stored stored = storedIn(m_folder);
    QVERIFY(stored.holdsFirst(20)); // also the one that was reported as not acknowledged
    QCOMPARE(told.acknowledged.size(), std::size_t{19});
    QCOMPARE(stored.files, std::size_t{2});
    QCOMPARE(told.held + told.lost, std::uint64_t{0});
    QCOMPARE(told.synced, std::uint64_t{20});
}

void TestEventWriter::case10_metricsSurviveWithoutDescriptors()
{
    const std::string problem = inChild([this]() -> std::string {
        std::signal(SIGXFSZ, SIG_IGN);
        auto writer = EventWriter::create(m_folder, 1, "train");
        if (!writer)
            return describe(writer.error());
        struct rlimit before = {};
        ::getrlimit(RLIMIT_NOFILE, &before);
        const struct rlimit none = {3, before.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &none);
        const auto refused = EventWriter::create(m_folder, 1, "other");
        if (refused || describe(refused.error()).find("Too many open files") == std::string::npos)
            return "another writer was made";
        const struct rlimit size = {2000, RLIM_INFINITY};
        ::setrlimit(RLIMIT_FSIZE, &size); // the file ends soon, and there is no descriptor for another
        std::uint64_t count = 0;
        std::set<std::uint64_t> acknowledged;
        appendUpTo(*writer, count, 500, acknowledged);
        if (acknowledged.size() > 100 || writer->sync() || writer->status().held + acknowledged.size() != 500)
            return "values are unaccounted for";
        const struct rlimit large = {1 << 20, RLIM_INFINITY};
        ::setrlimit(RLIMIT_FSIZE, &large);
        ::setrlimit(RLIMIT_NOFILE, &before);
        if (!becomes([&] { return writer->status().synced == 500; }))
            return "did not recover";
        return storedIn(m_folder).holdsFirst(500) ? std::string() : "points are missing";
    });
    QVERIFY2(problem.empty(), problem.c_str());
}

void TestEventWriter::case10_metricsSurviveWithoutThreads()
{
    if (!isTraceable())
        QSKIP("NOT TESTED: strace may not trace on this machine");
    const Told told = runInjected({u"clone3:error=EAGAIN"_s, u"clone:error=EAGAIN"_s}, 40, 50, 0);
    QCOMPARE(told.exitStatus, 0);
    QCOMPARE(told.acknowledged.size(), std::size_t{40});
    QCOMPARE(told.synced, std::uint64_t{40});
    QVERIFY(storedIn(m_folder).holdsFirst(40));
}

BOTTEGA_TEST_MAIN(TestEventWriter)
#include "tst_eventwriter.moc"
