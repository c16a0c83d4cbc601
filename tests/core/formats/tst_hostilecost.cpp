// SPDX-License-Identifier: Apache-2.0
#include "core/base/file.h"
#include "core/formats/idx/idx.h"
#include "core/formats/npz/npz.h"
#include "core/formats/onnx/onnx.h"
#include "core/formats/picture/picture.h"
#include "core/formats/safetensors/safetensors.h"
#include "core/formats/tfevents/eventreader.h"
#include "tests/core/formats/zipforge.h"
#include "tests/support/testcase.h"

#include <QDirIterator>
#include <QFile>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <functional>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

using namespace bottega;
using namespace bottega::test;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

namespace {

struct Cost
{
    bool isDone = false;
    double milliseconds = 0;
    long extraKib = 0; // of resident memory
};

long residentKib()
{
    struct rusage use = {};
    ::getrusage(RUSAGE_SELF, &use);
    return use.ru_maxrss;
}

using Reader = std::function<void(const fs::path &)>;

/// In a process of its own, so that each begins with the same memory; one that takes ten seconds is ended.
Cost costOf(const Reader &read, const fs::path &path)
{
    int ends[2];
    if (::pipe(ends) != 0)
        return {};
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::alarm(10);
        const long before = residentKib();
        const auto begin = std::chrono::steady_clock::now();
        read(path);
        const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - begin;
        const Cost cost{true, time.count(), residentKib() - before};
        ::_exit(::write(ends[1], &cost, sizeof cost) == sizeof cost ? 0 : 1);
    }
    ::close(ends[1]);
    Cost cost;
    if (::read(ends[0], &cost, sizeof cost) != sizeof cost)
        cost = {};
    ::close(ends[0]);
    ::waitpid(pid, nullptr, 0);
    return cost;
}

void readEvents(const fs::path &path)
{
    EventReader reader(path);
    std::vector<ScalarPoint> points;
    for (bool isMore = true; isMore;) {
        points.clear();
        const auto read = reader.read(points);
        isMore = read && *read;
    }
}

Reader readerOf(const QString &format)
{
    if (format == u"idx")
        return [](const fs::path &path) { static_cast<void>(readIdx(path)); };
    if (format == u"safetensors")
        return [](const fs::path &path) { static_cast<void>(readSafetensors(path)); };
    if (format == u"onnx")
        return [](const fs::path &path) { static_cast<void>(readOnnx(path)); };
    if (format == u"picture")
        return [](const fs::path &path) {
            const auto bytes = readFile(path);
            static_cast<void>(bytes ? decodePicture(*bytes, path.string()) : fail(bytes.error()));
        };
    if (format == u"tfevents")
        return readEvents;
    return [](const fs::path &path) { static_cast<void>(readNpz(path)); }; // npz, zip
}

std::string bigEndian(std::uint32_t value)
{
    return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8), static_cast<char>(value)};
}

std::string littleEndian(std::uint64_t value)
{
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &value, bytes.size());
    return bytes;
}

std::string safetensorsOf(const std::string &header)
{
    return littleEndian(header.size()) + header;
}

std::string manyTensors(int count)
{
    std::string header = "{";
    for (int i = 0; i < count; ++i)
        header += (i == 0 ? "\"t" : ",\"t") + std::to_string(i) + "\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}";
    return safetensorsOf(header + "}");
}

std::string bomb(std::size_t unpacked)
{
    const std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (" + std::to_string(unpacked - 128) + ",), }";
    const std::string content = forgeNpy(header, std::string(unpacked - 128, '\0'));
    ForgedMember member;
    member.name = "a.npy";
    member.data = deflated(content);
    member.method = 8;
    member.crc = crcOf(content);
    member.size = static_cast<std::uint32_t>(content.size());
    return forgeZip({member});
}

std::string gzipped(const std::string &bytes)
{
    constexpr int gzip = 31;
    z_stream stream = {};
    std::string packed(bytes.size() / 500 + 1024, '\0');
    if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, gzip, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return {};
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data())); // deflate only reads it
    stream.avail_in = static_cast<uInt>(bytes.size());
    do {
        packed.resize(packed.size() * 2);
        stream.next_out = reinterpret_cast<Bytef *>(packed.data()) + stream.total_out;
        stream.avail_out = static_cast<uInt>(packed.size() - stream.total_out);
    } while (deflate(&stream, Z_FINISH) != Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

std::string png(std::uint32_t side)
{
    const auto chunk = [](const std::string &typeAndData) {
        return bigEndian(static_cast<std::uint32_t>(typeAndData.size() - 4)) + typeAndData + bigEndian(crcOf(typeAndData));
    };
    return "\x89PNG\r\n\x1a\n" + chunk("IHDR" + bigEndian(side) + bigEndian(side) + std::string("\x08\x00\x00\x00\x00", 5)) +
           chunk("IDAT" + deflated(std::string(1 << 20, '\0'))) + chunk("IEND");
}

} // namespace

/// What a file from somebody else may cost: 64 MiB beside twice its own size, whatever it claims to be.
class TestHostileCost : public TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void corpusStaysSmall_data();
    void corpusStaysSmall();
    void liesStaySmall_data();
    void liesStaySmall();
    void cleanupTestCase();

private:
    void check(const QString &format, const fs::path &path, const QString &name);

    QTemporaryDir m_folder;
    double m_slowest = 0;
    QString m_slowestName;
    long m_largest = 0;
    QString m_largestName;
};

void TestHostileCost::check(const QString &format, const fs::path &path, const QString &name)
{
    constexpr long mostKib = 64 << 10;
    const Cost cost = costOf(readerOf(format), path);
    QVERIFY2(cost.isDone, qPrintable(name + u" crashed its reader, or hung it"_s));
    const long allowed = mostKib + static_cast<long>(2 * fs::file_size(path) / 1024);
    QVERIFY2(cost.extraKib <= allowed, qPrintable(u"%1 cost %2 KiB"_s.arg(name).arg(cost.extraKib)));
    if (cost.milliseconds > m_slowest) {
        m_slowest = cost.milliseconds;
        m_slowestName = name;
    }
    if (cost.extraKib > m_largest) {
        m_largest = cost.extraKib;
        m_largestName = name;
    }
}

void TestHostileCost::corpusStaysSmall_data()
{
    QTest::addColumn<QString>("format");
    for (const char *format : {"idx", "npz", "zip", "safetensors", "onnx", "picture", "tfevents", "checkpoint"})
        QTest::newRow(format) << QString::fromLatin1(format);
}

void TestHostileCost::corpusStaysSmall()
{
    QFETCH(QString, format);
    QDirIterator files(QStringLiteral(BOTTEGA_SOURCE_DIR "/tests/fuzz/corpus/") + format, QDir::Files);
    int count = 0;
    for (; files.hasNext(); ++count)
        check(format, files.next().toStdString(), format + u'/' + files.fileName());
    QVERIFY(count > 3);
}

void TestHostileCost::liesStaySmall_data()
{
    QTest::addColumn<QString>("format");
    QTest::addColumn<QByteArray>("bytes");
    const auto row = [](const char *name, const char *format, const std::string &bytes) {
        QTest::newRow(name) << QString::fromLatin1(format) << QByteArray::fromStdString(bytes);
    };
    row("4 Gi items in 16 bytes", "idx", std::string("\x00\x00\x08\x01", 4) + bigEndian(0xffffffff) + "12345678");
    row("dimensions whose product overflows", "idx",
        std::string("\x00\x00\x0e\x03", 4) + bigEndian(0x80000000) + bigEndian(0x80000000) + bigEndian(0x80000000));
    row("a gzip of 256 MiB of zeros", "idx",
        gzipped(std::string("\x00\x00\x08\x01", 4) + bigEndian(0xffffffff) + std::string(std::size_t{256} << 20, '\0')));
    row("a thousandfold bomb", "npz", bomb(std::size_t{256} << 20));
    row("a header of 2^63 bytes", "safetensors", littleEndian(std::uint64_t{1} << 63) + "{}");
    row("a header of 99 MB that is not there", "safetensors", littleEndian(99'000'000) + "{}");
    row("a hundred thousand tensors", "safetensors", manyTensors(100'000));
    row("deeply nested header", "safetensors", safetensorsOf(std::string(100'000, '[')));
    row("ten million empty fields", "onnx", [] {
        std::string fields(20'000'000, '\x3a'); // graph, a field of length …
        for (std::size_t i = 1; i < fields.size(); i += 2)
            fields[i] = '\0';
        return fields;
    }());
    row("a picture of 60,000 × 60,000", "picture", png(60'000));
    row("a record of 2^63 bytes", "tfevents", littleEndian(std::uint64_t{1} << 63) + std::string(64, 'x'));
    row("a megabyte of noise", "tfevents", [] {
        std::string noise(1 << 20, '\0');
        std::uint32_t state = 1;
        for (char &byte : noise)
            byte = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
        return noise;
    }());
}

void TestHostileCost::liesStaySmall()
{
    QFETCH(QString, format);
    QFETCH(QByteArray, bytes);
    const QString path = m_folder.filePath(u"hostile"_s);
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
    file.close();
    check(format, path.toStdString(), QString::fromUtf8(QTest::currentDataTag()));
}

void TestHostileCost::cleanupTestCase()
{
    qInfo("most time: %.0f ms, %s; most memory: %ld KiB, %s", m_slowest, qPrintable(m_slowestName), m_largest,
          qPrintable(m_largestName));
}

BOTTEGA_TEST_MAIN(TestHostileCost)
#include "tst_hostilecost.moc"
