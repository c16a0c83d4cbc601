// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/cpu/instructionset.h"

namespace bottega::engine::cpu {

/// Floating-point operations a second (a multiply-add is two) of so many threads that do nothing but multiply
/// and add in registers: the best of some short tries, in a tenth of a second.
[[nodiscard]] double peakFlops(const InstructionSet &set, int threads);

} // namespace bottega::engine::cpu
