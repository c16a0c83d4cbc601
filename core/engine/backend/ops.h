// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/augmentation.h"
#include "core/engine/backend/tensor.h"
#include "core/engine/backend/updaterule.h"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace bottega::engine {

class Communicator;

/// Values that training changes, and what the optimizer keeps beside them. Tensors that the rule does not need are empty.
struct Parameter
{
    std::string name;      // "l1/W"
    Tensor value;
    Tensor first;          // velocity, or first moment
    Tensor second;         // second moment
    Tensor average;        // moving average of the values
    Tensor gradient;       // kept only where something needs all gradients together: clipping, several ranks
    bool decays = false;   // weights do, biases and batch norm's do not
};

/// Extents of a convolution or pooling; square windows, the same stride and padding both ways.
struct Window
{
    std::int64_t channels = 0; // of the input
    std::int64_t height = 0;   // of the input
    std::int64_t width = 0;
    std::int64_t kernel = 1;
    std::int64_t stride = 1;
    std::int64_t padding = 0;  // below `kernel`

    [[nodiscard]] std::int64_t outHeight() const { return (height + 2 * padding - kernel) / stride + 1; }
    [[nodiscard]] std::int64_t outWidth() const { return (width + 2 * padding - kernel) / stride + 1; }
};

enum class Activation {
    None,
    Relu,
    Gelu, // x · Φ(x), exact
    Tanh,
};

/// Which values of a step may be computed apart from each other: how workers share an operation.
enum class Split {
    Samples, // each sample by itself
    Rows,    // each output row or channel by itself, over all samples
    Whole,
};

/// The operations that networks are made of. Tensors are borrowed and must outlive the program. Activations and their
/// gradients have Layout::Samples, here written [features, N]; parameters have Layout::Rows.
/// Gradients are of the mean loss over the batch. "masked": zero where `mask` ≤ 0, which is ReLU's own derivative where
/// `mask` is what a ReLU gave.
namespace ops {

/// input [C·H·W, N] = pixels of the step's samples / 255, moved by the augmentation if there is one.
struct Gather
{
    static constexpr Split split = Split::Samples;
    const Samples *samples;
    Tensor *input;
    Augmentation augmentation;
    std::uint64_t seed = 0; // of the augmentation
};

/// output = activation(weights · input + bias); activation None or Relu
struct LinearForward
{
    static constexpr Split split = Split::Samples;
    const Tensor *weights; // [out, in]
    const Tensor *bias;    // [out]
    const Tensor *input;   // [in, N]
    Tensor *output;        // [out, N]
    Activation activation = Activation::None;
};

/// inputGradient = weightsᵀ · outputGradient, masked
struct LinearInputGradient
{
    static constexpr Split split = Split::Samples;
    const Tensor *weights;        // [out, in]
    const Tensor *outputGradient; // [out, N]
    const Tensor *mask;           // [in, N] or null
    Tensor *inputGradient;        // [in, N]
};

/// gradient of weights = outputGradient · inputᵀ, of bias = row sums of outputGradient: stored where the parameters have a
/// gradient tensor, else applied at once by the rule and never stored.
struct LinearWeights
{
    static constexpr Split split = Split::Rows;
    const Tensor *input;          // [in, N]
    const Tensor *outputGradient; // [out, N]
    Parameter *weights;           // [out, in]
    Parameter *bias;              // [out]
    UpdateRule rule;
};

/// output[o, y, x] = activation(bias[o] + Σ weights[o, c, ky, kx] · input[c, y·s + ky − p, x·s + kx − p]); None or Relu
struct ConvForward
{
    static constexpr Split split = Split::Samples;
    Window window;
    const Tensor *weights; // [out, C, K, K]
    const Tensor *bias;    // [out]
    const Tensor *input;   // [C, H, W, N]
    Tensor *output;        // [out, H', W', N]
    Activation activation = Activation::None;
};

struct ConvInputGradient
{
    static constexpr Split split = Split::Samples;
    Window window;
    const Tensor *weights;        // [out, C, K, K]
    const Tensor *outputGradient; // [out, H', W', N]
    const Tensor *mask;           // [C, H, W, N] or null
    Tensor *inputGradient;        // [C, H, W, N]
};

/// As LinearWeights, summed over positions too.
struct ConvWeights
{
    static constexpr Split split = Split::Rows;
    Window window;
    const Tensor *input;          // [C, H, W, N]
    const Tensor *outputGradient; // [out, H', W', N]
    Parameter *weights;           // [out, C, K, K]
    Parameter *bias;              // [out]
    UpdateRule rule;
};

/// The largest value of each window; padding never wins.
struct MaxPool
{
    static constexpr Split split = Split::Samples;
    Window window;
    const Tensor *input; // [C, H, W, N]
    Tensor *output;      // [C, H', W', N]
};

/// Each window's gradient goes to its first largest value, in row order; masked.
struct MaxPoolGradient
{
    static constexpr Split split = Split::Samples;
    Window window;
    const Tensor *input;          // [C, H, W, N]
    const Tensor *output;         // [C, H', W', N]
    const Tensor *outputGradient; // [C, H', W', N]
    const Tensor *mask;           // [C, H, W, N] or null
    Tensor *inputGradient;        // [C, H, W, N]
};

/// The mean of each window over all kernel² places, padding counted as zero.
struct AveragePool
{
    static constexpr Split split = Split::Samples;
    Window window;
    const Tensor *input;
    Tensor *output;
};

struct AveragePoolGradient
{
    static constexpr Split split = Split::Samples;
    Window window;
    const Tensor *outputGradient;
    const Tensor *mask; // or null
    Tensor *inputGradient;
};

/// output = activation(input), a copy for None; input and output may be the same tensor for Relu and Tanh.
struct Activate
{
    static constexpr Split split = Split::Samples;
    Activation activation;
    const Tensor *input;
    Tensor *output;
};

/// inputGradient = outputGradient · activation′; both gradients may be the same tensor.
struct ActivateGradient
{
    static constexpr Split split = Split::Samples;
    Activation activation;
    const Tensor *input;  // Gelu looks at it
    const Tensor *output; // Relu and Tanh look at it
    const Tensor *outputGradient;
    Tensor *inputGradient;
};

/// Values survive with probability 1 − rate and are then scaled by 1 / (1 − rate). Which ones, is a function of (seed, step,
/// sample's place in the batch, feature) alone: core/engine/backend/dropout.h. The gradient goes the same way.
struct Dropout
{
    static constexpr Split split = Split::Samples;
    float rate;
    std::uint64_t seed;
    const Tensor *input;
    Tensor *output; // may be the input
};

/// Normalises each channel over batch and positions: y = gamma · (x − mean) / √(variance + epsilon) + beta, with this
/// batch's mean and variance (divided by the count). Moves the running values: r ← (1 − rate) · r + rate · batch's, the
/// variance with the unbiased estimate (of a single value: 0).
struct BatchNorm
{
    static constexpr Split split = Split::Rows; // channels
    std::int64_t channels;
    const Tensor *gamma;     // [C]
    const Tensor *beta;      // [C]
    const Tensor *input;     // [C·positions, N]
    Tensor *output;
    Tensor *mean;            // [C] of this batch
    Tensor *inverseDeviation; // [C] 1 / √(variance + epsilon)
    Tensor *runningMean;     // [C]
    Tensor *runningVariance; // [C]
    float rate = 0.1f;
    float epsilon = 1e-5f;
};

struct BatchNormGradient
{
    static constexpr Split split = Split::Rows;
    std::int64_t channels;
    const Tensor *input;
    const Tensor *mean;
    const Tensor *inverseDeviation;
    const Tensor *outputGradient;
    const Tensor *mask;    // of the input gradient, or null
    Tensor *inputGradient; // null where nothing before has parameters
    Parameter *gamma;      // gradients as in LinearWeights
    Parameter *beta;
    UpdateRule rule;
};

/// With the running values, for predictions.
struct BatchNormFixed
{
    static constexpr Split split = Split::Samples;
    std::int64_t channels;
    const Tensor *gamma;
    const Tensor *beta;
    const Tensor *runningMean;
    const Tensor *runningVariance;
    const Tensor *input;
    Tensor *output;
    float epsilon = 1e-5f;
};

/// output = one + other; output may be either.
struct Add
{
    static constexpr Split split = Split::Samples;
    const Tensor *one;
    const Tensor *other;
    Tensor *output;
};

/// Loss of each sample and the gradient of their mean; targets are 1 − smoothing for the label plus smoothing / classes for
/// each class. NaN logits give NaN losses. Labels are those of the step's samples.
struct SoftmaxCrossEntropy
{
    static constexpr Split split = Split::Samples;
    const Samples *samples;
    const Tensor *logits; // [classes, N]
    Tensor *losses;       // [1, N]
    Tensor *gradient;     // [classes, N]; zero beyond N
    float smoothing = 0;
};

/// What the network says of each sample. The first of equal logits wins.
struct SoftmaxPrediction
{
    static constexpr Split split = Split::Samples;
    const Samples *samples;
    const Tensor *logits;  // [classes, N]
    Tensor *losses;        // [1, N] without smoothing
    Tensor *probabilities; // [classes, N]
};

/// Sums the gradients of all ranks, divided by their number, into each rank's own.
struct AllReduce
{
    static constexpr Split split = Split::Whole;
    std::vector<Parameter *> parameters;
    Communicator *communicator;
};

/// Scales all gradients by limit / norm where their common norm is larger than the limit.
struct ClipNorm
{
    static constexpr Split split = Split::Whole;
    std::vector<Parameter *> parameters;
    float limit;
};

/// Applies the rule to stored gradients.
struct Update
{
    static constexpr Split split = Split::Rows;
    Parameter *parameter;
    UpdateRule rule;
};

} // namespace ops

using Op = std::variant<ops::Gather, ops::LinearForward, ops::LinearInputGradient, ops::LinearWeights, ops::ConvForward,
                        ops::ConvInputGradient, ops::ConvWeights, ops::MaxPool, ops::MaxPoolGradient, ops::AveragePool,
                        ops::AveragePoolGradient, ops::Activate, ops::ActivateGradient, ops::Dropout, ops::BatchNorm,
                        ops::BatchNormGradient, ops::BatchNormFixed, ops::Add, ops::SoftmaxCrossEntropy,
                        ops::SoftmaxPrediction, ops::AllReduce, ops::ClipNorm, ops::Update>;

/// One step, in order.
using Program = std::vector<Op>;

[[nodiscard]] Split splitOf(const Op &op);
[[nodiscard]] const char *nameOf(const Op &op); // "ConvForward"

/// The shape checks that every backend makes when it compiles. Throws std::invalid_argument with the operation named.
void check(const Op &op);

} // namespace bottega::engine
