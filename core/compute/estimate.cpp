// SPDX-License-Identifier: Apache-2.0
#include "core/compute/estimate.h"

#include "core/compute/resume.h"
#include "core/engine/guard.h"
#include "core/engine/settings.h"
#include "core/run/attempt.h"
#include "core/run/process.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace bottega {

namespace {

constexpr std::size_t mostRuns = 50;
constexpr double startSeconds = 0.3;     // agent, program, data set
constexpr double secondsPerStep = 20e-6; // barriers and launches, whatever the network
constexpr double programBytes = 6e6;     // both measured at the peak of whole trainings
constexpr double checkpointCopies = 6;  // of its content, while one is written beside the training
constexpr double threadGain = 0.85;      // twice the threads give 2^0.85 times the speed

/// What our kernels reach at least on one thread of a processor of the last ten years.
double cautiousFlops(const std::string &instructionSet)
{
    if (instructionSet == "AVX-512")
        return 40e9;
    return instructionSet == "AVX2" ? 20e9 : 4e9;
}

std::string deviceOf(const Job &job, const DeviceList &devices)
{
    const bool isCpu = job.gpu == "never" || (devices.gpus.empty() && job.gpu != "require");
    return job.device == "auto" && isCpu ? "cpu" : job.device;
}

double predictionFlops(const engine::NetworkPlan &network)
{
    double sum = 0;
    for (const engine::LayerPlan &layer : network.layers)
        sum += 2 * layer.multiplyAdds;
    return sum;
}

std::string hostOf(const Workspace &workspace, const std::string &runId)
{
    const auto run = workspace.run(runId);
    if (!run)
        return {};
    const auto journal = readJournal(run->file("journal.jsonl"));
    return journal ? newestAttempt(journal->entries).host : std::string();
}

Result<PastSpeed> speedOf(const RunRecord &run, const Dataset &dataset, const DeviceList &devices)
{
    Job job = run.job;
    const auto recipe = engine::findRecipe(job.recipe);
    if (!recipe)
        return fail(recipe.error());
    auto params = engine::completeParams(**recipe, job.params); // an older version knew fewer
    if (!params)
        return fail(params.error());
    job.params = std::move(*params);
    const auto work = workloadOf(job, dataset, devices);
    if (!work)
        return fail(work.error());
    PastSpeed speed{run.id, work->recipe, work->device, work->threads, run.metrics.at("images/s").last,
                    work->network.trainingFlops, 0};
    const double training = double(work->epochs) * double(work->trainImages) / speed.imagesPerSecond;
    speed.secondsBesides =
        std::max(0.0, run.durationSeconds(0) - startSeconds - training) / double(std::max<std::int64_t>(1, work->epochs));
    return speed;
}

bool tellsSpeed(const RunRecord &run)
{
    const auto speed = run.metrics.find("images/s");
    return run.status.state == RunState::Completed && speed != run.metrics.end() && std::isfinite(speed->second.last) &&
           speed->second.last > 0;
}

double flopsOf(const PastSpeed &past, int threads)
{
    return past.imagesPerSecond * past.flopsPerImage * std::pow(double(threads) / past.threads, threadGain);
}

const PastSpeed *nearest(const Workload &work, std::span<const PastSpeed> past)
{
    const auto distance = [&work](const PastSpeed &one) {
        return std::tuple(one.recipe != work.recipe, std::abs(std::log(one.flopsPerImage / work.network.trainingFlops)));
    };
    const PastSpeed *best = nullptr;
    for (const PastSpeed &one : past) {
        if (one.device == work.device && (!best || distance(one) < distance(*best)))
            best = &one;
    }
    return best;
}

bool isGpu(const Workload &work)
{
    return work.device.starts_with("cuda");
}

double secondsOf(const Workload &work, double flopsPerSecond, double secondsBesides)
{
    const double training = double(work.trainImages) * work.network.trainingFlops / flopsPerSecond;
    return startSeconds + double(work.epochs) * (training + secondsBesides);
}

} // namespace

engine::Shape pictureOf(const Dataset &dataset)
{
    return {dataset.channels, dataset.rows, dataset.columns};
}

std::int64_t classesOf(const Dataset &dataset)
{
    return dataset.classes >= 1 ? dataset.classes : 10; // as the trainer reads IDX files
}

Result<engine::NetworkPlan> networkOf(const Job &job, const Dataset &dataset)
{
    const auto recipe = engine::findRecipe(job.recipe);
    if (!recipe)
        return fail(recipe.error());
    const auto spec = engine::networkOf(**recipe, job.params);
    if (!spec)
        return fail(spec.error());
    return engine::planNetwork(*spec, pictureOf(dataset), classesOf(dataset));
}

Result<Workload> workloadOf(const Job &job, const Dataset &dataset, const DeviceList &devices)
{
    auto network = networkOf(job, dataset);
    if (!network)
        return fail(network.error());
    const auto settings = engine::guarded([&] { return Result<engine::TrainSettings>(engine::settingsOf(job.params)); });
    if (!settings)
        return fail(settings.error());
    Workload work;
    work.recipe = job.recipe;
    work.device = deviceOf(job, devices);
    work.threads = job.threads > 0 ? job.threads : devices.cpu.processors;
    work.batchSize = settings->batchSize;
    work.epochs = std::max<std::int64_t>(0, settings->epochs - checkpointEpoch(std::filesystem::path(job.resumeCheckpoint).filename().string()));
    const auto held = static_cast<std::int64_t>(settings->validation * double(dataset.trainCount));
    work.trainImages = dataset.trainCount - held;
    work.validationImages = held > 0 ? held : dataset.testCount;
    const engine::UpdateRule &rule = settings->options.rule;
    const int copies = 1 + rule.hasFirst() + rule.hasSecond() + (rule.averageDecay > 0);
    work.stateBytes = 4.0 * copies * double(network->parameterCount);
    const double gradients = settings->options.keepsGradients() ? 4.0 * double(network->parameterCount) : 0;
    work.bytes = double(dataset.bytes) + gradients +
                 engine::trainingBytes(*network, rule, settings->batchSize);
    work.network = std::move(*network);
    return work;
}

std::vector<PastSpeed> pastSpeeds(const Workspace &workspace, std::span<const RunRecord> runs,
                                  const std::vector<Dataset> &datasets, const DeviceList &devices)
{
    std::vector<PastSpeed> speeds;
    for (const RunRecord &run : runs) {
        const auto dataset = std::find_if(datasets.begin(), datasets.end(),
                                          [&](const Dataset &one) { return one.name == run.job.data.name; });
        if (!tellsSpeed(run) || dataset == datasets.end() || hostOf(workspace, run.id) != hostName())
            continue;
        if (auto speed = speedOf(run, *dataset, devices))
            speeds.push_back(std::move(*speed));
        if (speeds.size() == mostRuns)
            break;
    }
    return speeds;
}

Estimate estimateRun(const Workload &work, std::span<const PastSpeed> past, const CpuDevice &cpu)
{
    Estimate estimate;
    estimate.bytes = work.bytes + (isGpu(work) ? 0 : programBytes + checkpointCopies * work.stateBytes);
    const double validation = double(work.validationImages) * predictionFlops(work.network);
    if (const PastSpeed *run = nearest(work, past)) {
        const bool isSame = run->recipe == work.recipe;
        const double flops = flopsOf(*run, work.threads);
        estimate.seconds = secondsOf(work, flops, isSame ? run->secondsBesides : validation / flops);
        estimate.basis = isSame ? Estimate::Basis::SameRecipe : Estimate::Basis::SameDevice;
        estimate.run = run->run;
    } else if (!isGpu(work)) {
        const double flops = cautiousFlops(cpu.instructionSet) * std::pow(double(work.threads), threadGain);
        const double steps = double(work.trainImages) / double(work.batchSize);
        estimate.seconds = secondsOf(work, flops, validation / flops + steps * secondsPerStep);
        estimate.basis = Estimate::Basis::Processor;
    }
    return estimate;
}

const char *basisName(Estimate::Basis basis)
{
    switch (basis) {
    case Estimate::Basis::SameRecipe: return "same-recipe";
    case Estimate::Basis::SameDevice: return "same-device";
    case Estimate::Basis::Processor: return "processor";
    case Estimate::Basis::None: return "none";
    }
    return "none";
}

Json estimateToJson(const Estimate &estimate)
{
    const bool isKnown = estimate.basis != Estimate::Basis::None;
    return {{"seconds", isKnown ? Json(estimate.seconds) : Json()},
            {"memoryBytes", static_cast<std::uint64_t>(estimate.bytes)},
            {"basis", basisName(estimate.basis)},
            {"run", estimate.run.empty() ? Json() : Json(estimate.run)}};
}

} // namespace bottega
