// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace bottega::engine {

/// Processes that train one network together, each on its part of every batch. All ranks make the same calls in the same
/// order. A rank that is gone becomes an exception in the others that names it, within seconds.
class Communicator
{
public:
    virtual ~Communicator() = default;

    [[nodiscard]] virtual int rank() const = 0; // 0 … ranks() − 1
    [[nodiscard]] virtual int ranks() const = 0;

    /// Every rank's values become the mean over all ranks: the same bits everywhere, summed in order of rank.
    virtual void allReduceMean(std::span<float> values) = 0;

    /// Returns when all ranks have come here.
    virtual void barrier() = 0;

    /// Throws where another rank is gone: for whoever waits for something else that depends on them.
    virtual void check() {}

protected:
    Communicator() = default;
    Communicator(const Communicator &) = delete;
    Communicator &operator=(const Communicator &) = delete;
};

} // namespace bottega::engine
