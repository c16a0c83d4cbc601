// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bottega {

struct CpuDevice
{
    std::string name;           // "AMD EPYC 9654 96-Core Processor"; may be empty
    int processors = 1;         // that this process may use
    std::string instructionSet; // "AVX-512": what the trainer's kernels will use

    [[nodiscard]] bool operator==(const CpuDevice &) const = default;
};

struct GpuDevice
{
    int index = 0;                          // as nvidia-smi counts
    std::string uuid;                       // "GPU-8f6d…": what a job names, since indices change
    std::string name;
    std::string driver;
    std::uint64_t memoryBytes = 0;
    std::uint64_t memoryUsedBytes = 0;
    std::optional<int> busyPercent;         // of the last moment; nothing where the driver does not tell

    [[nodiscard]] bool operator==(const GpuDevice &) const = default;
};

enum class GpuAbsence {
    None,     // there are GPUs
    NoDriver, // nvidia-smi is not installed
    NoGpu,    // the driver is there and finds none
    Failed,   // nvidia-smi ended with an error or said nothing to be understood
    TimedOut,
};

/// What this machine can train on.
struct DeviceList
{
    CpuDevice cpu;
    std::vector<GpuDevice> gpus;
    GpuAbsence absence = GpuAbsence::NoDriver;
    std::string reason; // nvidia-smi's own first line where it Failed

    [[nodiscard]] bool operator==(const DeviceList &) const = default;
};

/// Asks the system and nvidia-smi, which gets so long to answer: a driver can hang. Blocks: call it in the background.
[[nodiscard]] DeviceList readDevices(std::chrono::milliseconds patience = std::chrono::seconds(5));

/// Why there is no GPU, in one line of English; empty where there is one.
[[nodiscard]] std::string absenceText(const DeviceList &devices);

/// The output of nvidia-smi --format=csv,noheader,nounits for index, uuid, name, memory.total, memory.used,
/// utilization.gpu and driver_version. A line that does not read so is left out.
[[nodiscard]] std::vector<GpuDevice> parseGpus(std::string_view csv);

[[nodiscard]] Json devicesToJson(const DeviceList &devices); // {"cpu": {…}, "gpus": […], "gpuNote": "…"}

} // namespace bottega
