// SPDX-License-Identifier: Apache-2.0
#include "core/compute/adoption.h"
#include "core/compute/local/localtarget.h"
#include "core/compute/logout.h"
#include "core/compute/submit.h"
#include "core/base/atomicsave.h"
#include "core/run/process.h"
#include "core/run/runstatus.h"
#include "core/workspace/trust.h"
#include "core/workspace/workspace.h"
#include "tests/support/testcase.h"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <pwd.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace bottega;
namespace fs = std::filesystem;

/// Agents that others start: by who launches a run, and by who finds one that has lost its agent.
class TestAdoption : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        TestCase::init();
        m_temporary = std::make_unique<QTemporaryDir>();
        const fs::path tools = root() / "tools";
        fs::create_directories(tools);
        fs::create_symlink(BOTTEGA_BIN_DIR "/bottega-agent", tools / "bottega-agent");
        fs::create_symlink(BOTTEGA_WORKHELPER, tools / "bottega-trainer");
        ::setenv("BOTTEGA_LIBEXEC", tools.c_str(), 1);
        ::setenv("BOTTEGA_CPU_SLOTS", "8", 1);
        QVERIFY_RESULT(Workspace::init(root(), "adoption"));
        Job job;
        job.runId = makeRunId("adoption");
        job.experiment = "adoption";
        job.recipe = "mnist-mlp";
        job.threads = 1;
        job.params = {{"do", "wait go;end Completed 0;exit 0"}};
        job.data = {"mnist", root().string(), {}, 10, 10};
        const auto made = RunFolder::create(root() / "runs", job);
        QVERIFY_RESULT(made);
        m_run = std::make_unique<RunFolder>(*made);
    }

    void case02_whoFindsALostRunAdoptsIt();
    void case44_foreignRunsAreNeitherAdoptedNorResumed();
    void case17_runsOutliveTheSession();
    void case17_logoutIsWarnedOf();

private:
    [[nodiscard]] fs::path root() const { return m_temporary->path().toStdString(); }
    [[nodiscard]] RunStatus status() const { return readRunStatus(*m_run).value(); }
    [[nodiscard]] int agentPid() const
    {
        const auto entries = readJournal(m_run->journal()).value().entries;
        return entries.empty() ? 0 : entries.back().agentPid.value_or(0);
    }
    void finish()
    {
        QVERIFY_RESULT(saveAtomically(m_run->work() / "go", ""));
        QTRY_COMPARE(status().state, RunState::Completed);
    }

    std::unique_ptr<QTemporaryDir> m_temporary;
    std::unique_ptr<RunFolder> m_run;
};

void TestAdoption::case02_whoFindsALostRunAdoptsIt()
{
    QVERIFY_RESULT(LocalTarget().launch(*m_run));
    QTRY_COMPARE(status().state, RunState::Running);
    const int first = agentPid();
    ::kill(first, SIGKILL);
    QTRY_VERIFY(status().needsAgent);
    for (int i = 0; i < 100; ++i) // as often as it likes: tried once
        QVERIFY_RESULT(adoptOrphans({*m_run}));
    QTRY_VERIFY_WITH_TIMEOUT(!status().needsAgent, 5'000);
    QVERIFY(agentPid() != first);
    QCOMPARE(status().state, RunState::Running);
    finish();
    QVERIFY(status().evidence.find("end record") != std::string::npos);
}

/// An agent that can't be started tells, by the error, who would have started it.
void TestAdoption::case44_foreignRunsAreNeitherAdoptedNorResumed()
{
    const fs::path agent = root() / "tools/bottega-agent";
    fs::remove(agent);
    std::ofstream(agent) << "no program";
    fs::permissions(agent, fs::perms::owner_all);
    const auto workspace = Workspace::open(root());
    QVERIFY_RESULT(workspace);
    QVERIFY_RESULT(distrustWorkspace(*workspace));
    QVERIFY_RESULT(adoptOrphans({*m_run})); // passed over
    for (const Result<void> &refused : {resumeRun(*m_run), requestCancel(*m_run)}) {
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::Permission);
        QVERIFY(!refused.error().where.empty() && !refused.error().kept.empty());
        QVERIFY(refused.error().remedy.find("workspace trust") != std::string::npos);
    }
    QVERIFY(!fs::exists(m_run->journal()));

    Job job = m_run->readJob().value();
    job.runId = makeRunId("adoption");
    const auto mine = RunFolder::create(root() / "runs", job); // the first was tried just now
    QVERIFY_RESULT(mine);
    QVERIFY_RESULT(trustWorkspace(*workspace));
    QVERIFY(!adoptOrphans({*mine}));
}

/// Whoever launches is the leader of a session with a terminal, as a login has; both go.
void TestAdoption::case17_runsOutliveTheSession()
{
    const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
    QVERIFY(terminal >= 0 && ::grantpt(terminal) == 0 && ::unlockpt(terminal) == 0);
    const std::string name = ::ptsname(terminal);
    const pid_t login = ::fork();
    if (login == 0) {
        ::setsid();
        const int tty = ::open(name.c_str(), O_RDWR);
        ::ioctl(tty, TIOCSCTTY, 0);
        ::_exit(LocalTarget().launch(*m_run) ? 0 : 1); // its end sends SIGHUP to all of the session
    }
    int code = -1;
    ::waitpid(login, &code, 0);
    QVERIFY(WIFEXITED(code) && WEXITSTATUS(code) == 0);
    QTRY_COMPARE(status().state, RunState::Running);
    ::close(terminal);
    const auto stat = readProcessStat(agentPid());
    QVERIFY(stat);
    QVERIFY(stat->session != login && stat->session != ::getsid(0));
    QVERIFY(!status().needsAgent);
    finish();
}

void TestAdoption::case17_logoutIsWarnedOf()
{
    const fs::path system = root() / "system";
    const std::string user = ::getpwuid(::getuid())->pw_name;
    const auto write = [&system](const char *file, const std::string &text) {
        fs::create_directories((system / file).parent_path());
        std::ofstream(system / file) << text;
    };
    const std::string excluded = "KillExcludeUsers=nobody\n"; // else root is
    write("etc/systemd/logind.conf", "[Login]\n#KillUserProcesses=yes\n" + excluded);
    write("proc/self/cgroup", "0::/user.slice/session-2.scope\n");
    QCOMPARE(endOfLogin(system), std::string()); // there is no systemd
    fs::create_directories(system / "run/systemd/system");
    QCOMPARE(endOfLogin(system), std::string());
    write("etc/systemd/logind.conf.d/50-kill.conf", "[Login]\n KillUserProcesses = yes \n");
    QCOMPARE(endOfLogin(system), std::string("KillUserProcesses=yes in /etc/systemd/logind.conf.d/50-kill.conf"));
    write("etc/systemd/logind.conf.d/60-only.conf", "[Login]\nKillOnlyUsers=somebody-else\n");
    QCOMPARE(endOfLogin(system), std::string());
    write("etc/systemd/logind.conf.d/60-only.conf", "[Login]\nKillOnlyUsers=somebody-else " + user + "\n");
    QVERIFY(!endOfLogin(system).empty());
    write(("var/lib/systemd/linger/" + user).c_str(), "");
    QCOMPARE(endOfLogin(system), std::string());
    fs::remove(system / "var/lib/systemd/linger" / user);
    write("etc/systemd/logind.conf.d/70-no.conf", "[Login]\nKillUserProcesses=no\n");
    QCOMPARE(endOfLogin(system), std::string());
    write("proc/self/cgroup", "0::/user.slice/user@" + std::to_string(::getuid()) + ".service/app.slice/x.scope\n");
    QVERIFY(endOfLogin(system).find("last session") != std::string::npos);
}

BOTTEGA_TEST_MAIN(TestAdoption)
#include "tst_adoption.moc"
