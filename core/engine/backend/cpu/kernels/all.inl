// SPDX-License-Identifier: Apache-2.0
// Every kernel, for the instruction set of the including source.
#include "core/engine/backend/cpu/kernels/vector.inl"

#include "core/engine/backend/cpu/kernels/transpose.inl"

#include "core/engine/backend/cpu/kernels/gather.inl"
#include "core/engine/backend/cpu/kernels/momentum.inl"
#include "core/engine/backend/cpu/kernels/product.inl"
#include "core/engine/backend/cpu/kernels/softmax.inl"

constexpr Kernels table = {gather,       forward, inputGradient, weightGradient, weightStep,
                           momentumStep, sum,     transpose,     softmax};
