// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/cuda/cudaerror.h"

#include <memory>
#include <type_traits>

namespace bottega::engine::cuda {

/// Gives a handle of the CUDA runtime back. An error then has nowhere to go: what matters was checked before.
template <auto destroy>
struct Destroy
{
    template <class T>
    void operator()(T *handle) const
    {
        static_cast<void>(destroy(handle));
    }
};

/// A stream of its own, destroyed with its owner. Every launch names one; the default stream is never used.
using Stream = std::unique_ptr<std::remove_pointer_t<cudaStream_t>, Destroy<cudaStreamDestroy>>;

/// Throws CudaError. Does not wait for the device.
[[nodiscard]] Stream makeStream();

} // namespace bottega::engine::cuda
