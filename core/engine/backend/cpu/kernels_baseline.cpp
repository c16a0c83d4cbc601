// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cpu/kernels.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace bottega::engine::cpu {

namespace {

constexpr int lanes = 4;
constexpr int tileRows = 6;
constexpr int tileVectors = 2;
constexpr int outerRows = 6;
constexpr int outerVectors = 2;
constexpr int dotRows = 4;
constexpr int dotTaps = 3;

#include "core/engine/backend/cpu/kernels/all.inl"

} // namespace

const Kernels &baselineKernels()
{
    return table;
}

} // namespace bottega::engine::cpu
