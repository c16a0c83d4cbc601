// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cpu/kernels.h"

#include <immintrin.h>

namespace bottega::engine::cpu {

namespace {

constexpr int lanes = 8;
constexpr int tileRows = 6;
constexpr int tileVectors = 2; // 12 sums, 2 of the input and 1 weight fill the 16 registers
constexpr int outerRows = 6;
constexpr int outerVectors = 2;
constexpr int dotRows = 4;
constexpr int dotTaps = 3;

#include "core/engine/backend/cpu/kernels/all.inl"

} // namespace

const Kernels &avx2Kernels()
{
    return table;
}

} // namespace bottega::engine::cpu
