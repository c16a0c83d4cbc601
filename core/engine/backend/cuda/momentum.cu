// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cuda/momentum.cuh"

#include "core/engine/backend/cuda/cudaerror.h"

#include <algorithm>

namespace bottega::engine::cuda {

namespace {

constexpr int threadsPerBlock = 256;
constexpr std::int64_t mostBlocks = 1024; // enough to fill any device; the rest is the loop's

// CUDA kernels

__global__ void momentumStep(const float *__restrict__ gradient, float *__restrict__ weights,
                             float *__restrict__ velocity, std::int64_t count, MomentumRule rule)
{
    const std::int64_t stride = std::int64_t{gridDim.x} * blockDim.x;
    for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += stride)
        momentumUpdate(gradient[i], rule, weights[i], velocity[i]);
}

} // namespace

// Launchers

void launchMomentumStep(const float *gradient, float *weights, float *velocity, std::int64_t count,
                        const MomentumRule &rule, cudaStream_t stream)
{
    if (count == 0)
        return;
    const std::int64_t blocks = std::min((count + threadsPerBlock - 1) / threadsPerBlock, mostBlocks);
    momentumStep<<<static_cast<unsigned>(blocks), threadsPerBlock, 0, stream>>>(gradient, weights, velocity, count, rule);
    CUDA_CHECK(cudaGetLastError());
}

} // namespace bottega::engine::cuda
