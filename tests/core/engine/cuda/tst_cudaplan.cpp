// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cuda/cudabackend.h"
#include "core/engine/backend/cuda/cudaerror.h"
#include "core/engine/backend/cuda/cudaplan.h"
#include "core/engine/backend/reference/referencebackend.h"
#include "core/engine/comm/communicator.h"
#include "core/engine/guard.h"
#include "core/engine/network.h"
#include "tests/core/engine/cuda/emulatedqueue.h"
#include "tests/support/testcase.h"

#include <QTest>
#include <algorithm>
#include <cmath>

using namespace bottega::engine;
using namespace bottega::engine::cuda;

namespace {

constexpr std::int64_t batchSize = 16;

/// A small network with random pictures on some backend.
struct Training
{
    explicit Training(Backend &backend, Communicator *communicator = nullptr)
        : samples(makeSamples(backend)), network(backend, plan(), options(communicator))
    {
        Random random(5);
        network.initialize(random);
        pass = network.makeTraining(samples, batchSize);
    }

    static Samples makeSamples(Backend &backend)
    {
        std::vector<std::uint8_t> pixels(64 * 12), labels(64);
        for (std::size_t i = 0; i < pixels.size(); ++i)
            pixels[i] = static_cast<std::uint8_t>(i * 37 + i / 12);
        for (std::size_t i = 0; i < labels.size(); ++i)
            labels[i] = static_cast<std::uint8_t>(i % 3);
        return backend.hold(std::move(pixels), std::move(labels), {1, 3, 4});
    }
    static NetworkPlan plan() { return *planNetwork(mlpNetwork({9}), {1, 3, 4}, 3); }
    static TrainingOptions options(Communicator *communicator)
    {
        TrainingOptions options;
        options.communicator = communicator;
        return options;
    }

    std::vector<double> run(std::size_t count, std::int64_t first = 1)
    {
        std::vector<std::int32_t> indices(count * batchSize);
        for (std::size_t i = 0; i < indices.size(); ++i)
            indices[i] = static_cast<std::int32_t>((i * 7 + static_cast<std::size_t>(first)) % 64);
        std::vector<StepInputs> steps(count);
        for (std::size_t s = 0; s < count; ++s)
            steps[s] = {std::span(indices).subspan(s * batchSize, batchSize), first + static_cast<std::int64_t>(s),
                        0.1f / static_cast<float>(s + 1)};
        std::vector<double> losses;
        pass.plan->run(steps, [&losses](std::size_t index, double loss) {
            if (index == losses.size())
                losses.push_back(loss);
            return true;
        });
        return losses;
    }

    Samples samples;
    Network network;
    Pass pass;
};

struct Rig
{
    std::shared_ptr<EmulatedDevice> device = std::make_shared<EmulatedDevice>();
    std::shared_ptr<Queue> queue = std::make_shared<EmulatedQueue>(device);
    CudaBackend backend{queue};

    int calls(const std::string &start) const
    {
        return static_cast<int>(std::count_if(device->log.begin(), device->log.end(), [&start](const std::string &line) {
            return line.substr(line.find(": ") + 2).starts_with(start);
        }));
    }
};

/// Two ranks with the same values.
class Echo : public Communicator
{
public:
    int rank() const override { return 0; }
    int ranks() const override { return 2; }
    void allReduceMean(std::span<float>) override { ++exchanges; }
    void barrier() override {}
    int exchanges = 0;
};

} // namespace

/// How programs become graphs, and what the host does meanwhile: against a device that records.
class TestCudaPlan : public bottega::test::TestCase
{
    Q_OBJECT

private Q_SLOTS:
    void manyStepsAgreeWithTheReference();
    void aWholeChunkIsReplayedWithoutWaiting();
    void aSecondRunRecordsNothingAnew();
    void stoppingTellsWhatIsUnderWay();
    void ranksExchangeBetweenGraphs();
    void backendsOnOneDeviceDoNotWaitForEachOther();
    void memoryComesBack();
    void outOfMemoryTellsWhatWouldFit();
    void outOfMemoryForOnePicture();
    void aFailedLaunchIsNamed();
    void aFailedReplayLeavesNothingUnderWay();
    void foreignLabelsAreRefused();
    void foreignIndicesAreRefused();
};

void TestCudaPlan::manyStepsAgreeWithTheReference()
{
    Rig rig;
    ReferenceBackend reference;
    Training tested(rig.backend), expected(reference);
    const std::size_t count = CudaPlan::mostSteps + 2 * CudaPlan::stepsPerGraph + 7; // two chunks, both graphs
    const std::vector<double> losses = tested.run(count), right = expected.run(count);
    QCOMPARE(losses.size(), count);
    for (std::size_t i = 0; i < count; ++i)
        QVERIFY2(std::abs(losses[i] - right[i]) < 1e-5, std::to_string(i).c_str());
    QVERIFY(std::abs(losses.back() - losses.front()) > 1e-3);
}

void TestCudaPlan::aWholeChunkIsReplayedWithoutWaiting()
{
    Rig rig;
    Training training(rig.backend);
    rig.device->log.clear();
    rig.device->runs.clear();
    QCOMPARE(training.run(70).size(), 70U);
    QCOMPARE(rig.calls("copyIn"), 1);  // all indices and rates
    QCOMPARE(rig.calls("replay"), 2 + 6); // 32 steps, 32 steps, and six single ones
    QCOMPARE(rig.calls("copyOut"), 3); // the losses of each piece
    QCOMPARE(rig.calls("beginCapture"), 2);
    QCOMPARE(rig.calls("wait"), 0);
    QCOMPARE(rig.calls("allocate"), 0);

    const std::vector<std::string> step = {"gather", "linearForward", "linearForward", "softmaxCrossEntropy",
                                           "linearInputGradient"};
    for (std::size_t i = 0; i < step.size(); ++i)
        QVERIFY2(rig.device->runs[i].starts_with("queue 0: " + step[i] + " "), rig.device->runs[i].c_str());
    QCOMPARE(rig.device->runs.size() % 70, 0U);
    QCOMPARE(rig.device->runs.back(), std::string("queue 0: stepEnd 1x1x1 of 256"));
}

void TestCudaPlan::aSecondRunRecordsNothingAnew()
{
    Rig rig;
    Training training(rig.backend);
    training.run(33);
    rig.device->log.clear();
    training.run(33, 34);
    QCOMPARE(rig.calls("beginCapture"), 0);
    QCOMPARE(rig.calls("launch"), 0);
    QCOMPARE(rig.calls("makeEvent"), 0);
    QCOMPARE(rig.calls("replay"), 2);
}

void TestCudaPlan::stoppingTellsWhatIsUnderWay()
{
    Rig rig;
    Training training(rig.backend);
    const std::vector<std::int32_t> indices(batchSize, 3);
    const std::vector<StepInputs> steps(400, {indices, 1, 0.1f});
    std::size_t told = 0;
    training.pass.plan->run(steps, [&told](std::size_t index, double loss) {
        if (index != told || !std::isfinite(loss))
            return false;
        return ++told < 3;
    });
    QCOMPARE(told, CudaPlan::mostInFlight * CudaPlan::stepsPerGraph);
    told = 0;
    training.pass.plan->run(std::span(steps).first(2), [&told](std::size_t index, double) { return index == told++; });
    QCOMPARE(told, 2U);
}

void TestCudaPlan::ranksExchangeBetweenGraphs()
{
    Rig rig;
    ReferenceBackend reference;
    Echo ours, theirs;
    Training tested(rig.backend, &ours), expected(reference, &theirs);
    const std::vector<double> losses = tested.run(5), right = expected.run(5);
    QCOMPARE(losses.size(), 5U);
    for (std::size_t i = 0; i < losses.size(); ++i)
        QVERIFY(std::abs(losses[i] - right[i]) < 1e-5);
    QVERIFY(ours.exchanges > 0);
    QCOMPARE(ours.exchanges, theirs.exchanges);
}

void TestCudaPlan::backendsOnOneDeviceDoNotWaitForEachOther()
{
    Rig rig;
    CudaBackend second(std::make_shared<EmulatedQueue>(rig.device));
    Training one(rig.backend), other(second);
    rig.device->runs.clear();
    std::vector<double> inner;
    const std::vector<std::int32_t> indices(batchSize, 3);
    const std::vector<StepInputs> steps(CudaPlan::stepsPerGraph * 6, {indices, 1, 0.1f});
    one.pass.plan->run(steps, [&](std::size_t index, double) {
        if (index == 0)
            inner = other.run(40); // while the first one's work piles up
        return true;
    });
    QCOMPARE(inner.size(), 40U);
    const auto isOfSecond = [](const std::string &line) { return line.starts_with("queue 1"); };
    const auto first = std::find_if(rig.device->runs.begin(), rig.device->runs.end(), isOfSecond);
    const auto after = std::find_if_not(first, rig.device->runs.end(), isOfSecond);
    QVERIFY(first != rig.device->runs.begin());
    QVERIFY(after != rig.device->runs.end());
    QVERIFY(std::none_of(after, rig.device->runs.end(), isOfSecond)); // all of it ran inside
    for (const std::string &line : rig.device->log)
        QVERIFY2(line.starts_with("queue "), line.c_str()); // no call is the device's
}

void TestCudaPlan::memoryComesBack()
{
    const auto device = std::make_shared<EmulatedDevice>();
    {
        const auto queue = std::make_shared<EmulatedQueue>(device);
        CudaBackend backend(queue);
        Training training(backend);
        training.run(3);
        QVERIFY(device->used > 0);
    }
    QCOMPARE(device->used, std::size_t{0});
    for (const std::string &line : device->log)
        QVERIFY2(line.find("leaked") == std::string::npos, line.c_str());
}

void TestCudaPlan::outOfMemoryTellsWhatWouldFit()
{
    Rig rig;
    rig.device->facts.memory = 10 << 20;
    std::vector<Tensor> tensors;
    tensors.push_back(rig.backend.allocate({1000, 1024}, Layout::Samples)); // 3.9 MiB of activations
    const auto result = guarded([&]() -> bottega::Result<int> {
        tensors.push_back(rig.backend.allocate({3000, 1024}, Layout::Samples));
        return 0;
    });
    QVERIFY(!result);
    QCOMPARE(result.error().what,
             std::string("Out of memory on cuda:0 (Emulated GPU): 11.7 MiB asked for, 6.1 MiB of 10.0 MiB free"));
    QCOMPARE(result.error().remedy, std::string("Try batchsize 640 or less, or another device")); // 4000 · 640 · 4 = 9.8 MiB
}

void TestCudaPlan::outOfMemoryForOnePicture()
{
    Rig rig;
    rig.device->facts.memory = 1 << 20;
    try {
        const Tensor tensor = rig.backend.allocate({1 << 20, 1}, Layout::Samples);
        QFAIL("more memory than there is");
    } catch (const OutOfMemory &error) {
        QCOMPARE(error.asked(), std::size_t{4} << 20);
        QCOMPARE(error.free(), std::size_t{1} << 20);
        QVERIFY(error.remedy().starts_with("Not even one picture fits"));
    }
}

void TestCudaPlan::aFailedLaunchIsNamed()
{
    Rig rig;
    Training training(rig.backend);
    rig.device->failingCall = "launch of linearWeights";
    try {
        training.run(1);
        QFAIL("nothing failed");
    } catch (const CudaError &error) {
        QCOMPARE(std::string(error.what()), std::string("launch of linearWeights failed on cuda:0 (Emulated GPU): injected"));
    }
    QCOMPARE(rig.calls("abandonCapture"), 1);
    QCOMPARE(training.run(2).size(), 2U); // nothing of the broken recording is left
}

void TestCudaPlan::aFailedReplayLeavesNothingUnderWay()
{
    Rig rig;
    Training training(rig.backend);
    training.run(1);
    rig.device->log.clear();
    rig.device->failingCall = "replay";
    QVERIFY_THROWS_EXCEPTION(CudaError, training.run(2));
    QCOMPARE(rig.device->log.back(), std::string("queue 0: wait"));
}

void TestCudaPlan::foreignLabelsAreRefused()
{
    Rig rig;
    const Samples samples = rig.backend.hold({1, 2}, {0, 3}, {1, 1, 1});
    Network network(rig.backend, *planNetwork(mlpNetwork({2}), {1, 1, 1}, 3));
    try {
        const Pass pass = network.makeTraining(samples, 2);
        QFAIL("compiled");
    } catch (const std::invalid_argument &error) {
        QCOMPARE(std::string(error.what()), std::string("label 3 of 3 classes"));
    }
}

void TestCudaPlan::foreignIndicesAreRefused()
{
    Rig rig;
    Training training(rig.backend);
    const std::vector<std::int32_t> indices(batchSize, 64);
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, training.pass.plan->run(StepInputs{indices, 1, 0.1f}));
}

BOTTEGA_TEST_MAIN(TestCudaPlan)
#include "tst_cudaplan.moc"
