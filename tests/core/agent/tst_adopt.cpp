// SPDX-License-Identifier: Apache-2.0
#include "core/agent/processtree.h"
#include "core/run/readmetrics.h"
#include "tests/core/agent/agenttest.h"

#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

using namespace bottega;
using namespace Qt::StringLiterals;

/// Agents die; others go on with the work that they leave.
class TestAdopt : public bottega::test::AgentTest
{
    Q_OBJECT
private Q_SLOTS:
    void adoptedRunIsFinalized();
    void adoptedWorkIsCanceled();
    void aCancelRequestSurvivesItsAgent();
    void theDurationCountsFromTheWorksStart();
    void aReachedLimitSurvivesItsAgent();
    void telemetryGoesOn();
    void onlyOneOfManyAdopts();
    void nothingToAdoptIsNoError();
    void manyAtOnce();
    void leftoversOfDeadWorkGo();

    void case02_workGoesOnAndItsStatusIsLearnt();
    void case02_unknownStatusIsNotInvented();
    void case02_noPointIsLostWhileAgentsDie();
    void case04_allKilledAtOnce();
    void case18_reusedPidIsNeverSignaled();
    void case19_restartIsWrittenDownOnce();
    void case21_stoppedAgentAndWorkAreNoCrash();

private:
    [[nodiscard]] std::string adoption() const
    {
        for (const JournalEntry &entry : entries()) {
            if (entry.evidence.find("adopted by") != std::string::npos)
                return entry.evidence;
        }
        return {};
    }
    void waitForAdoption() const { QTRY_VERIFY(!adoption().empty()); }
};

void TestAdopt::adoptedRunIsFinalized()
{
    make("print a;wait go;argv outputs/argv;print b;end Completed 0;exit 0");
    startAndOrphan();
    QVERIFY(status().needsAgent);
    Agent agent = adopt();
    waitForAdoption();
    QVERIFY(!status().needsAgent);
    QCOMPARE(status().state, RunState::Running);
    QCOMPARE(status().evidence, "pid " + std::to_string(workPid()) + " alive");
    let("go");
    QCOMPARE(exitCode(agent), 0);
    QCOMPARE(status().state, RunState::Completed);
    QCOMPARE(status().evidence, std::string("exit status 0 by the work's own end record"));
    QCOMPARE(status().attempts, 1);
    QCOMPARE(entries().back().exitStatus, std::optional<int>(0));
    QVERIFY(entries()[entries().size() - 2].evidence.find("1 artifacts") != std::string::npos);
    QCOMPARE(readFile(m_run->driverLog()).value(), std::string("a\nb\n"));
}

void TestAdopt::adoptedWorkIsCanceled()
{
    make("ignore-term;child;daemon;sleep 60");
    Agent first = start();
    QTRY_VERIFY(hasWorkFile("daemon"));
    m_strays = {workPid(), pidIn("child"), pidIn("daemon")};
    ::kill(first.pid(), SIGKILL);
    QCOMPARE(exitCode(first), 9);
    Agent agent = adopt({u"--grace"_s, u"0.2"_s});
    waitForAdoption();
    QVERIFY_RESULT(cancel());
    QCOMPARE(exitCode(agent), 1);
    QCOMPARE(status().state, RunState::Canceled);
    QVERIFY2(status().evidence.find("did not end within 0.2 s") != std::string::npos, status().evidence.c_str());
    QCOMPARE(count(RunState::Canceled), 1);
    for (const int pid : m_strays)
        QVERIFY(isGone(pid));
}

void TestAdopt::aCancelRequestSurvivesItsAgent()
{
    make("ignore-term;print x;sleep 60");
    Agent first = start();
    QTRY_VERIFY(readFile(m_run->driverLog()).value_or("") == "x\n");
    m_strays = {workPid()};
    ::kill(first.pid(), SIGSTOP);
    QVERIFY_RESULT(cancel());
    ::kill(first.pid(), SIGKILL);
    QCOMPARE(exitCode(first), 9);
    Agent agent = adopt({u"--grace"_s, u"0.2"_s});
    QCOMPARE(exitCode(agent), 1);
    QCOMPARE(status().state, RunState::Canceled);
    QVERIFY(isGone(m_strays.front()));
}

void TestAdopt::theDurationCountsFromTheWorksStart()
{
    Job made = job("sleep 60");
    made.maxDurationSeconds = 1.5;
    make(made);
    startAndOrphan();
    QTRY_VERIFY_WITH_TIMEOUT(status().durationSeconds > 1.6, 5000); // reached while nobody watched
    Agent agent = adopt();
    QCOMPARE(exitCode(agent), 1);
    QCOMPARE(status().state, RunState::Failed);
    QCOMPARE(status().error, std::string("max duration of 1.5 s reached"));
    QVERIFY(isGone(workPid()));
    QVERIFY(status().durationSeconds < 4);
}

void TestAdopt::aReachedLimitSurvivesItsAgent()
{
    Job made = job("ignore-term;sleep 60");
    made.maxDurationSeconds = 0.5;
    make(made);
    Agent first = start();
    const auto isStopping = [this] { return !entries().empty() && !entries().back().limit.empty(); };
    QTRY_VERIFY(isStopping());
    m_strays = {workPid()};
    ::kill(first.pid(), SIGKILL);
    QCOMPARE(exitCode(first), 9);
    Agent agent = adopt({u"--grace"_s, u"0.2"_s});
    QCOMPARE(exitCode(agent), 1);
    QCOMPARE(status().error, std::string("max duration of 0.5 s reached"));
    QVERIFY(isGone(m_strays.front()));
}

void TestAdopt::telemetryGoesOn()
{
    make("spin 0.3;wait go;end Completed 0;exit 0");
    startAndOrphan();
    QTRY_VERIFY_WITH_TIMEOUT(status().durationSeconds > 1.2, 5000);
    Agent agent = adopt();
    const auto last = [this] {
        const auto metrics = readMetrics(m_run->telemetry());
        const auto memory = metrics ? metrics->find("memory/rss_mib") : decltype(metrics->end())();
        return metrics && memory != metrics->end() ? memory->second.back().step : -1;
    };
    QTRY_VERIFY(last() >= 1); // not from 0 again
    let("go");
    QCOMPARE(exitCode(agent), 0);
    const auto metrics = readMetrics(m_run->telemetry());
    QVERIFY_RESULT(metrics);
    for (const MetricPoint &point : metrics->at("cpu/percent"))
        QVERIFY2(point.value < 150, qPrintable(QString::number(point.value))); // what it used before is not of this second
}

void TestAdopt::onlyOneOfManyAdopts()
{
    make("wait go;end Completed 0;exit 0");
    startAndOrphan();
    std::vector<Agent> all;
    for (int i = 0; i < 6; ++i)
        all.push_back(adopt());
    waitForAdoption();
    const auto living = [&all] {
        return std::count_if(all.begin(), all.end(), [](Agent &one) { return one.process->state() != QProcess::NotRunning; });
    };
    QTRY_COMPARE(living(), 1);
    let("go");
    for (Agent &one : all) {
        QCOMPARE(exitCode(one), 0);
        QVERIFY(one.process->readAllStandardError().isEmpty());
    }
    const auto everything = entries();
    QCOMPARE(std::count_if(everything.begin(), everything.end(),
                           [](const JournalEntry &entry) { return entry.evidence.find("adopted") != std::string::npos; }),
             1);
    QCOMPARE(count(RunState::Completed), 1);
}

void TestAdopt::nothingToAdoptIsNoError()
{
    make("wait go;exit 0");
    Agent none = adopt(); // no agent has begun it
    QCOMPARE(exitCode(none), 0);
    QVERIFY(entries().empty());
    Agent first = start();
    QTRY_COMPARE(status().state, RunState::Running);
    const auto before = entries().size();
    Agent living = adopt();
    QCOMPARE(exitCode(living), 0);
    QCOMPARE(entries().size(), before);
    let("go");
    QCOMPARE(exitCode(first), 0);
    const auto after = entries().size();
    Agent ended = adopt();
    QCOMPARE(exitCode(ended), 0);
    QCOMPARE(entries().size(), after);
}

void TestAdopt::manyAtOnce()
{
    std::vector<RunFolder> runs;
    QStringList folders;
    for (int i = 0; i < 3; ++i) {
        make("wait go;end Completed 0;exit 0");
        startAndOrphan();
        runs.push_back(*m_run);
        folders.append(QString::fromStdString(m_run->root().string()));
    }
    ::kill(m_strays.front(), SIGKILL); // one is dead already
    QTRY_VERIFY(isGone(m_strays.front()));
    Agent agents;
    agents.process->start(agentProgram(), QStringList{u"adopt"_s} + folders);
    for (const RunFolder &run : runs) {
        m_run = std::make_unique<RunFolder>(run);
        QTRY_VERIFY(!readRunStatus(run)->needsAgent);
        let("go");
    }
    QCOMPARE(exitCode(agents), 0); // the dead one was written down; the others completed
    QCOMPARE(readRunStatus(runs[0])->state, RunState::Failed);
    QVERIFY(readRunStatus(runs[0])->evidence.find("exit status unknown") != std::string::npos);
    QCOMPARE(readRunStatus(runs[1])->state, RunState::Completed);
    QCOMPARE(readRunStatus(runs[2])->state, RunState::Completed);
}

void TestAdopt::leftoversOfDeadWorkGo()
{
    make("child;daemon;wait go;end Completed 0;exit 0");
    startAndOrphan();
    QTRY_VERIFY(hasWorkFile("daemon"));
    m_strays = {pidIn("child"), pidIn("daemon")};
    const int work = workPid();
    let("go");
    QTRY_VERIFY(isGone(work));
    Agent agent = adopt({u"--grace"_s, u"0.1"_s});
    QCOMPARE(exitCode(agent), 0);
    QCOMPARE(status().state, RunState::Completed);
    QVERIFY(isGone(pidIn("child")));
    QVERIFY(!isGone(pidIn("daemon"))); // it left the group, and the work ended by itself
}

void TestAdopt::case02_workGoesOnAndItsStatusIsLearnt()
{
    make("point 400;wait go;end Failed 3 The data is damaged;exit 3");
    startAndOrphan();
    QTRY_COMPARE(pidIn("acknowledged"), 400); // it went on
    QCOMPARE(status().state, RunState::Running);
    Agent agent = adopt();
    waitForAdoption();
    let("go");
    QCOMPARE(exitCode(agent), 1);
    QCOMPARE(status().state, RunState::Failed);
    QCOMPARE(status().error,
             std::string("exit status 3 by the work's own end record: The data is damaged: here (1 checkpoint). Try again"));
    QCOMPARE(entries().back().exitStatus, std::optional<int>(3));
    QCOMPARE(status().damagedJournalLines, 0);
    QCOMPARE(readMetrics(m_run->metrics())->at("train/loss").size(), std::size_t(400));
}

void TestAdopt::case02_unknownStatusIsNotInvented()
{
    for (const bool diesBefore : {false, true}) {
        make("wait go;signal 11");
        startAndOrphan();
        if (diesBefore) {
            let("go");
            QTRY_VERIFY(isGone(workPid()));
        }
        Agent agent = adopt();
        if (!diesBefore) {
            waitForAdoption();
            let("go");
        }
        exitCode(agent);
        QCOMPARE(status().state, RunState::Failed);
        QVERIFY2(status().error.starts_with("exit status unknown: nobody was left to wait for it"), status().error.c_str());
        QVERIFY(!entries().back().exitStatus && !entries().back().signal);
        QCOMPARE(count(RunState::Failed), 1);
        QVERIFY(!status().needsAgent);
    }
}

void TestAdopt::case02_noPointIsLostWhileAgentsDie()
{
    make("point 1000000");
    startAndOrphan();
    const int work = workPid();
    for (int kills = 0; kills < 10; ++kills) {
        const int before = pidIn("acknowledged");
        Agent agent = adopt();
        QTRY_COMPARE(agentPid(), agent.pid());
        ::kill(agent.pid(), SIGKILL);
        QCOMPARE(exitCode(agent), 9);
        QTRY_VERIFY(pidIn("acknowledged") > before);
    }
    ::kill(work, SIGKILL);
    QTRY_VERIFY(isGone(work));
    const auto acknowledged = static_cast<std::size_t>(pidIn("acknowledged"));
    const auto metrics = readMetrics(m_run->metrics());
    QVERIFY_RESULT(metrics);
    const auto &points = metrics->at("train/loss");
    QVERIFY(points.size() >= acknowledged && points.size() <= acknowledged + 1);
    for (std::size_t i = 0; i < points.size(); ++i)
        QCOMPARE(points[i].value, static_cast<double>(i + 1));
}

void TestAdopt::case04_allKilledAtOnce()
{
    make("point 1000000");
    Agent agent = start();
    QTRY_VERIFY(pidIn("acknowledged") > 200);
    const int work = workPid();
    ::kill(agent.pid(), SIGKILL);
    ::kill(work, SIGKILL);
    QCOMPARE(exitCode(agent), 9);
    QTRY_VERIFY(isGone(work));
    Agent after = adopt();
    QCOMPARE(exitCode(after), 0); // it only wrote down what there was to say
    QCOMPARE(count(RunState::Failed), 1);
    QVERIFY(status().error.find("agent pid " + std::to_string(*entries().front().agentPid) + " gone") != std::string::npos);
    const auto acknowledged = static_cast<std::size_t>(pidIn("acknowledged"));
    const auto points = readMetrics(m_run->metrics())->at("train/loss");
    QVERIFY(points.size() >= acknowledged && points.size() <= acknowledged + 1);
    QVERIFY(status().durationSeconds >= 0);
}

/// The journal names a living process, but not with its start: a stranger under the same number.
void TestAdopt::case18_reusedPidIsNeverSignaled()
{
    QProcess stranger;
    stranger.start(u"sleep"_s, {u"60"_s});
    QVERIFY(stranger.waitForStarted());
    const auto pid = static_cast<int>(stranger.processId());
    make("exit 0");
    JournalEntry entry;
    entry.time = 1e9;
    entry.state = RunState::Running;
    entry.agentPid = entry.pid = pid;
    entry.agentStart = entry.pidStart = processStart(pid).value() - 1;
    entry.bootId = bootId();
    entry.host = hostName();
    QVERIFY_RESULT(appendJournal(m_run->journal(), entry));
    entry.state = RunState::CancelRequested;
    entry.agentPid.reset();
    QVERIFY_RESULT(appendJournal(m_run->journal(), entry));
    std::ofstream(m_run->root() / "agent.lock") << pid; // a lock's file says nothing, only the lock does
    Agent agent = adopt();
    QCOMPARE(exitCode(agent), 0);
    QCOMPARE(status().state, RunState::Canceled);
    QVERIFY(!isGone(pid));
    stranger.kill();
    stranger.waitForFinished();
}

void TestAdopt::case19_restartIsWrittenDownOnce()
{
    if (machineId().empty())
        QSKIP("this machine has no id to know it by");
    make("exit 0");
    JournalEntry entry;
    entry.time = 1e9;
    entry.state = RunState::Running;
    entry.agentPid = entry.pid = ::getpid();
    entry.agentStart = entry.pidStart = processStart(::getpid());
    entry.bootId = "an-earlier-boot";
    entry.machineId = machineId();
    entry.host = hostName();
    QVERIFY_RESULT(appendJournal(m_run->journal(), entry));
    const std::string seen = status().evidence;
    for (int i = 0; i < 2; ++i) {
        Agent agent = adopt();
        QCOMPARE(exitCode(agent), 0);
    }
    QCOMPARE(entries().size(), std::size_t(2));
    QCOMPARE(status().state, RunState::Failed);
    QCOMPARE(status().evidence, seen);
    QVERIFY(seen.starts_with("interrupted: host "));
}

void TestAdopt::case21_stoppedAgentAndWorkAreNoCrash()
{
    make("wait go;end Completed 0;exit 0");
    Agent agent = start();
    QTRY_COMPARE(status().state, RunState::Running);
    const int work = workPid();
    m_strays = {work, agent.pid()};
    ::kill(agent.pid(), SIGSTOP);
    ::kill(work, SIGSTOP);
    const std::string stopped = "pid " + std::to_string(work) + " stopped (SIGSTOP), not ended";
    QTRY_VERIFY(status().evidence.starts_with(stopped));
    QTRY_VERIFY(status().evidence.find("agent pid " + std::to_string(agent.pid()) + " stopped") != std::string::npos);
    QCOMPARE(status().state, RunState::Running);
    QVERIFY(!status().needsAgent);
    Agent other = adopt(); // it is not dead: nothing to adopt
    QCOMPARE(exitCode(other), 0);
    QVERIFY(adoption().empty());
    ::kill(work, SIGCONT);
    ::kill(agent.pid(), SIGCONT);
    let("go");
    QCOMPARE(exitCode(agent), 0);
    QCOMPARE(status().state, RunState::Completed);
}

BOTTEGA_TEST_MAIN(TestAdopt)
#include "tst_adopt.moc"
