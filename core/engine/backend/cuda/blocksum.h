// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/hostdevice.h"

namespace bottega::engine::cuda {

/// Sums over the threads of a block in three phases, always in the same order: every thread puts, barrier, every thread
/// folds, barrier, every thread may ask for the total. T is float or double.
template <class T, int threads>
struct BlockSum
{
    static constexpr int lanes = 16;
    T parts[threads];
    T folded[lanes];

    BOTTEGA_HOST_DEVICE void put(int thread, T part) { parts[thread] = part; }

    BOTTEGA_HOST_DEVICE void fold(int thread)
    {
        if (thread >= lanes)
            return;
        T sum = 0;
        for (int i = thread; i < threads; i += lanes)
            sum += parts[i];
        folded[thread] = sum;
    }

    [[nodiscard]] BOTTEGA_HOST_DEVICE T total() const
    {
        T sum = 0;
        for (int i = 0; i < lanes; ++i)
            sum += folded[i];
        return sum;
    }
};

} // namespace bottega::engine::cuda
