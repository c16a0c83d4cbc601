// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cuda/stream.h"

namespace bottega::engine::cuda {

Stream makeStream()
{
    cudaStream_t stream = nullptr;
    CUDA_CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    return Stream(stream);
}

} // namespace bottega::engine::cuda
