// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/trainer/machine.h"

#include <string>
#include <vector>

namespace bottega::trainer {

/// The whole program on the machine that is found when it is needed, by every rank for itself: each trainer's main calls it
/// with the devices it was built with.
/// Returns the exit status: 0 done, 1 failed, 2 usage, 3 not found, 130 or 143 stopped by a signal.
[[nodiscard]] int runProgram(const std::vector<std::string> &arguments, const FindMachine &findMachine);

} // namespace bottega::trainer
