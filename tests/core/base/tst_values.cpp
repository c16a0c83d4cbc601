// SPDX-License-Identifier: Apache-2.0
#include "core/base/clock.h"
#include "core/base/crc32c.h"
#include "core/base/json.h"
#include "tests/support/testcase.h"

#include <QCoreApplication>

#include <cerrno>
#include <cmath>
#include <limits>

using namespace bottega;

/// The small values that everything else is built of: checksums, JSON, errors, time.
class TestValues : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void crc32cVectors_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<quint32>("crc");
        QByteArray ascending;
        QByteArray descending;
        for (int i = 0; i < 32; ++i) {
            ascending.append(static_cast<char>(i));
            descending.prepend(static_cast<char>(i));
        }
        // From RFC 3720, B.4, and the check value of the catalogue of CRCs.
        QTest::newRow("zeros") << QByteArray(32, '\0') << 0x8A9136AAu;
        QTest::newRow("ones") << QByteArray(32, '\xff') << 0x62A8AB43u;
        QTest::newRow("ascending") << ascending << 0x46DD794Eu;
        QTest::newRow("descending") << descending << 0x113FDB5Cu;
        QTest::newRow("digits") << QByteArray("123456789") << 0xE3069283u;
        QTest::newRow("empty") << QByteArray() << 0u;
    }

    void crc32cVectors()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(quint32, crc);
        const std::string text = bytes.toStdString();
        QCOMPARE(crc32c(text), crc);
        for (std::size_t cut = 0; cut <= text.size(); ++cut)
            QCOMPARE(crc32c(text.substr(cut), crc32c(text.substr(0, cut))), crc);
    }

    void maskedCrcIsTensorBoards()
    {
        // The length of 24 bytes and its CRC, with which every file of TensorBoard's own writer begins.
        const std::string length("\x18\0\0\0\0\0\0\0", 8);
        QCOMPARE(maskedCrc(crc32c(length)), 0x224B7FA3u);
    }

    void jsonNamesThePlace()
    {
        const auto parsed = parseJson("{\n  \"a\": 1,\n  \"b\" 2\n}", "config.json");
        QVERIFY(!parsed);
        QCOMPARE(parsed.error().code, ErrorCode::Corrupt);
        QVERIFY(parsed.error().where.find("config.json, line 3") != std::string::npos);
    }

    void jsonRefuses_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("half") << QByteArray("{\"a\": ");
        QTest::newRow("100,000 levels") << QByteArray(100'000, '[');
        QTest::newRow("65 levels") << QByteArray(65, '[') + QByteArray(65, ']');
        QTest::newRow("behind the end") << QByteArray("{} {}");
        QTest::newRow("too large a number") << QByteArray("[1e400]");
        QTest::newRow("NaN") << QByteArray("[NaN]");
        QTest::newRow("lone surrogate") << QByteArray("[\"\\ud800\"]");
        QTest::newRow("invalid UTF-8") << QByteArray("[\"\xff\"]");
    }

    void jsonRefuses()
    {
        QFETCH(QByteArray, text);
        const auto parsed = parseJson(text.toStdString(), "test");
        QVERIFY(!parsed);
        QCOMPARE(parsed.error().code, ErrorCode::Corrupt);
    }

    void jsonTakes()
    {
        QVERIFY_RESULT(parseJson(std::string(64, '[') + std::string(64, ']'), "test"));
        QVERIFY_RESULT(parseJson("[\"[[[[\\\"[\", 9223372036854775807]", "test"));
        const auto ordered = parseJson("{\"z\":1,\"a\":2}", "test");
        QVERIFY_RESULT(ordered);
        QCOMPARE(dumpJson(*ordered), std::string("{\"z\":1,\"a\":2}"));
        QCOMPARE(dumpJson(Json("\xff")), std::string("\"\xEF\xBF\xBD\""));
    }

    void jsonNumbersBothWays_data()
    {
        QTest::addColumn<double>("value");
        QTest::newRow("NaN") << std::numeric_limits<double>::quiet_NaN();
        QTest::newRow("infinity") << std::numeric_limits<double>::infinity();
        QTest::newRow("-infinity") << -std::numeric_limits<double>::infinity();
        QTest::newRow("a third") << 1.0 / 3;
        QTest::newRow("smallest") << std::numeric_limits<double>::denorm_min();
        QTest::newRow("largest") << std::numeric_limits<double>::max();
    }

    void jsonNumbersBothWays()
    {
        QFETCH(double, value);
        const auto parsed = parseJson(dumpJson(jsonNumber(value)), "test");
        QVERIFY_RESULT(parsed);
        const auto back = numberFromJson(*parsed);
        QVERIFY(back.has_value());
        QVERIFY(std::isnan(value) ? std::isnan(*back) : *back == value);
    }

    void jsonMembersFallBack()
    {
        const Json object = {{"text", "a"}, {"number", 2.5}, {"integer", 3}, {"nan", "NaN"}, {"null", nullptr}};
        QCOMPARE(stringMember(object, "text"), std::string("a"));
        QCOMPARE(stringMember(object, "number", "other"), std::string("other"));
        QCOMPARE(numberMember(object, "number"), 2.5);
        QCOMPARE(numberMember(object, "missing", 7), 7.0);
        QVERIFY(std::isnan(numberMember(object, "nan")));
        QCOMPARE(integerMember(object, "integer"), std::int64_t{3});
        QCOMPARE(integerMember(object, "number", -1), std::int64_t{-1});
        QCOMPARE(integerMember(object, "null", -1), std::int64_t{-1});
    }

    void systemErrors_data()
    {
        QTest::addColumn<int>("reason");
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("missing") << ENOENT << QByteArray("not-found");
        QTest::newRow("there already") << EEXIST << QByteArray("exists");
        QTest::newRow("full") << ENOSPC << QByteArray("disk-full");
        QTest::newRow("quota") << EDQUOT << QByteArray("disk-full");
        QTest::newRow("file size limit") << EFBIG << QByteArray("disk-full");
        QTest::newRow("read-only") << EROFS << QByteArray("permission");
        QTest::newRow("refused") << EACCES << QByteArray("permission");
        QTest::newRow("other") << EIO << QByteArray("io");
    }

    void systemErrors()
    {
        QFETCH(int, reason);
        QFETCH(QByteArray, name);
        const Error error = systemError(reason, "It failed", "here");
        QCOMPARE(std::string(errorCodeName(error.code)), name.toStdString());
        QVERIFY(error.what.size() > std::string("It failed: ").size());
        QVERIFY(describe(error).find("here") != std::string::npos);
    }

    void timeIsUtc()
    {
        QCOMPARE(isoTime(0), std::string("1970-01-01T00:00:00.000Z"));
        QCOMPARE(isoTime(1795438824.5), std::string("2026-11-23T13:00:24.500Z"));
        QVERIFY(wallTime() > 1.7e9);
        const double before = steadyTime();
        QVERIFY(steadyTime() >= before);
    }
};

BOTTEGA_TEST_MAIN(TestValues)
#include "tst_values.moc"
