// SPDX-License-Identifier: Apache-2.0
#include "core/base/file.h"
#include "core/formats/npz/npy.h"
#include "core/formats/npz/npz.h"
#include "core/formats/npz/zip.h"
#include "tests/core/formats/zipforge.h"
#include "tests/support/testcase.h"

#include <QCoreApplication>

#include <cstring>
#include <fstream>

using namespace bottega;
using namespace bottega::test;
namespace fs = std::filesystem;

namespace {

constexpr const char *goodHeader = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n";

std::string goodNpy()
{
    return forgeNpy(goodHeader, std::string(8, 'v'));
}

ForgedMember goodMember(const std::string &name = "a.npy")
{
    ForgedMember member;
    member.name = name;
    member.data = goodNpy();
    return member;
}

template <class Change>
std::string oneMember(Change change)
{
    ForgedMember member = goodMember();
    change(member);
    return forgeZip({member});
}

std::string packedMember(const std::string &content, std::uint32_t promised)
{
    ForgedMember member;
    member.name = "a.npy";
    member.data = deflated(content);
    member.method = 8;
    member.crc = crcOf(content);
    member.size = promised;
    return forgeZip({member});
}

/// The zip64 extra field with these values.
std::string extra64(const std::vector<std::uint64_t> &values)
{
    std::string out("\1\0", 2);
    const auto size = static_cast<std::uint16_t>(values.size() * 8);
    out.append(reinterpret_cast<const char *>(&size), 2);
    out.append(reinterpret_cast<const char *>(values.data()), size);
    return out;
}

NpzArrays sample()
{
    const float values[] = {0.5f, -1, 3e38f, 0, 1e-40f, 7};
    NpzArrays arrays;
    arrays["l1/W"] = NpyArray::fromFloats({2, 3}, values);
    arrays["l1/b"] = NpyArray::fromFloats({6}, values);
    arrays["scalar"] = NpyArray::fromFloats({}, values);
    arrays["none"] = NpyArray::fromFloats({0, 4}, values);
    arrays["deep"] = NpyArray::fromFloats({1, 2, 1, 3}, values);
    arrays["bytes"] = NpyArray{NpyType::UInt8, {5}, "abcde"};
    arrays["zeros"] = NpyArray{NpyType::Int64, {40'000}, std::string(320'000, '\0')};
    return arrays;
}

} // namespace

class TestNpz : public TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_path = fs::path(m_folder.path().toStdString()) / "model.npz"; }

    void bothWays()
    {
        QVERIFY_RESULT(writeNpz(m_path, sample()));
        const auto read = readNpz(m_path);
        QVERIFY_RESULT(read);
        QCOMPARE(read->size(), sample().size());
        for (const auto &[key, array] : sample()) {
            QVERIFY(read->at(key).type == array.type);
            QCOMPARE(read->at(key).shape, array.shape);
            QCOMPARE(read->at(key).bytes, array.bytes);
        }
    }

    void sameArraysSameBytes()
    {
        QVERIFY_RESULT(writeNpz(m_path, sample()));
        const auto first = readFile(m_path);
        QVERIFY_RESULT(writeNpz(m_path, sample()));
        QCOMPARE(readFile(m_path).value_or("a"), first.value_or("b"));
    }

    void headersArePadded()
    {
        const std::string bytes = encodeNpy(sample()["l1/W"]);
        QCOMPARE((bytes.size() - 24) % 64, std::size_t{0});
        QVERIFY(bytes.find("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }") == 10);
        QCOMPARE(bytes[bytes.size() - 25], '\n');
    }

    void writerRefuses()
    {
        for (const char *key : {"", "../a", "/a", "a//b", "a\nb"})
            QVERIFY(!writeNpz(m_path, {{key, sample()["l1/W"]}}));
        QVERIFY(!writeNpz(m_path, {{"a", NpyArray{NpyType::Float32, {3}, "12345678"}}}));
    }

    void toFloats()
    {
        const double values[] = {0.1, -2};
        NpyArray doubles{NpyType::Float64, {2}, std::string(reinterpret_cast<const char *>(values), sizeof values)};
        QCOMPARE(doubles.toFloats().value_or(std::vector<float>()), (std::vector<float>{0.1f, -2.0f}));
        const auto refused = NpyArray{NpyType::Int32, {1}, "1234"}.toFloats();
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::Corrupt);
    }

    void zip64IsTaken()
    {
        const std::uint64_t size = goodNpy().size();
        const auto zip = oneMember([&](ForgedMember &m) {
            m.size = m.packedSize = 0xFFFFFFFF;
            m.extra = extra64({size, size});
            m.flags = 8; // so that the member's own header need not say it
        });
        save(zip);
        QVERIFY_RESULT(readNpz(m_path));
        ForgedEnd end;
        end.count = 0xFFFF;
        end.count64 = 1;
        save(forgeZip({goodMember()}, end));
        QVERIFY_RESULT(readNpz(m_path));
    }

    void case37_hostileArchivesAreRefused_data()
    {
        QTest::addColumn<std::string>("bytes");
        const auto row = [](const char *name, const std::string &bytes) { QTest::newRow(name) << bytes; };
        row("empty file", "");
        row("no zip", "PK but not really");
        row("pickle", "\x80\x04\x95.");
        row("bare npy", goodNpy());
        row("end cut", forgeZip({goodMember()}).substr(0, 150));
        row("bytes before the archive", "x" + forgeZip({goodMember()}));
        row("climbing name", forgeZip({goodMember("../../a.npy")}));
        row("name that climbs in the middle", forgeZip({goodMember("a/../../b.npy")}));
        row("absolute name", forgeZip({goodMember("/etc/a.npy")}));
        row("empty name", forgeZip({goodMember("")}));
        row("NUL in a name", forgeZip({goodMember(std::string("a\0b.npy", 7))}));
        row("newline in a name", forgeZip({goodMember("a\nb.npy")}));
        row("name of 60,000 bytes", forgeZip({goodMember(std::string(60'000, 'a'))}));
        row("same name twice", forgeZip({goodMember(), goodMember()}));
        row("other name in the member's header", oneMember([](ForgedMember &m) { m.localName = "b.npy"; }));
        row("other size in the member's header", oneMember([](ForgedMember &m) { m.localSize = 5; }));
        row("encrypted", oneMember([](ForgedMember &m) { m.flags = 1; }));
        row("strongly encrypted", oneMember([](ForgedMember &m) { m.flags = 1 << 6; }));
        row("bzip2", oneMember([](ForgedMember &m) { m.method = 12; }));
        row("wrong CRC", oneMember([](ForgedMember &m) { m.crc = 1; }));
        row("stored, sizes differ", oneMember([](ForgedMember &m) { m.size = 4; }));
        row("longer than the file", oneMember([](ForgedMember &m) { m.size = m.packedSize = 1u << 30; }));
        row("offset behind the end", oneMember([](ForgedMember &m) { m.offset = 1u << 30; }));
        row("offset into the directory", oneMember([](ForgedMember &m) { m.offset = 120; }));
        row("zip64 size missing", oneMember([](ForgedMember &m) { m.size = m.packedSize = 0xFFFFFFFF; }));
        row("zip64 size lies", oneMember([](ForgedMember &m) {
            m.size = m.packedSize = 0xFFFFFFFF;
            m.extra = extra64({std::uint64_t{1} << 62, std::uint64_t{1} << 62});
            m.flags = 8;
        }));
        row("zip64 extra longer than it is", oneMember([](ForgedMember &m) {
            m.size = m.packedSize = 0xFFFFFFFF;
            m.extra = std::string("\1\0\xff\xff", 4);
        }));
        ForgedMember again = goodMember("b.npy");
        again.offset = 0;
        again.localName = "a.npy";
        row("two names for one member", forgeZip({goodMember(), again}));
        ForgedMember inner = goodMember("b.npy");
        ForgedMember outer = goodMember("a.npy");
        outer.data += forgeZip({inner}); // the member inside is also listed as one of its own
        inner.offset = static_cast<std::uint32_t>(30 + 5 + goodNpy().size());
        row("overlapping members", forgeZip({outer, inner}));
        row("deflate promises more", packedMember(goodNpy(), static_cast<std::uint32_t>(goodNpy().size() + 1)));
        row("deflate promises less", packedMember(goodNpy(), static_cast<std::uint32_t>(goodNpy().size() - 1)));
        row("no deflate inside", oneMember([](ForgedMember &m) {
            m.method = 8;
            m.data = std::string(200, '\xff');
        }));
        row("bomb, 1000:1, honest", packedMember(std::string(100u << 20, '\0'), 100u << 20));
        row("bomb behind a small promise", packedMember(std::string(100u << 20, '\0'), 1000));
        row("4 GiB promised", packedMember(goodNpy(), 0xFFFFFFFE));
        const auto ended = [](auto change) {
            ForgedEnd end;
            change(end);
            return forgeZip({goodMember()}, end);
        };
        row("directory says 2 members", ended([](ForgedEnd &e) { e.count = 2; }));
        row("directory says no member", ended([](ForgedEnd &e) { e.count = 0; }));
        row("directory is elsewhere", ended([](ForgedEnd &e) { e.directoryOffset = 3; }));
        row("directory of 4 GiB", ended([](ForgedEnd &e) { e.directoryBytes = 0xFFFFFFF0; }));
        row("zip64 contradicts the count", ended([](ForgedEnd &e) { e.count64 = 7; }));
        row("zip64: 10^18 members", ended([](ForgedEnd &e) {
            e.count = 0xFFFF;
            e.count64 = 1'000'000'000'000'000'000;
        }));
        row("zip64: directory of 2^63 bytes", ended([](ForgedEnd &e) {
            e.directoryBytes = 0xFFFFFFFF;
            e.directoryBytes64 = std::uint64_t{1} << 63;
        }));
        row("zip64: directory behind the end", ended([](ForgedEnd &e) {
            e.directoryOffset = 0xFFFFFFFF;
            e.directoryOffset64 = ~std::uint64_t{0};
        }));
        std::vector<ForgedMember> many(100'001);
        for (std::size_t i = 0; i < many.size(); ++i)
            many[i].name = std::to_string(i) + ".npy";
        ForgedEnd end;
        end.count = 0xFFFF;
        end.count64 = many.size();
        row("100,001 members", forgeZip(many, end));
    }

    void case37_hostileArchivesAreRefused()
    {
        QFETCH(std::string, bytes);
        save(bytes);
        verifyRefused();
    }

    void case36_hostileArraysAreRefused_data()
    {
        QTest::addColumn<std::string>("bytes");
        const auto row = [](const char *name, const std::string &bytes) { QTest::newRow(name) << bytes; };
        const auto typed = [](const std::string &descr, const std::string &shape = "(2,)") {
            return forgeNpy("{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape + ", }\n",
                            std::string(8, 'v'));
        };
        row("empty", "");
        row("magic only", "\x93NUMPY");
        row("no array", "cos\nsystem\n(S'touch owned'\ntR.");
        row("version 9", forgeNpy(goodHeader, std::string(8, 'v'), 9));
        row("version 0", forgeNpy(goodHeader, std::string(8, 'v'), 0));
        row("header of 4 GiB promised", "\x93NUMPY\x02" + std::string(1, '\0') + "\xff\xff\xff\xff{'descr'");
        row("header of 64 KiB and a byte", forgeNpy(goodHeader + std::string(70'000, ' '), std::string(8, 'v'), 2));
        row("header cut", goodNpy().substr(0, 30));
        row("object array", typed("'|O'"));
        row("object array, 8 bytes", typed("'|O8'", "(1,)"));
        row("object in a structure", typed("[('a', '|O')]"));
        row("structure", typed("[('a', '<f4'), ('b', '<i4')]"));
        row("text", typed("'<U2'", "(1,)"));
        row("complex", typed("'<c8'", "(1,)"));
        row("unknown order", typed("'!f4'"));
        row("no order for four bytes", typed("'|f4'"));
        row("no type", typed("''"));
        row("negative shape", typed("'<f4'", "(-2,)"));
        row("huge shape", typed("'<f4'", "(4611686018427387906,)"));
        row("shape beyond 64 bits", typed("'<f4'", "(99999999999999999999999,)"));
        row("product overflows", typed("'<f4'", "(4194305, 4194305, 211106198978564)"));
        row("product overflows to what is there", typed("'|u1'", "(4294967296, 4294967296, 8)"));
        row("shape is no tuple", typed("'<f4'", "2"));
        row("shape is a call", typed("'<f4'", "(__import__('os').system('touch owned'),)"));
        std::string ones;
        for (int i = 0; i < 1000; ++i)
            ones += "1,";
        row("1,000 ones", typed("'<f4'", "(" + ones + "2)"));
        row("values missing", typed("'<f4'", "(3,)"));
        row("values too many", typed("'<f4'", "(1,)"));
        row("no dictionary", forgeNpy("42\n", ""));
        row("key missing", forgeNpy("{'descr': '<f4', 'shape': (2,), }\n", std::string(8, 'v')));
        row("key twice", forgeNpy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n",
                                  std::string(8, 'v')));
        row("unknown key", forgeNpy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}\n",
                                    std::string(8, 'v')));
        row("text behind", forgeNpy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } + exit()\n",
                                    std::string(8, 'v')));
        row("not closed", forgeNpy("{'descr': '<f4", std::string(8, 'v')));
        row("brackets not closed", forgeNpy("{'descr': " + std::string(60'000, '['), std::string(8, 'v')));
    }

    void case36_hostileArraysAreRefused()
    {
        QFETCH(std::string, bytes);
        ForgedMember member = goodMember();
        member.data = bytes;
        save(forgeZip({goodMember("0.npy"), member}));
        verifyRefused();
        QVERIFY(m_error.where.find("a.npy") != std::string::npos);
    }

    void case36_objectArraysAreNamed()
    {
        const auto refused =
            decodeNpy(forgeNpy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "\x80\x04N."), "here");
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::Unsupported);
        QVERIFY(refused.error().what.find("pickle") != std::string::npos);
    }

    void convertsOrder()
    {
        const std::string big("\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5\0\0\0\6", 24);
        const auto array = decodeNpy(
            forgeNpy("{'descr': '>i4', 'fortran_order': True, 'shape': (2, 3), }\n", big, 3), "here");
        QVERIFY_RESULT(array);
        std::vector<std::int32_t> values(6);
        std::memcpy(values.data(), array->bytes.data(), 24);
        QCOMPARE(values, (std::vector<std::int32_t>{1, 3, 5, 2, 4, 6}));
    }

    void otherSpellingsAreTaken()
    {
        for (const char *header : {"{\"shape\":(2L,),\"descr\":\"=f4\",\"fortran_order\":False}",
                                   "{'descr': '<f4', 'fortran_order': True, 'shape': ( 1 , 2 , ) , }   \n"})
            QVERIFY_RESULT(decodeNpy(forgeNpy(header, std::string(8, 'v')), "here"));
    }

    /// Whatever single bit is wrong: refused, or what was read is what was written.
    void oneFlippedBitAtEveryByte()
    {
        NpzArrays arrays = sample();
        arrays.erase("zeros");
        QVERIFY_RESULT(writeNpz(m_path, arrays));
        const std::string good = readFile(m_path).value_or("");
        int refused = 0;
        for (std::size_t i = 0; i < good.size(); ++i) {
            std::string bytes = good;
            bytes[i] = static_cast<char>(bytes[i] ^ (1 << (i % 8)));
            save(bytes);
            const auto read = readNpz(m_path);
            refused += read ? 0 : 1;
            if (!read)
                continue;
            QCOMPARE(read->size(), arrays.size());
            for (const auto &[key, array] : arrays)
                QVERIFY2(read->at(key).bytes == array.bytes, std::to_string(i).c_str());
        }
        QVERIFY(refused > static_cast<int>(good.size() / 2));
    }

    void cutAtEveryByte()
    {
        NpzArrays arrays = sample();
        arrays.erase("zeros");
        QVERIFY_RESULT(writeNpz(m_path, arrays));
        const std::string good = readFile(m_path).value_or("");
        for (std::size_t size = 0; size < good.size(); ++size) {
            save(good.substr(0, size));
            QVERIFY(!readNpz(m_path));
        }
    }

    /// Zeros pack so well that readers with a limit would take them for a bomb: ours must be readable again.
    void zerosCanBeReadBack()
    {
        const NpzArrays arrays = {{"W", NpyArray{NpyType::UInt8, {70u << 20}, std::string(70u << 20, '\0')}}};
        QVERIFY_RESULT(writeNpz(m_path, arrays));
        const auto read = readNpz(m_path);
        QVERIFY_RESULT(read);
        QVERIFY(read->at("W").bytes == arrays.at("W").bytes);
    }

private:
    void save(const std::string &bytes) const
    {
        fs::remove(m_path); // file systems flush what replaces content in place
        std::ofstream(m_path, std::ios::binary) << bytes;
    }
    void verifyRefused()
    {
        const auto read = readNpz(m_path);
        QVERIFY(!read);
        m_error = read.error();
        QVERIFY(m_error.code == ErrorCode::Corrupt || m_error.code == ErrorCode::Unsupported);
        QVERIFY(m_error.where.find(m_path.string()) == 0);
        QVERIFY2(m_error.where.find("at byte") != std::string::npos, m_error.where.c_str());
        QVERIFY(!m_error.kept.empty() && !m_error.remedy.empty());
        QCOMPARE(std::distance(fs::directory_iterator(m_path.parent_path()), fs::directory_iterator()), 1);
    }

    QTemporaryDir m_folder;
    fs::path m_path;
    Error m_error;
};

BOTTEGA_TEST_MAIN(TestNpz)
#include "tst_npz.moc"
