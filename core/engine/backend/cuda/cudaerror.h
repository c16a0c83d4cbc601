// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <stdexcept>
#include <string>

namespace bottega::engine::cuda {

/// A call of the CUDA runtime that failed. The text names the call, the reason and the place.
class CudaError : public std::runtime_error
{
public:
    CudaError(cudaError_t code, const std::string &text) : std::runtime_error(text), m_code(code) {}
    [[nodiscard]] cudaError_t code() const { return m_code; }

private:
    cudaError_t m_code;
};

/// Throws CudaError unless `code` is success, and clears the runtime's own note of it.
void checkCuda(cudaError_t code, const char *call, const char *file, int line);

} // namespace bottega::engine::cuda

#define CUDA_CHECK(call) ::bottega::engine::cuda::checkCuda((call), #call, __FILE__, __LINE__)
