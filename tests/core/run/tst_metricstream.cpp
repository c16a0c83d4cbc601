// SPDX-License-Identifier: Apache-2.0
#include "core/formats/tfevents/eventwriter.h"
#include "core/run/metricstream.h"
#include "core/run/sequenceset.h"
#include "tests/support/testcase.h"

#include <QTemporaryDir>

#include <cmath>
#include <fstream>
#include <limits>
#include <sys/stat.h>

using namespace bottega;
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

BOTTEGA_TEST_MAIN(TestMetricStream)
#include "tst_metricstream.moc"
