// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/trainer/device.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace bottega::trainer {

/// What a trainer's main found for the program to run on.
struct Machine
{
    std::vector<Device> devices; // best first
    std::string whyNoGpu;        // one line, where a GPU was looked for and none can be used
    /// ("CUDA driver", "13.0"), or what is missing; null: none. Slow: may load libraries.
    std::function<std::vector<std::pair<std::string, std::string>>()> versions;
};

using FindMachine = std::function<Machine()>;

} // namespace bottega::trainer
