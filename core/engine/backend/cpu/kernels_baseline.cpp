// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cpu/kernels.h"

namespace bottega::engine::cpu {

namespace {

constexpr int lanes = 4;
constexpr int tileRows = 6;
constexpr int tileVectors = 2; // 12 sums, 2 of B and 1 of A fill the 16 registers

#include "core/engine/backend/cpu/kernels/all.inl"

} // namespace

const Kernels &baselineKernels()
{
    return table;
}

} // namespace bottega::engine::cpu
