// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/dataset.h"
#include "core/engine/recipe.h"
#include "core/engine/settings.h"

#include <filesystem>
#include <optional>

namespace bottega::engine {

/// What a training works on, with a network that fits it.
struct TrainingData
{
    Dataset train;
    Dataset validation;          // held out, or the test set
    std::optional<Dataset> test; // where a share is held out: looked at once, at the end
    NetworkPlan plan;
};

/// Reads the data, holds out the validation share and plans the recipe's network for the pictures. Everything that does not
/// fit together is told before anything is allocated for it.
[[nodiscard]] Result<TrainingData> prepareTrainingData(const std::filesystem::path &folder, const Recipe &recipe,
                                                       const Params &params, const TrainSettings &settings);

} // namespace bottega::engine
