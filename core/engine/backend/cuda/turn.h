// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/cuda/launchers.h"

namespace bottega::engine::cuda {

/// to [columns, rows] = from [rows, columns]. turn.cu, like the rest.
void launchTurn(const float *from, std::int64_t rows, std::int64_t columns, float *to, Queue &queue);

/// output [channels · positions, N] = activation(from [N, channels · positions] + bias [channels]); None or Relu
void launchTurnWithBias(const float *from, const Tensor &bias, Activation activation, Tensor &output, Queue &queue);

/// to [rows] = sums of the rows of [rows, columns]
void launchRowSums(const float *values, std::int64_t rows, std::int64_t columns, float *to, Queue &queue);

/// gradient [features, N], zero where `mask` ≤ 0
void launchMask(const Tensor &mask, Tensor &gradient, Queue &queue);

/// The rule on a gradient in memory of its own.
void launchUpdate(Parameter &parameter, float *gradient, std::int32_t rule, const LaunchContext &context);

/// Launches each of these kernels on nothing: for a queue that rehearses.
void rehearseTurns(Queue &queue);

} // namespace bottega::engine::cuda
