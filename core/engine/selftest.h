// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/backend.h"

#include <string>
#include <vector>

namespace bottega::engine {

/// One comparison: an operation at one shape, against the reference backend or against finite differences.
struct SelfCheck
{
    std::string operation;  // "LinearForward, ReLU"
    std::string shape;      // "[100, 784, 128]"
    std::string against;    // "reference", "differences"
    double error = 0;       // largest deviation, relative to the largest value
    double tolerance = 0;

    [[nodiscard]] bool isPassed() const { return error <= tolerance; } // false for NaN
};

/// Runs every operation of `backend` on random numbers of fixed seed, at shapes with and without remainders, with every
/// optimizer; then whole networks for a few steps. What the backend throws is passed on.
[[nodiscard]] std::vector<SelfCheck> selftest(Backend &backend);

/// One line an operation with its worst shape, one more for each shape that failed, and a last one with the count of checks
/// passed and failed.
[[nodiscard]] std::string selftestTable(const std::vector<SelfCheck> &checks);

} // namespace bottega::engine
