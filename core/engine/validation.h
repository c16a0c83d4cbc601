// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/evaluate.h"
#include "core/engine/network.h"

namespace bottega::engine {

/// Runs the network over all samples, 256 at a time. Labels must be below the network's classes. The result for a sample
/// does not depend on the others in its batch, so that training and a later evaluation agree to the last bit. With the
/// moving averages of the weights where asked and kept. `canceled` is asked between batches.
[[nodiscard]] Result<Evaluation> evaluateSamples(const Network &network, const Samples &samples,
                                                 const std::function<bool()> &canceled, bool usesAverages = false);

} // namespace bottega::engine
