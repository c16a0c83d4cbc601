// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/checkpoint.h"
#include "core/engine/recipe.h"

namespace bottega::engine {

/// Usage, in words, where a training with these parameters and data cannot go on from the checkpoint bit by bit:
/// another recipe, net, batch size, seed, optimizer, validation share or data set, or no epoch left to do. More epochs, lr,
/// its schedule, momentum, regularization and augmentation are free.
[[nodiscard]] Result<void> checkResumable(const Checkpoint &checkpoint, const Recipe &recipe, const Params &params,
                                          std::uint32_t data);

} // namespace bottega::engine
