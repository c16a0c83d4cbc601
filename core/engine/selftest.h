// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/backend.h"

#include <string>
#include <vector>

namespace bottega::engine {

/// One comparison: an operation at one shape, against the reference backend or against finite differences.
struct SelfCheck
{
    std::string operation;  // "linearForward + ReLU"
    std::string shape;      // "[100, 784] · [784, 128]"
    std::string against;    // "reference", "differences"
    double error = 0;       // largest deviation, relative to the largest value
    double tolerance = 0;

    [[nodiscard]] bool isPassed() const { return error <= tolerance; } // false for NaN
};

/// Runs every operation of `backend` on random numbers of fixed seed, at shapes with and without remainders.
[[nodiscard]] std::vector<SelfCheck> selftest(Backend &backend);

/// One line a check, and a last one with the count of passed and failed.
[[nodiscard]] std::string selftestTable(const std::vector<SelfCheck> &checks);

} // namespace bottega::engine
