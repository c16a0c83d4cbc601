// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/fileplace.h"
#include "core/base/result.h"
#include "core/engine/network.h"
#include "core/engine/recipe.h"
#include "core/engine/sampler.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace bottega::engine {

/// Where a training stands: with the weights and what the optimizer keeps, all that the steps to come depend on.
struct Checkpoint
{
    std::string recipe;
    Params params;                // complete, as the training ran with them
    std::uint32_t data = 0;       // fingerprint of the training data
    std::int64_t step = 0;        // optimizer steps done
    std::int64_t epoch = 0;       // epochs finished
    std::int64_t bestEpoch = 0;   // the first of the best accuracy; 0: none is known
    double bestAccuracy = 0;      // of the finished epochs
    double bestLoss = 0;          // of the same epoch
    Sampler::State sampler;
    NpzArrays arrays;             // l1/W …, momentum/l1/W …, network; best/l1/W … where early stopping may return to them

    [[nodiscard]] std::string param(const std::string &name) const;
};

/// Writes one .npz, atomically: `arrays`, `order` (int32) and `state` (the rest, as JSON in uint8).
[[nodiscard]] Result<void> saveCheckpoint(const std::filesystem::path &path, const Checkpoint &checkpoint);

/// Reads one, of this version or an earlier one, and checks that its parts agree with each other. Corrupt names what does
/// not.
[[nodiscard]] Result<Checkpoint> readCheckpoint(const FilePlace &place);

} // namespace bottega::engine
