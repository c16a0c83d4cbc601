// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/ops.h"

#include <cstddef>
#include <string>

namespace bottega::engine::cuda {

struct LaunchContext;

/// How exactly products are computed. Values are float32 in memory always.
enum class Precision {
    Float32,
    Tf32,     // 10 bits of mantissa in tensor cores, where a library computes
    Bfloat16, // 7 bits
};

/// Vendor libraries for the operations where they are expected to be faster than our own kernels. One per backend.
class Libraries
{
public:
    virtual ~Libraries() = default;

    [[nodiscard]] virtual std::string description() const = 0; // "cuBLASLt 13.0.0, cuDNN 9.12.0"

    /// Enqueues the operation and says true; false: ours is to do it. Called while a graph is recorded. Throws CudaError.
    [[nodiscard]] virtual bool launch(const Op &op, const LaunchContext &context) = 0;
    /// Floats of scratch memory that the operation may use there; 0 where it is ours.
    [[nodiscard]] virtual std::size_t scratchFloats(const Op &op) = 0;
};

} // namespace bottega::engine::cuda
