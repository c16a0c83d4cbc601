// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/cuda/queue.h"

#include <memory>
#include <string>
#include <vector>

namespace bottega::engine::cuda {

/// Devices that the driver shows to this process, in its order; empty, with the reason in `why`, where there is none.
/// Makes no context: asking takes no memory of a device.
[[nodiscard]] std::vector<DeviceFacts> visibleDevices(std::string &why);

/// Free and total memory of a device, by the runtime; makes its context.
[[nodiscard]] MemoryUse memoryUseOf(int device);

[[nodiscard]] std::string driverVersion();  // of CUDA that the driver can do, "13.0"; "none" where there is no driver
[[nodiscard]] std::string runtimeVersion();

/// A new stream on a device, through the CUDA runtime. Throws CudaError.
[[nodiscard]] std::shared_ptr<Queue> makeStreamQueue(const DeviceFacts &facts);

} // namespace bottega::engine::cuda
