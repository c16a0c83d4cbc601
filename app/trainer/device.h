// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/engine/backend/backend.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bottega::trainer {

/// A device that --device can name.
struct Device
{
    std::string name;        // "cpu:avx512"
    std::string description;
    std::function<std::unique_ptr<engine::Backend>(int threads)> open; // 0: as many as may be used; a GPU needs none
    std::string alias;             // another name, "cuda:GPU-8f6d…"; may be empty
    std::function<Json()> details; // what `info` tells beside; may be null
};

/// Those of this machine's processor, best first, then the reference.
[[nodiscard]] std::vector<Device> hostDevices();

/// "auto" is the first, "cpu" the first whose name starts so; NotFound lists the names. `whyNoGpu` is told where a GPU is
/// asked for.
[[nodiscard]] Result<Device> findDevice(const std::vector<Device> &devices, const std::string &name,
                                        const std::string &whyNoGpu = {});

} // namespace bottega::trainer
