// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cpu/kernels.h"

namespace bottega::engine::cpu {

namespace {

constexpr int lanes = 16;
constexpr int tileRows = 6;
constexpr int tileVectors = 4; // 24 sums, 4 of B and 1 of A: 29 of 32 registers

#include "core/engine/backend/cpu/kernels/all.inl"

} // namespace

const Kernels &avx512Kernels()
{
    return table;
}

} // namespace bottega::engine::cpu
