// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomicsave.h"
#include "core/run/process.h"
#include "core/run/runstatus.h"
#include "tests/support/testcase.h"

#include <QTemporaryDir>

#include <csignal>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

using namespace bottega;

/// States as they follow from a journal and the processes it names. The processes are real ones.
class TestRunStatus : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void processIsKnownByItsStart();
    void zombieIsNotAlive();
    void newRunIsNotStarted();
    void goneFolderIsNotFound();
    void terminalStateNeedsNoProcess();
    void nothingFollowsATerminalState();
    void cancelRequestStaysUntilTheEnd();
    void livingWorkIsTheEvidence();
    void workWithoutAgentIsStillRunning();
    void reusedPidIsNotOurs();
    void endRecordDecidesWhenBothAreGone();
    void endRecordOfAnotherProcessDoesNot();
    void bothGoneWithoutAWordIsFailed();
    void agentGoneBeforeTheWorkIsFailed();
    void otherHostIsNotResponding();
    void case19_restartOfTheHostIsTold();
    void case18_sameHostNameElsewhereIsNotResponding();
    void case18_renamedHostIsStillThisOne();
    void case20_durationsIgnoreTheWallClock();
    void stoppedWorkIsToldAsSuch();
    void newAttemptBeginsAnew();
    void damagedLinesAreCounted();

private:
    std::unique_ptr<QTemporaryDir> m_temporary;
    std::unique_ptr<RunFolder> m_folder;
    std::vector<pid_t> m_children;

    pid_t living()
    {
        const pid_t pid = ::fork();
        if (pid == 0)
            for (;;)
                ::pause();
        m_children.push_back(pid);
        return pid;
    }
    /// Identity of a process that is gone for good.
    std::pair<int, std::uint64_t> gone()
    {
        const pid_t pid = living();
        const auto start = processStart(pid).value();
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        m_children.pop_back();
        return {pid, start};
    }
    JournalEntry entry(RunState state, double time)
    {
        JournalEntry made;
        made.time = time;
        made.state = state;
        made.evidence = "evidence";
        made.bootId = bootId();
        made.host = hostName();
        return made;
    }
    void append(const JournalEntry &made) { QVERIFY_RESULT(appendJournal(m_folder->journal(), made)); }
    void appendRunning(std::pair<int, std::uint64_t> agent, std::pair<int, std::uint64_t> work)
    {
        JournalEntry made = entry(RunState::Running, 20);
        made.agentPid = agent.first;
        made.agentStart = agent.second;
        made.pid = work.first;
        made.pidStart = work.second;
        append(made);
    }
    [[nodiscard]] RunStatus status() const { return readRunStatus(*m_folder).value(); }
    void writeEnd(int pid, const char *state)
    {
        const Json json = {{"attempt", 1}, {"pid", pid}, {"exitStatus", 1}, {"state", state},
                           {"error", {{"what", "The data is damaged"}, {"where", "train.idx"}}}, {"time", 99.5}};
        QVERIFY_RESULT(saveAtomically(m_folder->endRecord(), dumpJson(json)));
    }
};

void TestRunStatus::init()
{
    TestCase::init();
    m_temporary = std::make_unique<QTemporaryDir>();
    m_folder = std::make_unique<RunFolder>(m_temporary->path().toStdString());
}

void TestRunStatus::cleanup()
{
    for (const pid_t pid : m_children) {
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
    }
    m_children.clear();
}

void TestRunStatus::processIsKnownByItsStart()
{
    const auto start = processStart(::getpid());
    QVERIFY(start && *start > 0);
    QVERIFY(isAlive(::getpid(), *start));
    QVERIFY(!isAlive(::getpid(), *start + 1));
    QVERIFY(!processStart(0) && !processStart(-1));
    QCOMPARE(bootId().size(), std::size_t(36));
    QCOMPARE(signalText(9), std::string("signal 9 (Killed)"));
}

void TestRunStatus::zombieIsNotAlive()
{
    const pid_t pid = living();
    const auto start = processStart(pid).value();
    QVERIFY(isAlive(pid, start));
    ::kill(pid, SIGKILL);
    siginfo_t info = {};
    ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT);
    QVERIFY(!isAlive(pid, start));
}

void TestRunStatus::newRunIsNotStarted()
{
    QCOMPARE(status().state, RunState::NotStarted);
    QCOMPARE(status().attempts, 0);
}

void TestRunStatus::goneFolderIsNotFound()
{
    const auto gone = readRunStatus(RunFolder(m_folder->root() / "none"));
    QVERIFY(!gone);
    QCOMPARE(gone.error().code, ErrorCode::NotFound);
}

void TestRunStatus::terminalStateNeedsNoProcess()
{
    const auto nobody = gone();
    append(entry(RunState::Starting, 10));
    appendRunning(nobody, nobody);
    append(entry(RunState::Completed, 30));
    const RunStatus now = status();
    QCOMPARE(now.state, RunState::Completed);
    QCOMPARE(now.started, 20.0);
    QCOMPARE(now.ended, 30.0);
    QCOMPARE(now.since, 30.0);
    QCOMPARE(now.attempts, 1);
    QVERIFY(now.error.empty());
}

void TestRunStatus::nothingFollowsATerminalState()
{
    append(entry(RunState::Completed, 10));
    append(entry(RunState::CancelRequested, 11));
    append(entry(RunState::Canceled, 12));
    QCOMPARE(status().state, RunState::Completed);
    QCOMPARE(status().ended, 10.0);
}

void TestRunStatus::cancelRequestStaysUntilTheEnd()
{
    const pid_t pid = living();
    const std::pair<int, std::uint64_t> alive{pid, processStart(pid).value()};
    append(entry(RunState::CancelRequested, 15));
    appendRunning(alive, alive);
    QCOMPARE(status().state, RunState::CancelRequested);
    QCOMPARE(status().started, 20.0);
    append(entry(RunState::Canceled, 30));
    QCOMPARE(status().state, RunState::Canceled);
}

void TestRunStatus::livingWorkIsTheEvidence()
{
    const pid_t agent = living();
    const pid_t work = living();
    appendRunning({agent, processStart(agent).value()}, {work, processStart(work).value()});
    QCOMPARE(status().state, RunState::Running);
    QCOMPARE(status().evidence, "pid " + std::to_string(work) + " alive");
}

void TestRunStatus::workWithoutAgentIsStillRunning()
{
    const pid_t work = living();
    appendRunning(gone(), {work, processStart(work).value()});
    QCOMPARE(status().state, RunState::Running);
    QCOMPARE(status().evidence, "agent gone, pid " + std::to_string(work) + " alive");
}

void TestRunStatus::reusedPidIsNotOurs()
{
    const pid_t stranger = living();
    const std::pair<int, std::uint64_t> former{stranger, processStart(stranger).value() - 1};
    appendRunning(former, former);
    QCOMPARE(status().state, RunState::Failed);
}

void TestRunStatus::endRecordDecidesWhenBothAreGone()
{
    const auto work = gone();
    appendRunning(gone(), work);
    writeEnd(work.first, "Completed");
    QCOMPARE(status().state, RunState::Completed);
    QCOMPARE(status().ended, 99.5);
    writeEnd(work.first, "Failed");
    QCOMPARE(status().state, RunState::Failed);
    QVERIFY(status().error.find("The data is damaged: train.idx") != std::string::npos);
    writeEnd(work.first, "Running"); // no end at all
    QVERIFY(status().error.find("without an end record") != std::string::npos);
}

void TestRunStatus::endRecordOfAnotherProcessDoesNot()
{
    const auto work = gone();
    appendRunning(gone(), work);
    writeEnd(work.first + 1, "Completed");
    QCOMPARE(status().state, RunState::Failed);
}

void TestRunStatus::bothGoneWithoutAWordIsFailed()
{
    const auto work = gone();
    appendRunning(gone(), work);
    const RunStatus now = status();
    QCOMPARE(now.state, RunState::Failed);
    QCOMPARE(now.error, now.evidence);
    QVERIFY(now.error.find("work pid " + std::to_string(work.first) + " gone") != std::string::npos);
    QCOMPARE(now.ended, 20.0); // the last time we know of
}

void TestRunStatus::agentGoneBeforeTheWorkIsFailed()
{
    const auto agent = gone();
    JournalEntry made = entry(RunState::Preparing, 10);
    made.agentPid = agent.first;
    made.agentStart = agent.second;
    append(made);
    QCOMPARE(status().state, RunState::Failed);
    QVERIFY(status().error.find("before the work was started") != std::string::npos);
}

void TestRunStatus::otherHostIsNotResponding()
{
    JournalEntry made = entry(RunState::Running, 10);
    made.agentPid = ::getpid();
    made.agentStart = processStart(::getpid());
    made.host = "elsewhere";
    append(made);
    QCOMPARE(status().state, RunState::NotResponding);
    QCOMPARE(status().since, 10.0);
    QVERIFY(status().evidence.find("elsewhere") != std::string::npos);
}

void TestRunStatus::case18_sameHostNameElsewhereIsNotResponding()
{
    JournalEntry made = entry(RunState::Running, 10);
    made.agentPid = ::getpid();
    made.agentStart = processStart(::getpid());
    made.bootId = "another-boot";
    for (const std::string &machine : {std::string(), std::string("another-machine")}) {
        made.machineId = machine;
        append(made);
        QCOMPARE(status().state, RunState::NotResponding);
        QVERIFY(status().evidence.find(hostName()) != std::string::npos);
        QVERIFY(!status().needsAgent);
    }
    made.bootId = bootId(); // one kernel, but other processes behind the same ids
    made.pidNamespace = "pid:[1]";
    append(made);
    QCOMPARE(status().state, RunState::NotResponding);
    made.pidNamespace = pidNamespace(); // and back when there is a word that can be checked
    append(made);
    QCOMPARE(status().state, RunState::Running);
}

void TestRunStatus::case18_renamedHostIsStillThisOne()
{
    const pid_t work = living();
    JournalEntry made = entry(RunState::Running, 10);
    made.agentPid = ::getpid();
    made.agentStart = processStart(::getpid());
    made.pid = work;
    made.pidStart = processStart(work);
    made.pidNamespace = pidNamespace();
    made.host = "its-former-name";
    append(made);
    QCOMPARE(status().state, RunState::Running);
    QCOMPARE(status().evidence, "pid " + std::to_string(work) + " alive");
}

/// Ten years forward and back on the wall clock; the steady one says 7 s.
void TestRunStatus::case20_durationsIgnoreTheWallClock()
{
    constexpr double decade = 315'360'000;
    for (const double jump : {decade, -decade, -1.0, 3600.0}) {
        std::filesystem::remove(m_folder->journal());
        JournalEntry made = entry(RunState::Running, 1e9);
        made.agentPid = ::getpid();
        made.agentStart = processStart(::getpid());
        made.steady = 1000;
        append(made);
        made.state = RunState::Completed; // the order is the position's
        made.time += jump;
        *made.steady += 7;
        append(made);
        QCOMPARE(status().state, RunState::Completed);
        QCOMPARE(status().durationSeconds, 7.0);
        QCOMPARE(status().readAt, 0.0);
    }
    std::filesystem::remove(m_folder->journal()); // of another boot, by the wall clock, and not below zero
    JournalEntry made = entry(RunState::Running, 1e9);
    made.agentPid = ::getpid();
    made.agentStart = processStart(::getpid());
    append(made);
    made.state = RunState::Completed;
    made.time -= 3600;
    append(made);
    QCOMPARE(status().durationSeconds, 0.0);
}

void TestRunStatus::stoppedWorkIsToldAsSuch()
{
    const pid_t work = living();
    appendRunning({::getpid(), processStart(::getpid()).value()}, {work, processStart(work).value()});
    ::kill(work, SIGSTOP);
    QTRY_COMPARE(status().evidence, "pid " + std::to_string(work) + " stopped (SIGSTOP), not ended");
    QCOMPARE(status().state, RunState::Running);
    ::kill(work, SIGCONT);
    QTRY_COMPARE(status().evidence, "pid " + std::to_string(work) + " alive");
}

void TestRunStatus::case19_restartOfTheHostIsTold()
{
    JournalEntry made = entry(RunState::Running, 10);
    made.agentPid = ::getpid();
    made.agentStart = processStart(::getpid());
    made.pid = 4242;
    made.pidStart = 1;
    made.bootId = "another-boot";
    made.machineId = machineId();
    if (made.machineId.empty())
        QSKIP("this machine has no id to know it by");
    append(made);
    QCOMPARE(status().state, RunState::Failed);
    QVERIFY2(status().evidence.starts_with("interrupted: host " + hostName() + " was restarted at 20"),
             status().evidence.c_str());
    QVERIFY(status().evidence.ends_with("bottega-cli run resume goes on from its last checkpoint"));
    QVERIFY(status().needsAgent);
    QCOMPARE(status().error, status().evidence);
    writeEnd(4242, "Completed"); // the work had told its end before
    QCOMPARE(status().state, RunState::Completed);
}

void TestRunStatus::newAttemptBeginsAnew()
{
    const auto nobody = gone();
    append(entry(RunState::Starting, 5));
    appendRunning(nobody, nobody);
    append(entry(RunState::Failed, 30));
    JournalEntry second = entry(RunState::Queued, 40);
    second.attempt = 2;
    append(second);
    append(entry(RunState::Completed, 41)); // a straggler of the first
    QCOMPARE(status().state, RunState::Queued);
    QCOMPARE(status().attempts, 2);
    QCOMPARE(status().started, 20.0);
    QCOMPARE(status().ended, 0.0);
}

void TestRunStatus::damagedLinesAreCounted()
{
    append(entry(RunState::Queued, 1));
    std::ofstream(m_folder->journal(), std::ios::app) << "{\"state\":\"Failed\"}\n";
    append(entry(RunState::Completed, 2));
    QCOMPARE(status().state, RunState::Completed);
    QCOMPARE(status().damagedJournalLines, 1);
}

BOTTEGA_TEST_MAIN(TestRunStatus)
#include "tst_runstatus.moc"
