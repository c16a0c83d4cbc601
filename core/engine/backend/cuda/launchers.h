// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/cuda/queue.h"
#include "core/engine/backend/cuda/steptable.h"
#include "core/engine/backend/ops.h"

/// One function per operation: enqueues its kernels. Operands were checked before and lie in the queue's device: dense rows,
/// activations as [features, N]. Throws CudaError.
namespace bottega::engine::cuda {

/// What a launcher is given beside its operation. Borrowed.
struct LaunchContext
{
    Queue &queue;
    const StepTable &steps;
    std::int32_t rule = 0;       // of the operation's first parameter in the step table, where it has one
    std::int32_t secondRule = 0; // of its second
    float *scratch = nullptr;    // of at least scratchFloats(op); shared by all operations of a program
};

/// Floats of scratch memory that the operation needs on a device of so many multiprocessors.
[[nodiscard]] std::size_t scratchFloats(const ops::LinearWeights &op, int multiprocessors);
[[nodiscard]] std::size_t scratchFloats(const ops::ConvWeights &op, int multiprocessors);
[[nodiscard]] std::size_t scratchFloats(const ops::ClipNorm &op, int multiprocessors);

void launch(const ops::Gather &op, const LaunchContext &context);              // gather.cu
void launch(const ops::LinearForward &op, const LaunchContext &context);       // linear.cu
void launch(const ops::LinearInputGradient &op, const LaunchContext &context);
void launch(const ops::LinearWeights &op, const LaunchContext &context);
void launch(const ops::ConvForward &op, const LaunchContext &context);         // convolution.cu
void launch(const ops::ConvInputGradient &op, const LaunchContext &context);
void launch(const ops::ConvWeights &op, const LaunchContext &context);
void launch(const ops::MaxPool &op, const LaunchContext &context);             // pooling.cu
void launch(const ops::MaxPoolGradient &op, const LaunchContext &context);
void launch(const ops::AveragePool &op, const LaunchContext &context);
void launch(const ops::AveragePoolGradient &op, const LaunchContext &context);
void launch(const ops::Activate &op, const LaunchContext &context);            // activation.cu
void launch(const ops::ActivateGradient &op, const LaunchContext &context);
void launch(const ops::Add &op, const LaunchContext &context);
void launch(const ops::Dropout &op, const LaunchContext &context);             // dropout.cu
void launch(const ops::BatchNorm &op, const LaunchContext &context);           // batchnorm.cu
void launch(const ops::BatchNormGradient &op, const LaunchContext &context);
void launch(const ops::BatchNormFixed &op, const LaunchContext &context);
void launch(const ops::SoftmaxCrossEntropy &op, const LaunchContext &context); // softmax.cu
void launch(const ops::SoftmaxPrediction &op, const LaunchContext &context);
void launch(const ops::ClipNorm &op, const LaunchContext &context);            // update.cu
void launch(const ops::Update &op, const LaunchContext &context);

/// Ends a step: its mean loss goes into the step table, which moves on. `losses` may be null.
void launchStepEnd(const Tensor *losses, const LaunchContext &context);        // softmax.cu

} // namespace bottega::engine::cuda
