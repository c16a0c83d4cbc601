// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cuda/cudaerror.h"

#include <cstdio>

namespace bottega::engine::cuda {

std::string bytesText(std::size_t bytes)
{
    const char *units[] = {"bytes", "KiB", "MiB", "GiB"};
    auto value = static_cast<double>(bytes);
    int unit = 0;
    for (; value >= 1024 && unit < 3; ++unit)
        value /= 1024;
    char text[32];
    std::snprintf(text, sizeof text, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
    return text;
}

std::string deviceText(const DeviceFacts &device)
{
    return "cuda:" + std::to_string(device.index) + " (" + device.name + ")";
}

CudaError callFailed(const std::string &call, const DeviceFacts &device, const std::string &reason)
{
    return CudaError(call + " failed on " + deviceText(device) + ": " + reason);
}

OutOfMemory::OutOfMemory(const DeviceFacts &device, std::size_t asked, std::size_t free, std::size_t total,
                         const std::string &remedy)
    : DeviceError("Out of memory on " + deviceText(device) + ": " + bytesText(asked) + " asked for, " + bytesText(free) + " of " +
                      bytesText(total) + " free",
                  remedy)
    , m_asked(asked)
    , m_free(free)
    , m_total(total)
{
}

} // namespace bottega::engine::cuda
