// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/engine/backend/backend.h"
#include "core/engine/backend/precision.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bottega::trainer {

/// How a device is to compute; each takes what concerns it.
struct DeviceSettings
{
    int threads = 0; // of the CPU; 0: as many as may be used
    engine::Precision precision = engine::Precision::Float32;
};

/// A device that --device can name.
struct Device
{
    std::string name;        // "cpu:avx512"
    std::string description;
    std::function<std::unique_ptr<engine::Backend>(const DeviceSettings &settings)> open;
    std::string alias;             // another name, "cuda:GPU-8f6d…"; may be empty
    std::function<Json()> details; // what `info` tells beside; may be null
    std::vector<engine::Precision> precisions = {engine::Precision::Float32};
};

/// Those of this machine's processor, best first, then the reference.
[[nodiscard]] std::vector<Device> hostDevices();

/// "auto" is the first, "cpu" the first whose name starts so; NotFound lists the names. `whyNoGpu` is told where a GPU is
/// asked for.
[[nodiscard]] Result<Device> findDevice(const std::vector<Device> &devices, const std::string &name,
                                        const std::string &whyNoGpu = {});

/// Usage where the device does not compute with that precision; the reason is told where there is no GPU.
[[nodiscard]] Result<void> checkPrecision(const Device &device, engine::Precision precision,
                                          const std::string &whyNoGpu = {});

} // namespace bottega::trainer
