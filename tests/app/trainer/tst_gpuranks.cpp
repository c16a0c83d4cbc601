// SPDX-License-Identifier: Apache-2.0
#include "app/trainer/program.h"
#include "core/engine/backend/cuda/cudabackend.h"
#include "core/engine/backend/cuda/cudaplan.h"
#include "core/engine/backend/cuda/devicecommunicator.h"
#include "core/engine/backend/cuda/module.h"
#include "core/engine/comm/sharedcommunicator.h"
#include "core/formats/npz/npz.h"
#include "tests/core/engine/cuda/emulatedqueue.h"
#include "tests/core/engine/cuda/fakemodule.h"
#include "tests/core/engine/syntheticdata.h"
#include "tests/support/testcase.h"

#include <QFile>

#include <cmath>
#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace bottega;
using namespace bottega::engine;
using namespace bottega::engine::cuda;
using namespace bottega::test;
using namespace Qt::StringLiterals;

namespace {

using trainer::Machine;

/// A device whose NCCL exchanges through whatever joins the ranks.
class JoiningBackend final : public Backend
{
public:
    explicit JoiningBackend(const std::shared_ptr<Queue> &queue)
        : m_real(queue, makeLibraries(fakeModule(), queue, Precision::Float32, 0))
    {
    }
    std::string name() const override { return m_real.name(); }
    std::string description() const override { return m_real.description(); }
    Tensor allocate(Shape shape, Layout layout) override { return m_real.allocate(std::move(shape), layout); }
    void upload(std::span<const float> values, Tensor &tensor) override { m_real.upload(values, tensor); }
    void download(const Tensor &tensor, std::span<float> values) override { m_real.download(tensor, values); }
    Samples hold(std::vector<std::uint8_t> pixels, std::vector<std::uint8_t> labels, const Shape &shape) override
    {
        return m_real.hold(std::move(pixels), std::move(labels), shape);
    }
    std::vector<std::uint8_t> downloadLabels(const Samples &samples) override { return m_real.downloadLabels(samples); }
    std::unique_ptr<Plan> compile(Program program) override { return m_real.compile(std::move(program)); }
    std::size_t stepsAtOnce() const override { return m_real.stepsAtOnce(); }
    std::unique_ptr<Communicator> join(Communicator &host) override
    {
        fakeModuleLog().ranks = &host;
        return m_real.join(host);
    }

private:
    CudaBackend m_real;
};

/// So many emulated GPUs. With libraries, their NCCL exchanges through the ranks' shared memory, but in the stream.
Machine machineOf(int gpus, bool hasLibraries)
{
    Machine machine;
    for (int index = 0; index < gpus; ++index) {
        machine.devices.push_back({"cuda:" + std::to_string(index), "Emulated GPU",
                                   [index, hasLibraries](const trainer::DeviceSettings &) -> std::unique_ptr<Backend> {
                                       auto device = std::make_shared<EmulatedDevice>();
                                       device->isGuarded = true;
                                       device->facts.index = index;
                                       auto queue = std::make_shared<EmulatedQueue>(device);
                                       if (!hasLibraries)
                                           return std::make_unique<CudaBackend>(queue);
                                       return std::make_unique<JoiningBackend>(queue);
                                   },
                                   {}, {}, {Precision::Float32}});
    }
    for (auto &device : trainer::hostDevices())
        machine.devices.push_back(std::move(device));
    return machine;
}

/// The first of a pair whose other half is gone once they have joined.
class GoneRank final : public Communicator
{
public:
    int rank() const override { return 0; }
    int ranks() const override { return 2; }
    void allReduceMean(std::span<float> values) override
    {
        for (float &value : values)
            value = values.size() == 1 ? value : value / 2; // it can join too, and has no group's name
    }
    void barrier() override {}
    void check() override { throw std::runtime_error("Rank 1 is gone"); }
};

/// Its work never ends by itself, as where a device waits for another that is gone.
class StuckQueue final : public Queue
{
public:
    explicit StuckQueue(std::shared_ptr<Queue> real) : m_real(std::move(real)) {}
    const DeviceFacts &facts() const override { return m_real->facts(); }
    MemoryUse memoryUse() override { return m_real->memoryUse(); }
    void *allocate(std::size_t bytes) override { return m_real->allocate(bytes); }
    void release(void *memory) noexcept override { m_real->release(memory); }
    void *allocatePinned(std::size_t bytes) override { return m_real->allocatePinned(bytes); }
    void releasePinned(void *memory) noexcept override { m_real->releasePinned(memory); }
    void clear(void *memory, std::size_t bytes) override { m_real->clear(memory, bytes); }
    void copyIn(void *device, const void *host, std::size_t bytes) override { m_real->copyIn(device, host, bytes); }
    void copyOut(void *host, const void *device, std::size_t bytes) override { m_real->copyOut(host, device, bytes); }
    void launch(const Launch &launch) override { m_real->launch(launch); }
    void rehearse(bool isRehearsing) override { m_real->rehearse(isRehearsing); }
    void beginCapture() override { m_real->beginCapture(); }
    std::unique_ptr<Graph> endCapture() override { return m_real->endCapture(); }
    void abandonCapture() noexcept override { m_real->abandonCapture(); }
    void replay(Graph &graph) override { m_real->replay(graph); }
    std::unique_ptr<Event> makeEvent() override { return m_real->makeEvent(); }
    void record(Event &event) override { m_real->record(event); }
    bool isReached(const Event &) override { return false; }
    void wait() override { m_real->wait(); }
    void *stream() const override { return m_real->stream(); }

private:
    std::shared_ptr<Queue> m_real;
};

} // namespace

/// Several ranks with a GPU each, by the whole trainer, on devices that are emulated.
class TestGpuRanks : public TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void ranksTrainAsOne_data();
    void ranksTrainAsOne();
    void eachRankHasAGpu_data();
    void eachRankHasAGpu();
    void aRankThatIsGoneEndsTheWait();

private:
    struct Outcome
    {
        int exitStatus = -1;
        QString said;
    };
    /// In a process of its own, since ranks are forked from it.
    Outcome run(const std::vector<std::string> &options, int gpus, bool hasLibraries);

    QTemporaryDir m_folder;
    std::filesystem::path m_data;
};

void TestGpuRanks::initTestCase()
{
    m_data = toPath(m_folder.filePath(u"data"_s));
    writeSyntheticData(m_data, {128, 32, 9});
}

TestGpuRanks::Outcome TestGpuRanks::run(const std::vector<std::string> &options, int gpus, bool hasLibraries)
{
    const QString log = m_folder.filePath(u"log"_s);
    std::vector<std::string> arguments = {"--data", m_data.string(), "--batchsize=32", "--epochs=2"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const pid_t pid = ::fork();
    if (pid == 0) {
        static_cast<void>(std::freopen(log.toUtf8().constData(), "w", stdout));
        ::dup2(STDOUT_FILENO, STDERR_FILENO);
        ::_exit(trainer::runProgram(arguments, [&] { return machineOf(gpus, hasLibraries); }));
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    QFile file(log);
    const bool isOpen = file.open(QIODevice::ReadOnly);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), isOpen ? QString::fromUtf8(file.readAll()) : QString()};
}

void TestGpuRanks::ranksTrainAsOne_data()
{
    QTest::addColumn<bool>("hasLibraries");
    QTest::addColumn<QStringList>("options");
    const QStringList dropout = {
        u"--recipe=network"_s, u"--shift=1"_s, u"--elastic=1"_s,
        uR"(--network={"layers": [{"type": "linear", "units": 12}, {"type": "relu"}, {"type": "dropout", "rate": 0.3}, {"type": "linear"}]})"_s};
    const QStringList plain = {u"--recipe=mnist-mlp"_s, u"--hidden=12"_s};
    QTest::newRow("through the host") << false << plain;
    QTest::newRow("through NCCL") << true << plain;
    QTest::newRow("moved pictures and dropout, through the host") << false << dropout;
    QTest::newRow("moved pictures and dropout, through NCCL") << true << dropout;
}

void TestGpuRanks::ranksTrainAsOne()
{
    QFETCH(bool, hasLibraries);
    QFETCH(QStringList, options);
    NpzArrays models[2];
    for (const int ranks : {1, 2}) {
        const std::string folder = m_folder.filePath(u"outputs"_s).toStdString();
        std::vector<std::string> arguments = {"--output_dir", folder, "--device=cuda", "--ranks=" + std::to_string(ranks)};
        for (const QString &option : options)
            arguments.push_back(option.toStdString());
        const Outcome outcome = run(arguments, 2, hasLibraries);
        QVERIFY2(outcome.exitStatus == 0, qPrintable(outcome.said));
        QCOMPARE(outcome.said.contains(u"through the host"_s), ranks == 2 && !hasLibraries);
        auto model = readNpz(toPath(QString::fromStdString(folder)) / "model.npz");
        QVERIFY_RESULT(model);
        models[ranks - 1] = std::move(*model);
    }
    for (const auto &[key, array] : models[0]) {
        if (key == "network")
            continue;
        const auto one = array.toFloats().value(), two = models[1].at(key).toFloats().value();
        for (std::size_t i = 0; i < one.size(); ++i)
            QVERIFY2(std::abs(one[i] - two[i]) < 1e-4f, qPrintable(u"%1: %2 %3"_s.arg(QString::fromStdString(key)).arg(one[i]).arg(two[i])));
    }
}

void TestGpuRanks::eachRankHasAGpu_data()
{
    QTest::addColumn<QString>("device");
    QTest::addColumn<int>("gpus");
    QTest::addColumn<int>("exitStatus");
    QTest::addColumn<QString>("said");
    QTest::newRow("too few") << u"cuda"_s << 1 << 2 << u"2 ranks need as many GPUs; there are 1"_s;
    QTest::newRow("one that is named") << u"cuda:1"_s << 2 << 2 << u"cuda:1 is one device, for one rank"_s;
    QTest::newRow("auto, enough") << u"auto"_s << 2 << 0 << u"through the host"_s;
    QTest::newRow("auto, too few") << u"auto"_s << 1 << 0 << u"Saved"_s;
}

void TestGpuRanks::eachRankHasAGpu()
{
    QFETCH(QString, device);
    QFETCH(int, gpus);
    const Outcome outcome = run({"--recipe=mnist-mlp", "--hidden=12", "--ranks=2", "--device=" + device.toStdString(),
                                 "--output_dir", m_folder.filePath(u"outputs"_s).toStdString()},
                                gpus, false);
    QTEST(outcome.exitStatus, "exitStatus");
    QFETCH(QString, said);
    QVERIFY2(outcome.said.contains(said), qPrintable(outcome.said));
    QCOMPARE(outcome.said.count(said), 1); // one rank speaks
}

void TestGpuRanks::aRankThatIsGoneEndsTheWait()
{
    GoneRank host;
    fakeModuleLog() = {};
    fakeModuleLog().ranks = &host;
    const auto queue = std::make_shared<StuckQueue>(std::make_shared<EmulatedQueue>(std::make_shared<EmulatedDevice>()));
    CudaBackend backend(queue, makeLibraries(fakeModule(), queue, Precision::Float32));
    const auto joined = backend.join(host);
    QVERIFY(joined);
    Parameter parameter;
    parameter.value = backend.allocate({4});
    parameter.gradient = backend.allocate({4});
    const auto plan = backend.compile({ops::AllReduce{{&parameter}, joined.get()}});
    try {
        plan->run(StepInputs{});
        QFAIL("waited to the end");
    } catch (const std::runtime_error &error) {
        QCOMPARE(std::string(error.what()), std::string("Rank 1 is gone"));
    }
    QCOMPARE(fakeModuleLog().aborts, 1);
    QCOMPARE(fakeModuleLog().exchanges, 1);
}

BOTTEGA_TEST_MAIN(TestGpuRanks)
#include "tst_gpuranks.moc"
