// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/backend.h"

/// One operation each, as its comment in ops.h says, on tensors of host backends that have been checked. Sums
/// are in double. Columns of activations beyond the batch are neither read nor written.
namespace bottega::engine::reference {

void run(const ops::Gather &op, const StepInputs &step);
void run(const ops::LinearForward &op, const StepInputs &step);
void run(const ops::LinearInputGradient &op, const StepInputs &step);
void run(const ops::LinearWeights &op, const StepInputs &step);
void run(const ops::ConvForward &op, const StepInputs &step);
void run(const ops::ConvInputGradient &op, const StepInputs &step);
void run(const ops::ConvWeights &op, const StepInputs &step);
void run(const ops::MaxPool &op, const StepInputs &step);
void run(const ops::MaxPoolGradient &op, const StepInputs &step);
void run(const ops::AveragePool &op, const StepInputs &step);
void run(const ops::AveragePoolGradient &op, const StepInputs &step);
void run(const ops::Activate &op, const StepInputs &step);
void run(const ops::ActivateGradient &op, const StepInputs &step);
void run(const ops::Dropout &op, const StepInputs &step);
void run(const ops::BatchNorm &op, const StepInputs &step);
void run(const ops::BatchNormGradient &op, const StepInputs &step);
void run(const ops::BatchNormFixed &op, const StepInputs &step);
void run(const ops::Add &op, const StepInputs &step);
void run(const ops::SoftmaxCrossEntropy &op, const StepInputs &step);
void run(const ops::SoftmaxPrediction &op, const StepInputs &step);
void run(const ops::AllReduce &op, const StepInputs &step);
void run(const ops::ClipNorm &op, const StepInputs &step);
void run(const ops::Update &op, const StepInputs &step);

/// max(value, 0) for Relu, written so that NaN passes through; the value itself for None.
[[nodiscard]] inline double rectified(double value, Activation activation)
{
    return activation == Activation::Relu && value < 0 ? 0 : value;
}

/// The gradient, or zero where there is a mask that is not above zero.
[[nodiscard]] inline float masked(double gradient, const Tensor *mask, std::int64_t feature,
                                  std::int64_t sample)
{
    return mask && mask->at(feature, sample) <= 0 ? 0 : static_cast<float>(gradient);
}

} // namespace bottega::engine::reference
