// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cuda/cudaerror.h"

namespace bottega::engine::cuda {

void checkCuda(cudaError_t code, const char *call, const char *file, int line)
{
    if (code == cudaSuccess)
        return;
    static_cast<void>(cudaGetLastError());
    throw CudaError(code, std::string(call) + " failed: " + cudaGetErrorString(code) + " (" + cudaGetErrorName(code) +
                              "), " + file + ":" + std::to_string(line));
}

} // namespace bottega::engine::cuda
