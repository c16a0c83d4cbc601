// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cpu/kernels.h"

#include <immintrin.h>

namespace bottega::engine::cpu {

namespace {

constexpr int lanes = 16;
constexpr int tileRows = 12;
constexpr int tileVectors = 2; // 24 sums, 2 of the input and 1 weight: 27 of 32 registers
constexpr int outerRows = 6;
constexpr int outerVectors = 4;
constexpr int dotRows = 4;
constexpr int dotTaps = 6;

#include "core/engine/backend/cpu/kernels/all.inl"

} // namespace

const Kernels &avx512Kernels()
{
    return table;
}

} // namespace bottega::engine::cpu
