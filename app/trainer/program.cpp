// SPDX-License-Identifier: Apache-2.0
#include "app/trainer/program.h"

#include "app/trainer/bench.h"
#include "app/trainer/endrecord.h"
#include "app/trainer/handover.h"
#include "app/trainer/options.h"
#include "app/trainer/progress.h"
#include "app/trainer/ranks.h"
#include "app/trainer/signals.h"
#include "core/base/safename.h"
#include "core/base/processors.h"
#include "core/engine/checkpoint.h"
#include "core/engine/checkpointkeeper.h"
#include "core/engine/guard.h"
#include "core/engine/selftest.h"
#include "core/engine/train.h"

#include <algorithm>
#include <cstdio>

namespace bottega::trainer {

namespace {

int exitStatusOf(const Error &error)
{
    switch (error.code) {
    case ErrorCode::Usage: return 2;
    case ErrorCode::NotFound: return 3;
    default: return 1;
    }
}

void print(std::FILE *stream, const std::string &text)
{
    std::fputs(text.c_str(), stream);
    std::fflush(stream);
}

/// What the command line leaves open, a checkpoint decides: it knows what it was made with.
Result<engine::Params> givenOrResumed(const Options &options, const engine::Recipe &recipe)
{
    auto given = engine::withFilesRead(recipe, options.params);
    if (given && !options.preset.empty())
        given = engine::withPreset(recipe, options.preset, *given);
    if (!given || options.resumeFrom.empty())
        return given;
    engine::Params &params = *given;
    const auto checkpoint = engine::readCheckpoint(options.resumeFrom);
    if (!checkpoint)
        return fail(checkpoint.error());
    for (const engine::ParamSpec &spec : recipe.params) {
        const auto isNamed = [&spec](const auto &param) { return param.first == spec.name; };
        const auto known = std::find_if(checkpoint->params.begin(), checkpoint->params.end(), isNamed);
        if (known != checkpoint->params.end() && std::none_of(params.begin(), params.end(), isNamed))
            params.push_back(*known);
    }
    return given;
}

Result<engine::TrainJob> makeJob(const Options &options)
{
    if (options.recipe.empty())
        return fail(ErrorCode::Usage, "--recipe is missing", {}, {}, "'bottega-trainer --help' shows the recipes");
    if (options.data.empty())
        return fail(ErrorCode::Usage, "--data is missing", {}, {}, "Name the folder with the four IDX files, or with pictures");
    const auto recipe = engine::findRecipe(options.recipe);
    if (!recipe)
        return fail(recipe.error());
    const auto given = givenOrResumed(options, **recipe);
    if (!given)
        return fail(given.error());
    const auto params = engine::completeParams(**recipe, *given);
    if (!params)
        return fail(params.error());
    return engine::TrainJob{*recipe, *params, options.data, options.runFolder, options.attempt, options.resumeFrom, nullptr};
}

Json summaryToJson(const engine::TrainSummary &summary)
{
    Json files = Json::array();
    for (const auto &file : summary.files)
        files.push_back(file.string());
    Json json = {{"state", summary.isCanceled ? "Canceled" : "Completed"},
            {"stoppedEarly", summary.isStoppedEarly},
            {"epochs", summary.epochs},
            {"steps", summary.steps},
            {"accuracy", jsonNumber(summary.accuracy)},
            {"loss", jsonNumber(summary.loss)},
            {"bestEpoch", summary.bestEpoch},
            {"bestAccuracy", jsonNumber(summary.bestAccuracy)},
            {"seconds", summary.seconds},
            {"imagesPerSecond", summary.imagesPerSecond},
            {"files", files}};
    if (summary.testAccuracy >= 0) {
        json["testAccuracy"] = jsonNumber(summary.testAccuracy);
        json["testLoss"] = jsonNumber(summary.testLoss);
    }
    return json;
}

std::string fixed(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.4f", value);
    return text;
}

void tell(const engine::TrainSummary &summary, bool isJson)
{
    if (isJson)
        return print(stdout, dumpJson(summaryToJson(summary), 2) + "\n");
    if (summary.isStoppedEarly)
        print(stdout, "Stopped early: no better val_accuracy than " + fixed(summary.bestAccuracy) + " of epoch " +
                          std::to_string(summary.bestEpoch) + ", whose weights are saved\n");
    if (summary.testAccuracy >= 0)
        print(stdout, "test_loss:" + fixed(summary.testLoss) + " test_accuracy:" + fixed(summary.testAccuracy) + "\n");
    const std::string file = summary.files.empty() ? "" : summary.files.front().string();
    if (summary.isCanceled)
        print(stdout, "Stopped after step " + std::to_string(summary.steps) + ". Go on with --resume-from " + file + "\n");
    else
        print(stdout, "Saved " + file + "\n");
}

bool isGpu(const Device &device)
{
    return device.name.starts_with("cuda");
}

/// One process' part of a training; only rank 0 says anything.
Result<int> trainOn(const Device &device, engine::TrainJob job, const Options &options, engine::Communicator *communicator,
                    std::vector<std::string> &warnings)
{
    const int threads = options.threads > 0 ? options.threads : usableProcessors();
    const auto backend =
        device.open({communicator ? std::max(1, threads / options.ranks) : options.threads, options.precision});
    const auto joined = communicator ? backend->join(*communicator) : nullptr;
    job.communicator = joined ? joined.get() : communicator;
    const bool isFirst = !communicator || communicator->rank() == 0;
    if (isFirst && communicator && isGpu(device) && !joined)
        print(stderr, "note: the GPUs exchange their gradients through the host, for NCCL is missing\n");
    Progress progress(options.isJson);
    Quiet quiet;
    const auto summary = engine::train(job, *backend, isFirst ? static_cast<engine::TrainObserver &>(progress) : quiet);
    warnings = progress.warnings();
    if (!summary)
        return fail(summary.error());
    if (isFirst)
        tell(*summary, options.isJson);
    return summary->isCanceled ? 128 + caughtSignal() : 0;
}

/// "auto" goes on without a GPU, and says why.
Result<Device> chooseDevice(const Options &options, const Machine &machine, bool isTold = true)
{
    auto device = findDevice(machine.devices, options.device, machine.whyNoGpu);
    if (!device)
        return device;
    const bool isAuto = options.device == "auto";
    if (auto fits = checkPrecision(*device, options.precision, isAuto ? machine.whyNoGpu : std::string()); !fits)
        return fail(fits.error());
    if (isTold && isAuto && !machine.whyNoGpu.empty())
        print(stderr, "note: training on the CPU: " + machine.whyNoGpu + "\n");
    return device;
}

/// Each rank has a GPU of its own, or its share of the CPU; "auto" takes GPUs where there are enough.
Result<Device> chooseRankDevice(const Options &options, const Machine &machine, int rank)
{
    std::vector<Device> gpus = machine.devices;
    std::erase_if(gpus, [](const Device &device) { return !isGpu(device); });
    const bool isEnough = gpus.size() >= static_cast<std::size_t>(options.ranks);
    const std::string ranks = std::to_string(options.ranks) + " ranks";
    if (isEnough && (options.device == "cuda" || options.device == "auto"))
        return chooseDevice(options, {{gpus[static_cast<std::size_t>(rank)]}, {}, {}}, false);
    if (options.device == "cuda" && !gpus.empty())
        return fail(ErrorCode::Usage, ranks + " need as many GPUs; there are " + std::to_string(gpus.size()), {},
                    "nothing was trained", "Lower --ranks, or add --device cpu");
    Options onHost = options;
    onHost.device = options.device == "auto" ? "cpu" : options.device;
    const auto device = chooseDevice(onHost, machine, rank == 0);
    if (device && isGpu(*device))
        return fail(ErrorCode::Usage, device->name + " is one device, for one rank", {}, "nothing was trained",
                    "Use --device cuda, which gives each rank a GPU, or leave --ranks out");
    if (device && !device->name.starts_with("cpu"))
        return fail(ErrorCode::Unsupported, "Ranks share batches on the CPU or on GPUs; " + device->name + " trains alone",
                    {}, "nothing was trained", "Add --device cpu, or leave --ranks out");
    return device;
}

/// The driver of a GPU does not survive a fork: each rank looks for its own device.
Result<int> trainTogether(const engine::TrainJob &job, const Options &options, const FindMachine &findMachine,
                          std::vector<std::string> &warnings)
{
    catchSignals();
    auto status = runRanks(options.ranks, [&](engine::Communicator &communicator) -> Result<int> {
        const auto device = chooseRankDevice(options, findMachine(), communicator.rank());
        return device ? trainOn(*device, job, options, &communicator, warnings) : fail(device.error());
    });
    if (!status && status.error().remedy.empty() && status.error().code != ErrorCode::Usage)
        status.error().remedy = "Start again, or go on from the last checkpoint with --resume-from";
    return status;
}

/// A folder stands for the newest of its checkpoints that loads.
Result<Options> withCheckpoint(Options options)
{
    std::error_code ignored;
    if (!std::filesystem::is_directory(options.resumeFrom, ignored))
        return options;
    std::vector<Error> damaged;
    const auto newest = engine::newestCheckpoint(options.resumeFrom, damaged);
    if (!newest)
        return fail(newest.error());
    for (const Error &error : damaged)
        print(stderr, "note: a checkpoint is passed over: " + describe(error) + "\n");
    print(stderr, "note: going on from " + newest->filename().string() + "\n");
    options.resumeFrom = *newest;
    return options;
}

Result<int> train(const Options &given, const FindMachine &findMachine, std::vector<std::string> &warnings)
{
    const auto resumed = withCheckpoint(given);
    if (!resumed)
        return fail(resumed.error());
    const Options &options = *resumed;
    const auto job = makeJob(options);
    if (!job)
        return fail(job.error());
    if (options.ranks > 1)
        return trainTogether(*job, options, findMachine, warnings);
    const auto device = chooseDevice(options, findMachine());
    if (!device)
        return fail(device.error());
    catchSignals();
    return trainOn(*device, *job, options, nullptr, warnings);
}

Result<int> selftest(const Options &options, const Machine &machine)
{
    const auto device = chooseDevice(options, machine);
    if (!device)
        return fail(device.error());
    const auto backend = device->open({options.threads, options.precision});
    const auto checks = engine::selftest(*backend);
    print(stdout, "selftest of " + backend->name() + " (" + backend->description() + ")\n" + engine::selftestTable(checks));
    return std::all_of(checks.begin(), checks.end(), [](const auto &check) { return check.isPassed(); }) ? 0 : 1;
}

Result<int> bench(const Options &options, const Machine &machine)
{
    const auto device = chooseDevice(options, machine);
    if (!device)
        return fail(device.error());
    catchSignals();
    const auto report = measure(options, *device);
    if (!report)
        return fail(report.error());
    if (report->isCanceled)
        return 128 + caughtSignal();
    print(stdout, options.isJson ? dumpJson(report->document, 2) + "\n" : benchTable(report->document));
    if (!options.isJson && options.mentionsPeers)
        print(stdout, "'packaging/bootstrap bench' in Bottega's source tree runs other frameworks beside it.\n");
    return 0;
}

std::string infoLine(const std::string &name, const std::string &text)
{
    return name + std::string(name.size() < 16 ? 16 - name.size() : 1, ' ') + text + "\n";
}

/// Training by "auto" needs no reason where there is no driver; who asks for the devices is told.
std::string whyNoGpuOf(const Machine &machine)
{
    const bool hasGpu = std::any_of(machine.devices.begin(), machine.devices.end(),
                                    [](const Device &device) { return device.name.starts_with("cuda"); });
    return hasGpu || !machine.whyNoGpu.empty() || hasNvidiaDriver() ? machine.whyNoGpu : noDriver;
}

int info(const Options &options, const Machine &machine)
{
    Json items = Json::array();
    std::string lines = "bottega-trainer " BOTTEGA_VERSION "\n";
    for (const Device &device : machine.devices) {
        Json precisions = Json::array();
        for (const engine::Precision precision : device.precisions)
            precisions.push_back(engine::nameOf(precision));
        Json item = {{"name", device.name}, {"description", device.description}, {"precisions", precisions}};
        if (device.details)
            item.update(device.details());
        std::string text = device.description;
        if (item.contains("memoryFree"))
            text += ", " + std::to_string(item["memoryFree"].get<std::uint64_t>() >> 20) + " MiB free";
        lines += infoLine(device.name, text);
        items.push_back(std::move(item));
    }
    Json versions = Json::object();
    using Versions = std::vector<std::pair<std::string, std::string>>;
    for (const auto &[name, version] : machine.versions ? machine.versions() : Versions()) {
        versions[name] = version;
        lines += infoLine(name, version);
    }
    const std::string whyNoGpu = whyNoGpuOf(machine);
    if (!whyNoGpu.empty())
        lines += infoLine("no GPU", whyNoGpu);
    const Json document = {{"version", BOTTEGA_VERSION}, {"devices", items}, {"versions", versions},
                           {"whyNoGpu", whyNoGpu}};
    print(stdout, options.isJson ? dumpJson(document, 2) + "\n" : lines);
    return 0;
}

Result<int> run(const std::vector<std::string> &arguments, const FindMachine &findMachine, Options &options,
                std::vector<std::string> &warnings)
{
    if (auto parsed = parseOptions(arguments, options); !parsed)
        return fail(parsed.error());
    const bool takesParams = options.verb == Verb::Train || options.verb == Verb::Bench;
    if (!takesParams && !options.params.empty())
        return fail(ErrorCode::Usage, "There is no option --" + printable(options.params.front().first, 80) + " here", {}, {},
                    "'bottega-trainer --help' shows the options");
    switch (options.verb) {
    case Verb::Train: return train(options, findMachine, warnings);
    case Verb::Selftest: return selftest(options, findMachine());
    case Verb::Info: return info(options, findMachine());
    case Verb::Bench: return bench(options, findMachine());
    case Verb::Help: print(stdout, helpText()); break;
    case Verb::Version: print(stdout, "bottega-trainer " BOTTEGA_VERSION "\n"); break;
    }
    return 0;
}

void tell(const Error &error, bool isJson)
{
    print(stderr, isJson ? dumpJson({{"error", errorToJson(error)}}) + "\n" : "error: " + describe(error) + "\n");
}

} // namespace

int runProgram(const std::vector<std::string> &arguments, const FindMachine &findMachine)
{
    Options options;
    std::vector<std::string> warnings;
    const auto status = engine::guarded([&] { return run(arguments, findMachine, options, warnings); });
    if (!status)
        tell(status.error(), options.isJson);
    const int exitStatus = status ? *status : exitStatusOf(status.error());
    std::error_code ignored;
    if (!std::filesystem::is_directory(options.runFolder, ignored)) // none, or one that was never made
        return exitStatus;
    const auto recorded =
        writeEndRecord(options.runFolder, options.attempt, exitStatus, status ? nullptr : &status.error(), warnings);
    if (!recorded)
        tell(recorded.error(), options.isJson);
    return exitStatus;
}

} // namespace bottega::trainer
