// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomicsave.h"
#include "core/base/file.h"
#include "core/formats/idx/idx.h"
#include "tests/support/testcase.h"

#include <QCoreApplication>

#include <algorithm>
#include <fstream>
#include <numeric>
#include <sys/resource.h>
#include <sys/stat.h>
#include <zlib.h>

using namespace bottega;
namespace fs = std::filesystem;

namespace {

QByteArray gzip(const QByteArray &bytes)
{
    z_stream stream = {};
    ::deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
    QByteArray out(static_cast<qsizetype>(::deflateBound(&stream, static_cast<uLong>(bytes.size()))) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    ::deflate(&stream, Z_FINISH);
    out.resize(static_cast<qsizetype>(stream.total_out));
    ::deflateEnd(&stream);
    return out;
}

QByteArray header(const char *hex)
{
    return QByteArray::fromHex(hex);
}

IdxArray sample()
{
    IdxArray array{{3, 4, 5}, std::vector<std::uint8_t>(60)};
    std::iota(array.values.begin(), array.values.end(), std::uint8_t{200});
    return array;
}

long peakKilobytes()
{
    rusage usage = {};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

} // namespace

class TestIdx : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_path = fs::path(m_folder.path().toStdString()) / "file.idx"; }

    void bothWays()
    {
        const std::string bytes = encodeIdx(sample());
        QCOMPARE(QByteArray::fromStdString(bytes.substr(0, 16)), header("00000803000000030000000400000005"));
        for (const bool isPacked : {false, true}) {
            save(isPacked ? gzip(QByteArray::fromStdString(bytes)) : QByteArray::fromStdString(bytes));
            const auto array = readIdx(m_path);
            QVERIFY_RESULT(array);
            QCOMPARE(array->shape, sample().shape);
            QCOMPARE(array->values, sample().values);
        }
    }

    void infoOfPlainFiles()
    {
        const std::string bytes = encodeIdx(sample());
        QVERIFY_RESULT(saveAtomically(m_path, bytes));
        const auto info = readIdxInfo(m_path);
        QVERIFY_RESULT(info);
        QCOMPARE(info->shape, sample().shape);
        QCOMPARE(info->fileBytes, std::uint64_t{76});
        save(gzip(QByteArray::fromStdString(bytes)));
        QVERIFY(!readIdxInfo(m_path));
    }

    void noItemsAreFine()
    {
        save(header("0000080100000000"));
        const auto array = readIdx(m_path);
        QVERIFY_RESULT(array);
        QVERIFY(array->values.empty());
    }

    void realMnist()
    {
        const QString folder = test::mnistFolder();
        if (folder.isEmpty())
            QSKIP("NOT TESTED: the real MNIST is not there; set BOTTEGA_TEST_DATA");
        const fs::path root = folder.toStdString();
        const auto images = readIdx(root / "t10k-images-idx3-ubyte.gz");
        const auto labels = readIdx(root / "t10k-labels-idx1-ubyte.gz");
        QVERIFY_RESULT(images);
        QVERIFY_RESULT(labels);
        QCOMPARE(images->shape, (std::vector<std::uint32_t>{10000, 28, 28}));
        QCOMPARE(labels->shape, (std::vector<std::uint32_t>{10000}));
        QCOMPARE(int(labels->values[0]), 7);
        QVERIFY(*std::max_element(labels->values.begin(), labels->values.end()) == 9);
    }

    void case35_hostileFilesAreRefused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        const QByteArray good = QByteArray::fromStdString(encodeIdx(sample()));
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("no IDX") << QByteArray("<html>404 Not Found</html>");
        QTest::newRow("cut within the magic") << header("000008");
        QTest::newRow("cut within the lengths") << header("0000080300000003000000");
        QTest::newRow("unknown type") << header("00000a0100000001") + "x";
        QTest::newRow("float type") << header("00000d0100000001") + "xxxx";
        QTest::newRow("no dimension") << header("00000800") + "x";
        QTest::newRow("5 dimensions") << header("000008050000000100000001000000010000000100000001") + "x";
        QTest::newRow("255 dimensions") << header("000008ff") + QByteArray(1020, '\1');
        QTest::newRow("2^32-1 items in 16 bytes") << header("00000803ffffffff0000000100000001");
        QTest::newRow("product overflows to 0")
            << header("0000080480000000800000008000000080000000");
        QTest::newRow("product overflows to what is there")
            << header("00000804ffffffffffffffffffffffffffffffff") + QByteArray(1, 'x');
        QTest::newRow("one value missing") << good.chopped(1);
        QTest::newRow("one value too many") << good + "x";
        QTest::newRow("packed: cut") << gzip(good).chopped(1);
        QTest::newRow("packed: header only") << gzip(good).left(10);
        QTest::newRow("packed: trailing bytes") << gzip(good) + "x";
        QTest::newRow("packed: two members") << gzip(good) + gzip(good);
        QTest::newRow("packed: one value too many") << gzip(good + "x");
        QTest::newRow("packed: one value missing") << gzip(good.chopped(1));
        QTest::newRow("packed: 4 GiB promised") << gzip(header("00000801ffffffff"));
        QTest::newRow("packed: overflow") << gzip(header("00000804ffffffffffffffffffffffffffffffff"));
        QTest::newRow("packed: bomb behind a small promise")
            << gzip(header("0000080100000001") + QByteArray(64 << 20, '\0'));
        QByteArray wrongCrc = gzip(good);
        wrongCrc[wrongCrc.size() - 8] = static_cast<char>(wrongCrc[wrongCrc.size() - 8] ^ 1);
        QTest::newRow("packed: wrong CRC") << wrongCrc;
        QByteArray flipped = gzip(good);
        flipped[20] = static_cast<char>(flipped[20] ^ 0x10);
        QTest::newRow("packed: flipped bit") << flipped;
        QTest::newRow("packed: no deflate inside") << gzip(good).left(10) + QByteArray(100, '\xff');
    }

    void case35_hostileFilesAreRefused()
    {
        QFETCH(QByteArray, bytes);
        save(bytes);
        const long before = peakKilobytes();
        const auto array = readIdx(m_path);
        QVERIFY(!array);
        QCOMPARE(array.error().code, ErrorCode::Corrupt);
        QVERIFY(array.error().where.find(m_path.string()) == 0);
        QVERIFY(!array.error().kept.empty() && !array.error().remedy.empty());
        QVERIFY2(peakKilobytes() - before <= 16 << 10, "more than 16 MiB were used to find out");
    }

    void cutAtEveryByte()
    {
        const QByteArray good = QByteArray::fromStdString(encodeIdx(sample()));
        for (qsizetype size = 0; size < good.size(); ++size) {
            save(good.left(size));
            QVERIFY(!readIdx(m_path));
            QVERIFY(!readIdxInfo(m_path));
        }
        const QByteArray packed = gzip(good);
        for (qsizetype size = 0; size < packed.size(); ++size) {
            save(packed.left(size));
            QVERIFY(!readIdx(m_path));
        }
    }

    void specialFiles()
    {
        const fs::path fifo = m_path.parent_path() / "fifo";
        QVERIFY(::mkfifo(fifo.c_str(), 0600) == 0);
        QVERIFY(!readIdx(fifo));
        QVERIFY(!readIdx("/dev/zero"));
        QVERIFY(!readIdx(m_path.parent_path()));
        const auto missing = readIdx(m_path.parent_path() / "none");
        QVERIFY(!missing);
        QCOMPARE(missing.error().code, ErrorCode::NotFound);
    }

private:
    void save(const QByteArray &bytes) const
    {
        fs::remove(m_path); // file systems flush what replaces content in place
        std::ofstream(m_path, std::ios::binary) << bytes.toStdString();
    }

    QTemporaryDir m_folder;
    fs::path m_path;
};

BOTTEGA_TEST_MAIN(TestIdx)
#include "tst_idx.moc"
