// SPDX-License-Identifier: Apache-2.0
#include "core/agent/agent.h"
#include "core/agent/processtree.h"
#include "core/base/file.h"
#include "core/run/process.h"
#include "core/run/runstatus.h"
#include "tests/support/testcase.h"

#include <QDir>
#include <QProcess>
#include <QTemporaryDir>

#include <csignal>
#include <fstream>
#include <random>
#include <sys/stat.h>
#include <unistd.h>

using namespace bottega;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

/// Real agents that share one machine: who works, who waits, and what the waiting say.
class TestSlots : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();

    void aShareIsInheritedByTheWork();
    void whoFindsNoRoomWaitsAndSaysWhy();
    void theShareOutlivesItsAgent();
    void killedWithAllItIsFreeAtOnce();
    void noThreadsTakesAllThatAreFree();
    void moreThreadsThanProcessorsTakesAll();
    void cancelWhileWaiting();
    void agentAskedToStopWhileWaiting();
    void deletedRunFolderWhileWaiting();
    void killedWhileWaitingLeavesTheQueue();
    void aStoppedAgentHoldsUpNobody();
    void startsAreInTheOrderOfTickets();
    void neverMoreThanThereAre();
    void reasonsAreFewLines();

    void gpusAreExclusive();
    void autoTakesAGpuWhereThereIsOne();
    void aWaitingGpuRunDoesNotHoldUpProcessors();
    void oddGpuNamesAreRefused();

    void whatIsLeftOfTheRunHoldsItsShare();
    void aServiceThatWasLeftDoesNot_data();
    void aServiceThatWasLeftDoesNot();

    void foldersOfOthersAreRefused_data();
    void foldersOfOthersAreRefused();

private:
    struct Run
    {
        std::unique_ptr<RunFolder> folder;
        std::unique_ptr<QProcess> agent;

        [[nodiscard]] std::string id() const { return folder->id(); }
        [[nodiscard]] RunStatus status() const { return readRunStatus(*folder).value(); }
        [[nodiscard]] std::vector<JournalEntry> entries() const { return readJournal(folder->journal()).value().entries; }
        [[nodiscard]] std::string evidence() const { return status().evidence; }
        [[nodiscard]] bool isWaiting() const
        {
            const RunStatus now = status();
            return now.state == RunState::Queued && now.evidence.starts_with("waiting for");
        }
        [[nodiscard]] bool isRunning() const { return status().state == RunState::Running; }
        [[nodiscard]] double startTime() const
        {
            for (const JournalEntry &entry : entries()) {
                if (entry.state == RunState::Preparing)
                    return entry.time;
            }
            return 0;
        }
        [[nodiscard]] int workPid() const
        {
            int pid = 0;
            for (const JournalEntry &entry : entries())
                pid = entry.pid.value_or(pid);
            return pid;
        }
        [[nodiscard]] std::string workFile(const char *name) const { return readFile(folder->work() / name).value_or("none"); }
        [[nodiscard]] bool sees(const std::string &variable) const
        {
            return ('\0' + workFile("env")).find('\0' + variable + '\0') != std::string::npos;
        }
        void release() const { std::ofstream(folder->work() / "go") << ""; }
        int exitCode() const
        {
            agent->waitForFinished(30'000);
            return agent->state() == QProcess::NotRunning ? agent->exitCode() : -1;
        }
        [[nodiscard]] int finish() const
        {
            release();
            return exitCode();
        }
    };

    std::unique_ptr<QTemporaryDir> m_temporary;
    std::vector<int> m_strays;
    QString m_trainer = QStringLiteral(BOTTEGA_WORKHELPER);

    [[nodiscard]] Job job(int threads, const std::string &steps = "env env;wait go") const
    {
        Job made;
        made.runId = makeRunId("slots");
        made.experiment = "slots";
        made.recipe = "mnist-mlp";
        made.params = {{"do", steps}};
        made.device = "cpu";
        made.threads = threads;
        return made;
    }
    [[nodiscard]] Job gpuJob(const std::string &device) const
    {
        Job made = job(0);
        made.device = device;
        return made;
    }
    Run start(const Job &job)
    {
        Run run;
        run.folder = std::make_unique<RunFolder>(RunFolder::create(m_temporary->filePath(u"runs"_s).toStdString(), job).value());
        run.agent = std::make_unique<QProcess>();
        run.agent->setProcessChannelMode(QProcess::ForwardedChannels);
        run.agent->start(QStringLiteral(BOTTEGA_BIN_DIR "/bottega-agent"),
                         {u"run"_s, QString::fromStdString(run.folder->root().string()), u"--trainer"_s, m_trainer, u"--grace"_s,
                          u"0.2"_s});
        return run;
    }
    Run startAndWait(const Job &job)
    {
        Run run = start(job);
        [&] { QTRY_VERIFY(run.isRunning() && run.workFile("env") != "none"); }();
        return run;
    }
    void putProgram(const QString &name, const QByteArray &script)
    {
        QFile file(m_temporary->filePath(u"bin/"_s + name));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("#!/bin/sh\n" + script) > 0);
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    }
    void putGpus() { putProgram(u"nvidia-smi"_s, "printf '0, GPU-aa, X\\n1, GPU-bb, X\\n'\n"); }
    [[nodiscard]] static fs::path queueFolder()
    {
        const fs::path slots = fs::path(qEnvironmentVariable("XDG_STATE_HOME").toStdString()) / "bottega/slots";
        return fs::exists(slots) ? fs::directory_iterator(slots)->path() : fs::path();
    }
    [[nodiscard]] static int tickets()
    {
        int count = 0;
        for (const auto &entry : fs::directory_iterator(queueFolder()))
            count += entry.path().filename() == "queue.lock" ? 0 : 1;
        return count;
    }
};

void TestSlots::init()
{
    TestCase::init();
    m_temporary = std::make_unique<QTemporaryDir>();
    QDir().mkpath(m_temporary->filePath(u"bin"_s));
    qputenv("XDG_STATE_HOME", m_temporary->filePath(u"state"_s).toUtf8());
    qputenv("PATH", m_temporary->filePath(u"bin"_s).toUtf8() + ":/usr/bin:/bin");
    qputenv("BOTTEGA_CPU_SLOTS", "2");
    qunsetenv("CUDA_VISIBLE_DEVICES");
    m_trainer = QStringLiteral(BOTTEGA_WORKHELPER);
}

void TestSlots::cleanup()
{
    for (const int pid : m_strays)
        ::kill(pid, SIGKILL);
    m_strays.clear();
}

void TestSlots::aShareIsInheritedByTheWork()
{
    const Run run = startAndWait(job(1));
    QVERIFY(run.sees("BOTTEGA_CPU_SLOTS=1"));
    const fs::path ticket = queueFolder() / "0000000001.1";
    QVERIFY(fs::exists(ticket));
    QCOMPARE(fs::status(queueFolder()).permissions(), fs::perms::owner_all);
    QCOMPARE(fs::read_symlink("/proc/" + std::to_string(run.workPid()) + "/fd/100"), ticket);
    QCOMPARE(run.finish(), 0);
    QCOMPARE(tickets(), 0);
}

void TestSlots::whoFindsNoRoomWaitsAndSaysWhy()
{
    const Run first = startAndWait(job(1));
    const Run second = start(job(2));
    QTRY_VERIFY(second.isWaiting());
    QCOMPARE(second.evidence(), "waiting for 2 processors: run " + first.id() + " holds 1; place 1 of 1");
    const Run third = start(job(1)); // there is room for it, but it came later
    QTRY_VERIFY(third.isWaiting());
    QCOMPARE(third.evidence(), "waiting for 1 processor: run " + first.id() + " holds 1; place 2 of 2");
    QCOMPARE(first.finish(), 0);
    QTRY_VERIFY(second.isRunning());
    QTRY_COMPARE(third.evidence(), "waiting for 1 processor: run " + second.id() + " holds 2; place 1 of 1");
    QCOMPARE(second.finish(), 0);
    QCOMPARE(third.finish(), 0);
}

void TestSlots::theShareOutlivesItsAgent()
{
    const Run first = startAndWait(job(2));
    m_strays = {first.workPid()};
    ::kill(static_cast<int>(first.agent->processId()), SIGKILL);
    QCOMPARE(first.exitCode(), 9);
    const Run second = start(job(1));
    QTRY_VERIFY(second.isWaiting());
    QCOMPARE(second.evidence(), "waiting for 1 processor: run " + first.id() + " holds 2; place 1 of 1");
    first.release();
    QTRY_VERIFY(second.isRunning());
    QVERIFY(!processStart(first.workPid()));
    QCOMPARE(second.finish(), 0);
}

void TestSlots::killedWithAllItIsFreeAtOnce()
{
    const Run first = startAndWait(job(2));
    const int work = first.workPid();
    const Run second = start(job(2));
    QTRY_VERIFY(second.isWaiting());
    ::kill(static_cast<int>(first.agent->processId()), SIGKILL);
    ::kill(work, SIGKILL);
    QTRY_VERIFY(second.isRunning());
    QCOMPARE(second.finish(), 0);
    QCOMPARE(first.exitCode(), 9);
    QCOMPARE(tickets(), 0);
}

void TestSlots::noThreadsTakesAllThatAreFree()
{
    qputenv("BOTTEGA_CPU_SLOTS", "4");
    const Run first = startAndWait(job(1));
    const Run second = startAndWait(job(0));
    QVERIFY(second.sees("BOTTEGA_CPU_SLOTS=3"));
    const Run third = start(job(0));
    QTRY_VERIFY(third.isWaiting());
    QCOMPARE(third.evidence(), "waiting for 1 processor: run " + first.id() + " holds 1, run " + second.id() +
                                   " holds 3; place 1 of 1");
    QCOMPARE(first.finish(), 0);
    QTRY_VERIFY(third.sees("BOTTEGA_CPU_SLOTS=1"));
    QCOMPARE(second.finish(), 0);
    QCOMPARE(third.finish(), 0);
}

void TestSlots::moreThreadsThanProcessorsTakesAll()
{
    const Run run = startAndWait(job(64, "argv argv;env env;wait go"));
    QVERIFY(run.sees("BOTTEGA_CPU_SLOTS=2"));
    QVERIFY(run.workFile("argv").find(std::string("--threads\0002\0", 12)) != std::string::npos);
    QCOMPARE(run.finish(), 0);
}

void TestSlots::cancelWhileWaiting()
{
    const Run first = startAndWait(job(2));
    const Run second = start(job(1)), third = start(job(1));
    QTRY_VERIFY(second.isWaiting() && third.isWaiting());
    QVERIFY_RESULT(cancelRun(second.folder->root(), {}));
    QCOMPARE(second.exitCode(), 1);
    QCOMPARE(second.status().state, RunState::Canceled);
    QVERIFY(second.evidence().ends_with("before the work was started"));
    QCOMPARE(second.workPid(), 0);
    QTRY_VERIFY(third.evidence().ends_with("place 1 of 1"));
    QCOMPARE(first.finish(), 0);
    QCOMPARE(third.finish(), 0);
}

void TestSlots::agentAskedToStopWhileWaiting()
{
    const Run first = startAndWait(job(2));
    const Run second = start(job(1));
    QTRY_VERIFY(second.isWaiting());
    ::kill(static_cast<int>(second.agent->processId()), SIGTERM);
    QCOMPARE(second.exitCode(), 1);
    QCOMPARE(second.status().state, RunState::Canceled);
    QCOMPARE(second.evidence(), std::string("agent asked to stop before the work was started"));
    QCOMPARE(tickets(), 1);
    QCOMPARE(first.finish(), 0);
}

void TestSlots::deletedRunFolderWhileWaiting()
{
    const Run first = startAndWait(job(2));
    const Run second = start(job(1));
    QTRY_VERIFY(second.isWaiting());
    QVERIFY_RESULT(removeTree(second.folder->root()));
    QCOMPARE(second.exitCode(), 3);
    QVERIFY(!fs::exists(second.folder->root()));
    QCOMPARE(first.finish(), 0);
}

void TestSlots::killedWhileWaitingLeavesTheQueue()
{
    const Run first = startAndWait(job(2));
    const Run second = start(job(2));
    QTRY_VERIFY(second.isWaiting());
    const Run third = start(job(2));
    QTRY_VERIFY(third.isWaiting());
    QVERIFY(third.evidence().ends_with("place 2 of 2"));
    ::kill(static_cast<int>(second.agent->processId()), SIGKILL);
    QCOMPARE(second.exitCode(), 9);
    QCOMPARE(first.finish(), 0);
    QTRY_VERIFY(third.isRunning());
    QCOMPARE(third.finish(), 0);
    QCOMPARE(tickets(), 0);
}

void TestSlots::aStoppedAgentHoldsUpNobody()
{
    const Run first = startAndWait(job(2));
    const Run second = start(job(2));
    QTRY_VERIFY(second.isWaiting());
    ::kill(static_cast<int>(second.agent->processId()), SIGSTOP);
    const Run third = start(job(1));
    QTRY_VERIFY(third.isWaiting());
    QCOMPARE(first.finish(), 0);
    QTRY_VERIFY(third.isRunning());
    ::kill(static_cast<int>(second.agent->processId()), SIGCONT);
    QCOMPARE(third.finish(), 0);
    QCOMPARE(second.finish(), 0);
}

/// All come at once, and no two fit beside each other: they start in the order of their tickets.
void TestSlots::startsAreInTheOrderOfTickets()
{
    qputenv("BOTTEGA_CPU_SLOTS", "3");
    std::mt19937 random(4);
    const Run blocker = startAndWait(job(3));
    std::vector<Run> runs;
    for (int i = 0; i < 8; ++i)
        runs.push_back(start(job(random() % 3 == 0 ? 0 : 2 + static_cast<int>(random() % 2), "exit 0")));
    QTRY_COMPARE(tickets(), 9);
    QStringList order;
    const QDir folder(QString::fromStdString(queueFolder().string()));
    for (const QString &name : folder.entryList(QDir::Files, QDir::Name)) {
        const QString content = QString::fromStdString(readFile(queueFolder() / name.toStdString()).value());
        for (std::size_t i = 0; i < runs.size(); ++i) {
            if (content.contains(QString::fromStdString(runs[i].id())))
                order << QString::number(i);
        }
    }
    QCOMPARE(order.size(), 8);
    QCOMPARE(blocker.finish(), 0);
    for (const Run &run : runs)
        QCOMPARE(run.exitCode(), 0);
    std::vector<std::pair<double, QString>> starts;
    for (std::size_t i = 0; i < runs.size(); ++i)
        starts.emplace_back(runs[i].startTime(), QString::number(i));
    std::sort(starts.begin(), starts.end());
    QStringList started;
    for (const auto &[time, name] : starts)
        started << name;
    QCOMPARE(started, order);
}

/// Sizes of all kinds, some agents killed on the way: from start to end of each work, the processors add up.
void TestSlots::neverMoreThanThereAre()
{
    constexpr int processors = 4;
    qputenv("BOTTEGA_CPU_SLOTS", QByteArray::number(processors));
    std::mt19937 random(7);
    std::vector<Run> runs;
    for (int i = 0; i < 12; ++i)
        runs.push_back(start(job(static_cast<int>(random() % 5), "env env;sleep 0.05;exit 0")));
    ::kill(static_cast<int>(runs[3].agent->processId()), SIGKILL);
    ::kill(static_cast<int>(runs[8].agent->processId()), SIGKILL);
    const auto isOver = [&runs] {
        return std::all_of(runs.begin(), runs.end(), [](const Run &run) { return run.agent->state() == QProcess::NotRunning; });
    };
    int most = 0;
    while (!isOver()) {
        QCoreApplication::processEvents(QEventLoop::AllEvents, 1);
        int held = 0;
        for (const auto &entry : fs::directory_iterator(queueFolder())) {
            const QStringList parts = QString::fromStdString(entry.path().filename().string()).split(u'.');
            held += parts.size() > 1 ? parts[1].toInt() : 0;
        }
        most = std::max(most, held);
    }
    QVERIFY2(most >= 1 && most <= processors, qPrintable(QString::number(most)));
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (i != 3 && i != 8)
            QCOMPARE(runs[i].status().state, RunState::Completed);
    }
}

void TestSlots::reasonsAreFewLines()
{
    const Run first = startAndWait(job(2));
    const Run waiting = start(job(2));
    QTRY_VERIFY(waiting.isWaiting());
    std::vector<Run> others; // each makes its place another one's, many times a second
    for (int i = 0; i < 6; ++i)
        others.push_back(start(job(1, "exit 0")));
    for (const Run &run : others) {
        QTRY_VERIFY(run.isWaiting());
        QVERIFY(run.entries().size() <= 3);
        QVERIFY_RESULT(cancelRun(run.folder->root(), {}));
        QCOMPARE(run.exitCode(), 1);
    }
    QVERIFY2(waiting.entries().size() <= 4, qPrintable(QString::number(waiting.entries().size())));
    QCOMPARE(first.finish(), 0);
    QCOMPARE(waiting.finish(), 0);
}

void TestSlots::gpusAreExclusive()
{
    putGpus();
    qputenv("BOTTEGA_CPU_SLOTS", "4");
    const Run first = startAndWait(gpuJob("cuda:GPU-bb"));
    QVERIFY(first.sees("CUDA_VISIBLE_DEVICES=GPU-bb") && first.sees("BOTTEGA_CPU_SLOTS=1"));
    const Run second = startAndWait(gpuJob("cuda"));
    QVERIFY(second.sees("CUDA_VISIBLE_DEVICES=GPU-aa"));
    const Run third = start(gpuJob("cuda"));
    QTRY_VERIFY(third.isWaiting());
    QCOMPARE(third.evidence(), "waiting for a GPU: run " + first.id() + " holds GPU-bb, run " + second.id() +
                                   " holds GPU-aa; place 1 of 1");
    const Run fourth = start(gpuJob("cuda:GPU-aa"));
    QTRY_VERIFY(fourth.isWaiting());
    QCOMPARE(fourth.evidence(), "waiting for GPU GPU-aa: run " + second.id() + " holds GPU-aa; place 2 of 2");
    QCOMPARE(second.finish(), 0);
    QTRY_VERIFY(third.sees("CUDA_VISIBLE_DEVICES=GPU-aa"));
    QVERIFY(fourth.isWaiting());
    for (const Run *run : {&first, &third, &fourth})
        QCOMPARE(run->finish(), 0);
    QCOMPARE(tickets(), 0);
}

void TestSlots::autoTakesAGpuWhereThereIsOne()
{
    putGpus();
    QVERIFY(QFile::link(QStringLiteral(BOTTEGA_WORKHELPER), m_temporary->filePath(u"bin/trainer"_s)));
    m_trainer = m_temporary->filePath(u"bin/trainer"_s);
    const Run onCpu = startAndWait(gpuJob("auto")); // no trainer for GPUs is installed
    QVERIFY(onCpu.sees("BOTTEGA_CPU_SLOTS=2") && onCpu.workFile("env").find("CUDA_VISIBLE") == std::string::npos);
    QCOMPARE(onCpu.finish(), 0);
    putProgram(u"bottega-trainer-cuda"_s, "exit 1\n");
    const Run onGpu = startAndWait(gpuJob("auto"));
    QVERIFY(onGpu.sees("CUDA_VISIBLE_DEVICES=GPU-aa") && onGpu.sees("BOTTEGA_CPU_SLOTS=1"));
    Job never = gpuJob("auto");
    never.gpu = "never";
    const Run refused = startAndWait(never);
    QVERIFY(refused.workFile("env").find("CUDA_VISIBLE") == std::string::npos);
    QCOMPARE(onGpu.finish(), 0);
    QCOMPARE(refused.finish(), 0);
}

void TestSlots::aWaitingGpuRunDoesNotHoldUpProcessors()
{
    qputenv("BOTTEGA_CPU_SLOTS", "3");
    const Run first = startAndWait(gpuJob("cuda:GPU-aa"));
    const Run waiting = start(gpuJob("cuda:GPU-aa"));
    QTRY_VERIFY(waiting.isWaiting());
    const Run small = startAndWait(job(0)); // of two free, one is kept for the run that waits
    QVERIFY(small.sees("BOTTEGA_CPU_SLOTS=1"));
    QCOMPARE(first.finish(), 0);
    QTRY_VERIFY(waiting.isRunning());
    QCOMPARE(waiting.finish(), 0);
    QCOMPARE(small.finish(), 0);
}

void TestSlots::oddGpuNamesAreRefused()
{
    const Run run = start(gpuJob("cuda:../../x"));
    QCOMPARE(run.exitCode(), 1);
    QCOMPARE(run.status().state, RunState::Failed);
    QVERIFY(run.evidence().starts_with("“../../x” is no GPU's UUID (the work was not started). Submit"));
}

void TestSlots::whatIsLeftOfTheRunHoldsItsShare()
{
    const Run first = startAndWait(job(2, "daemon;env env;wait go"));
    const int daemon = std::atoi(first.workFile("daemon").c_str());
    m_strays = {daemon};
    QCOMPARE(first.finish(), 0);
    QCOMPARE(first.status().state, RunState::Completed);
    const Run second = start(job(1));
    QTRY_VERIFY(second.isWaiting());
    QCOMPARE(second.evidence(), "waiting for 1 processor: run " + first.id() + " holds 2 by process " +
                                    std::to_string(daemon) + ", left behind at its end; place 1 of 1");
    ::kill(daemon, SIGKILL);
    QTRY_VERIFY(second.isRunning());
    QCOMPARE(second.finish(), 0);
}

void TestSlots::aServiceThatWasLeftDoesNot_data()
{
    QTest::addColumn<bool>("agentIsKilled");
    QTest::newRow("the agent sees the end") << false;
    QTest::newRow("nobody sees the end") << true;
}

void TestSlots::aServiceThatWasLeftDoesNot()
{
    QFETCH(bool, agentIsKilled);
    const Run first = startAndWait(job(2, "service;env env;wait go"));
    const int service = std::atoi(first.workFile("service").c_str());
    m_strays = {service};
    if (agentIsKilled) {
        ::kill(static_cast<int>(first.agent->processId()), SIGKILL);
        QCOMPARE(first.exitCode(), 9);
    }
    QCOMPARE(first.finish(), agentIsKilled ? 9 : 0);
    QTRY_VERIFY(!processStart(first.workPid()));
    QVERIFY(processStart(service));
    const Run second = startAndWait(job(2));
    QCOMPARE(second.finish(), 0);
    QVERIFY(processStart(service));
}

void TestSlots::foldersOfOthersAreRefused_data()
{
    QTest::addColumn<QString>("kind");
    QTest::newRow("open to others") << u"open"_s;
    QTest::newRow("a link") << u"link"_s;
}

void TestSlots::foldersOfOthersAreRefused()
{
    QFETCH(QString, kind);
    QCOMPARE(startAndWait(job(1)).finish(), 0);
    const fs::path folder = queueFolder();
    if (kind == u"open"_s) {
        fs::permissions(folder, fs::perms::all);
    } else {
        fs::rename(folder, m_temporary->filePath(u"elsewhere"_s).toStdString());
        fs::create_directory_symlink(m_temporary->filePath(u"elsewhere"_s).toStdString(), folder);
    }
    const Run run = start(job(1));
    QCOMPARE(run.exitCode(), 1);
    QCOMPARE(run.status().state, RunState::Failed);
    QVERIFY2(run.evidence().find(folder.string()) != std::string::npos, run.evidence().c_str());
    QVERIFY2(run.evidence().find("The queue of this machine could not be opened") == 0, run.evidence().c_str());
    QCOMPARE(run.workPid(), 0);
}

BOTTEGA_TEST_MAIN(TestSlots)
#include "tst_slots.moc"
