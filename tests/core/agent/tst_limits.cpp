// SPDX-License-Identifier: Apache-2.0
#include "core/agent/gpuwatch.h"
#include "core/agent/processtree.h"
#include "core/base/bytesize.h"
#include "core/run/readmetrics.h"
#include "tests/core/agent/agenttest.h"

#include <QRegularExpression>

#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace bottega;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

/// What a run may use, what becomes of one that uses more, and what its GPUs tell.
class TestLimits : public bottega::test::AgentTest
{
    Q_OBJECT
private Q_SLOTS:
    void sizes_data();
    void sizes();
    void memoryLimitEndsTheWork();
    void memoryOfChildrenCounts();
    void sharedMemoryCountsOnce();
    void diskLimitEndsTheWork();
    void fullDiskIsNamed_data();
    void fullDiskIsNamed();
    void outOfMemoryKillIsALikelyCause_data();
    void outOfMemoryKillIsALikelyCause();

    void gpusAreSampled();
    void onlyTheJobsGpu();
    void noGpuIsAskedForInVain_data();
    void noGpuIsAskedForInVain();
    void reporterThatDiesIsLeftAlone();
    void reporterDiesWithTheAgent();

private:
    static QByteArray s_path;

    [[nodiscard]] fs::path folder(const char *name) const { return fs::path(m_temporary->path().toStdString()) / name; }

    /// An agent in a process of its own, for which `kernel` stands before /dev, /proc and /sys.
    int supervise(const fs::path &kernel)
    {
        const pid_t pid = ::fork();
        if (pid == 0) {
            AgentOptions options;
            options.trainer = BOTTEGA_WORKHELPER;
            options.kernelFiles = kernel;
            options.telemetryInterval = std::chrono::milliseconds(50);
            ::_exit(superviseRun(m_run->root(), options) ? 0 : 1);
        }
        m_strays.push_back(pid);
        return pid;
    }
    static int codeOf(int pid)
    {
        int status = -1;
        ::waitpid(pid, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    static void write(const fs::path &file, const std::string &text)
    {
        fs::create_directories(file.parent_path());
        std::ofstream(file) << text;
    }
    /// A nvidia-smi that does this where it is to go on reporting, and nothing else.
    void fakeNvidiaSmi(const std::string &body)
    {
        write(folder("kernel") / "dev/nvidiactl", "");
        const fs::path program = folder("bin") / "nvidia-smi";
        write(program, "#!/bin/sh\ncase \"$*\" in *'-lms 1000'*) ;; *) exit 0 ;; esac\necho x >> '" +
                           folder("starts").string() + "'\n" + body);
        ::chmod(program.c_str(), 0700);
        qputenv("PATH", QByteArray::fromStdString(folder("bin").string()) + ":" + s_path);
    }
    [[nodiscard]] std::string finalizing() const
    {
        for (const JournalEntry &entry : entries()) {
            if (entry.state == RunState::Finalizing)
                return entry.evidence;
        }
        return {};
    }

private Q_SLOTS:
    void cleanup()
    {
        qputenv("PATH", s_path);
        AgentTest::cleanup();
    }
};

QByteArray TestLimits::s_path = qgetenv("PATH");

void TestLimits::sizes_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("bytes");
    constexpr qint64 gibibyte = 1 << 30;
    for (const char *text : {"2GiB", "2 GiB", "2gib", "2G", "2048 MiB", "2147483648", "2147483648 B"})
        QTest::newRow(text) << QString::fromUtf8(text) << 2 * gibibyte;
    QTest::newRow("decimal") << u"1.5 GiB"_s << gibibyte * 3 / 2;
    QTest::newRow("of a thousand") << u"500 MB"_s << qint64{500'000'000};
    for (const char *text : {"", "GiB", "-1GiB", "1", "2 XiB", "2 GiBs", "2 GiB 3", "1e9", "nan", "inf", "0", "99999999999 PiB"})
        QTest::newRow(text) << QString::fromUtf8(text) << qint64{-1};
}

void TestLimits::sizes()
{
    QFETCH(QString, text);
    QFETCH(qint64, bytes);
    const auto read = bytesFromText(text.toStdString());
    QCOMPARE(read ? static_cast<qint64>(*read) : -1, bytes);
}

void TestLimits::memoryLimitEndsTheWork()
{
    Job made = job("memory 100;sleep 60");
    made.maxMemoryBytes = std::uint64_t{64} << 20;
    make(made);
    QCOMPARE(runToEnd(), 1);
    QCOMPARE(status().state, RunState::Failed);
    static const QRegularExpression text(u"^memory limit of 64\\.0 MiB reached: the work used 10\\d\\.\\d MiB$"_s);
    QVERIFY2(text.match(QString::fromStdString(status().error)).hasMatch(), status().error.c_str());
    QCOMPARE(entries().back().signal, std::optional<int>(SIGTERM));
    QVERIFY(isGone(workPid()));
}

void TestLimits::memoryOfChildrenCounts()
{
    Job made = job("child;memory 40;sleep 60"); // the child has what the parent had when it was made
    made.params = {{"do", "memory 40;child;memory 40;sleep 60"}};
    made.maxMemoryBytes = std::uint64_t{64} << 20;
    make(made);
    QCOMPARE(runToEnd({u"--grace"_s, u"0.1"_s}), 1);
    QVERIFY2(status().error.starts_with("memory limit of 64.0 MiB reached"), status().error.c_str());
    QVERIFY(isGone(pidIn("child")));
}

void TestLimits::sharedMemoryCountsOnce()
{
    Job made = job("memory 100;child;sleep 1.5;exit 0");
    made.maxMemoryBytes = std::uint64_t{150} << 20;
    make(made);
    QCOMPARE(runToEnd({u"--grace"_s, u"0.1"_s}), 0);
    QCOMPARE(status().state, RunState::Completed);
}

void TestLimits::diskLimitEndsTheWork()
{
    Job made = job("ignore-term;file outputs/big 8;sleep 60");
    made.maxDiskBytes = std::uint64_t{5} << 20;
    make(made);
    QCOMPARE(runToEnd({u"--grace"_s, u"0.1"_s}), 1);
    static const QRegularExpression text(u"^disk limit of 5\\.0 MiB reached: the run's folder holds 8\\.\\d MiB$"_s);
    QVERIFY2(text.match(QString::fromStdString(status().error)).hasMatch(), status().error.c_str());
    QCOMPARE(entries().back().signal, std::optional<int>(SIGKILL));
}

void TestLimits::fullDiskIsNamed_data()
{
    QTest::addColumn<bool>("byRecord");
    QTest::newRow("end record") << true;
    QTest::newRow("log") << false;
}

void TestLimits::fullDiskIsNamed()
{
    QFETCH(bool, byRecord);
    make(byRecord ? "wait go;exit 1" : "wait go;print OSError: [Errno 28] No space left on device;exit 1");
    Agent agent = start();
    QTRY_COMPARE(status().state, RunState::Running);
    if (byRecord) {
        const Json record = {{"attempt", 1}, {"pid", workPid()}, {"exitStatus", 1}, {"state", "Failed"}, {"time", 1.0},
                             {"error", {{"code", "disk-full"}, {"what", "The checkpoint could not be saved"},
                                        {"where", "epoch-0002.npz"}, {"kept", "1 checkpoint"}, {"remedy", "Free some space"}}}};
        QVERIFY_RESULT(saveAtomically(m_run->endRecord(), dumpJson(record)));
    }
    let("go");
    QCOMPARE(exitCode(agent), 1);
    const std::string expected = byRecord ? "exit status 1: the disk was full: The checkpoint could not be saved: "
                                            "epoch-0002.npz (1 checkpoint). Free some space"
                                          : "exit status 1: the disk was likely full (";
    QVERIFY2(status().error.starts_with(expected), status().error.c_str());
}

void TestLimits::outOfMemoryKillIsALikelyCause_data()
{
    QTest::addColumn<QString>("counter");
    QTest::addColumn<QString>("whose");
    QTest::newRow("group") << u"sys/fs/cgroup/jobs/memory.events"_s << u"the control group /jobs"_s;
    QTest::newRow("group, version 1") << u"sys/fs/cgroup/memory/old/memory.oom_control"_s << u"the control group /old"_s;
    QTest::newRow("machine") << u"proc/vmstat"_s << u"the machine"_s;
    QTest::newRow("none") << QString() << QString();
}

void TestLimits::outOfMemoryKillIsALikelyCause()
{
    QFETCH(QString, counter);
    QFETCH(QString, whose);
    const fs::path kernel = folder("kernel");
    write(kernel / "proc/self/cgroup", counter.contains(u"old"_s) ? "4:memory:/old\n0::/jobs\n" : "0::/jobs\n");
    write(kernel / "proc/vmstat", "pgfault 12\noom_kill 3\nswap 1\n");
    if (!counter.isEmpty())
        write(kernel / counter.toStdString(), "low 0\noom 4\noom_kill 3\n");
    make("wait go;signal 9");
    const int agent = supervise(kernel);
    QTRY_COMPARE(status().state, RunState::Running);
    if (!counter.isEmpty())
        write(kernel / counter.toStdString(), "low 0\noom 5\noom_kill 5\n");
    let("go");
    QCOMPARE(codeOf(agent), 1);
    if (counter.isEmpty()) {
        QCOMPARE(status().error, std::string("signal 9 (Killed)"));
        return;
    }
    const std::string expected = "signal 9 (Killed), which no agent sent; likely by the kernel's out-of-memory killer: oom_kill of " +
                                 whose.toStdString() + " rose from 3 to 5 while the work ran";
    QVERIFY2(status().error.starts_with(expected), status().error.c_str());
    QVERIFY(status().error.find("smaller batch") != std::string::npos);
}

/// Garbage, a line without end, what a GPU can't tell, and good lines.
void TestLimits::gpusAreSampled()
{
    fakeNvidiaSmi("echo 'Failed to initialize NVML'\n"
                  "echo '0, GPU-aaaa, 1, 2, 3'\n"
                  "echo '0, GPU-aaaa, -5, 1e999, nan, 0x10'\n"
                  "echo '99999999999, GPU-aaaa, 1, 1, 1, 1'\n"
                  "head -c 3000000 /dev/zero | tr '\\0' '7'; echo\n"
                  "while :; do\n"
                  "echo '0, GPU-aaaa, 91, 1234, 250.5, 71'\n"
                  "echo '1, GPU-bbbb, [N/A], 5, [Not Supported], 40'\n"
                  "sleep 0.05; done\n");
    make("wait go;exit 0");
    const int agent = supervise(folder("kernel"));
    const auto metrics = [this] { return readMetrics(m_run->telemetry()).value_or(PagedMetrics()); };
    QTRY_VERIFY(metrics().contains("gpu1/temperature_celsius"));
    QTRY_VERIFY(metrics()["gpu0/utilization_percent"].size() >= 3);
    let("go");
    QCOMPARE(codeOf(agent), 0);
    auto all = metrics();
    QCOMPARE(all["gpu0/utilization_percent"].back().value, 91.0);
    QCOMPARE(all["gpu0/memory_mib"].back().value, 1234.0);
    QCOMPARE(all["gpu0/power_watts"].back().value, 250.5);
    QCOMPARE(all["gpu0/temperature_celsius"].back().value, 71.0);
    QCOMPARE(all["gpu1/memory_mib"].back().value, 5.0);
    QVERIFY(!all.contains("gpu1/utilization_percent") && !all.contains("gpu1/power_watts"));
    for (const auto &[name, points] : all)
        QVERIFY2(name.starts_with("gpu0/") || name.starts_with("gpu1/") || name.starts_with("cpu/") || name.starts_with("memory/"),
                 name.c_str());
    QVERIFY2(finalizing().find("nvidia-smi") == std::string::npos, finalizing().c_str());
    for (const MetricPoint &point : all["memory/rss_mib"])
        QVERIFY(point.value < 20); // the reporter is not the work
}

void TestLimits::onlyTheJobsGpu()
{
    fakeNvidiaSmi("while :; do echo '0, GPU-aaaa, 1, 2, 3, 4'; echo '1, GPU-bbbb, 5, 6, 7, 8'; sleep 0.02; done\n");
    Job made = job("exit 0");
    made.device = "cuda:GPU-bbbb";
    GpuWatch watch(made, folder("kernel"));
    QVERIFY(watch.poll(0).empty()); // starts it
    GpuWatch::Values values; // of the first report: QTRY asks once more than it needs
    const auto isTold = [&] { return !values.empty() || !(values = watch.poll(1)).empty(); };
    QTRY_VERIFY(isTold());
    QCOMPARE(values.size(), std::size_t(4));
    QCOMPARE(values.front(), (std::pair<std::string, double>("gpu1/utilization_percent", 5)));
}

void TestLimits::noGpuIsAskedForInVain_data()
{
    QTest::addColumn<QString>("gpu");
    QTest::addColumn<QString>("device");
    QTest::addColumn<bool>("hasDevice");
    QTest::newRow("never") << u"never"_s << u"auto"_s << true;
    QTest::newRow("cpu") << u"auto"_s << u"cpu"_s << true;
    QTest::newRow("no device") << u"auto"_s << u"auto"_s << false;
}

void TestLimits::noGpuIsAskedForInVain()
{
    QFETCH(QString, gpu);
    QFETCH(QString, device);
    QFETCH(bool, hasDevice);
    fakeNvidiaSmi("sleep 60\n");
    if (!hasDevice)
        fs::remove(folder("kernel") / "dev/nvidiactl");
    Job made = job("exit 0");
    made.gpu = gpu.toStdString();
    made.device = device.toStdString();
    GpuWatch watch(made, folder("kernel"));
    for (int second = 0; second < 20; ++second)
        QVERIFY(watch.poll(second).empty());
    QCOMPARE(watch.pid(), 0);
    QVERIFY(watch.note().empty());
    QVERIFY(!fs::exists(folder("starts")));
}

void TestLimits::reporterThatDiesIsLeftAlone()
{
    fakeNvidiaSmi("exit 9\n");
    GpuWatch watch(job("exit 0"), folder("kernel"));
    double now = 0;
    QTRY_VERIFY((static_cast<void>(watch.poll(now += 1)), !watch.note().empty()));
    QCOMPARE(watch.note(), std::string("telemetry of the GPU incomplete: nvidia-smi ended, 4 times"));
    QCOMPARE(fs::file_size(folder("starts")), std::uintmax_t(8));
    QVERIFY(now >= 2 + 4 + 8);
    fakeNvidiaSmi("exec sleep 60\n"); // hangs
    GpuWatch silent(job("exit 0"), folder("kernel"));
    for (int second = 0; silent.note().empty() && second < 200; ++second)
        QVERIFY(silent.poll(second).empty());
    QVERIFY2(silent.note().find("said nothing of use") != std::string::npos, silent.note().c_str());
    QCOMPARE(silent.pid(), 0);
    qputenv("PATH", "/nowhere");
    QVERIFY(GpuWatch(job("exit 0"), folder("kernel")).note().find("not on PATH") != std::string::npos);
}

void TestLimits::reporterDiesWithTheAgent()
{
    fakeNvidiaSmi("echo $$ > '" + folder("reporter").string() + "'\nexec sleep 60\n");
    make("wait go;end Completed 0;exit 0");
    const int agent = supervise(folder("kernel"));
    QTRY_VERIFY(!readFile(folder("reporter")).value_or("").empty());
    const int reporter = std::atoi(readFile(folder("reporter"))->c_str());
    m_strays.push_back(workPid());
    QVERIFY(!isGone(reporter));
    ::kill(agent, SIGKILL);
    codeOf(agent);
    QTRY_VERIFY(isGone(reporter));
    let("go");
    QTRY_COMPARE(status().state, RunState::Completed);
}

BOTTEGA_TEST_MAIN(TestLimits)
#include "tst_limits.moc"
