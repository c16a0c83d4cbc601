// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/trainer/device.h"

#include <string>
#include <vector>

namespace bottega::trainer {

/// The whole program on the given devices, best first: each trainer's main calls it with those it was built with.
/// Returns the exit status: 0 done, 1 failed, 2 usage, 3 not found, 130 or 143 stopped by a signal.
[[nodiscard]] int runProgram(const std::vector<std::string> &arguments, const std::vector<Device> &devices);

} // namespace bottega::trainer
