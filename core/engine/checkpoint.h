// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/engine/network.h"
#include "core/engine/recipe.h"
#include "core/engine/sampler.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace bottega::engine {

/// Where a training stands: with the weights and velocities, all that the steps to come depend on.
struct Checkpoint
{
    std::string recipe;
    Params params;                // complete, as the training ran with them
    std::uint32_t data = 0;       // fingerprint of the training data
    std::int64_t step = 0;        // optimizer steps done
    std::int64_t epoch = 0;       // epochs finished
    double bestAccuracy = 0;      // of the finished epochs
    Sampler::State sampler;
    NpzArrays arrays;             // l1/W …, momentum/l1/W …

    [[nodiscard]] std::string param(const std::string &name) const;
};

/// Writes one .npz, atomically: `arrays`, `order` (int32) and `state` (the rest, as JSON in uint8).
[[nodiscard]] Result<void> saveCheckpoint(const std::filesystem::path &path, const Checkpoint &checkpoint);

/// Reads one and checks that its parts agree with each other. Corrupt names what does not.
[[nodiscard]] Result<Checkpoint> readCheckpoint(const std::filesystem::path &path);

/// Usage, in words, where a training with these parameters and data cannot go on from the checkpoint bit by bit:
/// another recipe, net, batch size, seed or data set, or no epoch left to do. More epochs, lr and momentum are free.
[[nodiscard]] Result<void> checkResumable(const Checkpoint &checkpoint, const std::string &recipe, const Params &params,
                                          std::uint32_t data);

} // namespace bottega::engine
