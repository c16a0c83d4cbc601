// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomicsave.h"
#include "core/base/crc32c.h"
#include "core/base/file.h"
#include "core/formats/tfevents/eventreader.h"
#include "core/formats/tfevents/eventwriter.h"
#include "core/formats/tfevents/record.h"
#include "core/formats/protobuf/wire.h"
#include "tests/core/base/smalldisk.h"
#include "tests/support/failingallocation.h"
#include "tests/support/testcase.h"

#include <QCoreApplication>

#include <atomic>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace bottega;
namespace fs = std::filesystem;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<fs::path> filesIn(const fs::path &folder)
{
    std::set<fs::path> files;
    for (const auto &entry : fs::directory_iterator(folder)) {
        if (entry.path().filename().string().find("tfevents") != std::string::npos)
            files.insert(entry.path());
    }
    return {files.begin(), files.end()};
}

struct Content
{
    std::vector<ScalarPoint> points;
    std::vector<std::string> tags;
    std::uint64_t damaged = 0;
    std::uint64_t offset = 0;
};

Content readAll(const fs::path &path)
{
    EventReader reader(path);
    Content content;
    for (bool isMore = true; isMore;)
        isMore = reader.read(content.points).value_or(false);
    content.tags = reader.tags();
    content.damaged = reader.damagedRecords();
    content.offset = reader.offset();
    return content;
}

/// Sizes of the records, framing included.
std::vector<std::size_t> recordSizes(const std::string &bytes)
{
    std::vector<std::size_t> sizes;
    for (std::size_t at = 0; at < bytes.size(); at += sizes.back())
        sizes.push_back(recordHeaderBytes + payloadLength(bytes.data() + at).value() + recordFooterBytes);
    return sizes;
}

std::string record(const std::string &payload)
{
    std::string out;
    appendRecord(out, payload);
    return out;
}

/// An Event as others write it: the value's fields as given.
std::string foreignEvent(const std::string &valueFields)
{
    std::string summary;
    wire::putBytes(summary, 1, valueFields);
    std::string event;
    wire::putBytes(event, 5, summary); // before step and time, which is as good
    wire::putKey(event, 2, wire::Type::Varint);
    wire::putVarint(event, 9);
    wire::putKey(event, 1, wire::Type::Fixed64);
    wire::putFixed(event, 1.5e9);
    return event;
}

std::string tagField(const std::string &tag)
{
    std::string out;
    wire::putBytes(out, 1, tag);
    return out;
}

std::string simpleValue(const std::string &tag, float value)
{
    std::string out = tagField(tag);
    wire::putKey(out, 2, wire::Type::Fixed32);
    wire::putFixed(out, value);
    return out;
}

template <class T>
std::string bytesOf(T value)
{
    std::string out;
    wire::putFixed(out, value);
    return out;
}

/// Summary.Value with a tensor of this type and shape, its number in field `field` as bytes.
std::string tensorValue(std::uint64_t type, int dimensions, std::uint32_t field, const std::string &bytes,
                        const std::string &plugin = "scalars")
{
    std::string tensor;
    wire::putKey(tensor, 1, wire::Type::Varint);
    wire::putVarint(tensor, type);
    std::string shape;
    for (int i = 0; i < dimensions; ++i)
        wire::putBytes(shape, 2, std::string("\x08\x01", 2));
    wire::putBytes(tensor, 2, shape);
    wire::putBytes(tensor, field, bytes);
    std::string out = tagField("t");
    wire::putBytes(out, 8, tensor);
    std::string name;
    wire::putBytes(name, 1, plugin);
    std::string metadata;
    wire::putBytes(metadata, 1, name);
    wire::putBytes(out, 9, metadata);
    return out;
}

/// Everything acknowledged is there once by sequence, over all files of the folder.
std::string compare(const fs::path &folder, const std::map<std::uint64_t, double> &acknowledged)
{
    std::map<std::uint64_t, double> stored;
    for (const fs::path &file : filesIn(folder)) {
        for (const ScalarPoint &point : readAll(file).points) {
            const auto [known, isNew] = stored.emplace(point.sequence, point.value);
            if (!isNew && known->second != point.value)
                return "sequence " + std::to_string(point.sequence) + " stands for two values";
        }
    }
    for (const auto &[sequence, value] : acknowledged) {
        if (!stored.contains(sequence) || stored[sequence] != value)
            return "acknowledged point " + std::to_string(sequence) + " is missing or wrong";
    }
    return {};
}

std::string writeOnFullDisk(const fs::path &folder)
{
    auto writer = EventWriter::create(folder, 1, "train");
    if (!writer)
        return describe(writer.error());
    std::map<std::uint64_t, double> acknowledged;
    std::uint64_t sequence = 0;
    const auto append = [&](int step) {
        const double value = 1.0 / (step + 1);
        const auto done = writer->append(step, {{"loss", value}});
        ++sequence;
        if (done)
            acknowledged[sequence] = value;
        return done;
    };
    for (int step = 0; step < 100; ++step) {
        if (auto done = append(step); !done)
            return describe(done.error());
    }
    test::fillDisk(folder);
    Result<void> done;
    for (int step = 100; step < 400 && done; ++step)
        done = append(step);
    if (done || done.error().code != ErrorCode::DiskFull || done.error().kept.empty())
        return "a full disk was not reported as one";
    for (int step = 400; step < 500; ++step)
        done = append(step);
    if (done)
        return "writing on a full disk succeeded";
    if (filesIn(folder).size() != 1)
        return "files without content were left";
    if (auto problem = compare(folder, acknowledged); !problem.empty())
        return problem;
    fs::remove(folder / "filler");
    if (auto synced = writer->sync(); !synced)
        return "with room again: " + describe(synced.error());
    for (int step = 500; step < 600; ++step) {
        if (auto again = append(step); !again)
            return describe(again.error());
    }
    std::set<std::uint64_t> all; // nothing was given up, also what was not acknowledged
    for (const fs::path &file : filesIn(folder)) {
        for (const ScalarPoint &point : readAll(file).points)
            all.insert(point.sequence);
    }
    if (all.size() != sequence)
        return std::to_string(all.size()) + " of " + std::to_string(sequence) + " points are there";
    return compare(folder, acknowledged);
}

} // namespace

class TestTfEvents : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { cleanup(); }

    /// Each test function starts in an empty folder.
    void cleanup()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_root = m_folder->path().toStdString();
    }

    void bothWays()
    {
        const std::vector<double> values = {0.1, 0.5, -0.0, std::nan(""), infinity, -infinity, 1e300, 1e-300, 16777217};
        {
            auto writer = EventWriter::create(m_root, 3, "train");
            QVERIFY_RESULT(writer);
            for (std::size_t i = 0; i < values.size(); ++i)
                QVERIFY_RESULT(writer->append(static_cast<std::int64_t>(i) - 2, {{"a/loss", values[i]}, {"è", 1}}));
            QVERIFY_RESULT(writer->append(7, {}));
        }
        const auto files = filesIn(m_root);
        QCOMPARE(files.size(), std::size_t{1});
        const std::string name = files[0].filename();
        QVERIFY(name.starts_with("events.out.tfevents."));
        QVERIFY(name.ends_with("." + std::to_string(::getpid()) + ".a3.train"));
        const Content content = readAll(files[0]);
        QCOMPARE(content.damaged, std::uint64_t{0});
        QCOMPARE(content.tags, (std::vector<std::string>{"a/loss", "è"}));
        QCOMPARE(content.points.size(), 2 * values.size());
        for (std::size_t i = 0; i < content.points.size(); ++i) {
            const ScalarPoint &point = content.points[i];
            const double expected = i % 2 == 0 ? values[i / 2] : 1;
            QCOMPARE(point.sequence, std::uint64_t{i + 1});
            QCOMPARE(point.step, static_cast<std::int64_t>(i / 2) - 2);
            QCOMPARE(point.tag, static_cast<std::uint32_t>(i % 2));
            QVERIFY(std::isnan(expected) ? std::isnan(point.value) : point.value == expected);
            QCOMPARE(std::signbit(point.value), std::signbit(expected));
            QVERIFY(point.wallTime > 1.7e9);
        }
    }

    void writerNames_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("full stop") << QByteArray("a.b");
        QTest::newRow("climbs") << QByteArray("../a");
        QTest::newRow("slash") << QByteArray("a/b");
        QTest::newRow("newline") << QByteArray("a\n");
        QTest::newRow("dash first") << QByteArray("-a");
        QTest::newRow("300 characters") << QByteArray(300, 'a');
    }

    void writerNames()
    {
        QFETCH(QByteArray, name);
        const auto writer = EventWriter::create(m_root, 1, name.toStdString());
        QVERIFY(!writer);
        QCOMPARE(writer.error().code, ErrorCode::Usage);
        QVERIFY(fs::is_empty(m_root));
    }

    void writerIntoMissingFolder()
    {
        const auto writer = EventWriter::create(m_root / "none", 1, "train");
        QVERIFY(!writer);
        QCOMPARE(writer.error().code, ErrorCode::NotFound);
    }

    void oneRecordAndOneWriteAStep()
    {
        auto writer = EventWriter::create(m_root, 1, "train");
        QVERIFY_RESULT(writer);
        QVERIFY_RESULT(writer->append(1, {{"a", 1}, {"b", 2}, {"c", 0.1}}));
        const auto bytes = readFile(filesIn(m_root)[0]); // acknowledged: other processes see it at once
        QVERIFY_RESULT(bytes);
        QCOMPARE(recordSizes(*bytes).size(), std::size_t{2});
        QVERIFY(bytes->find("brain.Event:2") != std::string::npos);
    }

    void fullDisk()
    {
        const auto problem = test::onSmallDisk(m_root, 256 << 10, [&] { return writeOnFullDisk(m_root); });
        if (!problem)
            QSKIP("NOT TESTED: a small file system in a user namespace is not permitted on this machine");
        QCOMPARE(*problem, std::string());
    }

    void onlyNewBytesAreRead()
    {
        auto writer = EventWriter::create(m_root, 1, "train");
        QVERIFY_RESULT(writer);
        EventReader reader(filesIn(m_root)[0]);
        std::vector<ScalarPoint> points;
        for (int step = 0; step < 50; ++step) {
            QVERIFY_RESULT(writer->append(step, {{"loss", double(step)}}));
            const auto more = reader.read(points);
            QVERIFY_RESULT(more);
            QVERIFY(!*more);
            QCOMPARE(points.size(), std::size_t(step + 1));
            QCOMPARE(points.back().step, std::int64_t{step});
        }
        QCOMPARE(reader.offset(), fs::file_size(reader.place().path()));
    }

    void smallBitesGiveTheSame()
    {
        const std::string bytes = threeRecords();
        for (std::uint64_t bite : {1, 7, 20, 64, 1000}) {
            EventReader reader(save(bytes));
            std::vector<ScalarPoint> points;
            int calls = 0;
            for (bool isMore = true; isMore && calls < 1000; ++calls) {
                const auto more = reader.read(points, bite);
                QVERIFY_RESULT(more);
                isMore = *more;
            }
            QCOMPARE(points.size(), std::size_t{6});
            QCOMPARE(reader.offset(), std::uint64_t{bytes.size()});
            QVERIFY(bite >= 1000 || calls > 2);
        }
    }

    /// A short tail means wait: nothing is damaged, and all is there when the rest came.
    void case12_metricsCutAtEveryByte()
    {
        const std::string bytes = threeRecords();
        const auto sizes = recordSizes(bytes);
        for (std::size_t size = 0; size <= bytes.size(); ++size) {
            EventReader reader(save(bytes.substr(0, size)));
            std::vector<ScalarPoint> points;
            const auto more = reader.read(points);
            QVERIFY_RESULT(more);
            QVERIFY(!*more);
            std::size_t whole = 0;
            std::size_t end = 0;
            while (whole < sizes.size() && end + sizes[whole] <= size)
                end += sizes[whole++];
            QCOMPARE(points.size(), whole > 0 ? 2 * (whole - 1) : 0);
            QCOMPARE(reader.offset(), std::uint64_t{end});
            std::ofstream(reader.place().path(), std::ios::binary | std::ios::app) << bytes.substr(size);
            QVERIFY_RESULT(reader.read(points));
            QCOMPARE(points.size(), std::size_t{6});
            QCOMPARE(reader.damagedRecords(), std::uint64_t{0});
        }
    }

    /// Exactly the touched record is lost, and counted once.
    void case12_metricsWithEveryBitFlipped()
    {
        const std::string bytes = threeRecords();
        const auto sizes = recordSizes(bytes);
        std::size_t touched = 0;
        std::size_t end = sizes[0];
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            if (i == end)
                end += sizes[++touched];
            for (int bit = 0; bit < 8; ++bit) {
                std::string broken = bytes;
                broken[i] = static_cast<char>(broken[i] ^ (1 << bit));
                const Content content = readAll(save(broken));
                std::set<std::uint64_t> sequences;
                for (const ScalarPoint &point : content.points)
                    sequences.insert(point.sequence);
                std::set<std::uint64_t> expected = {1, 2, 3, 4, 5, 6};
                if (touched > 0) {
                    expected.erase(2 * touched);
                    expected.erase(2 * touched - 1);
                }
                QVERIFY2(sequences == expected, qPrintable(QString::number(i)));
                QCOMPARE(content.points.size(), expected.size());
                QCOMPARE(content.damaged, std::uint64_t{1});
            }
        }
    }

    void case12_metricsWithHoles_data()
    {
        QTest::addColumn<QByteArray>("hole");
        QTest::newRow("one byte") << QByteArray("x");
        QTest::newRow("zeros") << QByteArray(5000, '\0');
        QTest::newRow("1 MiB of garbage") << garbage(1 << 20);
        QTest::newRow("3 MiB of zeros") << QByteArray(3 << 20, '\0');
        QTest::newRow("half a record of another writer")
            << QByteArray::fromStdString(record(foreignEvent(simpleValue("other", 1)))).chopped(9);
        QTest::newRow("a length of 2^63") << QByteArray::fromStdString(header(std::uint64_t{1} << 63));
        QTest::newRow("a length of 64 MiB and a byte") << QByteArray::fromStdString(header((64u << 20) + 1));
        QTest::newRow("a record that is no protobuf") << QByteArray::fromStdString(record("\xff\xff\xff"));
        QTest::newRow("a field longer than the record")
            << QByteArray::fromStdString(record(std::string("\x2a\xff\xff\xff\xff\x0f", 6)));
        QTest::newRow("a group") << QByteArray::fromStdString(record("\x0b\x0b\x0b"));
    }

    void case12_metricsWithHoles()
    {
        QFETCH(QByteArray, hole);
        const std::string bytes = threeRecords();
        const std::size_t at = recordSizes(bytes)[0] + recordSizes(bytes)[1];
        const std::string broken = bytes.substr(0, at) + hole.toStdString() + bytes.substr(at);
        const Content content = readAll(save(broken));
        QCOMPARE(content.points.size(), std::size_t{6});
        QCOMPARE(content.damaged, std::uint64_t{1});
        QCOMPARE(content.offset, std::uint64_t{broken.size()});
    }

    /// A hole at the end is one hole, however it grows, and what is written behind it is read.
    void case12_metricsReadableAfterTheWriterWentOn()
    {
        const std::string bytes = threeRecords();
        EventReader reader(save(bytes + std::string(100, '\0')));
        std::vector<ScalarPoint> points;
        QVERIFY_RESULT(reader.read(points));
        QCOMPARE(points.size(), std::size_t{6});
        std::ofstream(reader.place().path(), std::ios::app) << std::string(100, '\0') << record(foreignEvent(simpleValue("x", 1)));
        QVERIFY_RESULT(reader.read(points));
        QCOMPARE(points.size(), std::size_t{7});
        QCOMPARE(reader.damagedRecords(), std::uint64_t{1});
    }

    void case40_lengthThatLiesOnlyWaits()
    {
        EventReader reader(save(threeRecords() + header(60u << 20) + "short"));
        std::vector<ScalarPoint> points;
        const auto more = reader.read(points);
        QVERIFY_RESULT(more);
        QVERIFY(!*more);
        QCOMPARE(points.size(), std::size_t{6});
        QCOMPARE(reader.damagedRecords(), std::uint64_t{0});
    }

    void shrunkOrReplacedIsReadAgain()
    {
        const std::string bytes = threeRecords();
        EventReader reader(save(bytes));
        std::vector<ScalarPoint> points;
        QVERIFY_RESULT(reader.read(points));
        fs::resize_file(reader.place().path(), recordSizes(bytes)[0] + recordSizes(bytes)[1]);
        QVERIFY_RESULT(reader.read(points));
        QCOMPARE(points.size(), std::size_t{8});
        QCOMPARE(reader.restarts(), std::uint64_t{1});
        QVERIFY_RESULT(saveAtomically(reader.place().path(), bytes));
        QVERIFY_RESULT(reader.read(points));
        QCOMPARE(points.size(), std::size_t{14});
        QCOMPARE(reader.restarts(), std::uint64_t{2});
        QCOMPARE(reader.tags().size(), std::size_t{2});
    }

    void goneAndBack()
    {
        const std::string bytes = threeRecords();
        EventReader reader(save(bytes));
        std::vector<ScalarPoint> points;
        QVERIFY_RESULT(reader.read(points));
        fs::remove(reader.place().path());
        const auto gone = reader.read(points);
        QVERIFY(!gone);
        QCOMPARE(gone.error().code, ErrorCode::NotFound);
        QCOMPARE(points.size(), std::size_t{6});
    }

    void case42_specialFilesOfMetricsNeverBlock()
    {
        const fs::path fifo = m_root / "events.out.tfevents.fifo";
        QVERIFY(::mkfifo(fifo.c_str(), 0600) == 0);
        std::vector<ScalarPoint> points;
        QVERIFY(!EventReader(fifo).read(points).value_or(false));
        QVERIFY(!EventReader(m_root).read(points).value_or(false));
        QVERIFY(points.empty());
    }

    void foreignScalars_data()
    {
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<bool>("isTaken");
        QTest::addColumn<double>("expected");
        const auto row = [](const char *name, const std::string &value, bool isTaken, double expected) {
            QTest::newRow(name) << QByteArray::fromStdString(value) << isTaken << expected;
        };
        constexpr std::uint64_t floatType = 1;
        constexpr std::uint64_t doubleType = 2;
        row("simple", simpleValue("t", 0.5f), true, 0.5);
        row("float_val", tensorValue(floatType, 0, 5, bytesOf(0.25f)), true, 0.25);
        row("double_val", tensorValue(doubleType, 0, 6, bytesOf(0.1)), true, 0.1);
        row("float content", tensorValue(floatType, 0, 4, bytesOf(0.25f)), true, 0.25);
        row("double content", tensorValue(doubleType, 0, 4, bytesOf(0.1)), true, 0.1);
        row("no plug-in named", tensorValue(floatType, 0, 5, bytesOf(0.25f), ""), false, 0);
        row("other plug-in", tensorValue(floatType, 0, 5, bytesOf(0.25f), "hparams"), false, 0);
        row("vector", tensorValue(floatType, 1, 5, bytesOf(0.25f)), false, 0);
        row("text", tensorValue(7, 0, 8, "text"), false, 0);
        row("content of a wrong size", tensorValue(floatType, 0, 4, "12345"), false, 0);
        row("no value", tagField("t"), false, 0);
    }

    void foreignScalars()
    {
        QFETCH(QByteArray, value);
        QFETCH(bool, isTaken);
        QFETCH(double, expected);
        const Content content = readAll(save(record(foreignEvent(value.toStdString()))));
        QCOMPARE(content.damaged, std::uint64_t{0});
        QCOMPARE(content.points.size(), std::size_t(isTaken ? 1 : 0));
        if (!isTaken)
            return;
        QCOMPARE(content.points[0].value, expected);
        QCOMPARE(content.points[0].step, std::int64_t{9});
        QCOMPARE(content.points[0].wallTime, 1.5e9);
        QCOMPARE(content.points[0].sequence, std::uint64_t{0});
        QCOMPARE(content.tags, (std::vector<std::string>{"t"}));
    }

    void case40_tooManyTagsAreCounted()
    {
        std::string bytes;
        for (int i = 0; i < 70; ++i) { // a megabyte a name: 64 MiB of names is the bound
            std::string tag(1 << 20, 'a');
            tag.replace(0, 2, {char('a' + i / 10), char('a' + i % 10)});
            appendRecord(bytes, foreignEvent(simpleValue(tag, 1)));
        }
        EventReader reader(save(bytes));
        std::vector<ScalarPoint> points;
        for (bool isMore = true; isMore;)
            isMore = reader.read(points).value_or(false);
        QCOMPARE(points.size(), std::size_t{64});
        QCOMPARE(reader.skippedPoints(), std::uint64_t{6});
        QCOMPARE(reader.damagedRecords(), std::uint64_t{0});
    }

    void case11_metricsWithoutMemoryAreAnError()
    {
        const fs::path path = save(threeRecords());
        int failures = 0;
        for (int allocation = 1;; ++allocation) {
            EventReader reader(path);
            std::vector<ScalarPoint> points;
            test::FailingAllocation failing(allocation);
            const auto read = reader.read(points);
            const bool hasFailed = failing.hasFailed();
            static_cast<void>(failing.stop());
            if (hasFailed) {
                ++failures;
                QVERIFY2(!read && describe(read.error()).find("not enough memory") != std::string::npos,
                         qPrintable(QString::number(allocation)));
                QCOMPARE(points.size(), std::size_t{0});
                QCOMPARE(reader.offset(), std::uint64_t{0});
                QVERIFY_RESULT(reader.read(points)); // and again, with memory
            }
            QCOMPARE(points.size(), std::size_t{6});
            QCOMPARE(reader.damagedRecords(), std::uint64_t{0});
            if (!hasFailed)
                break;
        }
        QVERIFY(failures > 5);
    }

    void case12_metricsOfMixedWriters()
    {
        const std::string bytes = threeRecords();
        const auto sizes = recordSizes(bytes);
        const std::string other = record(foreignEvent(simpleValue("other", 1)));
        for (std::size_t cut = 1; cut < sizes[1]; ++cut) { // a record of another writer inside the first step's
            const std::size_t at = sizes[0] + cut;
            const Content content = readAll(save(bytes.substr(0, at) + other + bytes.substr(at)));
            QCOMPARE(content.points.size(), std::size_t{5});
            QVERIFY(content.damaged >= 1 && content.damaged <= 2); // what is before and behind it
        }
    }

    void case40_metricsOfDeepMessages()
    {
        std::string deep;
        for (int i = 0; i < 5000; ++i) {
            std::string outer;
            wire::putBytes(outer, 5, deep);
            deep = std::move(outer);
        }
        const Content content = readAll(save(threeRecords() + record(deep) + record(foreignEvent(simpleValue("x", 1)))));
        QCOMPARE(content.points.size(), std::size_t{7});
    }

    void case42_sparseMetricsOfATerabyte()
    {
        const fs::path path = save(threeRecords());
        EventReader reader(path);
        fs::resize_file(path, std::uintmax_t{1} << 40);
        std::vector<ScalarPoint> points;
        const auto more = reader.read(points, std::uint64_t{1} << 50);
        QVERIFY_RESULT(more);
        QVERIFY(!*more);
        QCOMPARE(points.size(), std::size_t{6});
        QCOMPARE(reader.damagedRecords(), std::uint64_t{1});
        std::ofstream(path, std::ios::app) << record(foreignEvent(simpleValue("x", 1)));
        QVERIFY_RESULT(reader.read(points));
        QCOMPARE(points.size(), std::size_t{7});
        QCOMPARE(reader.damagedRecords(), std::uint64_t{1});
    }

    /// A file cut short under the reader, again and again: an error or fewer points, never a signal.
    void case42_metricsTruncatedWhileRead()
    {
        const std::string bytes = threeRecords();
        const fs::path path = save(bytes);
        std::atomic<bool> isOver = false;
        std::thread truncating([&] {
            while (!isOver) {
                std::error_code ignored;
                fs::resize_file(path, 30, ignored);
                std::ofstream(path, std::ios::binary | std::ios::app) << bytes.substr(30);
            }
        });
        for (int i = 0; i < 2000; ++i) {
            EventReader reader(path);
            std::vector<ScalarPoint> points;
            static_cast<void>(reader.read(points));
            if (points.size() > 6)
                break;
        }
        isOver = true;
        truncating.join();
        QCOMPARE(readAll(save(bytes)).points.size(), std::size_t{6});
    }

private:
    /// A file version and three steps of two values, as the writer makes them.
    std::string threeRecords()
    {
        QTemporaryDir folder;
        const fs::path root = folder.path().toStdString();
        auto writer = EventWriter::create(root, 1, "train");
        for (int step = 0; step < 3; ++step)
            static_cast<void>(writer->append(step, {{"loss", 0.1 * step}, {"accuracy", 0.5}}));
        return readFile(filesIn(root)[0]).value_or("");
    }

    fs::path save(const std::string &bytes) const
    {
        const fs::path path = m_root / "events.out.tfevents.test";
        fs::remove(path); // file systems flush what replaces content in place
        std::ofstream(path, std::ios::binary) << bytes;
        return path;
    }

    static std::string header(std::uint64_t length)
    {
        std::string out = bytesOf(length);
        return out + bytesOf(maskedCrc(crc32c(out)));
    }

    static QByteArray garbage(int size)
    {
        QByteArray bytes(size, '\0');
        std::uint32_t state = 1;
        for (char &byte : bytes)
            byte = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
        return bytes;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path m_root;
};

BOTTEGA_TEST_MAIN(TestTfEvents)
#include "tst_tfevents.moc"
