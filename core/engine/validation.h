// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/evaluate.h"
#include "core/engine/network.h"

namespace bottega::engine {

/// Runs the network over all samples, 128 at a time. Labels must be below the network's classes. The result for a sample
/// does not depend on the others in its batch, so that training and a later evaluation agree to the last bit.
[[nodiscard]] Result<Evaluation> evaluateSamples(const Network &network, const Samples &samples,
                                                 const std::function<bool()> &canceled);

} // namespace bottega::engine
