// SPDX-License-Identifier: Apache-2.0
#include "core/engine/evaluate.h"

#include "core/engine/backend/cpu/cpubackend.h"
#include "core/engine/dataset.h"
#include "core/engine/guard.h"
#include "core/engine/networkfile.h"
#include "core/engine/validation.h"

namespace bottega::engine {

namespace {

double ratio(std::int64_t part, std::int64_t whole)
{
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

Result<Dataset> readTestPart(const std::filesystem::path &folder)
{
    auto test = readDataset(folder, DataPart::Test);
    if (test || test.error().code != ErrorCode::NotFound)
        return test;
    auto both = readDatasets(folder); // a folder of pictures
    return both ? std::move(both->test) : test;
}

/// A checkpoint's moving averages, where it has them, are what the training validated and would have saved.
NpzArrays withAverages(const NpzArrays &arrays)
{
    constexpr std::string_view prefix = "average/";
    NpzArrays weights = arrays;
    for (const auto &[key, array] : arrays) {
        if (key.starts_with(prefix))
            weights[key.substr(prefix.size())] = array;
    }
    return weights;
}

Result<Evaluation> evaluateUnguarded(const NpzArrays &weights, const std::filesystem::path &dataFolder,
                                     const std::function<bool()> &canceled)
{
    auto plan = planOfWeights(weights);
    if (!plan)
        return fail(plan.error());
    CpuBackend backend(cpu::instructionSets().front(), cpu::availableThreads());
    Network network(backend, std::move(*plan));
    if (auto loaded = network.loadWeights(withAverages(weights)); !loaded)
        return fail(loaded.error());
    auto data = readTestPart(dataFolder);
    if (!data)
        return fail(data.error());
    if (auto fits = checkFits(*data, network.plan().picture, network.plan().classes); !fits)
        return fail(fits.error());
    const Shape shape = data->pictureShape();
    return evaluateSamples(network, backend.hold(std::move(data->pixels), std::move(data->labels), shape), canceled);
}

} // namespace

std::vector<ClassReport> classReports(const Evaluation &evaluation)
{
    std::vector<ClassReport> reports;
    const std::int64_t classes = evaluation.classes;
    const auto cell = [&](std::int64_t label, std::int64_t prediction) {
        return evaluation.confusion[static_cast<std::size_t>(label * classes + prediction)];
    };
    for (std::int64_t c = 0; c < classes; ++c) {
        std::int64_t labeled = 0, predicted = 0;
        for (std::int64_t other = 0; other < classes; ++other) {
            labeled += cell(c, other);
            predicted += cell(other, c);
        }
        // F1 from the counts: 2 TP / (2 TP + FP + FN), which is also right where nothing was predicted.
        reports.push_back({ratio(cell(c, c), predicted), ratio(cell(c, c), labeled),
                           ratio(2 * cell(c, c), labeled + predicted), labeled});
    }
    return reports;
}

Result<Evaluation> evaluate(const NpzArrays &weights, const std::filesystem::path &dataFolder,
                            const std::function<bool()> &canceled)
{
    return guarded([&] { return evaluateUnguarded(weights, dataFolder, canceled); });
}

} // namespace bottega::engine
