// SPDX-License-Identifier: Apache-2.0
#include "core/base/crc32c.h"
#include "core/run/runmirror.h"
#include "core/run/streamreader.h"
#include "tests/support/testcase.h"

#include <QFile>

#include <fstream>
#include <random>
#include <sys/stat.h>

using namespace bottega;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

namespace {

StreamEvent bytesOf(const std::string &file, std::uint64_t offset, const std::string &bytes, std::uint64_t identity = 7)
{
    return {StreamKind::Bytes, 3, file, identity, offset, bytes};
}

std::string number(std::uint32_t value)
{
    std::string bytes;
    for (int i = 0; i < 4; ++i)
        bytes.push_back(static_cast<char>(value >> (8 * i)));
    return bytes;
}

/// A header whose own sum is right, whatever it claims.
std::string header(std::uint32_t length, std::uint32_t crc)
{
    const std::string eight = number(length) + number(crc);
    return eight + number(crc32c(eight));
}

std::string frameOf(const std::string &body)
{
    return header(static_cast<std::uint32_t>(body.size()), crc32c(body)) + body;
}

/// What a reader says of these bytes after the start line; empty where it takes them.
Error errorOf(const std::string &bytes, bool withStart = true)
{
    StreamReader reader("host gpu1");
    std::vector<StreamEvent> events;
    const auto fed = reader.feed((withStart ? streamStart() : std::string()) + bytes, events);
    return fed ? Error{} : fed.error();
}

} // namespace

/// The bytes of a stream, friendly and not, and what a copy makes of its events.
class TestStreamReader : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void eventsComeBackWholeHoweverCut()
    {
        std::vector<StreamEvent> sent = {bytesOf("journal.jsonl", 0, "line\n"), bytesOf("metrics/a.1", 1u << 20, std::string(70'000, '\0')),
                                         {StreamKind::Content, 1, "run.json", 9, 0, "{}"},
                                         {StreamKind::Vanished, 1, "metrics/a.1", 9, 0, {}},
                                         {StreamKind::Truncated, 1, "system-logs/70_driver_log.txt", 9, 0, {}},
                                         {StreamKind::Replaced, 1, "telemetry/t", 9, 0, {}},
                                         {StreamKind::RunGone, 4'000'000'000, {}, 0, 0, {}},
                                         {StreamKind::UpToDate, 0, {}, 0, 0, {}},
                                         {StreamKind::Problem, 0, "metrics/b", 0, 0, "Permission denied"},
                                         {StreamKind::Problem, 0, {}, 0, 0, "too many"},
                                         {StreamKind::List, 0, "artifacts", 0, 0, "[]"}};
        std::string bytes = "Welcome to \x1b[31mgpu1\x1b[0m" + streamStart();
        for (const StreamEvent &event : sent)
            bytes += streamFrame(event);
        std::mt19937 random(30);
        for (int round = 0; round < 50; ++round) {
            StreamReader reader("host");
            std::vector<StreamEvent> events;
            for (std::size_t at = 0; at < bytes.size();) {
                const std::size_t count = round == 0 ? bytes.size() : 1 + random() % (round < 5 ? 3'000 : 60'000);
                QVERIFY_RESULT(reader.feed(std::string_view(bytes).substr(at, count), events));
                at += count;
            }
            QVERIFY(events == sent);
            QVERIFY_RESULT(reader.finish());
            QCOMPARE(reader.frames(), sent.size());
        }
    }

    void laterKindsAreSkipped()
    {
        StreamReader reader("host");
        std::vector<StreamEvent> events;
        StreamEvent later = bytesOf("journal.jsonl", 0, "x");
        later.kind = static_cast<StreamKind>(200);
        QVERIFY_RESULT(reader.feed(streamStart() + streamFrame(later) + streamFrame(bytesOf("journal.jsonl", 0, "y")), events));
        QCOMPARE(events.size(), std::size_t{1});
        QCOMPARE(reader.skippedFrames(), std::uint64_t{1});
    }

    void aCutIsToldFromAnEnd()
    {
        const std::string bytes = streamStart() + streamFrame(bytesOf("journal.jsonl", 0, "x"));
        StreamReader reader("host gpu1");
        std::vector<StreamEvent> events;
        QVERIFY_RESULT(reader.feed(bytes.substr(0, bytes.size() - 1), events));
        const auto cut = reader.finish();
        QVERIFY(!cut && cut.error().code == ErrorCode::Unreachable);
        QCOMPARE(cut.error().what, std::string("The stream ended inside a frame"));
        StreamReader silent("host gpu1");
        QVERIFY_RESULT(silent.feed("bash: bottega-agent: command not found\n", events));
        const auto never = silent.finish();
        QVERIFY(!never && never.error().code == ErrorCode::Unreachable);
        QVERIFY2(never.error().what.ends_with("it sent “bash: bottega-agent: command not found\\n”"), never.error().what.c_str());
    }

    /// Every frame that lies is refused before it costs memory, and with it the connection.
    void case30_hostileStreamsAreRefused();

    void aCopyGrowsAndKnowsWhatItHas()
    {
        const QTemporaryDir folder;
        const fs::path path = folder.filePath(u"copy"_s).toStdString();
        auto mirror = RunMirror::open(path);
        QVERIFY_RESULT(mirror);
        QVERIFY_RESULT(mirror->apply(bytesOf("metrics/a", 0, "one ")));
        QVERIFY_RESULT(mirror->apply(bytesOf("metrics/a", 4, "two")));
        const auto twice = mirror->apply(bytesOf("metrics/a", 4, "two"));
        QVERIFY(!twice && twice.error().code == ErrorCode::Corrupt);
        const auto gap = mirror->apply(bytesOf("metrics/a", 8, "x"));
        QVERIFY(!gap);
        QCOMPARE(gap.error().what, std::string("The host sent byte 8 of a file of which 7 bytes are here"));
        QVERIFY(!mirror->apply(bytesOf("metrics/a", 7, "x", 8))); // of another file
        auto again = RunMirror::open(path);
        QVERIFY_RESULT(again);
        QCOMPARE(dumpJson(again->known()), std::string(R"({"metrics/a":{"offset":7,"identity":"0000000000000007"}})"));
        QVERIFY_RESULT(again->apply({StreamKind::Vanished, 3, "metrics/a", 7, 0, {}}));
        QCOMPARE(content(path / "metrics/a"), u"one two"_s); // what was saved is not lost for that
        QVERIFY_RESULT(again->apply({StreamKind::Replaced, 3, "metrics/a", 8, 0, {}}));
        QVERIFY_RESULT(again->apply(bytesOf("metrics/a", 0, "new", 8)));
        QCOMPARE(content(path / "metrics/a"), u"new"_s);
        QVERIFY_RESULT(again->apply({StreamKind::Content, 3, "end.json", 5, 0, "{}"}));
        QCOMPARE(content(path / "end.json"), u"{}"_s);
    }

    void aCopyWithoutItsNotesStartsAnew()
    {
        const QTemporaryDir folder;
        const fs::path path = folder.path().toStdString();
        QVERIFY_RESULT(RunMirror::open(path)->apply(bytesOf("journal.jsonl", 0, "old")));
        fs::remove(path / ".mirror/state.json");
        auto mirror = RunMirror::open(path);
        QVERIFY_RESULT(mirror);
        QVERIFY(mirror->known().empty());
        QVERIFY_RESULT(mirror->apply(bytesOf("journal.jsonl", 0, "new")));
        QCOMPARE(content(path / "journal.jsonl"), u"new"_s);
    }

    /// Somebody has put links where the copy writes.
    void aCopyNeverLeavesItsFolder()
    {
        const QTemporaryDir folder, elsewhere;
        const fs::path path = folder.path().toStdString(), target = elsewhere.path().toStdString();
        auto mirror = RunMirror::open(path);
        QVERIFY_RESULT(mirror);
        fs::remove(path / "metrics");
        fs::create_directory_symlink(target, path / "metrics");
        QVERIFY(!mirror->apply(bytesOf("metrics/a", 0, "x")));
        fs::create_symlink(target / "journal", path / "journal.jsonl");
        QVERIFY_RESULT(mirror->apply(bytesOf("journal.jsonl", 0, "x"))); // in the link's place
        QVERIFY(fs::is_regular_file(fs::symlink_status(path / "journal.jsonl")));
        QVERIFY(fs::is_empty(target));
    }

private:
    static QString content(const fs::path &path)
    {
        QFile file(QString::fromStdString(path.string()));
        return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : u"none"_s;
    }
};

void TestStreamReader::case30_hostileStreamsAreRefused()
{
    const std::string body = streamFrame(bytesOf("journal.jsonl", 0, "x")).substr(streamFrameHeader);
    const auto says = [](const std::string &bytes, const std::string &text, ErrorCode code = ErrorCode::Corrupt, bool withStart = true) {
        const Error error = errorOf(bytes, withStart);
        QVERIFY2(error.what.find(text) != std::string::npos, error.what.c_str());
        QVERIFY(error.code == code);
        QVERIFY(error.where.starts_with("host gpu1, byte "));
        QVERIFY(!error.kept.empty() && !error.remedy.empty());
        QVERIFY(error.what.find('\x1b') == std::string::npos && error.what.size() < 1'200);
    };
    says(header(0xFFFFFFFF, 0), "A frame claims 4294967295 bytes; 23 to 16777216 are allowed");
    says(std::string(12, '\xff'), "header is damaged");
    says(header(3, 0), "claims 3 bytes");
    says(header(static_cast<std::uint32_t>(body.size()), 1) + body, "A frame is damaged: its checksum is wrong");
    says(header(static_cast<std::uint32_t>(body.size()) - 1, crc32c(body)) + body, "checksum is wrong");
    for (const char *name : {"../x", "metrics/../../x", "/etc/passwd", "metrics/..", "metrics/a/b", "work/outputs/model.npz",
                             "metrics/", "", "metrics/\x1b[31m", ".mirror/state.json", "run.json"})
        says(streamFrame(bytesOf(name, 0, "x")), "which is no file of a run");
    says(streamFrame({StreamKind::Content, 0, "../run.json", 1, 0, {}}), "which is no file of a run");
    says(streamFrame({StreamKind::List, 0, "../../list", 1, 0, {}}), "which is no file of a run");
    says(streamFrame(bytesOf("journal.jsonl", std::uint64_t{1} << 63, "x")), "claims to be at byte 9223372036854775808");
    std::string longName = body;
    longName[21] = longName[22] = '\xff';
    says(frameOf(longName), "name is longer than the frame");
    says("\nBOTTEGA-STREAM 2\n", "version 2, this program reads version 1", ErrorCode::Unsupported, false);
    says("\nBOTTEGA-STREAM \x1b[2J\n", "no version but “\\x1b[2J”", ErrorCode::Corrupt, false);
    says("\x1b]0;x\x07" + std::string(70'000, 'A'), "something else than a stream: “\\x1b]0;x\\x07AAA", ErrorCode::Corrupt, false);

    // What came before is kept; what comes after is not looked at.
    StreamReader reader("host");
    std::vector<StreamEvent> events;
    QVERIFY(!reader.feed(streamStart() + streamFrame(bytesOf("journal.jsonl", 0, "x")) + std::string(12, '\xff'), events));
    QVERIFY(!reader.feed(streamFrame(bytesOf("journal.jsonl", 1, "x")), events));
    QCOMPARE(events.size(), std::size_t{1});
    QVERIFY(reader.finish().error().kept.starts_with("1 frame before it"));
}

BOTTEGA_TEST_MAIN(TestStreamReader)
#include "tst_streamreader.moc"
