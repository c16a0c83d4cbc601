// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/tensor.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace bottega::engine {

enum class Activation {
    None,
    Relu,
};

/// output = activation(weights · input + bias)
struct LinearForward
{
    const Tensor &weights; // [out, in]
    const Tensor &bias;    // [out]
    const Tensor &input;   // [in, N]
    Tensor &output;        // [out, N]
    Activation activation = Activation::None;
};

/// inputGradient = weightsᵀ · outputGradient, and zero where `input` is, if that came from a ReLU
struct LinearInputGradient
{
    const Tensor &weights;        // [out, in]
    const Tensor &outputGradient; // [out, N]
    const Tensor *reluOutput;     // [in, N], or null
    Tensor &inputGradient;        // [in, N]
};

/// weightGradient = outputGradient · inputᵀ, biasGradient = row sums of outputGradient
struct LinearWeightGradient
{
    const Tensor &input;          // [in, N]
    const Tensor &outputGradient; // [out, N]
    Tensor &weightGradient;       // [out, in]
    Tensor &biasGradient;         // [out]
};

/// v ← momentum · v − learningRate · g, w ← w + v
struct MomentumRule
{
    float learningRate = 0;
    float momentum = 0;
};

/// LinearWeightGradient and the momentum rule in one: the gradient itself is never stored.
struct LinearMomentumStep
{
    const Tensor &input;          // [in, N]
    const Tensor &outputGradient; // [out, N]
    Tensor &weights;              // [out, in]
    Tensor &weightVelocity;       // [out, in]
    Tensor &bias;                 // [out]
    Tensor &biasVelocity;         // [out]
    MomentumRule rule;
};

/// Loss of each sample and the gradient of their mean. NaN logits give NaN losses.
struct SoftmaxCrossEntropy
{
    const Tensor &logits; // [classes, N]
    Batch batch;          // labels
    Tensor &losses;       // [N]
    Tensor &gradient;     // [classes, N]; padding is set to zero
};

/// What the net says of each sample. The first of equal logits wins.
struct SoftmaxPrediction
{
    const Tensor &logits; // [classes, N]
    Batch batch;          // labels
    Tensor &losses;       // [N]
    Tensor &classes;      // [N] the predicted class, as a number
    Tensor &confidences;  // [N] its probability
};

/// The operations that a network is made of, on one device. Activations are feature-major, [features, N]: the batch is
/// the innermost dimension, so that vectors are always full. A training step is: gather, forward, loss and all input
/// gradients (each sample by itself), then all weight steps (each row of weights by itself); an implementation may share
/// each half among workers and stays independent of their number, since no sum is ever split.
/// Wrong shapes throw std::invalid_argument before anything is touched. Not thread safe.
class Backend
{
public:
    virtual ~Backend() = default;

    [[nodiscard]] virtual std::string name() const = 0;        // "cpu:avx512"
    [[nodiscard]] virtual std::string description() const = 0; // for people

    [[nodiscard]] virtual Tensor allocate(Shape shape) = 0; // zero
    /// Dense values in C order, of exactly the tensor's count. Both wait for the device.
    virtual void upload(std::span<const float> values, Tensor &tensor) = 0;
    virtual void download(const Tensor &tensor, std::span<float> values) = 0;
    [[nodiscard]] virtual Samples hold(std::vector<std::uint8_t> pixels, std::vector<std::uint8_t> labels) = 0;

    /// input [features, N] = pixels of the batch · scale; N is input's
    virtual void gather(const Batch &batch, float scale, Tensor &input) = 0;
    virtual void linearForward(const LinearForward &op) = 0;
    virtual void linearInputGradient(const LinearInputGradient &op) = 0;
    virtual void linearWeightGradient(const LinearWeightGradient &op) = 0;
    virtual void linearMomentumStep(const LinearMomentumStep &op) = 0;
    virtual void momentumStep(const Tensor &gradient, const MomentumRule &rule, Tensor &weights, Tensor &velocity) = 0;
    virtual void softmaxCrossEntropy(const SoftmaxCrossEntropy &op) = 0;
    virtual void softmaxPrediction(const SoftmaxPrediction &op) = 0;

protected:
    Backend() = default;
    Backend(const Backend &) = delete;
    Backend &operator=(const Backend &) = delete;
};

/// The shape checks that every implementation makes first. Throw std::invalid_argument.
void check(const Batch &batch, const Tensor &input);
void check(const LinearForward &op);
void check(const LinearInputGradient &op);
void check(const LinearWeightGradient &op);
void check(const LinearMomentumStep &op);
void check(const SoftmaxCrossEntropy &op);
void check(const SoftmaxPrediction &op);
void checkSameShape(const char *operation, const Tensor &one, const Tensor &other);

/// The parts of a backend whose tensors lie in this process' memory.
class HostBackend : public Backend
{
public:
    [[nodiscard]] Tensor allocate(Shape shape) override { return hostTensor(std::move(shape)); }
    void upload(std::span<const float> values, Tensor &tensor) override;
    void download(const Tensor &tensor, std::span<float> values) override;
    [[nodiscard]] Samples hold(std::vector<std::uint8_t> pixels, std::vector<std::uint8_t> labels) override;
};

} // namespace bottega::engine
