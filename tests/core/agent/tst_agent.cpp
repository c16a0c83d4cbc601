// SPDX-License-Identifier: Apache-2.0
#include "core/agent/agent.h"
#include "core/agent/processtree.h"
#include "core/base/file.h"
#include "core/run/process.h"
#include "core/run/readmetrics.h"
#include "core/run/runstatus.h"
#include "tests/core/agent/agenttest.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace bottega;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

/// Real agents with real work: what the run's folder says afterwards, and which processes are left.
class TestAgent : public bottega::test::AgentTest
{
    Q_OBJECT
private Q_SLOTS:
    void commandLine_data();
    void commandLine();
    void completedRunHasEveryState();
    void failureTellsStatusAndLastLines();
    void failureTellsTheWorksOwnError();
    void crashTellsTheSignal();
    void killedWorkKeepsItsPoints();
    void missingTrainerIsNamed();
    void trainerThatIsNoProgramIsNamed();
    void damagedJobIsNamed();
    void missingDataIsNamed();
    void unusableFoldersAreNamed_data();
    void unusableFoldersAreNamed();
    void parametersArriveBitEqual();
    void environmentIsByAllowList();
    void aNamedGpuIsTheOnlyOneSeen();
    void workInheritsNothing();
    void everythingIsPrivateWhateverTheUmask();

    void cancelEndsTheWork();
    void cancelKillsWhatIgnoresTerm();
    void cancelEndsGrandchildren();
    void cancelWakesStoppedWork();
    void cancelTwiceIsOnce();
    void cancelAfterTheEndIsRefused();
    void cancelBeforeTheAgentCame();
    void successBeforeTheTermIsCompleted();
    void maxDurationEndsTheWork();
    void agentAskedToStopCancels();
    void agentOutlivesItsTerminal();
    void leftoversOfAnEndedWorkGo();

    void killedAgentLeavesTheWorkRunning();
    void killedAgentAndEndedWorkIsKnownByTheEndRecord();
    void killedAgentAndKilledWorkIsFailed();
    void agentKilledAtAnyStateLeavesNoUnknownWork_data();
    void agentKilledAtAnyStateLeavesNoUnknownWork();
    void fullDiskDelaysTheEndOnly();
    void pipeInPlaceOfTheLogDoesNotBlock();
    void cancelWithoutAgentEndsEverything();
    void secondAgentIsRefused();
    void endedRunIsNotStartedAgain();
    void nextAttemptAfterADeadAgent();
    void deletedRunFolderEndsTheWork();
    void telemetryIsThere();
    void realTrainerTrains();

    void case23_nothingOfACanceledRunIsLeft();
    void case23_anEndBeforeTheCancelIsToldOnce();
    void case25_faultsAreToldApart();
    void case25_lastHundredLinesAreInTheMessage();
    void case58_runsArePrivate();

};

void TestAgent::commandLine_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("text");
    QTest::newRow("help") << QStringList{u"--help"_s} << 0 << u"Usage"_s;
    QTest::newRow("version") << QStringList{u"--version"_s} << 0 << QStringLiteral(BOTTEGA_VERSION);
    QTest::newRow("nothing") << QStringList{} << 2 << u"verb"_s;
    QTest::newRow("unknown verb") << QStringList{u"walk"_s, u"/tmp"_s} << 2 << u"walk"_s;
    QTest::newRow("unknown option") << QStringList{u"run"_s, u"--fast"_s, u"/tmp"_s} << 2 << u"--fast"_s;
    QTest::newRow("grace") << QStringList{u"run"_s, u"--grace=soon"_s, u"/tmp"_s} << 2 << u"soon"_s;
    QTest::newRow("grace without") << QStringList{u"run"_s, u"/tmp"_s, u"--grace"_s} << 2 << u"needs a value"_s;
    QTest::newRow("two folders") << QStringList{u"run"_s, u"/tmp"_s, u"/var"_s} << 2 << u"/var"_s;
    QTest::newRow("no such run") << QStringList{u"run"_s, u"/no/such"_s} << 3 << u"/no/such"_s;
    QTest::newRow("cancel no such run") << QStringList{u"cancel"_s, u"/no/such"_s} << 3 << u"/no/such"_s;
    QTest::newRow("a file") << QStringList{u"run"_s, u"/etc/passwd"_s} << 3 << u"not a run folder"_s;
}

void TestAgent::commandLine()
{
    QFETCH(QStringList, arguments);
    QFETCH(int, code);
    QFETCH(QString, text);
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(agentProgram(), arguments);
    QVERIFY(process.waitForFinished());
    const QString output = QString::fromUtf8(process.readAll());
    QVERIFY2(output.contains(text), qPrintable(output));
    QCOMPARE(process.exitCode(), code);
}

void TestAgent::completedRunHasEveryState()
{
    make("print hello;argv outputs/argv;exit 0");
    QCOMPARE(runToEnd(), 0);
    const std::vector<RunState> expected = {RunState::Queued,  RunState::Preparing,  RunState::Starting,
                                            RunState::Running, RunState::Finalizing, RunState::Completed};
    QVERIFY(states() == expected);
    QCOMPARE(status().state, RunState::Completed);
    QCOMPARE(status().evidence, std::string("exit status 0"));
    QVERIFY(status().started > 0 && status().ended >= status().started);
    const auto all = entries();
    QVERIFY(all[2].pid && all[2].pidStart && all[2].pid == all[3].pid);
    QCOMPARE(all[3].evidence, "pid " + std::to_string(*all[3].pid) + " started");
    QVERIFY(all[4].evidence.find("1 artifacts") != std::string::npos);
    QCOMPARE(all[5].exitStatus, std::optional<int>(0));
    for (const JournalEntry &entry : all) {
        QVERIFY(entry.agentPid && entry.agentStart);
        QCOMPARE(entry.bootId, bootId());
    }
    QCOMPARE(readFile(m_run->driverLog()).value(), std::string("hello\n"));
}

void TestAgent::failureTellsStatusAndLastLines()
{
    make("print first;print \x1b[31mKeyError: 'x'\x1b[0m;exit 3");
    QCOMPARE(runToEnd(), 1);
    QCOMPARE(status().state, RunState::Failed);
    QCOMPARE(status().error, std::string("exit status 3: first\nKeyError: 'x'"));
    QCOMPARE(entries().back().exitStatus, std::optional<int>(3));
}

void TestAgent::failureTellsTheWorksOwnError()
{
    make("print noise;end Failed 2 The data is damaged;exit 2");
    QCOMPARE(runToEnd(), 1);
    QCOMPARE(status().error, std::string("exit status 2: The data is damaged: here (1 checkpoint). Try again"));
}

void TestAgent::crashTellsTheSignal()
{
    make("print assertion failed;signal 11");
    QCOMPARE(runToEnd(), 1);
    QCOMPARE(status().state, RunState::Failed);
    QCOMPARE(status().error, std::string("signal 11 (Segmentation fault): assertion failed"));
    QCOMPARE(entries().back().signal, std::optional<int>(11));
    QVERIFY(!entries().back().exitStatus);
}

void TestAgent::killedWorkKeepsItsPoints()
{
    make("point 1000000");
    Agent agent = start();
    QTRY_VERIFY(pidIn("acknowledged") > 200);
    ::kill(workPid(), SIGKILL);
    QCOMPARE(exitCode(agent), 1);
    QCOMPARE(status().state, RunState::Failed);
    QCOMPARE(status().error, std::string("signal 9 (Killed)"));
    const auto metrics = readMetrics(m_run->metrics());
    QVERIFY_RESULT(metrics);
    const auto &points = metrics->at("train/loss");
    const auto acknowledged = static_cast<std::size_t>(pidIn("acknowledged"));
    QVERIFY(points.size() >= acknowledged && points.size() <= acknowledged + 1);
    for (std::size_t i = 0; i < points.size(); ++i)
        QCOMPARE(points[i].value, static_cast<double>(i + 1));
}

void TestAgent::missingTrainerIsNamed()
{
    make("exit 0");
    QCOMPARE(runToEnd({}, "/no/such/trainer"), 1);
    QCOMPARE(status().state, RunState::Failed);
    QVERIFY2(status().error.starts_with("The trainer could not be started: /no/such/trainer: No such file"),
             status().error.c_str());
    QCOMPARE(count(RunState::Running), 0);
}

void TestAgent::trainerThatIsNoProgramIsNamed()
{
    make("exit 0");
    const QString script = m_temporary->filePath(u"trainer"_s);
    std::ofstream(script.toStdString()) << "#!/no/such/interpreter\n";
    QVERIFY(QFile::setPermissions(script, QFile::ReadOwner | QFile::ExeOwner));
    QCOMPARE(runToEnd({}, script.toUtf8().constData()), 1);
    QVERIFY2(status().error.starts_with("The trainer could not be started"), status().error.c_str());
}

void TestAgent::damagedJobIsNamed()
{
    make("exit 0");
    std::ofstream(m_run->runJson(), std::ios::trunc) << "{\"runId\":";
    QCOMPARE(runToEnd(), 1);
    QCOMPARE(status().state, RunState::Failed);
    QVERIFY2(status().error.find("run.json, line 1") != std::string::npos, status().error.c_str());
}

void TestAgent::missingDataIsNamed()
{
    Job made = job("exit 0");
    made.data.path = "/no/such/data";
    make(made);
    QCOMPARE(runToEnd(), 1);
    QVERIFY2(status().error.find("/no/such/data") != std::string::npos, status().error.c_str());
    QCOMPARE(count(RunState::Starting), 0);
}

void TestAgent::unusableFoldersAreNamed_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("kind");
    for (const char *name : {"work/outputs", "work/logs", "metrics", "checkpoints"}) {
        for (const char *kind : {"missing", "file", "link", "read-only"})
            QTest::addRow("%s %s", name, kind) << QString::fromUtf8(name) << QString::fromUtf8(kind);
    }
}

void TestAgent::unusableFoldersAreNamed()
{
    QFETCH(QString, name);
    QFETCH(QString, kind);
    if (kind == u"read-only"_s && ::geteuid() == 0)
        return; // nothing is read-only for root
    make("exit 0");
    const fs::path path = m_run->root() / name.toStdString();
    if (kind == u"read-only"_s)
        fs::permissions(path, fs::perms::owner_read | fs::perms::owner_exec);
    else
        fs::remove_all(path);
    if (kind == u"file"_s)
        std::ofstream(path.string()) << "";
    if (kind == u"link"_s)
        fs::create_directory_symlink(m_temporary->path().toStdString(), path);
    QCOMPARE(runToEnd(), 1);
    QCOMPARE(status().state, RunState::Failed);
    QVERIFY2(status().error.find(path.string()) != std::string::npos, status().error.c_str());
    QVERIFY2(status().error.find("the work was not started") != std::string::npos, status().error.c_str());
}

void TestAgent::parametersArriveBitEqual()
{
    Job made = job("argv argv");
    made.gpu = "never";
    made.threads = 2;
    made.precision = "tf32";
    made.resumeCheckpoint = m_temporary->path().toStdString();
    const std::vector<std::string> texts = {"", " ", "two\nlines", "<b>&amp;</b>", "$(touch x) `x` ; | & *", "'\"\\", "-rf", "--=",
                                            "é漢\U0001F600", "\x01\x1b[31m\x7f", std::string(100'000, 'x')};
    for (std::size_t i = 0; i < texts.size(); ++i)
        made.params.emplace_back("p" + std::to_string(i), texts[i]);
    make(made);
    QCOMPARE(runToEnd(), 0);
    std::vector<std::string> expected = {BOTTEGA_WORKHELPER, "--recipe",  "mnist-mlp",
                                         "--data",           made.data.path, "--device",
                                         "cpu",              "--threads", "2",
                                         "--precision",      "tf32",
                                         "--run-dir",        m_run->root().string(),
                                         "--attempt",        "1",         "--resume-from",
                                         made.resumeCheckpoint};
    for (const auto &[name, value] : made.params)
        expected.push_back("--" + name + "=" + value);
    std::string bytes;
    for (const std::string &argument : expected)
        bytes += argument + '\0';
    QVERIFY(workFile("argv") == bytes);
}

void TestAgent::environmentIsByAllowList()
{
    make("env env");
    Agent agent;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"SECRET_TOKEN"_s, u"canary"_s);
    environment.insert(u"LD_LIBRARY_PATH"_s, u"/canary"_s);
    environment.insert(u"PYTHONPATH"_s, u"/canary"_s);
    environment.insert(u"LC_NUMERIC"_s, u"C"_s);
    environment.insert(u"BOTTEGA_RUN_ID"_s, u"canary"_s);
    agent.process->setProcessEnvironment(environment);
    agent.process->start(agentProgram(), {u"run"_s, QString::fromStdString(m_run->root().string()), u"--trainer"_s,
                                          QStringLiteral(BOTTEGA_WORKHELPER)});
    QCOMPARE(exitCode(agent), 0);
    const std::string seen = '\0' + workFile("env");
    QVERIFY(seen.find("canary") == std::string::npos);
    for (const std::string &variable : {"BOTTEGA_RUN_ID=" + m_run->id(), "BOTTEGA_RUN_DIR=" + m_run->root().string(),
                                        std::string("PYTHONUNBUFFERED=1"), std::string("LC_NUMERIC=C")})
        QVERIFY2(seen.find('\0' + variable + '\0') != std::string::npos, variable.c_str());
}

void TestAgent::aNamedGpuIsTheOnlyOneSeen()
{
    Job made = job("argv argv;env env");
    made.device = "cuda:GPU-1234";
    make(made);
    Agent agent;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"CUDA_VISIBLE_DEVICES"_s, u"7"_s);
    agent.process->setProcessEnvironment(environment);
    agent.process->start(agentProgram(), {u"run"_s, QString::fromStdString(m_run->root().string()), u"--trainer"_s,
                                          QStringLiteral(BOTTEGA_WORKHELPER)});
    QCOMPARE(exitCode(agent), 0);
    const std::string arguments = workFile("argv"), seen = '\0' + workFile("env");
    QVERIFY(arguments.find(std::string("--device\0cuda:0\0", 16)) != std::string::npos);
    const std::size_t ours = seen.find(std::string("\0CUDA_VISIBLE_DEVICES=GPU-1234\0", 31));
    QVERIFY(ours != std::string::npos);
    QCOMPARE(seen.find(std::string("\0CUDA_VISIBLE_DEVICES=", 22)), ours); // getenv takes the first
}

void TestAgent::workInheritsNothing()
{
    const int open = ::open("/dev/null", O_RDONLY); // without close-on-exec, for the agent to inherit
    make("fds fds;wait go");
    Agent agent = start();
    QTRY_VERIFY(hasWorkFile("fds"));
    const auto stat = readProcessStat(workPid());
    QVERIFY(stat);
    QCOMPARE(stat->group, workPid());
    QCOMPARE(stat->session, workPid());
    std::ofstream(m_run->work() / "go") << "";
    QCOMPARE(exitCode(agent), 0);
    ::close(open);
    // The streams, and its share of the machine.
    QVERIFY2(workFile("fds").starts_with("0 1 2 ") && workFile("fds").size() == std::string("0 1 2 100 ").size(),
             workFile("fds").c_str());
}

void TestAgent::everythingIsPrivateWhateverTheUmask()
{
    make("print x;point 3");
    const mode_t before = ::umask(0);
    const int code = runToEnd();
    ::umask(before);
    QCOMPARE(code, 0);
    for (const auto &entry : fs::recursive_directory_iterator(m_run->root())) {
        const auto mode = entry.status().permissions() & (fs::perms::group_all | fs::perms::others_all);
        QVERIFY2(mode == fs::perms::none, entry.path().c_str());
    }
}

void TestAgent::cancelEndsTheWork()
{
    make("print x;sleep 60");
    Agent agent = start();
    QTRY_COMPARE(status().state, RunState::Running);
    ::kill(agent.pid(), SIGSTOP);
    QVERIFY_RESULT(cancel());
    QCOMPARE(status().state, RunState::CancelRequested);
    ::kill(agent.pid(), SIGCONT);
    QCOMPARE(exitCode(agent), 1);
    QCOMPARE(status().state, RunState::Canceled);
    QVERIFY2(status().evidence.starts_with("canceled by ") && status().evidence.ends_with("signal 15 (Terminated)"),
             status().evidence.c_str());
    QVERIFY(isGone(workPid()));
}

void TestAgent::cancelKillsWhatIgnoresTerm()
{
    make("ignore-term;print x;sleep 60");
    Agent agent = start({u"--grace"_s, u"0.2"_s});
    QTRY_VERIFY(readFile(m_run->driverLog()).value_or("") == "x\n");
    QVERIFY_RESULT(cancel());
    QCOMPARE(exitCode(agent), 1);
    QCOMPARE(status().state, RunState::Canceled);
    QVERIFY2(status().evidence.ends_with("did not end within 0.2 s: signal 9 (Killed)"), status().evidence.c_str());
    QVERIFY(isGone(workPid()));
}

void TestAgent::cancelEndsGrandchildren()
{
    make("child;daemon;sleep 60");
    Agent agent = start({u"--grace"_s, u"0.2"_s});
    QTRY_VERIFY(hasWorkFile("daemon"));
    const int child = pidIn("child");
    const int daemon = pidIn("daemon");
    m_strays = {child, daemon};
    QVERIFY(!isGone(child) && !isGone(daemon));
    QVERIFY_RESULT(cancel());
    QCOMPARE(exitCode(agent), 1);
    QVERIFY(isGone(child));
    QVERIFY(isGone(daemon));
    QCOMPARE(count(RunState::Canceled), 1);
}

void TestAgent::cancelWakesStoppedWork()
{
    make("stop;sleep 60");
    Agent agent = start();
    QTRY_VERIFY(workPid() > 0 && readProcessStat(workPid()) && readProcessStat(workPid())->state == 'T');
    QVERIFY_RESULT(cancel());
    QCOMPARE(exitCode(agent), 1);
    QVERIFY2(status().evidence.ends_with("signal 15 (Terminated)"), status().evidence.c_str());
}

void TestAgent::cancelTwiceIsOnce()
{
    make("ignore-term;print x;sleep 60");
    Agent agent = start({u"--grace"_s, u"0.3"_s});
    QTRY_VERIFY(readFile(m_run->driverLog()).value_or("") == "x\n");
    ::kill(agent.pid(), SIGSTOP); // both come before it looks
    QVERIFY_RESULT(cancel());
    QVERIFY_RESULT(cancel());
    ::kill(agent.pid(), SIGCONT);
    QCOMPARE(exitCode(agent), 1);
    QCOMPARE(count(RunState::CancelRequested), 1);
    QCOMPARE(count(RunState::Canceled), 1);
}

void TestAgent::cancelAfterTheEndIsRefused()
{
    make("exit 0");
    QCOMPARE(runToEnd(), 0);
    const auto canceled = cancel();
    QVERIFY(!canceled);
    QCOMPARE(canceled.error().code, ErrorCode::Usage);
    QVERIFY(canceled.error().what.find("Completed") != std::string::npos);
    QCOMPARE(status().state, RunState::Completed);
    Agent program;
    program.process->start(agentProgram(), {u"cancel"_s, QString::fromStdString(m_run->root().string())});
    QCOMPARE(exitCode(program), 2);
}

void TestAgent::cancelBeforeTheAgentCame()
{
    make("exit 0");
    QVERIFY_RESULT(cancel());
    QCOMPARE(status().state, RunState::Canceled);
    QCOMPARE(runToEnd(), 2);
    QCOMPARE(count(RunState::Starting), 0);
    QCOMPARE(count(RunState::Canceled), 1);
}

void TestAgent::successBeforeTheTermIsCompleted()
{
    make("wait go;exit 0");
    Agent agent = start();
    QTRY_COMPARE(status().state, RunState::Running);
    ::kill(agent.pid(), SIGSTOP); // the request and the end both come while it cannot look
    QVERIFY_RESULT(cancel());
    std::ofstream(m_run->work() / "go") << "";
    QTRY_VERIFY(isGone(workPid()));
    ::kill(agent.pid(), SIGCONT);
    QCOMPARE(exitCode(agent), 0);
    QCOMPARE(status().state, RunState::Completed);
    QCOMPARE(count(RunState::Canceled), 0);
}

void TestAgent::maxDurationEndsTheWork()
{
    Job made = job("sleep 60");
    made.maxDurationSeconds = 0.3;
    make(made);
    QCOMPARE(runToEnd(), 1);
    QCOMPARE(status().state, RunState::Failed);
    QCOMPARE(status().error, std::string("max duration of 0.3 s reached"));
    QCOMPARE(entries().back().signal, std::optional<int>(SIGTERM));
    QVERIFY(isGone(workPid()));
}

void TestAgent::agentAskedToStopCancels()
{
    make("sleep 60");
    Agent agent = start();
    QTRY_COMPARE(status().state, RunState::Running);
    ::kill(agent.pid(), SIGTERM);
    QCOMPARE(exitCode(agent), 1);
    QCOMPARE(status().state, RunState::Canceled);
    QVERIFY(status().evidence.starts_with("agent asked to stop"));
    QVERIFY(isGone(workPid()));
}

void TestAgent::agentOutlivesItsTerminal()
{
    make("wait go;exit 0");
    Agent agent = start();
    QTRY_COMPARE(status().state, RunState::Running);
    for (const int signal : {SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTTOU})
        ::kill(agent.pid(), signal);
    std::ofstream(m_run->work() / "go") << "";
    QCOMPARE(exitCode(agent), 0);
    QCOMPARE(status().state, RunState::Completed);
}

void TestAgent::leftoversOfAnEndedWorkGo()
{
    make("child;exit 0");
    Agent agent = start({u"--grace"_s, u"0.2"_s});
    QCOMPARE(exitCode(agent), 0);
    m_strays = {pidIn("child")};
    QVERIFY(isGone(pidIn("child")));
    QCOMPARE(status().state, RunState::Completed);
}

void TestAgent::killedAgentLeavesTheWorkRunning()
{
    make("wait go;print after;end Completed 0;exit 0");
    Agent agent = start();
    QTRY_COMPARE(status().state, RunState::Running);
    const int work = workPid();
    m_strays = {work};
    ::kill(agent.pid(), SIGKILL);
    QCOMPARE(exitCode(agent), 9); // of a crash, the signal
    QCOMPARE(status().state, RunState::Running);
    QCOMPARE(status().evidence, "agent gone, pid " + std::to_string(work) + " alive");
    std::ofstream(m_run->work() / "go") << "";
    QTRY_COMPARE(status().state, RunState::Completed);
    QCOMPARE(readFile(m_run->driverLog()).value(), std::string("after\n")); // its output needs no agent
}

void TestAgent::killedAgentAndEndedWorkIsKnownByTheEndRecord()
{
    make("wait go;end Failed 2 The disk is full;exit 2");
    Agent agent = start();
    QTRY_COMPARE(status().state, RunState::Running);
    m_strays = {workPid()};
    ::kill(agent.pid(), SIGKILL);
    QCOMPARE(exitCode(agent), 9);
    std::ofstream(m_run->work() / "go") << "";
    QTRY_COMPARE(status().state, RunState::Failed);
    QVERIFY2(status().error.find("The disk is full") != std::string::npos, status().error.c_str());
}

void TestAgent::killedAgentAndKilledWorkIsFailed()
{
    make("sleep 60");
    Agent agent = start();
    QTRY_COMPARE(status().state, RunState::Running);
    const int work = workPid();
    ::kill(agent.pid(), SIGKILL);
    ::kill(work, SIGKILL);
    QCOMPARE(exitCode(agent), 9);
    QTRY_COMPARE(status().state, RunState::Failed);
    QVERIFY2(status().error.find("without an end record") != std::string::npos, status().error.c_str());
}

void TestAgent::agentKilledAtAnyStateLeavesNoUnknownWork_data()
{
    QTest::addColumn<int>("lines");
    for (int lines = 1; lines <= 4; ++lines)
        QTest::addRow("after line %d", lines) << lines;
}

void TestAgent::agentKilledAtAnyStateLeavesNoUnknownWork()
{
    QFETCH(int, lines);
    for (int round = 0; round < 3; ++round) {
        make("sleep 60");
        Agent agent = start();
        while (static_cast<int>(entries().size()) < lines && agent.process->state() != QProcess::NotRunning)
            ::sched_yield(); // QTRY would look 50 ms later, long after the moment
        ::kill(agent.pid(), SIGKILL);
        QCOMPARE(exitCode(agent), 9);
        // What was never released ends by itself; what runs stands in the journal.
        const auto known = [this] {
            const auto all = processesOfRun(*m_run);
            return std::all_of(all.begin(), all.end(), [this](const ProcessIdentity &one) { return one.pid == workPid(); });
        };
        QTRY_VERIFY(known());
        QTRY_COMPARE(status().state == RunState::Failed, processesOfRun(*m_run).empty());
        if (status().state != RunState::Failed)
            ::kill(workPid(), SIGKILL);
    }
}

/// A limit on the size of files stands for the disk that fills and is freed again.
void TestAgent::fullDiskDelaysTheEndOnly()
{
    make("wait go;exit 0");
    Agent agent = start();
    QTRY_COMPARE(status().state, RunState::Running);
    const rlimit full = {fs::file_size(m_run->journal()) + 40, RLIM_INFINITY};
    const rlimit free = {RLIM_INFINITY, RLIM_INFINITY};
    QCOMPARE(::prlimit(agent.pid(), RLIMIT_FSIZE, &full, nullptr), 0);
    std::ofstream(m_run->work() / "go") << "";
    QTRY_VERIFY(isGone(workPid()));
    QTRY_COMPARE(fs::file_size(m_run->journal()), full.rlim_cur); // torn, and no room for more
    QVERIFY(agent.process->state() == QProcess::Running);
    QCOMPARE(status().state, RunState::Running);
    QCOMPARE(::prlimit(agent.pid(), RLIMIT_FSIZE, &free, nullptr), 0);
    QCOMPARE(exitCode(agent), 0);
    QCOMPARE(status().state, RunState::Completed);
    QCOMPARE(count(RunState::Finalizing), 1);
    QCOMPARE(status().damagedJournalLines, 1);
}

void TestAgent::pipeInPlaceOfTheLogDoesNotBlock()
{
    make("exit 0");
    QCOMPARE(::mkfifo(m_run->driverLog().c_str(), 0600), 0);
    QCOMPARE(runToEnd(), 1);
    QCOMPARE(status().state, RunState::Failed);
    QVERIFY2(status().error.find("70_driver_log.txt") != std::string::npos, status().error.c_str());
}

void TestAgent::cancelWithoutAgentEndsEverything()
{
    make("ignore-term;child;daemon;sleep 60");
    Agent agent = start();
    QTRY_VERIFY(hasWorkFile("daemon"));
    m_strays = {workPid(), pidIn("child"), pidIn("daemon")};
    ::kill(agent.pid(), SIGKILL);
    QCOMPARE(exitCode(agent), 9);
    QVERIFY_RESULT(cancel(200));
    QCOMPARE(status().state, RunState::Canceled);
    for (const int pid : m_strays)
        QVERIFY(isGone(pid));
}

void TestAgent::secondAgentIsRefused()
{
    make("wait go;exit 0");
    Agent first = start();
    QTRY_COMPARE(status().state, RunState::Running);
    const auto before = entries().size();
    Agent second;
    second.process->start(agentProgram(), {u"run"_s, QString::fromStdString(m_run->root().string()), u"--trainer"_s,
                                           QStringLiteral(BOTTEGA_WORKHELPER)});
    QCOMPARE(exitCode(second), 1);
    QVERIFY(second.process->readAllStandardError().contains("Another agent has this run"));
    QCOMPARE(entries().size(), before);
    std::ofstream(m_run->work() / "go") << "";
    QCOMPARE(exitCode(first), 0);
}

void TestAgent::endedRunIsNotStartedAgain()
{
    make("exit 0");
    QCOMPARE(runToEnd(), 0);
    const auto before = entries().size();
    QCOMPARE(runToEnd(), 2);
    QCOMPARE(entries().size(), before);
}

void TestAgent::nextAttemptAfterADeadAgent()
{
    make("wait go;exit 0");
    Agent agent = start();
    QTRY_COMPARE(status().state, RunState::Running);
    const int work = workPid();
    m_strays = {work};
    ::kill(agent.pid(), SIGKILL);
    QCOMPARE(exitCode(agent), 9);
    QCOMPARE(runToEnd(), 1); // the work still lives
    ::kill(work, SIGKILL);
    QTRY_VERIFY(isGone(work));
    std::ofstream(m_run->work() / "go") << "";
    QCOMPARE(runToEnd(), 2); // its end is written down, and going on must be meant
    QCOMPARE(count(RunState::Failed), 1);
    QCOMPARE(runToEnd({u"--resume"_s}), 0);
    QCOMPARE(status().attempts, 2);
    QCOMPARE(status().state, RunState::Completed);
}

void TestAgent::deletedRunFolderEndsTheWork()
{
    make("child;sleep 60");
    Agent agent = start({u"--grace"_s, u"0.2"_s});
    QTRY_VERIFY(hasWorkFile("child"));
    const int work = workPid();
    const int child = pidIn("child");
    m_strays = {work, child};
    QVERIFY_RESULT(removeTree(m_run->root()));
    QCOMPARE(exitCode(agent), 3);
    QVERIFY(isGone(work) && isGone(child));
    QVERIFY(!fs::exists(m_run->root()));
}

void TestAgent::telemetryIsThere()
{
    make("child;spin 0.4;sleep 1.2");
    QCOMPARE(runToEnd({u"--grace"_s, u"0.1"_s}), 0);
    const auto metrics = readMetrics(m_run->telemetry());
    QVERIFY_RESULT(metrics);
    QVERIFY(metrics->contains("cpu/percent") && metrics->contains("memory/rss_mib"));
    const auto &cpu = metrics->at("cpu/percent");
    const auto &memory = metrics->at("memory/rss_mib");
    QVERIFY(memory.size() >= 2 && cpu.size() >= 2);
    QCOMPARE(memory.front().step, std::int64_t(0));
    QVERIFY(memory.front().value > 0.1 && memory.front().value < 500);
    double busiest = 0;
    for (const MetricPoint &point : cpu)
        busiest = std::max(busiest, point.value);
    QVERIFY(busiest > 2 && busiest < 150); // one busy process, on a machine that may be busy too
}

/// The real thing, with real data.
void TestAgent::realTrainerTrains()
{
    const QString data = bottega::test::mnistFolder();
    const QString trainer = QStringLiteral(BOTTEGA_BIN_DIR "/bottega-trainer");
    if (data.isEmpty() || !QFile::exists(trainer))
        QSKIP("needs MNIST and bottega-trainer");
    Job made = job({});
    made.params = {{"epochs", "1"}, {"batchsize", "128"}, {"output_dir", "./outputs"}, {"lr", "0.01"}, {"momentum", "0.9"},
                   {"hidden", "100"}, {"seed", "1"}};
    made.data = {"mnist", data.toStdString(), {}, 60000, 10000};
    make(made);
    const int code = runToEnd({}, trainer.toUtf8().constData());
    QVERIFY2(code == 0, status().error.c_str());
    QCOMPARE(readMetrics(m_run->metrics()).value().at("train/loss").size(), std::size_t(469));
    QVERIFY(fs::exists(m_run->work() / "outputs/model.npz"));
}

void TestAgent::case23_nothingOfACanceledRunIsLeft()
{
    make("ignore-term;child;daemon;child;sleep 60");
    Agent agent = start({u"--grace"_s, u"0.3"_s});
    QTRY_VERIFY(hasWorkFile("daemon"));
    m_strays = {workPid(), pidIn("child"), pidIn("daemon")};
    QVERIFY(processesOfRun(*m_run).size() >= 3);
    QElapsedTimer timer;
    timer.start();
    QVERIFY_RESULT(cancel());
    QCOMPARE(exitCode(agent), 1);
    QVERIFY(timer.elapsed() < 15'000);
    QVERIFY(processesOfRun(*m_run).empty());
    QCOMPARE(count(RunState::Canceled), 1);
    QCOMPARE(entries().back().state, RunState::Canceled);
}

void TestAgent::case23_anEndBeforeTheCancelIsToldOnce()
{
    make("wait go;exit 3");
    Agent agent = start();
    QTRY_COMPARE(status().state, RunState::Running);
    ::kill(agent.pid(), SIGSTOP); // the end and the request both come while it cannot look
    let("go");
    QTRY_VERIFY(isGone(workPid()));
    QVERIFY_RESULT(cancel());
    ::kill(agent.pid(), SIGCONT);
    QCOMPARE(exitCode(agent), 1);
    QCOMPARE(count(RunState::Canceled), 1);
    QCOMPARE(count(RunState::Failed), 0);
    QVERIFY2(status().evidence.ends_with("the work had ended by itself: exit status 3"), status().evidence.c_str());
}

void TestAgent::case25_faultsAreToldApart()
{
    const QString script = m_temporary->filePath(u"script"_s);
    std::ofstream(script.toStdString()) << "#!/no/such/interpreter\n";
    QVERIFY(QFile::setPermissions(script, QFile::ReadOwner | QFile::ExeOwner));
    struct Fault
    {
        const char *steps;
        QByteArray trainer;
        const char *error; // its beginning
    };
    const Fault faults[] = {
        {"print step 12;signal 11", BOTTEGA_WORKHELPER, "signal 11 (Segmentation fault): step 12"},
        {"print step 12;signal 6", BOTTEGA_WORKHELPER, "signal 6 (Aborted): step 12"},
        {"print Traceback;print KeyError: 'x';exit 1", BOTTEGA_WORKHELPER, "exit status 1: Traceback\nKeyError: 'x'"},
        {"end Failed 1 CUDA error 719, unspecified launch failure;exit 1", BOTTEGA_WORKHELPER,
         "exit status 1: CUDA error 719, unspecified launch failure: here (1 checkpoint). Try again"},
        {"exit 0", "/no/such/trainer", "The trainer could not be started: /no/such/trainer: No such file"},
        {"exit 0", script.toUtf8(), "The trainer could not be started"},
        {"exit 0", "/etc/passwd", "The trainer could not be started: /etc/passwd: Permission denied"},
    };
    for (const Fault &fault : faults) {
        make(fault.steps);
        QCOMPARE(runToEnd({}, fault.trainer.constData()), 1);
        QCOMPARE(status().state, RunState::Failed);
        QVERIFY2(status().error.starts_with(fault.error), status().error.c_str());
        QCOMPARE(count(RunState::Failed), 1);
    }
}

void TestAgent::case25_lastHundredLinesAreInTheMessage()
{
    std::string steps;
    for (int i = 1; i <= 150; ++i)
        steps += "print step " + std::to_string(i) + " of 150;";
    make(steps + "signal 11");
    QCOMPARE(runToEnd(), 1);
    const std::string error = status().error;
    QVERIFY2(error.starts_with("signal 11 (Segmentation fault): step 51 of 150\nstep 52 of 150\n"), error.c_str());
    QVERIFY2(error.ends_with("\nstep 150 of 150"), error.c_str());
}

void TestAgent::case58_runsArePrivate()
{
    const mode_t before = ::umask(0);
    make("print x;point 3;file outputs/model 1;wait go;end Completed 0;exit 0");
    startAndOrphan();
    Agent agent = adopt();
    let("go");
    const int code = exitCode(agent);
    ::umask(before);
    QCOMPARE(code, 0);
    const auto modeOf = [](const fs::path &path) { return static_cast<int>(fs::status(path).permissions() & fs::perms::mask); };
    QCOMPARE(modeOf(m_run->root()), 0700);
    for (const auto &entry : fs::recursive_directory_iterator(m_run->root())) {
        if (entry.path().filename() == "acknowledged" || entry.path().filename() == "go")
            continue; // the test's own
        QVERIFY2(modeOf(entry.path()) == (entry.is_directory() ? 0700 : 0600), entry.path().c_str());
    }
}

BOTTEGA_TEST_MAIN(TestAgent)
#include "tst_agent.moc"
