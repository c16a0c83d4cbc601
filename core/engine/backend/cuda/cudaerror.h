// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/cuda/queue.h"
#include "core/engine/backend/deviceerror.h"

#include <cstddef>
#include <string>

namespace bottega::engine::cuda {

/// A call of the CUDA runtime that failed: names the call, the reason and the device.
class CudaError : public DeviceError
{
public:
    using DeviceError::DeviceError;
};

/// The device had less memory than was asked for.
class OutOfMemory : public DeviceError
{
public:
    OutOfMemory(const DeviceFacts &device, std::size_t asked, std::size_t free, std::size_t total,
                const std::string &remedy = {});

    [[nodiscard]] std::size_t asked() const { return m_asked; } // bytes
    [[nodiscard]] std::size_t free() const { return m_free; }
    [[nodiscard]] std::size_t total() const { return m_total; }

private:
    std::size_t m_asked;
    std::size_t m_free;
    std::size_t m_total;
};

/// What a failed call is told as: "launch of add failed on cuda:0 (NVIDIA H100): out of memory".
[[nodiscard]] CudaError callFailed(const std::string &call, const DeviceFacts &device, const std::string &reason);

[[nodiscard]] std::string deviceText(const DeviceFacts &device); // "cuda:0 (NVIDIA H100)"

/// "79.2 MiB"
[[nodiscard]] std::string bytesText(std::size_t bytes);

} // namespace bottega::engine::cuda
