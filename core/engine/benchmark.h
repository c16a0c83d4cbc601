// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/engine/backend/backend.h"
#include "core/engine/recipe.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

namespace bottega::engine {

/// What one training reached.
struct BenchmarkResult
{
    std::vector<double> imagesPerSecond; // of each epoch's training steps alone
    double accuracy = 0;                 // on the test images, after the last epoch
    double flopsPerImage =
        0; // counted from the layers: forward, input gradients but the first, weight gradients

    [[nodiscard]] double median() const;
};

/// Trains a recipe's network as the comparison in tests/bench has its peers train it: momentum SGD (0.01,
/// 0.9) in batches of 128, nothing else. Writes nothing that stays. `isCanceled` is asked after each step;
/// then there are fewer epochs.
[[nodiscard]] Result<BenchmarkResult> benchmark(const Recipe &recipe, const std::filesystem::path &data,
                                                std::int64_t epochs, Backend &backend,
                                                const std::function<bool()> &isCanceled);

} // namespace bottega::engine
