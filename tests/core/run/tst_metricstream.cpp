// SPDX-License-Identifier: Apache-2.0
#include "core/formats/tfevents/eventwriter.h"
#include "core/formats/tfevents/record.h"
#include "core/run/columncache.h"
#include "core/run/metricstream.h"
#include "core/run/readmetrics.h"
#include "core/run/sequenceset.h"
#include "tests/support/testcase.h"

#include <QTemporaryDir>

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <sys/stat.h>

using namespace bottega;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

class TestMetricStream : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void sequenceSetKeepsEachOnce();
    void pointsArriveAsTheyAreWritten();
    void pointsOfARepeatedFileAreTakenOnce();
    void whatADamagedFileLostComesFromTheNext();
    void attemptsAndWritersAreTheirOwn();
    void tornLastRecordIsWaitedFor();
    void damagedRecordIsCounted();
    void oneBadFileHidesNoOther();
    void goneFolderIsSaid();
    void summaryKnowsTheBest_data();
    void summaryKnowsTheBest();
    void nanIsNeverBest();
    void readMetricsReadsAll();
    void portionsGiveTheSame();
    void cachedPointsAreThoseOfTheFiles();
    void cacheGrowsWithItsFiles();
    void unsoundCacheIsMadeAnew_data();
    void unsoundCacheIsMadeAnew();
    void readersOfAllTakeTheCache();
    void pointsOutOfOrderAreNotCached_data();
    void pointsOutOfOrderAreNotCached();
    void givenUpPointsAreCounted();
    void case20_clockThatGoesBackKeepsTheOrder();

private:
    std::unique_ptr<QTemporaryDir> m_temporary;
    fs::path m_folder;

    [[nodiscard]] EventWriter writer(int attempt = 1, const char *name = "trainer") const
    {
        return EventWriter::create(m_folder, attempt, name).value();
    }
    static void write(EventWriter &writer, std::int64_t step, double value)
    {
        QVERIFY_RESULT(writer.append(step, {{"train/loss", value}}));
    }
    static std::size_t writeMany(EventWriter &writer, int first, int count);
    static std::map<std::string, std::vector<MetricPoint>> all(MetricStream &stream);
    template <class A, class B>
    static bool isSame(const std::map<std::string, A> &a, const std::map<std::string, B> &b);
    [[nodiscard]] fs::path cacheFile() const { return m_folder.string() + ".cache/run"; }
    [[nodiscard]] fs::path onlyFile() const { return fs::directory_iterator(m_folder)->path(); }
    static std::vector<double> values(MetricStream &stream)
    {
        std::vector<double> all;
        const auto batches = stream.poll().value();
        for (const MetricBatch &batch : batches) {
            for (const MetricPoint &point : batch.points)
                all.push_back(point.value);
        }
        return all;
    }
    static std::string slurp(const fs::path &path)
    {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
};

void TestMetricStream::init()
{
    TestCase::init();
    m_temporary = std::make_unique<QTemporaryDir>();
    m_folder = fs::path(m_temporary->path().toStdString()) / "metrics";
    fs::create_directory(m_folder);
}

void TestMetricStream::sequenceSetKeepsEachOnce()
{
    SequenceSet set;
    for (const std::uint64_t n : {5u, 6u, 1u, 2u, 4u, 3u, 10u, 8u, 9u, 7u})
        QVERIFY(set.insert(n));
    for (std::uint64_t n = 1; n <= 10; ++n)
        QVERIFY(!set.insert(n));
    QVERIFY(set.insert(0));
    QVERIFY(set.insert(std::numeric_limits<std::uint64_t>::max()));
    QVERIFY(!set.insert(std::numeric_limits<std::uint64_t>::max()));
    QVERIFY(!set.insert(0));
    QVERIFY(set.insert(11));
}

void TestMetricStream::pointsArriveAsTheyAreWritten()
{
    MetricStream stream(m_folder);
    QCOMPARE(stream.poll().value().size(), std::size_t(0));
    EventWriter events = writer();
    write(events, 1, 0.1);
    QVERIFY_RESULT(events.append(2, {{"train/loss", 0.05}, {"epoch", 1}}));
    const auto batches = stream.poll();
    QVERIFY_RESULT(batches);
    QCOMPARE(batches->size(), std::size_t(2));
    const MetricBatch &loss = batches->back();
    QCOMPARE(loss.name, std::string("train/loss"));
    QCOMPARE(loss.points.size(), std::size_t(2));
    QCOMPARE(loss.points[1].step, std::int64_t(2));
    QCOMPARE(loss.points[0].value, 0.1); // the exact double
    QCOMPARE(stream.poll().value().size(), std::size_t(0));
    write(events, 3, 0.025);
    QCOMPARE(values(stream), std::vector<double>{0.025});
}

void TestMetricStream::pointsOfARepeatedFileAreTakenOnce()
{
    EventWriter events = writer();
    for (int i = 1; i <= 5; ++i)
        write(events, i, i);
    fs::copy_file(onlyFile(), onlyFile().string() + ".1");
    MetricStream stream(m_folder);
    QCOMPARE(values(stream), (std::vector<double>{1, 2, 3, 4, 5}));
}

void TestMetricStream::whatADamagedFileLostComesFromTheNext()
{
    EventWriter events = writer();
    write(events, 1, 1);
    write(events, 2, 2);
    const std::size_t afterTwo = fs::file_size(onlyFile());
    write(events, 3, 3);
    const fs::path first = onlyFile();
    const std::string whole = slurp(first);
    std::string damaged = whole;
    damaged[afterTwo - 10] = static_cast<char>(damaged[afterTwo - 10] ^ 0x40);
    std::ofstream(first.string() + ".1", std::ios::binary) << whole;
    std::ofstream(first, std::ios::binary | std::ios::trunc) << damaged;
    MetricStream stream(m_folder);
    QCOMPARE(values(stream), (std::vector<double>{1, 2, 3})); // in order, though 2 came last
    QCOMPARE(stream.damagedRecords(), std::uint64_t(1));
}

void TestMetricStream::attemptsAndWritersAreTheirOwn()
{
    EventWriter first = writer(1);
    EventWriter second = writer(2);
    EventWriter other = writer(1, "python");
    write(second, 1, 20);
    write(first, 1, 10);
    write(other, 1, 11);
    MetricStream stream(m_folder);
    auto all = values(stream);
    QCOMPARE(all.size(), std::size_t(3)); // all have sequence 1
    QCOMPARE(all.back(), 20.0);           // the later attempt behind
}

void TestMetricStream::tornLastRecordIsWaitedFor()
{
    EventWriter events = writer();
    write(events, 1, 1);
    write(events, 2, 2);
    const std::string whole = slurp(onlyFile());
    std::ofstream(onlyFile(), std::ios::binary | std::ios::trunc) << whole.substr(0, whole.size() - 3);
    MetricStream stream(m_folder);
    QCOMPARE(values(stream), std::vector<double>{1});
    QCOMPARE(stream.damagedRecords(), std::uint64_t(0));
    std::ofstream(onlyFile(), std::ios::binary | std::ios::app) << whole.substr(whole.size() - 3);
    QCOMPARE(values(stream), std::vector<double>{2});
}

void TestMetricStream::damagedRecordIsCounted()
{
    EventWriter events = writer();
    for (int i = 1; i <= 3; ++i)
        write(events, i, i);
    std::string bytes = slurp(onlyFile());
    bytes[bytes.size() - 10] = static_cast<char>(bytes[bytes.size() - 10] ^ 1);
    std::ofstream(onlyFile(), std::ios::binary | std::ios::trunc) << bytes;
    write(events, 4, 4);
    MetricStream stream(m_folder);
    QCOMPARE(values(stream), (std::vector<double>{1, 2, 4}));
    QCOMPARE(stream.damagedRecords(), std::uint64_t(1));
}

void TestMetricStream::oneBadFileHidesNoOther()
{
    EventWriter events = writer();
    write(events, 1, 1);
    QCOMPARE(::mkfifo((m_folder / "a.tfevents.fifo").c_str(), 0600), 0);
    fs::create_symlink("/dev/zero", m_folder / "b.tfevents.link");
    fs::create_directory(m_folder / "c.tfevents.folder");
    std::ofstream(m_folder / "d.tfevents.empty") << "";
    std::ofstream(m_folder / "e.tfevents.text") << std::string(5000, 'x');
    std::ofstream(m_folder / "notes.txt") << "not ours";
    MetricStream stream(m_folder);
    QCOMPARE(values(stream), std::vector<double>{1});
}

void TestMetricStream::goneFolderIsSaid()
{
    EventWriter events = writer();
    write(events, 1, 1);
    MetricStream stream(m_folder);
    QCOMPARE(values(stream).size(), std::size_t(1));
    QVERIFY(!stream.folderGone());
    fs::remove_all(m_folder);
    QVERIFY_RESULT(stream.poll());
    QVERIFY(stream.folderGone());
    QCOMPARE(readMetrics(m_folder).error().code, ErrorCode::NotFound);
}

void TestMetricStream::summaryKnowsTheBest_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<double>("best");
    QTest::addColumn<int>("bestStep");
    QTest::newRow("loss") << QStringLiteral("val/Loss") << 1.0 << 20;
    QTest::newRow("error") << QStringLiteral("top1ERROR") << 1.0 << 20;
    QTest::newRow("accuracy") << QStringLiteral("val/accuracy") << 3.0 << 10;
}

void TestMetricStream::summaryKnowsTheBest()
{
    QFETCH(QString, name);
    QFETCH(double, best);
    QFETCH(int, bestStep);
    MetricSummary summary;
    summarize(summary, {name.toStdString(), {{10, 0, 3}, {20, 0, 1}}});
    summarize(summary, {name.toStdString(), {{30, 0, 2}, {40, 0, 3}, {50, 0, 1}}});
    QCOMPARE(summary.best, best);
    QCOMPARE(summary.bestStep, std::int64_t(bestStep));
    QCOMPARE(summary.last, 1.0);
    QCOMPARE(summary.lastStep, std::int64_t(50));
    QCOMPARE(summary.count, std::uint64_t(5));
}

void TestMetricStream::nanIsNeverBest()
{
    const double nan = std::numeric_limits<double>::quiet_NaN();
    MetricSummary summary;
    summarize(summary, {"loss", {{1, 0, nan}}});
    QVERIFY(std::isnan(summary.best));
    summarize(summary, {"loss", {{2, 0, 5}, {3, 0, nan}}});
    QCOMPARE(summary.best, 5.0);
    QVERIFY(std::isnan(summary.last));
}

void TestMetricStream::readMetricsReadsAll()
{
    EventWriter events = writer();
    for (int i = 1; i <= 1000; ++i)
        QVERIFY_RESULT(events.append(i, {{"train/loss", 1.0 / i}, {"epoch", 0.0}}));
    const auto metrics = readMetrics(m_folder);
    QVERIFY_RESULT(metrics);
    QCOMPARE(metrics->size(), std::size_t(2));
    const auto &loss = metrics->at("train/loss");
    QCOMPARE(loss.size(), std::size_t(1000));
    for (int i = 1; i <= 1000; ++i)
        QCOMPARE(loss[static_cast<std::size_t>(i - 1)].value, 1.0 / i);
}

/// So many points in one record after another that a cache is worth it: name, then values by their order.
std::size_t TestMetricStream::writeMany(EventWriter &writer, int first, int count)
{
    for (int i = first; i < first + count; ++i) {
        const auto written = writer.append(i / 2, {{"train/loss", 1.0 / (i + 1)}, {"accuracy", 0.1 * i}});
        if (!written)
            return 0;
    }
    return 2 * static_cast<std::size_t>(count);
}

std::map<std::string, std::vector<MetricPoint>> TestMetricStream::all(MetricStream &stream)
{
    std::map<std::string, std::vector<MetricPoint>> points;
    do {
        const auto batches = stream.poll(1 << 18);
        for (const MetricBatch &batch : batches ? *batches : std::vector<MetricBatch>())
            points[batch.name].insert(points[batch.name].end(), batch.points.begin(), batch.points.end());
    } while (stream.hasMore());
    return points;
}

template <class A, class B>
bool TestMetricStream::isSame(const std::map<std::string, A> &a, const std::map<std::string, B> &b)
{
    const auto isSamePoint = [](const MetricPoint &x, const MetricPoint &y) {
        return x.step == y.step && x.wallTime == y.wallTime && x.value == y.value;
    };
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [&](const auto &x, const auto &y) {
               return x.first == y.first && x.second.size() == y.second.size() &&
                      std::equal(x.second.begin(), x.second.end(), y.second.begin(), isSamePoint);
           });
}

void TestMetricStream::portionsGiveTheSame()
{
    EventWriter events = writer();
    QCOMPARE(writeMany(events, 0, 20'000), std::size_t(40'000));
    MetricStream stream(m_folder);
    QVERIFY(isSame(all(stream), readMetrics(m_folder).value()));
}

void TestMetricStream::cachedPointsAreThoseOfTheFiles()
{
    EventWriter events = writer();
    QCOMPARE(writeMany(events, 0, 60'000), std::size_t(120'000));
    const auto expected = readMetrics(m_folder).value();
    {
        MetricStream first(m_folder, cacheFile());
        QVERIFY(isSame(all(first), expected));
    }
    const auto size = fs::file_size(cacheFile());
    QVERIFY2(size > 1'500'000 && size < 20u * 120'000, std::to_string(size).c_str());
    const fs::path events0 = onlyFile();
    ColumnCache cache(cacheFile());
    const auto state = cache.open();
    QVERIFY(state && state->files.size() == 1 && state->files.front().offset > fs::file_size(events0) / 2);
    MetricStream second(m_folder, cacheFile());
    QVERIFY(isSame(all(second), expected));
    QCOMPARE(second.missingPoints(), std::uint64_t(0));
}

void TestMetricStream::cacheGrowsWithItsFiles()
{
    EventWriter events = writer();
    for (int round = 0; round < 4; ++round) {
        writeMany(events, round * 30'000, 30'000);
        MetricStream stream(m_folder, cacheFile());
        QVERIFY(isSame(all(stream), readMetrics(m_folder).value()));
        QVERIFY_RESULT(stream.poll());
    }
    QVERIFY(fs::file_size(cacheFile()) < 20u * 240'000);
    // A live one goes on by itself.
    MetricStream live(m_folder, cacheFile());
    auto points = all(live);
    for (int round = 4; round < 6; ++round) {
        writeMany(events, round * 30'000, 30'000);
        for (auto &[name, more] : all(live))
            points[name].insert(points[name].end(), more.begin(), more.end());
    }
    QVERIFY(isSame(points, readMetrics(m_folder).value()));
    MetricStream again(m_folder, cacheFile());
    QVERIFY(isSame(all(again), points));
}

void TestMetricStream::unsoundCacheIsMadeAnew_data()
{
    QTest::addColumn<QString>("damage");
    for (const char *damage : {"bit", "cut", "zeros", "empty", "folder", "files replaced", "files rewritten", "files cut"})
        QTest::newRow(damage) << QString::fromUtf8(damage);
}

void TestMetricStream::unsoundCacheIsMadeAnew()
{
    QFETCH(QString, damage);
    {
        EventWriter events = writer();
        writeMany(events, 0, 60'000);
    }
    {
        MetricStream first(m_folder, cacheFile());
        QCOMPARE(all(first).size(), std::size_t(2));
    }
    std::string bytes = slurp(cacheFile());
    const fs::path file = onlyFile();
    std::string events = slurp(file);
    const auto save = [](const fs::path &path, const std::string &content) {
        std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
    };
    if (damage == "bit"_L1)
        bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1), save(cacheFile(), bytes);
    else if (damage == "cut"_L1)
        save(cacheFile(), bytes.substr(0, bytes.size() / 2));
    else if (damage == "zeros"_L1)
        save(cacheFile(), std::string(bytes.size(), '\0'));
    else if (damage == "empty"_L1)
        save(cacheFile(), {});
    else if (damage == "folder"_L1)
        fs::remove(cacheFile()), fs::create_directory(cacheFile());
    else if (damage == "files replaced"_L1)
        save(file.string() + "x", events), fs::rename(file.string() + "x", file);
    else if (damage == "files rewritten"_L1)
        events[events.size() / 2] = static_cast<char>(events[events.size() / 2] ^ 1), save(file, events);
    else
        save(file, events.substr(0, events.size() / 3));
    for (int i = 0; i < 2; ++i) {
        MetricStream stream(m_folder, cacheFile());
        QVERIFY(isSame(all(stream), readMetrics(m_folder).value()));
    }
}

void TestMetricStream::readersOfAllTakeTheCache()
{
    {
        EventWriter events = writer();
        writeMany(events, 0, 60'000);
    }
    const auto expected = readMetrics(m_folder).value();
    QVERIFY(isSame(readMetrics(m_folder, cacheFile()).value(), expected));
    QVERIFY(fs::exists(cacheFile()));
    // Damaged behind everybody's back, in its middle, with its time put back: who does not read it sees nothing of it.
    const fs::path file = onlyFile();
    const auto modified = fs::last_write_time(file);
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(static_cast<std::streamoff>(fs::file_size(file) / 2));
    bytes.write("damage", 6);
    bytes.close();
    fs::last_write_time(file, modified);
    QVERIFY(!isSame(readMetrics(m_folder).value(), expected));
    QVERIFY(isSame(readMetrics(m_folder, cacheFile()).value(), expected));
    // With the time of the damage it is another file, and the cache is of no use.
    fs::last_write_time(file, modified + std::chrono::seconds(1));
    QVERIFY(isSame(readMetrics(m_folder, cacheFile()).value(), readMetrics(m_folder).value()));
}

void TestMetricStream::pointsOutOfOrderAreNotCached_data()
{
    QTest::addColumn<bool>("isResumed");
    QTest::newRow("from the beginning") << false;
    QTest::newRow("behind a cache") << true;
}

/// A second writer's points of the same metric belong between those of the first, which came in a portion before them.
void TestMetricStream::pointsOutOfOrderAreNotCached()
{
    QFETCH(bool, isResumed);
    EventWriter first = writer(1, "a");
    EventWriter second = writer(1, "b");
    const int count = isResumed ? 60'000 : 230'000; // more than one portion
    writeMany(first, 0, count);
    if (isResumed) {
        QVERIFY_RESULT(readMetrics(m_folder, cacheFile()));
        QVERIFY(fs::exists(cacheFile()));
    }
    writeMany(second, 0, 30'000);
    const auto expected = readMetrics(m_folder).value();
    QCOMPARE(expected.at("accuracy").size(), static_cast<std::size_t>(count + 30'000));
    bool isMerged = true;
    for (std::size_t i = 0; i < 60'000; i += 2) {
        const std::int64_t step = expected.at("accuracy")[i].step;
        isMerged = isMerged && expected.at("accuracy")[i + 1].step == step && expected.at("accuracy")[i + 2].step >= step;
    }
    QVERIFY(isMerged);
    const auto pool = PagePool::create(m_folder.parent_path() / "pages", 1 << 20);
    const auto only = readMetrics(m_folder, {}, pool, "accuracy").value();
    QVERIFY(only.at("train/loss").empty());
    QVERIFY(isSame(std::map{*only.find("accuracy")}, std::map{*expected.find("accuracy")}));
    QVERIFY(pool->residentBytes() <= 1 << 20);
    for (int i = 0; i < 2; ++i)
        QVERIFY(isSame(readMetrics(m_folder, cacheFile()).value(), expected));
    fs::remove(cacheFile()); // of what one portion could put in order
    MetricStream stream(m_folder, cacheFile());
    QCOMPARE(all(stream).at("accuracy").size(), static_cast<std::size_t>(count + 30'000));
    QVERIFY(!stream.isInOrder());
    QVERIFY(!fs::exists(cacheFile()));
}

void TestMetricStream::givenUpPointsAreCounted()
{
    EventWriter events = writer();
    for (int i = 0; i < 5; ++i)
        write(events, i, 1);
    const fs::path file = onlyFile();
    const std::string bytes = slurp(file);
    const std::size_t record = (bytes.size() - bytes.size() % 5) / 6; // the third point's, as good as
    std::string without = bytes;
    without.erase(bytes.size() - 2 * record, record / 2); // one record is damaged for good
    std::ofstream(file, std::ios::binary | std::ios::trunc) << without;
    MetricStream stream(m_folder);
    QVERIFY_RESULT(stream.poll());
    QVERIFY(stream.missingPoints() >= 1);
    QCOMPARE(stream.damagedRecords(), std::uint64_t(1));
}

/// The order is that of the sequence numbers, whatever the clock said.
void TestMetricStream::case20_clockThatGoesBackKeepsTheOrder()
{
    EventWriter events = writer();
    for (int i = 0; i < 10; ++i)
        write(events, i, i);
    const fs::path file = onlyFile();
    std::string bytes = slurp(file);
    const std::vector<double> jumps = {1e9, 3e9, 2e9, 2e9 - 1, 0.5e9, 4e9, 1e9, 1e9, 5e9, 1};
    std::size_t at = 0;
    std::string changed;
    for (std::size_t i = 0; at < bytes.size(); ++i) { // the wall time is each message's first field
        const auto length = payloadLength(&bytes[at]).value();
        std::string payload = bytes.substr(at + recordHeaderBytes, length);
        if (i > 0)
            std::memcpy(&payload[1], &jumps[i - 1], sizeof(double));
        appendRecord(changed, payload);
        at += recordHeaderBytes + length + recordFooterBytes;
    }
    std::ofstream(file, std::ios::binary | std::ios::trunc) << changed;
    const auto points = readMetrics(m_folder).value().at("train/loss");
    QCOMPARE(points.size(), std::size_t(10));
    for (std::size_t i = 0; i < points.size(); ++i) {
        QCOMPARE(points[i].step, static_cast<std::int64_t>(i));
        QCOMPARE(points[i].wallTime, jumps[i]);
    }
}

BOTTEGA_TEST_MAIN(TestMetricStream)
#include "tst_metricstream.moc"
