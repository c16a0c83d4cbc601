// SPDX-License-Identifier: Apache-2.0
#pragma once

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
};

/// Those of this machine's processor, best first, then the reference.
[[nodiscard]] std::vector<Device> hostDevices();

/// "auto" is the first, "cpu" the first whose name starts so; NotFound lists the names.
[[nodiscard]] Result<Device> findDevice(const std::vector<Device> &devices, const std::string &name);

} // namespace bottega::trainer
