// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/engine/backend/cpu/kernels.h"

#include <string>
#include <string_view>
#include <vector>

namespace bottega::engine::cpu {

/// One set of compiled kernels.
struct InstructionSet
{
    std::string_view name;  // "avx512"
    std::string_view title; // "AVX-512"
    const Kernels *kernels = nullptr;
};

/// Those that this processor runs, best first. Never empty.
[[nodiscard]] const std::vector<InstructionSet> &instructionSets();

/// By name; Unsupported lists those that run here.
[[nodiscard]] Result<InstructionSet> findInstructionSet(const std::string &name);

} // namespace bottega::engine::cpu
