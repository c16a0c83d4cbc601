// SPDX-License-Identifier: Apache-2.0
#include "core/base/crc32c.h"
#include "core/base/file.h"
#include "core/base/linereader.h"
#include "core/run/journal.h"
#include "tests/support/testcase.h"

#include <QTemporaryDir>

#include <algorithm>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace bottega;

class TestJournal : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void stateNamesAreThoseOfTheDesign();
    void missingFileIsEmpty();
    void everyFieldComesBack();
    void lineIsJsonWithItsSumLast();
    void hostileTextStaysOneLine();
    void tornLastLineIsWaitedFor();
    void tornLineCostsItselfOnly();
    void cutAtEveryByteLosesTheLastLineOnly();
    void garbageInTheMiddleIsCounted();
    void unknownStateIsCounted();
    void manyWritersLoseNothing();
    void fileIsPrivateWhateverTheUmask();
    void refusesWhatIsNoFile();
    void case06_journalLineWrittenAgainCountsOnce();
    void case12_journalCutAtEveryByte();
    void case12_journalWithEveryBitFlipped();
    void case12_journalWithZeroesAtItsEnd();
    void case12_journalWithGarbageInside();
    void case12_journalOfMixedWriters();
    void case41_journalOfHostileLines();
    void case42_journalThatIsNoOrdinaryFile();

private:
    std::filesystem::path m_path;
    std::unique_ptr<QTemporaryDir> m_folder;

    void append(RunState state, const std::string &evidence = "e")
    {
        JournalEntry entry;
        entry.time = 1795441353.25;
        entry.state = state;
        entry.evidence = evidence;
        QVERIFY_RESULT(appendJournal(m_path, entry));
    }
    [[nodiscard]] std::string bytes() const { return readFile(m_path).value(); }
    void overwrite(const std::string &text) const { std::ofstream(m_path, std::ios::binary | std::ios::trunc) << text; }
    [[nodiscard]] std::string twelve(std::vector<std::size_t> &starts);
    [[nodiscard]] JournalContent content() const { return readJournal(m_path).value(); }
};

void TestJournal::init()
{
    TestCase::init();
    m_folder = std::make_unique<QTemporaryDir>();
    m_path = m_folder->filePath(QStringLiteral("journal.jsonl")).toStdString();
}

void TestJournal::stateNamesAreThoseOfTheDesign()
{
    const std::vector<std::string> names = {"NotStarted", "Queued",     "Preparing",       "Provisioning",
                                            "Starting",   "Running",    "Finalizing",      "Completed",
                                            "Failed",     "CancelRequested", "Canceled",   "NotResponding"};
    for (std::size_t i = 0; i < names.size(); ++i) {
        QCOMPARE(std::string(runStateName(static_cast<RunState>(i))), names[i]);
        QCOMPARE(runStateFromName(names[i]), static_cast<RunState>(i));
    }
    QVERIFY(!runStateFromName("running"));
    QVERIFY(isTerminal(RunState::Failed) && !isTerminal(RunState::Finalizing));
}

void TestJournal::missingFileIsEmpty()
{
    QCOMPARE(content().entries.size(), std::size_t(0));
    QCOMPARE(content().bytes, std::uint64_t(0));
}

void TestJournal::everyFieldComesBack()
{
    JournalEntry entry;
    entry.time = 1795441353.7333105;
    entry.attempt = 3;
    entry.state = RunState::Failed;
    entry.evidence = "signal 9 (Killed)";
    entry.agentPid = 11;
    entry.agentStart = 18446744073709551615u;
    entry.pid = 12;
    entry.pidStart = 256760;
    entry.exitStatus = -1;
    entry.signal = 9;
    entry.bootId = "40118af1";
    entry.host = "büro";
    entry.by = "someone@somewhere";
    QVERIFY_RESULT(appendJournal(m_path, entry));
    QCOMPARE(content().entries.size(), std::size_t(1));
    const JournalEntry back = content().entries.front();
    QCOMPARE(back.time, entry.time);
    QCOMPARE(back.attempt, 3);
    QCOMPARE(back.state, RunState::Failed);
    QCOMPARE(back.evidence, entry.evidence);
    QCOMPARE(back.agentPid, entry.agentPid);
    QCOMPARE(back.agentStart, entry.agentStart);
    QCOMPARE(back.pid, entry.pid);
    QCOMPARE(back.pidStart, entry.pidStart);
    QCOMPARE(back.exitStatus, entry.exitStatus);
    QCOMPARE(back.signal, entry.signal);
    QCOMPARE(back.bootId, entry.bootId);
    QCOMPARE(back.host, entry.host);
    QCOMPARE(back.by, entry.by);
}

void TestJournal::lineIsJsonWithItsSumLast()
{
    append(RunState::Queued, "agent pid 7 has the run");
    const std::string line = bytes();
    QVERIFY(line.ends_with('\n'));
    const auto json = parseJson(line, "line");
    QVERIFY_RESULT(json);
    QCOMPARE(stringMember(*json, "state"), std::string("Queued"));
    QVERIFY(!json->contains("pid"));
    char sum[9];
    std::snprintf(sum, sizeof sum, "%08x", crc32c(std::string_view(line).substr(0, line.rfind(",\"crc\":"))));
    QCOMPARE(std::prev(json->end()).key(), std::string("crc"));
    QCOMPARE(stringMember(*json, "crc"), std::string(sum));
}

void TestJournal::hostileTextStaysOneLine()
{
    const std::string text = "<b>\n\r\x1b[31m\",\"crc\":\"00000000\"}\n{\"state\":\"Completed\"}";
    append(RunState::Failed, text);
    append(RunState::Running, "invalid \xff\xfe UTF-8");
    QCOMPARE(content().entries.size(), std::size_t(2));
    QCOMPARE(content().damagedLines, 0);
    QCOMPARE(content().entries.front().evidence, text);
}

void TestJournal::tornLastLineIsWaitedFor()
{
    append(RunState::Queued);
    append(RunState::Preparing);
    const std::string whole = bytes();
    overwrite(whole.substr(0, whole.size() - 5));
    QCOMPARE(content().entries.size(), std::size_t(1));
    QCOMPARE(content().damagedLines, 0);
    QCOMPARE(content().bytes, whole.size() - 5);
}

void TestJournal::tornLineCostsItselfOnly()
{
    append(RunState::Queued);
    append(RunState::Preparing);
    const std::string whole = bytes();
    overwrite(whole.substr(0, whole.size() - 1)); // even with all of it but the end
    append(RunState::Starting);
    QCOMPARE(content().entries.size(), std::size_t(3));
    overwrite(whole.substr(0, whole.size() - 2));
    append(RunState::Starting);
    QCOMPARE(content().entries.size(), std::size_t(2));
    QCOMPARE(content().entries.back().state, RunState::Starting);
    QCOMPARE(content().damagedLines, 1);
}

void TestJournal::cutAtEveryByteLosesTheLastLineOnly()
{
    append(RunState::Queued);
    const std::size_t first = bytes().size();
    append(RunState::Preparing);
    const std::string whole = bytes();
    for (std::size_t length = first; length < whole.size(); ++length) {
        overwrite(whole.substr(0, length));
        QCOMPARE(content().entries.size(), std::size_t(1));
        QCOMPARE(content().damagedLines, 0);
    }
}

void TestJournal::garbageInTheMiddleIsCounted()
{
    append(RunState::Queued);
    std::string garbage(1 << 20, '\0');
    for (std::size_t i = 0; i < garbage.size(); ++i)
        garbage[i] = static_cast<char>(i * 131 % 251 + 11); // no line end in it
    overwrite(bytes() + garbage);
    append(RunState::Completed);
    QCOMPARE(content().entries.size(), std::size_t(2));
    QCOMPARE(content().entries.back().state, RunState::Completed);
    QCOMPARE(content().damagedLines, 1);
}

void TestJournal::unknownStateIsCounted()
{
    std::string line = R"({"time":1,"attempt":1,"state":"Daydreaming","evidence":"")";
    char sum[9];
    std::snprintf(sum, sizeof sum, "%08x", crc32c(line));
    overwrite(line + ",\"crc\":\"" + sum + "\"}\n");
    QCOMPARE(content().entries.size(), std::size_t(0));
    QCOMPARE(content().damagedLines, 1);
}

void TestJournal::manyWritersLoseNothing()
{
    constexpr int writers = 4;
    constexpr int lines = 50;
    for (int writer = 0; writer < writers; ++writer) {
        if (::fork() != 0)
            continue;
        JournalEntry entry;
        entry.evidence = std::string(300, 'x');
        for (int i = 0; i < lines; ++i) {
            entry.attempt = writer * lines + i;
            if (!appendJournal(m_path, entry))
                ::_exit(1);
        }
        ::_exit(0);
    }
    for (int writer = 0; writer < writers; ++writer) {
        int status = -1;
        ::wait(&status);
        QCOMPARE(status, 0);
    }
    QCOMPARE(content().damagedLines, 0);
    std::vector<bool> seen(writers * lines, false);
    for (const JournalEntry &entry : content().entries)
        seen[static_cast<std::size_t>(entry.attempt)] = true;
    QCOMPARE(content().entries.size(), seen.size());
    QVERIFY(std::find(seen.begin(), seen.end(), false) == seen.end());
}

void TestJournal::fileIsPrivateWhateverTheUmask()
{
    for (const mode_t mask : {mode_t(0), mode_t(0777)}) {
        std::filesystem::remove(m_path);
        const mode_t before = ::umask(mask);
        append(RunState::Queued);
        ::umask(before);
        struct stat info = {};
        QCOMPARE(::stat(m_path.c_str(), &info), 0);
        QCOMPARE(info.st_mode & 0777, 0600u);
    }
}

void TestJournal::refusesWhatIsNoFile()
{
    QCOMPARE(::mkfifo(m_path.c_str(), 0600), 0);
    QVERIFY(!appendJournal(m_path, JournalEntry()));
    QVERIFY(!readJournal(m_path));
    std::filesystem::remove(m_path);
    std::filesystem::create_symlink("/dev/null", m_path);
    QVERIFY(!appendJournal(m_path, JournalEntry()));
    QVERIFY(!readJournal(m_path));
}

void TestJournal::case06_journalLineWrittenAgainCountsOnce()
{
    append(RunState::Queued);
    append(RunState::Preparing);
    append(RunState::Preparing); // as after a sync that failed
    QCOMPARE(content().entries.size(), std::size_t(2));
    QCOMPARE(content().damagedLines, 0);
}

/// The bytes of twelve entries, and where each begins.
std::string TestJournal::twelve(std::vector<std::size_t> &starts)
{
    for (int i = 0; i < 12; ++i) {
        starts.push_back(i == 0 ? 0 : bytes().size());
        append(RunState::Running, "line " + std::to_string(i) + std::string(static_cast<std::size_t>(i), 'x'));
    }
    return bytes();
}

void TestJournal::case12_journalCutAtEveryByte()
{
    std::vector<std::size_t> starts;
    const std::string whole = twelve(starts);
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        overwrite(whole.substr(0, length));
        const auto complete = std::count(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length), '\n');
        QCOMPARE(content().entries.size(), static_cast<std::size_t>(complete));
        QCOMPARE(content().damagedLines, 0); // it may come yet
        if (length % 7 != 0)
            continue;
        append(RunState::Completed, "the writer went on");
        const bool isTorn = length > 0 && whole[length - 1] != '\n';
        const bool isWholeButItsEnd = isTorn && whole[length] == '\n';
        QCOMPARE(content().entries.size(), static_cast<std::size_t>(complete + 1 + (isWholeButItsEnd ? 1 : 0)));
        QCOMPARE(content().entries.back().state, RunState::Completed);
        QCOMPARE(content().damagedLines, isTorn && !isWholeButItsEnd ? 1 : 0);
    }
}

void TestJournal::case12_journalWithEveryBitFlipped()
{
    std::vector<std::size_t> starts;
    const std::string whole = twelve(starts);
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
        overwrite(damaged);
        const JournalContent read = content();
        const auto touched = static_cast<std::size_t>(std::upper_bound(starts.begin(), starts.end(), at) - starts.begin()) - 1;
        const bool isEnd = whole[at] == '\n'; // joins two lines, both of which are whole
        if (isEnd && at + 1 == whole.size()) {
            QCOMPARE(read.entries.size(), std::size_t(11)); // like one whose end has not come
            continue;
        }
        QCOMPARE(read.entries.size(), std::size_t(isEnd ? 12 : 11));
        QVERIFY(read.damagedLines == 1 || (damaged[at] == '\n' && read.damagedLines == 2));
        for (const JournalEntry &entry : read.entries)
            QVERIFY(isEnd || entry.evidence != "line " + std::to_string(touched) + std::string(touched, 'x'));
    }
}

void TestJournal::case12_journalWithZeroesAtItsEnd()
{
    append(RunState::Queued);
    overwrite(bytes() + std::string(5000, '\0'));
    QCOMPARE(content().entries.size(), std::size_t(1));
    QCOMPARE(content().damagedLines, 1);
    append(RunState::Completed);
    QCOMPARE(content().entries.size(), std::size_t(2));
    QCOMPARE(content().damagedLines, 1);
}

void TestJournal::case12_journalWithGarbageInside()
{
    append(RunState::Queued);
    append(RunState::Preparing);
    const std::string before = bytes();
    append(RunState::Starting);
    append(RunState::Running);
    const std::string after = bytes().substr(before.size());
    std::string garbage(1 << 20, '\0');
    std::uint32_t state = 7;
    for (char &byte : garbage)
        byte = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    overwrite(before + garbage + after);
    JournalContent read = content();
    QCOMPARE(read.entries.size(), std::size_t(4)); // also the entry behind the garbage's last line
    QVERIFY(read.damagedLines >= 1);
    std::replace(garbage.begin(), garbage.end(), '\n', 'n');
    overwrite(before + garbage + "\n" + after);
    QCOMPARE(content().entries.size(), std::size_t(4));
    QCOMPARE(content().damagedLines, 1);
    append(RunState::Completed);
    QCOMPARE(content().entries.size(), std::size_t(5));
}

void TestJournal::case12_journalOfMixedWriters()
{
    append(RunState::Queued, "first");
    const std::string first = bytes();
    overwrite({});
    append(RunState::Preparing, "second");
    const std::string second = bytes();
    overwrite({});
    append(RunState::Starting, "third");
    const std::string third = bytes();
    for (std::size_t cut = 1; cut + 1 < first.size(); ++cut) { // the second fell into the first
        overwrite(first.substr(0, cut) + second + first.substr(cut) + third);
        const JournalContent read = content();
        QCOMPARE(read.entries.size(), std::size_t(2));
        QCOMPARE(read.entries.front().evidence, std::string("second"));
        QVERIFY(read.damagedLines == 1 || read.damagedLines == 2); // what is before and behind it
    }
}

void TestJournal::case41_journalOfHostileLines()
{
    append(RunState::Queued);
    const std::string good = bytes();
    const std::vector<std::string> lines = {
        std::string(100'000, '['),
        std::string(100'000, '{'),
        R"({"time":NaN,"state":"Running"})",
        R"({"time":1e400,"state":"Running"})",
        R"({"time":1,"attempt":9223372036854775809,"state":"Running"})",
        R"({"time":1,"evidence":"\ud800"})",
        "{\"time\":1,\"evidence\":\"\xff\xfe\"}",
        R"({"time":1,"time":2,"state":"Running","state":"Failed"})",
        R"({"time":1,"state":"Running","crc":"zzzzzzzz"})",
        std::string(longestLine + 1, 'x'),
    };
    std::string all = good;
    for (const std::string &line : lines)
        all += line + "\n";
    std::string crlf = good;
    crlf.insert(crlf.size() - 1, 1, '\r');
    append(RunState::Running);
    overwrite(all + bytes().substr(good.size()) + R"({"time":3,"state":"Com)");
    QCOMPARE(content().entries.size(), std::size_t(2));
    QCOMPARE(content().damagedLines, static_cast<int>(lines.size()));
    overwrite(crlf);
    QCOMPARE(content().entries.size(), std::size_t(1));
    QCOMPARE(content().damagedLines, 0);
}

void TestJournal::case42_journalThatIsNoOrdinaryFile()
{
    const auto refusal = [this] {
        const auto read = readJournal(m_path);
        return read ? std::string("it was read") : describe(read.error());
    };
    QCOMPARE(::mkfifo(m_path.c_str(), 0600), 0);
    QVERIFY2(refusal().find("not a regular file") != std::string::npos, refusal().c_str());
    std::filesystem::remove(m_path);
    std::filesystem::create_directory(m_path);
    QVERIFY2(refusal().find("not a regular file") != std::string::npos, refusal().c_str());
    std::filesystem::remove(m_path);
    std::filesystem::create_symlink("/dev/zero", m_path);
    QVERIFY2(refusal().find("not a regular file") != std::string::npos, refusal().c_str());
    std::filesystem::remove(m_path);
    std::filesystem::create_symlink(m_path, m_path);
    QVERIFY2(refusal().find("could not be opened") != std::string::npos, refusal().c_str());
    std::filesystem::remove(m_path);
    overwrite({});
    QCOMPARE(content().entries.size(), std::size_t(0));
    std::filesystem::resize_file(m_path, std::uintmax_t(1) << 40);
    QVERIFY2(refusal().find("more than the") != std::string::npos, refusal().c_str());
}

BOTTEGA_TEST_MAIN(TestJournal)
#include "tst_journal.moc"
