// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/crash/faults.h"

#include <string>
#include <vector>

namespace bottega::crash {

/// A fault of the product built in on purpose, and what found it.
struct MutantVerdict
{
    std::string mutant;
    std::string caughtBy; // "power loss, save: cell holds “torn”, …"; empty: not caught
};

/// Builds in one fault after the other and lets the bench look for it. A bench that misses one proves nothing.
[[nodiscard]] std::vector<MutantVerdict> catchMutants(Stage &stage, const Effort &effort);

} // namespace bottega::crash
