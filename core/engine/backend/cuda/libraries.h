// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/ops.h"
#include "core/engine/backend/precision.h"
#include "core/engine/comm/communicator.h"

#include <cstddef>
#include <memory>
#include <string>

namespace bottega::engine::cuda {

struct LaunchContext;

/// Vendor libraries for the operations where they are expected to be faster than our own kernels. One per backend.
class Libraries
{
public:
    virtual ~Libraries() = default;

    [[nodiscard]] virtual std::string description() const = 0; // "cuBLASLt 13.0.0, cuDNN 9.12.0, tf32"

    /// Enqueues the operation and says true; false: ours is to do it. Called while a graph is recorded. Throws CudaError.
    [[nodiscard]] virtual bool launch(const Op &op, const LaunchContext &context) = 0;
    /// Floats of scratch memory that the operation may use there; 0 where it is ours.
    [[nodiscard]] virtual std::size_t scratchFloats(const Op &op) = 0;

    /// Whether NCCL is there, and ranks on several devices through it: see joinDevices().
    [[nodiscard]] virtual bool canJoin() const = 0;
    [[nodiscard]] virtual std::unique_ptr<Communicator> join(Communicator &host) = 0;
};

} // namespace bottega::engine::cuda
