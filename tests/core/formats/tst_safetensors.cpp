// SPDX-License-Identifier: Apache-2.0
#include "core/base/file.h"
#include "core/formats/safetensors/safetensors.h"
#include "tests/support/testcase.h"

#include <QCoreApplication>

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace bottega;
namespace fs = std::filesystem;

namespace {

/// A file with this header and these values, right or wrong.
std::string forged(const std::string &header, const std::string &values = std::string(8, 'v'))
{
    const std::uint64_t length = header.size();
    return std::string(reinterpret_cast<const char *>(&length), sizeof length) + header + values;
}

std::string tensor(const std::string &name, const std::string &type, const std::string &shape,
                   const std::string &offsets)
{
    return "\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
}

/// One array in a file with 8 bytes of values.
std::string one(const std::string &type, const std::string &shape, const std::string &offsets)
{
    return forged("{" + tensor("a", type, shape, offsets) + "}");
}

std::string two(const std::string &first, const std::string &second)
{
    return forged("{" + tensor("a", "U8", "[4]", first) + "," + tensor("b", "U8", "[4]", second) + "}");
}

std::string claiming(std::uint64_t length, std::size_t rest)
{
    return std::string(reinterpret_cast<const char *>(&length), sizeof length) + std::string(rest, '{');
}

Safetensors sample()
{
    const float values[] = {0.5f, -1, 3e38f, 0, 1e-40f, std::numeric_limits<float>::infinity()};
    Safetensors content;
    content.arrays["l1/W"] = NpyArray::fromFloats({2, 3}, values);
    content.arrays["scalar"] = NpyArray::fromFloats({}, values);
    content.arrays["none"] = NpyArray::fromFloats({0, 4}, values);
    content.arrays["bytes"] = NpyArray{NpyType::UInt8, {5}, "abcde"};
    content.arrays["a\n\"ü"] = NpyArray{NpyType::Float64, {1}, "12345678"};
    content.arrays["int"] = NpyArray{NpyType::Int32, {1}, "1234"};
    content.arrays["long"] = NpyArray{NpyType::Int64, {2, 1}, "1234567812345678"};
    content.arrays["unsigned"] = NpyArray{NpyType::UInt64, {1}, "12345678"};
    content.metadata = {{"format", "np"}, {"recipe", "mnist-mlp\n"}, {"", "è"}};
    return content;
}

long peakKilobytes()
{
    rusage usage = {};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

} // namespace

class TestSafetensors : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_path = fs::path(m_folder.path().toStdString()) / "model.safetensors"; }

    void bothWays()
    {
        QVERIFY_RESULT(writeSafetensors(m_path, sample()));
        const auto read = readSafetensors(m_path);
        QVERIFY_RESULT(read);
        QCOMPARE(read->metadata, sample().metadata);
        QCOMPARE(read->arrays.size(), sample().arrays.size());
        for (const auto &[name, array] : sample().arrays) {
            QVERIFY(read->arrays.at(name).type == array.type);
            QCOMPARE(read->arrays.at(name).shape, array.shape);
            QCOMPARE(read->arrays.at(name).bytes, array.bytes);
        }
    }

    void exactBytes()
    {
        Safetensors content;
        content.arrays["b"] = NpyArray{NpyType::UInt8, {2}, "xy"};
        content.arrays["a"] = NpyArray{NpyType::UInt8, {1}, "z"};
        content.arrays["w"] = NpyArray{NpyType::Int32, {1, 1}, "1234"};
        const std::string header = "{\"w\":{\"dtype\":\"I32\",\"shape\":[1,1],\"data_offsets\":[0,4]},"
                                   "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[4,5]},"
                                   "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[5,7]}}";
        const std::string padded = header + std::string((8 - header.size() % 8) % 8, ' ');
        QCOMPARE(encodeSafetensors(content).value_or(""), forged(padded, "1234zxy"));
        QCOMPARE(encodeSafetensors({}).value_or(""), forged("{}      ", ""));
        QCOMPARE(encodeSafetensors(sample()).value_or("a"), encodeSafetensors(sample()).value_or("b"));
    }

    void valuesAreAligned()
    {
        const std::string bytes = encodeSafetensors(sample()).value_or("");
        std::uint64_t length = 0;
        std::memcpy(&length, bytes.data(), sizeof length);
        QCOMPARE(length % 8, std::uint64_t{0});
    }

    void halvesBecomeFloats()
    {
        const std::uint16_t halves[] = {0x3C00, 0xC000, 0x7BFF, 0x0400, 0x0001, 0x03FF, 0x8001, 0x0000, 0x8000,
                                        0x7C00, 0xFC00, 0x7E01};
        const float expected[] = {1, -2, 65504, 0x1p-14f, 0x1p-24f, 1023 * 0x1p-24f, -0x1p-24f, 0, -0.0f,
                                  INFINITY, -INFINITY, NAN};
        save(forged("{" + tensor("a", "F16", "[12]", "[0,24]") + "}", bytesOf(halves, sizeof halves)));
        verifyFloats(expected, 12);
        const std::uint16_t brains[] = {0x3F80, 0xC000, 0x7F7F, 0x0001, 0x8000, 0xFF80, 0x7FC0};
        const float wide[] = {1, -2, 0x1.FEp127f, 0x1p-133f, -0.0f, -INFINITY, NAN};
        save(forged("{" + tensor("a", "BF16", "[7]", "[0,14]") + "}", bytesOf(brains, sizeof brains)));
        verifyFloats(wide, 7);
    }

    void otherSpellingsAreTaken()
    {
        save(forged(" {\"b\" : {\"shape\":[ 4 ],\"data_offsets\":[4, 8],\"dtype\":\"U8\"},\n" +
                    tensor("a", "U8", "[4]", "[0,4]") + ",\"none\":" +
                    tensor("", "F32", "[3,0]", "[4,4]").substr(3) + ",\"__metadata__\":{}}  ", "aaaabbbb"));
        const auto read = readSafetensors(m_path);
        QVERIFY_RESULT(read);
        QCOMPARE(read->arrays.at("a").bytes, std::string("aaaa"));
        QCOMPARE(read->arrays.at("b").bytes, std::string("bbbb"));
        QCOMPARE(read->arrays.at("none").bytes, std::string());
    }

    void writerRefuses()
    {
        const NpyArray sound{NpyType::UInt8, {1}, "x"};
        for (const auto &arrays : {NpzArrays{{"__metadata__", sound}}, NpzArrays{{"\xff", sound}},
                                   NpzArrays{{"a", {NpyType::UInt8, {2}, "x"}}},
                                   NpzArrays{{"a", {NpyType::UInt8, {1ull << 63, 2}, ""}}}}) {
            const auto written = writeSafetensors(m_path, {arrays, {}});
            QVERIFY(!written);
            QCOMPARE(written.error().code, ErrorCode::Usage);
            QCOMPARE(written.error().where, m_path.string());
        }
        QVERIFY(!writeSafetensors(m_path, {{}, {{"a", "\xc3"}}}));
        NpzArrays many;
        for (int i = 0; i < 100'000; ++i)
            many.emplace_hint(many.end(), std::to_string(1'000'000 + i), sound);
        QVERIFY(!writeSafetensors(m_path, {many, {}}));
        many.erase(many.begin());
        QVERIFY_RESULT(writeSafetensors(m_path, {many, {}}));
        QVERIFY_RESULT(readSafetensors(m_path));
    }

    void case38_hostileFilesAreRefused_data()
    {
        QTest::addColumn<std::string>("bytes");
        const auto row = [](const char *name, const std::string &bytes) { QTest::newRow(name) << bytes; };
        row("empty", "");
        row("cut within the length", "1234567");
        row("no header", std::string(8, '\0'));
        row("a header of 2^63 bytes", claiming(std::uint64_t{1} << 63, 100));
        row("a header of 2^64-1 bytes", claiming(~std::uint64_t{0}, 100));
        row("a header of 2^64-8 bytes", claiming(~std::uint64_t{0} - 7, 100));
        row("a header a byte longer than the file", claiming(101, 100));
        row("a header above 100 MB that is there", claiming(100'000'001, 100'000'001));
        row("no JSON", forged("not JSON"));
        row("no object", forged("[]"));
        row("a number", forged("7"));
        row("nothing but blanks", forged("    "));
        row("not closed", forged("{"));
        row("two documents", forged("{}{}", ""));
        row("100,000 brackets", forged(std::string(100'000, '[')));
        row("100,000 objects", forged([] {
            std::string text;
            for (int i = 0; i < 100'000; ++i)
                text += "{\"a\":";
            return text;
        }()));
        row("invalid UTF-8", forged("{" + tensor("\xff", "F32", "[2]", "[0,8]") + "}"));
        row("a lone surrogate", forged("{" + tensor("\\ud800", "F32", "[2]", "[0,8]") + "}"));
        row("1,000,000 entries", forged([] {
            std::string text;
            for (int i = 0; i < 1'000'000; ++i)
                text += (text.empty() ? "{" : ",") + tensor(std::to_string(i), "U8", "[0]", "[0,0]");
            return text + "}";
        }()));
        row("100,001 texts", forged([] {
            std::string text = "{\"__metadata__\":{";
            for (int i = 0; i <= 100'000; ++i)
                text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":\"\"";
            return text + "}}";
        }(), ""));
        row("1,000,000 dimensions", forged([] {
            std::string shape = "[1";
            for (int i = 0; i < 1'000'000; ++i)
                shape += ",1";
            return "{" + tensor("a", "F64", shape + "]", "[0,8]") + "}";
        }()));
        row("the same name twice", forged("{" + tensor("a", "U8", "[4]", "[0,4]") + "," +
                                          tensor("\\u0061", "U8", "[4]", "[4,8]") + "}"));
        row("the same text twice", forged("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", ""));
        row("metadata twice", forged("{\"__metadata__\":{},\"__metadata__\":{}}", ""));
        row("metadata is no map", forged("{\"__metadata__\":\"x\"}", ""));
        row("metadata holds a number", forged("{\"__metadata__\":{\"a\":1}}", ""));
        row("metadata holds an object", forged("{\"__metadata__\":{\"a\":{}}}", ""));
        row("metadata holds a list", forged("{\"__metadata__\":{\"a\":[]}}", ""));
        row("an array is a number", forged("{\"a\":1}"));
        row("an array is null", forged("{\"a\":null}"));
        row("an array is a list", forged("{\"a\":[]}"));
        row("type missing", forged("{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}"));
        row("shape missing", forged("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}"));
        row("offsets missing", forged("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}"));
        row("a property twice", forged("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"));
        row("an unknown property", forged("{\"a\":{\"x\":1,\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"));
        row("the type is a number", forged("{\"a\":{\"dtype\":1,\"shape\":[2],\"data_offsets\":[0,8]}}"));
        row("the shape is a text", forged("{\"a\":{\"dtype\":\"F32\",\"shape\":\"2\",\"data_offsets\":[0,8]}}"));
        row("the shape holds a list", one("F32", "[[2]]", "[0,8]"));
        row("one offset", one("F32", "[2]", "[0]"));
        row("three offsets", one("F32", "[2]", "[0,8,8]"));
        row("offsets in the wrong order", one("F32", "[2]", "[8,0]"));
        row("the second's offsets in the wrong order", two("[0,4]", "[4,2]"));
        row("a negative offset", one("F32", "[2]", "[-8,0]"));
        row("a fraction as offset", one("F32", "[2]", "[0,8.0]"));
        row("an offset of 2^64", one("F32", "[2]", "[0,18446744073709551616]"));
        row("an offset of 1e400", one("F32", "[2]", "[0,1e400]"));
        row("an offset behind the end", one("F32", "[4]", "[0,16]"));
        row("offsets that wrap around", one("U8", "[8]", "[18446744073709551612,4]"));
        row("a negative length", one("F32", "[-2]", "[0,8]"));
        row("a NaN as length", one("F32", "[NaN]", "[0,8]"));
        row("fewer values than the shape has", one("F32", "[3]", "[0,8]"));
        row("more values than the shape has", one("F32", "[1]", "[0,8]"));
        row("the shape's product overflows", one("F32", "[4194305,4194305,211106198978564]", "[0,8]"));
        row("the shape's product overflows to what is there", one("F32", "[4294967296,4294967296,2]", "[0,8]"));
        row("the product fits, the bytes overflow to what is there", one("F64", "[2305843009213693953]", "[0,8]"));
        row("an overlap", two("[0,4]", "[2,6]"));
        row("the same bytes twice", two("[0,4]", "[0,4]"));
        row("a hole", two("[0,4]", "[5,9]"));
        row("a hole at the start", forged("{" + tensor("a", "U8", "[4]", "[4,8]") + "}"));
        row("bytes behind the last array", forged("{" + tensor("a", "U8", "[4]", "[0,4]") + "}"));
        row("bytes without an array", forged("{}"));
        row("an unknown type", one("X32", "[2]", "[0,8]"));
        row("no type", one("", "[2]", "[0,8]"));
        row("booleans", one("BOOL", "[8]", "[0,8]"));
        row("four bits", one("F4", "[16]", "[0,8]"));
        row("a pickle", "\x80\x04\x95" + std::string(100, '.'));
    }

    void case38_hostileFilesAreRefused()
    {
        QFETCH(std::string, bytes);
        save(bytes);
        const long before = peakKilobytes();
        const auto read = readSafetensors(m_path);
        QVERIFY(!read);
        QVERIFY(read.error().code == ErrorCode::Corrupt || read.error().code == ErrorCode::Unsupported);
        QCOMPARE(read.error().where, m_path.string());
        QVERIFY(!read.error().kept.empty() && !read.error().remedy.empty());
        const long allowed = (64 << 10) + 2 * static_cast<long>(bytes.size() >> 10);
        QVERIFY2(peakKilobytes() - before <= allowed, "more memory was used than the file accounts for");
    }

    void namesWhatItDoesNotTake()
    {
        save(one("F8_E4M3", "[8]", "[0,8]"));
        const auto read = readSafetensors(m_path);
        QVERIFY(!read);
        QCOMPARE(read.error().code, ErrorCode::Unsupported);
        QVERIFY(read.error().what.find("“a”") != std::string::npos && read.error().what.find("F8_E4M3") != std::string::npos);
    }

    void hugeSparseFilesAreNotRead()
    {
        save(forged("{" + tensor("a", "U8", "[1099511627776]", "[0,1099511627776]") + "}", ""));
        const auto start = static_cast<off_t>(fs::file_size(m_path));
        QVERIFY(::truncate(m_path.c_str(), start + (off_t{1} << 40)) == 0);
        const long before = peakKilobytes();
        const auto read = readSafetensors(m_path);
        QVERIFY(!read);
        QCOMPARE(read.error().code, ErrorCode::Unsupported);
        QVERIFY(peakKilobytes() - before < 16 << 10);
        fs::remove(m_path);
    }

    void cutAtEveryByte()
    {
        const std::string good = encodeSafetensors(sample()).value_or("");
        QVERIFY(good.size() > 100);
        for (std::size_t size = 0; size < good.size(); ++size) {
            save(good.substr(0, size));
            QVERIFY(!readSafetensors(m_path));
        }
        save(good + "x");
        QVERIFY(!readSafetensors(m_path));
    }

    void specialFiles()
    {
        const fs::path fifo = m_path.parent_path() / "fifo";
        QVERIFY(::mkfifo(fifo.c_str(), 0600) == 0);
        QVERIFY(!readSafetensors(fifo));
        QVERIFY(!readSafetensors("/dev/zero"));
        const auto missing = readSafetensors(m_path.parent_path() / "none");
        QVERIFY(!missing);
        QCOMPARE(missing.error().code, ErrorCode::NotFound);
    }

private:
    static std::string bytesOf(const void *values, std::size_t size)
    {
        return {static_cast<const char *>(values), size};
    }

    void save(const std::string &bytes) const
    {
        fs::remove(m_path); // file systems flush what replaces content in place
        std::ofstream(m_path, std::ios::binary) << bytes;
    }

    void verifyFloats(const float *expected, std::size_t count)
    {
        const auto read = readSafetensors(m_path);
        QVERIFY_RESULT(read);
        const auto values = read->arrays.at("a").toFloats();
        QVERIFY_RESULT(values);
        QCOMPARE(values->size(), count);
        for (std::size_t i = 0; i < count; ++i) {
            QVERIFY(std::isnan(expected[i]) ? std::isnan((*values)[i]) : (*values)[i] == expected[i]);
            QCOMPARE(std::signbit((*values)[i]), std::signbit(expected[i]));
        }
    }

    QTemporaryDir m_folder;
    fs::path m_path;
};

BOTTEGA_TEST_MAIN(TestSafetensors)
#include "tst_safetensors.moc"
