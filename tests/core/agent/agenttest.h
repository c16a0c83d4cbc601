// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/agent/agent.h"
#include "core/base/atomicsave.h"
#include "core/base/file.h"
#include "core/run/process.h"
#include "core/run/runstatus.h"
#include "tests/support/testcase.h"

#include <QProcess>
#include <QTemporaryDir>

#include <algorithm>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

namespace bottega::test {

namespace fs = std::filesystem;
using namespace Qt::StringLiterals;

/// Base of tests with real agents and real processes as their work: one run of its own in each test function.
class AgentTest : public TestCase
{
    Q_OBJECT
protected Q_SLOTS:
    void init()
    {
        TestCase::init();
        m_temporary = std::make_unique<QTemporaryDir>();
        qputenv("BOTTEGA_CPU_SLOTS", "8"); // room for several runs, whatever the machine
    }
    void cleanup()
    {
        for (const int pid : m_strays)
            ::kill(pid, SIGKILL);
        m_strays.clear();
    }

protected:
    struct Agent
    {
        std::unique_ptr<QProcess> process = std::make_unique<QProcess>();

        [[nodiscard]] int pid() const { return static_cast<int>(process->processId()); }
    };

    std::unique_ptr<QTemporaryDir> m_temporary;
    std::unique_ptr<RunFolder> m_run;
    std::vector<int> m_strays; // processes to look after should a test fail

    static QString agentProgram() { return QStringLiteral(BOTTEGA_BIN_DIR "/bottega-agent"); }

    Job job(const std::string &steps) const
    {
        Job made;
        made.runId = makeRunId("agent");
        made.experiment = "agent";
        made.recipe = "mnist-mlp";
        made.params = {{"do", steps}};
        made.threads = 1;
        made.data = {"mnist", m_temporary->path().toStdString(), {}, 10, 10};
        return made;
    }
    void make(const Job &made)
    {
        const auto folder = RunFolder::create(fs::path(m_temporary->path().toStdString()) / "runs", made);
        QVERIFY_RESULT(folder);
        m_run = std::make_unique<RunFolder>(*folder);
    }
    void make(const std::string &steps) { make(job(steps)); }
    Agent start(const QStringList &more = {}, const char *trainer = BOTTEGA_WORKHELPER)
    {
        Agent agent;
        agent.process->setProcessChannelMode(QProcess::ForwardedOutputChannel);
        agent.process->start(agentProgram(), QStringList{u"run"_s, QString::fromStdString(m_run->root().string()),
                                                         u"--trainer"_s, QString::fromUtf8(trainer)} + more);
        return agent;
    }
    Agent adopt(const QStringList &more = {})
    {
        Agent agent;
        agent.process->setProcessChannelMode(QProcess::ForwardedOutputChannel);
        agent.process->start(agentProgram(), QStringList{u"adopt"_s, QString::fromStdString(m_run->root().string())} + more);
        return agent;
    }
    /// Starts the work and kills its agent once it runs.
    void startAndOrphan()
    {
        Agent agent = start();
        QTRY_COMPARE(status().state, RunState::Running);
        m_strays.push_back(workPid());
        ::kill(agent.pid(), SIGKILL);
        QCOMPARE(exitCode(agent), 9);
    }
    [[nodiscard]] int agentPid() const { return entries().back().agentPid.value_or(0); }
    void let(const char *name) const { QVERIFY_RESULT(saveAtomically(m_run->work() / name, "")); }
    static int exitCode(Agent &agent)
    {
        agent.process->waitForFinished(20'000);
        return agent.process->state() == QProcess::NotRunning ? agent.process->exitCode() : -1;
    }
    int runToEnd(const QStringList &more = {}, const char *trainer = BOTTEGA_WORKHELPER)
    {
        Agent agent = start(more, trainer);
        return exitCode(agent);
    }
    [[nodiscard]] RunStatus status() const { return readRunStatus(*m_run).value(); }
    [[nodiscard]] std::vector<JournalEntry> entries() const { return readJournal(m_run->journal()).value().entries; }
    [[nodiscard]] std::vector<RunState> states() const
    {
        std::vector<RunState> all;
        for (const JournalEntry &entry : entries())
            all.push_back(entry.state);
        return all;
    }
    [[nodiscard]] int count(RunState state) const
    {
        const auto all = states();
        return static_cast<int>(std::count(all.begin(), all.end(), state));
    }
    [[nodiscard]] int workPid() const
    {
        int pid = 0;
        for (const JournalEntry &entry : entries())
            pid = entry.pid.value_or(pid);
        return pid;
    }
    [[nodiscard]] bool hasWorkFile(const char *name) const { return fs::exists(m_run->work() / name); }
    [[nodiscard]] std::string workFile(const char *name) const { return readFile(m_run->work() / name).value_or("none"); }
    [[nodiscard]] int pidIn(const char *name) const { return std::atoi(workFile(name).c_str()); }
    static bool isGone(int pid) { return pid > 0 && !processStart(pid); }
    [[nodiscard]] Result<void> cancel(int graceMilliseconds = 10'000) const
    {
        AgentOptions options;
        options.grace = std::chrono::milliseconds(graceMilliseconds);
        return cancelRun(m_run->root(), options);
    }
};

} // namespace bottega::test
