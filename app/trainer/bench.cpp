// SPDX-License-Identifier: Apache-2.0
#include "app/trainer/bench.h"

#include "app/trainer/signals.h"
#include "core/base/kernelfile.h"
#include "core/base/safename.h"
#include "core/engine/backend/cpu/peak.h"
#include "core/engine/backend/cpu/team.h"
#include "core/engine/benchmark.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <sstream>

namespace bottega::trainer {

namespace {

struct BenchSettings
{
    std::vector<std::string> recipes = {"mnist-mlp", "mnist-cnn"};
    std::vector<int> threads;
    std::int64_t epochs = 5;
};

tl::unexpected<Error> usage(const std::string &what, const std::string &remedy)
{
    return fail(ErrorCode::Usage, what, {}, {}, remedy);
}

Result<BenchSettings> settingsOf(const Options &options)
{
    BenchSettings settings;
    if (options.data.empty())
        return usage("--data is missing", "Name the folder with MNIST's four IDX files");
    for (const auto &[name, value] : options.params) {
        if (name == "net") {
            settings.recipes = {value.starts_with("mnist-") ? value : "mnist-" + value};
        } else if (name == "epochs") {
            const char *end = value.data() + value.size();
            if (std::from_chars(value.data(), end, settings.epochs).ptr != end || settings.epochs < 1)
                return usage("--epochs " + printable(value, 40) + ": a whole number from 1 is needed",
                             "The default is 5");
        } else {
            return usage("bench has no option --" + printable(name, 80),
                         "'bottega-trainer --help' shows the options");
        }
    }
    settings.threads = {options.threads};
    if (options.threads == 0) {
        settings.threads = {1};
        if (const int all = engine::cpu::availableThreads(); all > 1)
            settings.threads.push_back(all);
    }
    return settings;
}

std::string processorName()
{
    std::istringstream file(readKernelFile("/proc/cpuinfo"));
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("model name") && line.find(": ") != std::string::npos)
            return line.substr(line.find(": ") + 2);
    }
    return "unknown";
}

/// Of the device's instruction set; null for devices whose peak is not measured.
const engine::cpu::InstructionSet *instructionSetOf(const std::string &deviceName)
{
    for (const engine::cpu::InstructionSet &set : engine::cpu::instructionSets()) {
        if (deviceName == "cpu:" + std::string(set.name))
            return &set;
    }
    return nullptr;
}

Json resultToJson(const std::string &name, const DeviceSettings &settings, const engine::BenchmarkResult &result, double peak)
{
    const double speed = result.median();
    const Json share = peak > 0 ? Json(speed * result.flopsPerImage / peak) : Json();
    return {{"name", name},
            {"threads", settings.threads},
            {"precision", engine::nameOf(settings.precision)},
            {"imagesPerSecond", speed},
            {"shareOfPeak", share},
            {"accuracy", jsonNumber(result.accuracy)},
            {"ratio", nullptr}, // to a peer: tests/bench/compare fills these in
            {"peer", nullptr},
            {"peerVersion", nullptr},
            {"epochs", result.imagesPerSecond},
            {"flopsPerImage", result.flopsPerImage},
            {"peakFlops", peak}};
}

} // namespace

Result<BenchReport> measure(const Options &options, const Device &device)
{
    auto settings = settingsOf(options);
    if (!settings)
        return fail(settings.error());
    const engine::cpu::InstructionSet *set = instructionSetOf(device.name);
    if (!set)
        settings->threads = {options.threads}; // they make no difference
    BenchReport report;
    Json results = Json::array();
    const auto isCanceled = [] { return caughtSignal() != 0; };
    for (const std::string &name : settings->recipes) {
        const auto recipe = engine::findRecipe(name);
        if (!recipe)
            return fail(recipe.error());
        for (const int threads : settings->threads) {
            // Before and after, since a processor's clock rises and falls.
            const double before = set ? engine::cpu::peakFlops(*set, threads) : 0;
            const auto backend = device.open({threads, options.precision});
            const auto result =
                engine::benchmark(**recipe, options.data, settings->epochs, *backend, isCanceled);
            if (!result)
                return fail(result.error());
            report.isCanceled = isCanceled();
            if (report.isCanceled)
                return report;
            const double after = set ? engine::cpu::peakFlops(*set, threads) : 0;
            results.push_back(resultToJson(name, {threads, options.precision}, *result, std::max(before, after)));
        }
    }
    report.document = {{"machine",
                        {{"processor", processorName()},
                         {"cores", engine::cpu::availableThreads()},
                         {"instructionSet", set ? std::string(set->title) : device.description}}},
                       {"versions", {{"Bottega", BOTTEGA_VERSION}}},
                       {"results", results}};
    return report;
}

std::string benchTable(const Json &document)
{
    const Json &machine = document["machine"];
    std::string text = stringMember(machine, "processor") + ", " +
                       std::to_string(integerMember(machine, "cores")) + " cores, " +
                       stringMember(machine, "instructionSet") + "\n" +
                       "network      threads    images/s  share of FMA peak  accuracy\n";
    for (const Json &row : document["results"]) {
        const std::int64_t threads = integerMember(row, "threads"); // 0 on a GPU, whose peak is not measured either
        char share[16] = "";
        if (row["shareOfPeak"].is_number())
            std::snprintf(share, sizeof share, "%.0f %%", 100 * numberMember(row, "shareOfPeak"));
        char line[128];
        std::snprintf(line, sizeof line, "%-12s %7s %11.0f %18s %8.2f %%\n", stringMember(row, "name").c_str(),
                      threads > 0 ? std::to_string(threads).c_str() : "", numberMember(row, "imagesPerSecond"), share,
                      100 * numberMember(row, "accuracy"));
        text += line;
    }
    return text;
}

} // namespace bottega::trainer
