// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/network.h"
#include "core/engine/recipe.h"
#include "core/engine/schedule.h"

#include <filesystem>

namespace bottega::engine {

/// A recipe's parameters as what the training works with.
struct TrainSettings
{
    std::int64_t epochs = 0;
    std::int64_t batchSize = 0;
    std::uint64_t seed = 0;
    std::int64_t patience = 0; // epochs without a better validation accuracy; 0: never stops early
    double validation = 0;     // share of the training set held out; 0: the test set validates
    Schedule schedule;
    TrainingOptions options; // its seed is the training's
    std::filesystem::path outputFolder;
};

/// Of parameters that completeParams has checked.
[[nodiscard]] TrainSettings settingsOf(const Params &params);

/// The network that a recipe trains with these parameters. Fails only for a network of one's own that is
/// wrong.
[[nodiscard]] Result<NetworkSpec> networkOf(const Recipe &recipe, const Params &params);

} // namespace bottega::engine
