// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/random.h"

#include <cstdint>
#include <span>
#include <vector>

namespace bottega::engine {

/// Deals out full batches of a permutation that is shuffled anew each epoch. Batches straddle epochs: the one that crosses
/// the boundary takes its rest from the new permutation, and that step ends the epoch.
class Sampler
{
public:
    /// All that later batches depend on.
    struct State
    {
        Random::State random{};
        std::vector<std::int32_t> order; // of the running epoch
        std::int64_t position = 0;       // samples of it that have been dealt out
    };

    /// Needs 1 ≤ batchSize ≤ count.
    Sampler(std::int64_t count, std::int64_t batchSize, const Random &random);
    Sampler(std::int64_t batchSize, State state);

    /// Sample indices of the next batch; valid until the next call.
    [[nodiscard]] std::span<const std::int32_t> next();
    [[nodiscard]] bool isEpochEnd() const { return m_isEpochEnd; } // true after the batch that crossed the boundary

    /// Batches until the one that ends the epoch, which is not counted.
    [[nodiscard]] std::int64_t batchesWithinEpoch() const;
    /// Takes back the last batches, as if they had not been dealt out. Only those dealt out since the epoch began.
    void giveBack(std::int64_t batches);
    [[nodiscard]] State state() const { return {m_random.state(), m_order, m_position}; }

private:
    std::vector<std::int32_t> m_order;
    std::vector<std::int32_t> m_batch;
    Random m_random;
    std::int64_t m_position = 0;
    bool m_isEpochEnd = false;
};

} // namespace bottega::engine
