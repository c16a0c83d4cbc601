// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/selftest/rig.h"

#include <array>
#include <string>

namespace bottega::engine::selftesting {

/// Batches with and without a remainder for every width of vector and block.
inline constexpr std::array<std::int64_t, 7> batches = {1, 5, 31, 32, 33, 100, 128};

inline constexpr std::array kinds = {OptimizerKind::Momentum, OptimizerKind::Adam, OptimizerKind::Sgd,
                                     OptimizerKind::AdamW, OptimizerKind::Nesterov};

/// With decay, and with a moving average for every second one.
[[nodiscard]] UpdateRule ruleNumber(std::size_t number);
[[nodiscard]] std::string windowText(const Window &window); // "20×12×12 k5 s1 p0"

void checkGather(Rig &rig);
void checkLinear(Rig &rig);
void checkConvolution(Rig &rig);
void checkPooling(Rig &rig);
void checkActivations(Rig &rig);
void checkDropout(Rig &rig);
void checkBatchNorm(Rig &rig);
void checkLosses(Rig &rig);
void checkUpdates(Rig &rig);
void checkSlopes(Rig &rig);
void checkNetworks(Rig &rig);

} // namespace bottega::engine::selftesting
