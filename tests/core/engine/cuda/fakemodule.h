// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/cuda/module/interface.h"
#include "core/engine/comm/communicator.h"

#include <vector>

namespace bottega::engine::cuda {

/// A module that computes by plain loops in the emulated stream, in the layouts that the interface names.
[[nodiscard]] const BottegaCudaModule &fakeModule();

/// What it was asked, in order, by all contexts of the process.
struct FakeModuleLog
{
    std::vector<BottegaLinear> linear;
    std::vector<BottegaConvolution> convolutions;
    int outcome = bottegaDone; // of preparing
    int precision = -1;        // of the latest context
    Communicator *ranks = nullptr; // what its NCCL exchanges through
    int exchanges = 0;             // that its NCCL was asked for
    int aborts = 0;
};
[[nodiscard]] FakeModuleLog &fakeModuleLog();

} // namespace bottega::engine::cuda
