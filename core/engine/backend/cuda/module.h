// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/cuda/libraries.h"
#include "core/engine/backend/cuda/module/interface.h"
#include "core/engine/backend/cuda/queue.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace bottega::engine::cuda {

struct CudaOptions
{
    Precision precision = Precision::Float32;
    bool usesLibraries = true;
};

/// bottega-cuda-module.so, from $BOTTEGA_LIBEXEC or beside the program, loaded with the first call and kept. Null, with one
/// line in `why`, where it is missing, can't be loaded or has another version than this program.
[[nodiscard]] const BottegaCudaModule *cudaModule(std::string &why);

/// ("cuBLASLt", "13.0.0"), or what is missing.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> libraryVersions();

/// The module's libraries on a queue's stream; null where there is none to use: own kernels do it all.
/// Those compute in Float32 only: throws CudaError where another precision is asked for and no library is there.
[[nodiscard]] std::shared_ptr<Libraries> loadLibraries(const std::shared_ptr<Queue> &queue, const CudaOptions &options);

/// Multiply-adds from which a product goes to a library: below, our own kernels need one launch where it needs several. A
/// guess that no device has confirmed yet.
inline constexpr double worthwhileProduct = 1 << 27;

/// As above, for a module that is at hand. `module` must outlive it.
[[nodiscard]] std::shared_ptr<Libraries> makeLibraries(const BottegaCudaModule &module, const std::shared_ptr<Queue> &queue,
                                                       Precision precision, double worthwhile = worthwhileProduct);

} // namespace bottega::engine::cuda
