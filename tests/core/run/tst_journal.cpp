// SPDX-License-Identifier: Apache-2.0
#include "core/base/crc32c.h"
#include "core/base/file.h"
#include "core/run/journal.h"
#include "tests/support/testcase.h"

#include <QTemporaryDir>

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
    void flippedByteLosesItsLineOnly();
    void garbageInTheMiddleIsCounted();
    void unknownStateIsCounted();
    void manyWritersLoseNothing();
    void fileIsPrivateWhateverTheUmask();
    void refusesWhatIsNoFile();

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

void TestJournal::flippedByteLosesItsLineOnly()
{
    append(RunState::Queued);
    const std::size_t first = bytes().size();
    append(RunState::Preparing, "checking");
    const std::size_t second = bytes().size();
    append(RunState::Starting);
    const std::string whole = bytes();
    for (std::size_t at = first; at < second; ++at) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x01);
        overwrite(damaged);
        const JournalContent read = content();
        const bool joined = at + 1 == second; // the line's end: its neighbour's goes with it
        QCOMPARE(read.entries.size(), std::size_t(joined ? 1 : 2));
        QVERIFY(read.damagedLines >= 1);
        QCOMPARE(read.entries.front().state, RunState::Queued);
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

BOTTEGA_TEST_MAIN(TestJournal)
#include "tst_journal.moc"
