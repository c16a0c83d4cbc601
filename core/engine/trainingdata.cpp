// SPDX-License-Identifier: Apache-2.0
#include "core/engine/trainingdata.h"

#include <string>
#include <utility>

namespace bottega::engine {

namespace {

Result<void> checkBatch(const Dataset &train, std::int64_t batchSize, const std::filesystem::path &folder)
{
    if (batchSize <= train.count)
        return {};
    const std::string count = std::to_string(train.count);
    return fail(ErrorCode::Usage,
                "batchsize=" + std::to_string(batchSize) + " is larger than the training set of " + count + " pictures",
                folder.string(), "nothing was trained", "Give a batchsize of at most " + count);
}

} // namespace

Result<TrainingData> prepareTrainingData(const std::filesystem::path &folder, const Recipe &recipe, const Params &params,
                                         const TrainSettings &settings)
{
    const auto spec = networkOf(recipe, params);
    if (!spec)
        return fail(spec.error());
    auto data = readDatasets(folder);
    if (!data)
        return fail(data.error());
    TrainingData prepared;
    prepared.train = std::move(data->train);
    prepared.validation = std::move(data->test);
    if (settings.validation > 0) {
        auto held = holdOut(prepared.train, settings.validation, settings.seed);
        if (!held)
            return fail(held.error());
        prepared.test = std::exchange(prepared.validation, std::move(*held));
    }
    if (auto fits = checkBatch(prepared.train, settings.batchSize, folder); !fits)
        return fail(fits.error());
    auto plan = planNetwork(*spec, prepared.train.pictureShape(), prepared.train.classes);
    if (!plan)
        return fail(plan.error());
    prepared.plan = std::move(*plan);
    return prepared;
}

} // namespace bottega::engine
