// SPDX-License-Identifier: Apache-2.0
#include "core/compute/estimate.h"
#include "core/compute/submit.h"
#include "core/engine/recipe.h"
#include "tests/core/workspace/fixture.h"
#include "tests/support/testcase.h"

using namespace Qt::StringLiterals;
using namespace bottega;
using namespace bottega::test;

namespace {

Dataset mnist()
{
    Dataset dataset;
    dataset.name = "mnist";
    dataset.trainCount = 60'000;
    dataset.testCount = 10'000;
    dataset.rows = dataset.columns = 28;
    dataset.classes = 10;
    dataset.bytes = 55'000'000;
    return dataset;
}

Job jobOf(const std::string &recipe, const engine::Params &params = {})
{
    Job job;
    job.recipe = recipe;
    job.params = *engine::completeParams(**engine::findRecipe(recipe), params);
    job.data.name = "mnist";
    return job;
}

DeviceList twoCores()
{
    DeviceList devices;
    devices.cpu = {"Test", 2, "AVX-512"};
    return devices;
}

Workload workOf(const Job &job)
{
    const auto work = workloadOf(job, mnist(), twoCores());
    return work ? *work : Workload();
}

PastSpeed past(const char *run, const char *recipe, double imagesPerSecond, double flops, int threads = 2)
{
    return {run, recipe, "cpu", threads, imagesPerSecond, flops, 0.1};
}

bool isNear(double value, double wanted)
{
    return std::abs(value - wanted) < 0.01 * wanted;
}

} // namespace

/// What a run will take: counted work over a speed that past runs tell.
class TestEstimate : public TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void theWorkIsCounted()
    {
        const Workload work = workOf(jobOf("mnist-mlp", {{"epochs", "3"}}));
        QCOMPARE(work.device, std::string("cpu")); // there is no GPU that automatic could take
        QCOMPARE(work.threads, 2);
        QCOMPARE(work.epochs, std::int64_t{3});
        QCOMPARE(work.trainImages, std::int64_t{60'000});
        QCOMPARE(work.validationImages, std::int64_t{10'000});
        QCOMPARE(work.network.parameterCount, std::int64_t{89'610});
        QCOMPARE(work.network.trainingFlops, 379'600.0);
        QCOMPARE(work.stateBytes, 2 * 4 * 89'610.0); // weights and velocities
        QVERIFY(work.bytes > 55e6 && work.bytes < 60e6);
    }

    void settingsChangeTheWork()
    {
        const Workload plain = workOf(jobOf("mnist-cnn"));
        QCOMPARE(workOf(jobOf("mnist-cnn", {{"validation", "0.1"}})).trainImages, std::int64_t{54'000});
        QCOMPARE(workOf(jobOf("mnist-cnn", {{"validation", "0.1"}})).validationImages, std::int64_t{6'000});
        QCOMPARE(workOf(jobOf("mnist-cnn", {{"optimizer", "adam"}, {"average", "0.999"}})).stateBytes, 2 * plain.stateBytes);
        QVERIFY(workOf(jobOf("mnist-cnn", {{"batchsize", "1024"}})).bytes > 3 * (plain.bytes - 55e6) + 55e6);
        Job resumed = jobOf("mnist-cnn");
        resumed.resumeCheckpoint = "/runs/x/checkpoints/epoch-0004.npz";
        QCOMPARE(workOf(resumed).epochs, std::int64_t{6});
    }

    void devicesAreToldApart()
    {
        DeviceList withGpu = twoCores();
        withGpu.gpus.resize(1);
        Job job = jobOf("mnist-mlp");
        QCOMPARE(workloadOf(job, mnist(), withGpu)->device, std::string("auto"));
        job.gpu = "never";
        QCOMPARE(workloadOf(job, mnist(), withGpu)->device, std::string("cpu"));
        job.device = "cuda:GPU-a";
        job.threads = 1;
        QCOMPARE(workloadOf(job, mnist(), withGpu)->device, std::string("cuda:GPU-a"));
        QCOMPARE(workloadOf(job, mnist(), withGpu)->threads, 1);
    }

    void anUnfittingNetworkIsTold()
    {
        Dataset tiny = mnist();
        tiny.rows = tiny.columns = 6;
        const auto work = workloadOf(jobOf("mnist-cnn"), tiny, twoCores());
        QVERIFY(!work);
        QVERIFY2(work.error().what.starts_with("layer "), work.error().what.c_str());
        Dataset colour = mnist();
        colour.channels = 3;
        QCOMPARE(networkOf(jobOf("mnist-mlp"), colour)->picture, (engine::Shape{3, 28, 28}));
    }

    void aRunOfTheSameRecipeDecides()
    {
        const Workload work = workOf(jobOf("mnist-mlp"));
        const double flops = work.network.trainingFlops;
        const std::vector<PastSpeed> speeds = {past("r_1_other", "mnist-cnn", 1'000, flops),
                                               past("r_2_far", "mnist-mlp", 10'000, 20 * flops),
                                               past("r_3_near", "mnist-mlp", 200'000, flops),
                                               past("r_4_older", "mnist-mlp", 1, flops)};
        const Estimate estimate = estimateRun(work, speeds, twoCores().cpu);
        QCOMPARE(estimate.run, std::string("r_3_near"));
        QCOMPARE(estimate.basis, Estimate::Basis::SameRecipe);
        QVERIFY(isNear(estimate.seconds, 0.3 + 10 * (60'000 / 200'000.0 + 0.1))); // with its validation and checkpoints
        QVERIFY(estimate.bytes > work.bytes + 3 * work.stateBytes);
    }

    void anotherNetworkTellsByItsFlops()
    {
        const Workload work = workOf(jobOf("mnist-cnn", {{"epochs", "1"}}));
        const std::vector<PastSpeed> speeds = {past("r_1_a", "mnist-mlp", 100'000, 380'000)};
        const Estimate estimate = estimateRun(work, speeds, twoCores().cpu);
        QCOMPARE(estimate.basis, Estimate::Basis::SameDevice);
        QVERIFY(isNear(estimate.seconds, 0.3 + (60'000 * 13.184e6 + 10'000 * 4.586e6) / 38e9));
    }

    void halfTheThreadsTakeLonger()
    {
        Job job = jobOf("mnist-mlp", {{"epochs", "1000"}});
        const std::vector<PastSpeed> speeds = {past("r_1_a", "mnist-mlp", 100'000, 379'600)};
        const double both = estimateRun(workOf(job), speeds, twoCores().cpu).seconds;
        job.threads = 1;
        const double one = estimateRun(workOf(job), speeds, twoCores().cpu).seconds;
        QVERIFY(one > 1.5 * both && one < 2 * both);
    }

    void withoutARunOnlyTheProcessorIsKnown()
    {
        const Workload work = workOf(jobOf("mnist-mlp"));
        const Estimate fast = estimateRun(work, {}, twoCores().cpu);
        QCOMPARE(fast.basis, Estimate::Basis::Processor);
        QVERIFY(fast.run.empty());
        QVERIFY(fast.seconds > 0.5);
        QVERIFY(estimateRun(work, {}, {"Old", 2, "SSE2"}).seconds > 3 * fast.seconds);
        Workload gpu = work;
        gpu.device = "cuda:GPU-a";
        const Estimate unknown = estimateRun(gpu, std::vector{past("r_1_a", "mnist-mlp", 1e5, 4e5)}, twoCores().cpu);
        QCOMPARE(unknown.basis, Estimate::Basis::None); // a processor tells nothing of a GPU
        QCOMPARE(unknown.bytes, work.bytes);
        QVERIFY(estimateToJson(unknown).at("seconds").is_null());
        QCOMPARE(estimateToJson(fast).at("basis").get<std::string>(), std::string("processor"));
    }

    void pastRunsAreRead()
    {
        WorkspaceFixture fixture;
        const RunFolder run = fixture.newRun();
        WorkspaceFixture::journalAlive(run);
        RunRecord record;
        record.id = run.id();
        record.job = jobOf("mnist-mlp", {{"epochs", "5"}});
        record.job.params.resize(4); // an older version's
        record.status.state = RunState::Completed;
        record.metrics["images/s"].last = 100'000;
        RunRecord failed = record, other = record, silent = record, foreign = record;
        failed.status.state = RunState::Failed;
        other.job.data.name = "unknown";
        silent.metrics["images/s"].last = std::numeric_limits<double>::quiet_NaN();
        foreign.id = fixture.newRun().id(); // its journal names no host
        const std::vector<RunRecord> runs = {failed, other, silent, foreign, record};
        const auto speeds = pastSpeeds(fixture.workspace, runs, {mnist()}, twoCores());
        QCOMPARE(speeds.size(), std::size_t{1});
        QCOMPARE(speeds.front().run, record.id);
        QCOMPARE(speeds.front().imagesPerSecond, 100'000.0);
        QCOMPARE(speeds.front().flopsPerImage, 379'600.0);
        QCOMPARE(speeds.front().threads, 2);
    }

    void submissionRefusesWhatDoesNotFit()
    {
        WorkspaceFixture fixture;
        JobRequest request;
        request.experiment = "digits";
        request.recipe = "network";
        request.params = {{"network", R"({"layers": [{"type": "conv2d", "channels": 8, "kernel": 29}, {"type": "linear"}]})"}};
        const auto job = prepareJob(fixture.workspace, request);
        QVERIFY(!job);
        QVERIFY2(job.error().what.starts_with("layer 1 (conv2d conv1)"), job.error().what.c_str());
        QCOMPARE(job.error().kept, std::string("no run was made"));
    }
};

BOTTEGA_TEST_MAIN(TestEstimate)
#include "tst_estimate.moc"
