// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/cuda/momentum.h"

#include <cuda_runtime_api.h>

#include <cstdint>

namespace bottega::engine::cuda {

/// v ← momentum · v − learningRate · g, w ← w + v on [count] values in device memory, in the order of `stream`.
/// Returns when it is enqueued. Throws CudaError.
void launchMomentumStep(const float *gradient, float *weights, float *velocity, std::int64_t count,
                        const MomentumRule &rule, cudaStream_t stream);

} // namespace bottega::engine::cuda
