// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/backend.h"

#if defined(__CUDACC__)
#define BOTTEGA_HOST_DEVICE __host__ __device__
#else
#define BOTTEGA_HOST_DEVICE
#endif

namespace bottega::engine::cuda {

/// What the kernel does to one weight. Also compiled for the host, where tests hold it against the reference.
BOTTEGA_HOST_DEVICE inline void momentumUpdate(float gradient, MomentumRule rule, float &weight, float &velocity)
{
    velocity = rule.momentum * velocity - rule.learningRate * gradient;
    weight += velocity;
}

} // namespace bottega::engine::cuda
