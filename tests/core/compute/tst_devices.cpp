// SPDX-License-Identifier: Apache-2.0
#include "core/base/processors.h"
#include "core/compute/devicechoice.h"
#include "core/compute/devices.h"
#include "tests/core/workspace/fixture.h"
#include "tests/support/testcase.h"

#include <filesystem>
#include <sys/stat.h>

using namespace Qt::StringLiterals;
using namespace bottega;
using namespace bottega::test;
namespace fs = std::filesystem;

namespace {

constexpr const char *twoGpus = "0, GPU-aaaa, NVIDIA H100 80GB HBM3, 81559, 1024, 37, 580.95.05\n"
                                "1, GPU-bbbb, NVIDIA T4, 15360, 0, [N/A], 580.95.05\n";

} // namespace

/// Which devices there are, by a nvidia-smi of our own in $PATH, and which of them a job gets.
class TestDevices : public TestCase
{
    Q_OBJECT
private:
    void putProgram(const char *name, const std::string &script)
    {
        const fs::path path = fs::path(m_folder->path().toStdString()) / name;
        WorkspaceFixture::write(path, "#!/bin/sh\n" + script);
        ::chmod(path.c_str(), 0755);
    }
    void putGpus(const std::string &lines) { putProgram("nvidia-smi", "cat <<END\n" + lines + "END\n"); }

    std::unique_ptr<QTemporaryDir> m_folder; // the whole of $PATH but for the system's own tools
    QByteArray m_path = qgetenv("PATH");

private Q_SLOTS:
    void init()
    {
        TestCase::init();
        m_folder = std::make_unique<QTemporaryDir>();
        qputenv("PATH", m_folder->path().toUtf8() + ":/usr/bin:/bin");
        qputenv("BOTTEGA_LIBEXEC", m_folder->path().toUtf8());
    }
    void cleanupTestCase()
    {
        qputenv("PATH", m_path);
        qunsetenv("BOTTEGA_LIBEXEC");
    }

    void theProcessorIsDescribed()
    {
        const CpuDevice cpu = readDevices().cpu;
        QCOMPARE(cpu.processors, usableProcessors());
        QVERIFY(!cpu.instructionSet.empty());
    }

    void gpusAreListedWithTheirUse()
    {
        putGpus(twoGpus);
        const DeviceList devices = readDevices();
        QCOMPARE(devices.absence, GpuAbsence::None);
        QVERIFY(absenceText(devices).empty());
        QCOMPARE(devices.gpus.size(), std::size_t{2});
        const GpuDevice &first = devices.gpus.front();
        QCOMPARE(first.name, std::string("NVIDIA H100 80GB HBM3"));
        QCOMPARE(first.uuid, std::string("GPU-aaaa"));
        QCOMPARE(first.memoryBytes, std::uint64_t{81559} << 20);
        QCOMPARE(first.memoryUsedBytes, std::uint64_t{1} << 30);
        QCOMPARE(first.busyPercent, std::optional(37));
        QCOMPARE(first.driver, std::string("580.95.05"));
        QCOMPARE(devices.gpus.back().busyPercent, std::optional<int>());
        const Json json = devicesToJson(devices);
        QCOMPARE(json.at("gpus").at(1).at("device").get<std::string>(), std::string("cuda:1"));
        QVERIFY(json.at("gpus").at(1).at("busyPercent").is_null());
    }

    void absenceIsExplained_data()
    {
        QTest::addColumn<QString>("script");
        QTest::addColumn<GpuAbsence>("absence");
        QTest::addColumn<QString>("text");
        QTest::newRow("nothing found") << u"echo 'No devices were found'; exit 6"_s << GpuAbsence::NoGpu << u"finds no GPU"_s;
        QTest::newRow("empty") << u"exit 0"_s << GpuAbsence::NoGpu << u"finds no GPU"_s;
        QTest::newRow("failure") << u"echo \"NVIDIA-SMI has failed because it couldn't communicate\"; echo more; exit 9"_s
                                 << GpuAbsence::Failed << u"nvidia-smi failed: NVIDIA-SMI has failed because it couldn't communicate"_s;
        QTest::newRow("no sense") << u"printf 'x, y\\033[31m\\n'"_s << GpuAbsence::Failed << u"nvidia-smi failed: x, y\\x1b"_s;
    }
    void absenceIsExplained()
    {
        QFETCH(QString, script);
        QFETCH(GpuAbsence, absence);
        QFETCH(QString, text);
        putProgram("nvidia-smi", script.toStdString() + "\n");
        const DeviceList devices = readDevices();
        QCOMPARE(devices.absence, absence);
        const QString told = QString::fromStdString(absenceText(devices));
        QVERIFY2(told.contains(text), qPrintable(told));
        QVERIFY(!told.contains(u'\n') && !told.contains(u'\x1b'));
    }

    void aDriverThatHangsIsGivenUp()
    {
        putProgram("nvidia-smi", "exec sleep 60\n");
        const DeviceList devices = readDevices(std::chrono::milliseconds(100));
        QCOMPARE(devices.absence, GpuAbsence::TimedOut);
        QCOMPARE(absenceText(devices), std::string("nvidia-smi does not answer"));
    }

    void withoutADriver()
    {
        qputenv("PATH", m_folder->path().toUtf8());
        const DeviceList devices = readDevices();
        QCOMPARE(devices.absence, GpuAbsence::NoDriver);
        QVERIFY(QString::fromStdString(absenceText(devices)).contains(u"nvidia-smi"_s));
    }

    void brokenLinesAreLeftOut()
    {
        const auto gpus = parseGpus("0, GPU-a\n, GPU-b, X, 1, 1, 1, 1\n2, MIG-c, X, 1, 1, 1, 1\n\n"
                                    "3, GPU-d, Y, [Not Supported], -5, 1000000000000, \n");
        QCOMPARE(gpus.size(), std::size_t{1});
        QCOMPARE(gpus.front().index, 3);
        QCOMPARE(gpus.front().memoryBytes, std::uint64_t{0});
        QCOMPARE(gpus.front().memoryUsedBytes, std::uint64_t{0});
        QVERIFY(!gpus.front().busyPercent);
    }

    void choices_data()
    {
        QTest::addColumn<QString>("gpu");
        QTest::addColumn<QString>("device");
        QTest::addColumn<int>("threads");
        QTest::addColumn<QString>("chosen"); // empty: refused
        QTest::addColumn<QString>("says");
        QTest::newRow("auto") << u"auto"_s << u"auto"_s << 0 << u"auto"_s << QString();
        QTest::newRow("cpu") << u"auto"_s << u"cpu"_s << 1 << u"cpu"_s << QString();
        QTest::newRow("cpu and never") << u"never"_s << u"cpu"_s << 0 << u"cpu"_s << QString();
        QTest::newRow("any GPU") << u"require"_s << u"auto"_s << 0 << u"cuda"_s << QString();
        QTest::newRow("by index") << u"auto"_s << u"cuda:1"_s << 0 << u"cuda:GPU-bbbb"_s << QString();
        QTest::newRow("by UUID") << u"require"_s << u"cuda:GPU-aaaa"_s << 0 << u"cuda:GPU-aaaa"_s << QString();
        QTest::newRow("no such index") << u"auto"_s << u"cuda:2"_s << 0 << QString() << u"cuda:0 (NVIDIA H100"_s;
        QTest::newRow("no such UUID") << u"auto"_s << u"cuda:GPU-a"_s << 0 << QString() << u"GPU-bbbb"_s;
        QTest::newRow("nonsense") << u"auto"_s << u"tpu"_s << 0 << QString() << u"auto, cpu"_s;
        QTest::newRow("empty index") << u"auto"_s << u"cuda:"_s << 0 << QString() << u"auto, cpu"_s;
        QTest::newRow("both ways") << u"never"_s << u"cuda:0"_s << 0 << QString() << u"refused by"_s;
        QTest::newRow("neither way") << u"require"_s << u"cpu"_s << 0 << QString() << u"required"_s;
        QTest::newRow("negative") << u"auto"_s << u"cpu"_s << -1 << QString() << u"threads=-1"_s;
        QTest::newRow("too many") << u"auto"_s << u"cpu"_s << 100'000 << QString() << u"from 1 to"_s;
    }
    void choices()
    {
        QFETCH(QString, gpu);
        QFETCH(QString, device);
        QFETCH(int, threads);
        QFETCH(QString, chosen);
        QFETCH(QString, says);
        putGpus(twoGpus);
        putProgram("bottega-trainer-cuda", "");
        JobRequest request;
        request.gpu = gpu.toStdString();
        request.device = device.toStdString();
        request.threads = threads;
        Job job;
        const auto done = chooseDevice(job, request);
        QCOMPARE(done.has_value(), !chosen.isEmpty());
        if (!done) {
            const QString told = QString::fromStdString(describe(done.error()));
            QVERIFY2(told.contains(says), qPrintable(told));
            return;
        }
        QCOMPARE(QString::fromStdString(job.device), chosen);
        QCOMPARE(job.threads, threads);
        const auto read = jobFromJson(Json{{"runId", "a_1_00000000"}, {"recipe", "r"}, {"device", job.device}, {"threads", threads}}, "");
        QVERIFY_RESULT(read);
        QCOMPARE(read->device, job.device);
        QCOMPARE(read->threads, threads);
    }

    void aGpuNeedsItsTrainerAndADriver()
    {
        JobRequest request;
        request.device = "cuda:0";
        Job job;
        putGpus(twoGpus);
        const auto noTrainer = chooseDevice(job, request);
        QVERIFY(!noTrainer);
        QVERIFY(noTrainer.error().code == ErrorCode::Unsupported);
        putProgram("bottega-trainer-cuda", "");
        putProgram("nvidia-smi", "exit 0\n");
        const auto noGpu = chooseDevice(job, request);
        QVERIFY(!noGpu);
        QVERIFY(noGpu.error().code == ErrorCode::Unsupported);
        QCOMPARE(noGpu.error().what, std::string("This computer trains on the CPU only: The NVIDIA driver finds no GPU"));
    }

    void precisionsNeedAGpu_data()
    {
        QTest::addColumn<QString>("gpu");
        QTest::addColumn<QString>("device");
        QTest::addColumn<QString>("precision");
        QTest::addColumn<bool>("hasGpu");
        QTest::addColumn<QString>("chosen"); // empty: refused
        QTest::addColumn<QString>("says");
        QTest::newRow("fp32 anywhere") << u"never"_s << u"auto"_s << u"fp32"_s << false << u"auto"_s << QString();
        QTest::newRow("named GPU") << u"auto"_s << u"cuda:1"_s << u"bf16"_s << true << u"cuda:GPU-bbbb"_s << QString();
        QTest::newRow("auto takes a GPU") << u"auto"_s << u"auto"_s << u"tf32"_s << true << u"cuda"_s << QString();
        QTest::newRow("auto without one") << u"auto"_s << u"auto"_s << u"tf32"_s << false << QString() << u"Use the CPU, with the precision fp32"_s;
        QTest::newRow("CPU") << u"auto"_s << u"cpu"_s << u"tf32"_s << true << QString() << u"The precision tf32 needs a GPU"_s;
        QTest::newRow("never") << u"never"_s << u"auto"_s << u"bf16"_s << true << QString() << u"The precision bf16 needs a GPU"_s;
        QTest::newRow("unknown") << u"auto"_s << u"cuda:0"_s << u"fp16"_s << true << QString() << u"Use fp32, tf32 or bf16"_s;
    }
    void precisionsNeedAGpu()
    {
        QFETCH(QString, gpu);
        QFETCH(QString, device);
        QFETCH(QString, precision);
        QFETCH(QString, chosen);
        QFETCH(QString, says);
        QFETCH(bool, hasGpu);
        putProgram("bottega-trainer-cuda", "");
        if (hasGpu)
            putGpus(twoGpus);
        else
            putProgram("nvidia-smi", "exit 0\n");
        JobRequest request;
        request.gpu = gpu.toStdString();
        request.device = device.toStdString();
        request.precision = precision.toStdString();
        Job job;
        const auto done = chooseDevice(job, request);
        QCOMPARE(done.has_value(), !chosen.isEmpty());
        if (!done) {
            const QString told = QString::fromStdString(describe(done.error()));
            QVERIFY2(told.contains(says), qPrintable(told));
            return;
        }
        QCOMPARE(QString::fromStdString(job.device), chosen);
        QCOMPARE(job.precision, request.precision);
        job.runId = "a_1_00000000";
        job.recipe = "r";
        const Json json = jobToJson(job);
        QCOMPARE(json.contains("precision"), precision != u"fp32"_s);
        const auto read = jobFromJson(json, "");
        QVERIFY_RESULT(read);
        QCOMPARE(read->precision, request.precision);
    }

    void controlGroupsLimitProcessors_data()
    {
        QTest::addColumn<QString>("groups");
        QTest::addColumn<QStringList>("files"); // path=content
        QTest::addColumn<double>("granted");
        QTest::newRow("none") << u"0::/\n"_s << QStringList() << 0.0;
        QTest::newRow("version 2") << u"0::/a/b\n"_s << QStringList{u"a/b/cpu.max=150000 100000"_s, u"a/cpu.max=max 100000"_s} << 1.5;
        QTest::newRow("the one above is smaller") << u"0::/a/b\n"_s << QStringList{u"a/b/cpu.max=max 100000"_s, u"a/cpu.max=50000 100000"_s} << 0.5;
        QTest::newRow("in a container") << u"0::/docker/1234\n"_s << QStringList{u"cpu.max=300000 100000"_s} << 3.0;
        QTest::newRow("version 1") << u"4:memory:/x\n3:cpu,cpuacct:/job\n"_s
                                   << QStringList{u"cpu,cpuacct/job/cpu.cfs_quota_us=200000"_s, u"cpu,cpuacct/job/cpu.cfs_period_us=100000"_s} << 2.0;
        QTest::newRow("version 1 without a limit") << u"3:cpu:/\n"_s
                                   << QStringList{u"cpu/cpu.cfs_quota_us=-1"_s, u"cpu/cpu.cfs_period_us=100000"_s} << 0.0;
        QTest::newRow("damaged") << u"0::/a\nnonsense\n"_s << QStringList{u"a/cpu.max=x y"_s} << 0.0;
    }
    void controlGroupsLimitProcessors()
    {
        QFETCH(QString, groups);
        QFETCH(QStringList, files);
        QFETCH(double, granted);
        const fs::path root = m_folder->path().toStdString();
        for (const QString &file : files) {
            const fs::path path = root / file.section(u'=', 0, 0).toStdString();
            fs::create_directories(path.parent_path());
            WorkspaceFixture::write(path, file.section(u'=', 1).toStdString() + "\n");
        }
        QCOMPARE(grantedProcessors(groups.toStdString(), root), granted);
    }
};

BOTTEGA_TEST_MAIN(TestDevices)
#include "tst_devices.moc"
