// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/reference/referencebackend.h"

#include <algorithm>
#include <cmath>

namespace bottega::engine {

namespace {

/// Written so that NaN passes through.
float activated(double value, Activation activation)
{
    return static_cast<float>(activation == Activation::Relu && value < 0 ? 0 : value);
}

struct Softmax
{
    double maximum = 0;
    double sum = 0; // of exp(logit − maximum)
    std::int64_t first = 0; // class of the maximum

    Softmax(const Tensor &logits, std::int64_t n) : maximum(logits.row(0)[n])
    {
        for (std::int64_t c = 1; c < logits.rows(); ++c) {
            if (logits.row(c)[n] > maximum) {
                maximum = logits.row(c)[n];
                first = c;
            }
        }
        for (std::int64_t c = 0; c < logits.rows(); ++c)
            sum += std::exp(logits.row(c)[n] - maximum);
    }
    [[nodiscard]] double probability(double logit) const { return std::exp(logit - maximum) / sum; }
    [[nodiscard]] double loss(double logit) const { return std::log(sum) + maximum - logit; }
};

int labelOf(const Batch &batch, std::int64_t n)
{
    return batch.samples.labels.get()[batch.indices[static_cast<std::size_t>(n)]];
}

} // namespace

void ReferenceBackend::gather(const Batch &batch, float scale, Tensor &input)
{
    check(batch, input);
    for (std::int64_t n = 0; n < input.columns(); ++n) {
        const std::int64_t index = batch.indices[static_cast<std::size_t>(n)];
        const std::uint8_t *pixels = batch.samples.pixels.get() + index * batch.samples.features;
        for (std::int64_t i = 0; i < input.rows(); ++i)
            input.row(i)[n] = static_cast<float>(pixels[i]) * scale;
    }
}

void ReferenceBackend::linearForward(const LinearForward &op)
{
    check(op);
    for (std::int64_t o = 0; o < op.output.rows(); ++o) {
        for (std::int64_t n = 0; n < op.output.columns(); ++n) {
            double sum = op.bias.row(0)[o];
            for (std::int64_t i = 0; i < op.input.rows(); ++i)
                sum += double(op.weights.row(o)[i]) * double(op.input.row(i)[n]);
            op.output.row(o)[n] = activated(sum, op.activation);
        }
    }
}

void ReferenceBackend::linearInputGradient(const LinearInputGradient &op)
{
    check(op);
    for (std::int64_t i = 0; i < op.inputGradient.rows(); ++i) {
        for (std::int64_t n = 0; n < op.inputGradient.columns(); ++n) {
            double sum = 0;
            for (std::int64_t o = 0; o < op.outputGradient.rows(); ++o)
                sum += double(op.weights.row(o)[i]) * double(op.outputGradient.row(o)[n]);
            const bool isCut = op.reluOutput && !(op.reluOutput->row(i)[n] > 0);
            op.inputGradient.row(i)[n] = isCut ? 0 : static_cast<float>(sum);
        }
    }
}

void ReferenceBackend::linearWeightGradient(const LinearWeightGradient &op)
{
    check(op);
    for (std::int64_t o = 0; o < op.outputGradient.rows(); ++o) {
        double biasSum = 0;
        for (std::int64_t n = 0; n < op.input.columns(); ++n)
            biasSum += op.outputGradient.row(o)[n];
        op.biasGradient.row(0)[o] = static_cast<float>(biasSum);
        for (std::int64_t i = 0; i < op.input.rows(); ++i) {
            double sum = 0;
            for (std::int64_t n = 0; n < op.input.columns(); ++n)
                sum += double(op.outputGradient.row(o)[n]) * double(op.input.row(i)[n]);
            op.weightGradient.row(o)[i] = static_cast<float>(sum);
        }
    }
}

void ReferenceBackend::linearMomentumStep(const LinearMomentumStep &op)
{
    check(op);
    Tensor weightGradient = allocate(op.weights.shape());
    Tensor biasGradient = allocate(op.bias.shape());
    linearWeightGradient({op.input, op.outputGradient, weightGradient, biasGradient});
    momentumStep(weightGradient, op.rule, op.weights, op.weightVelocity);
    momentumStep(biasGradient, op.rule, op.bias, op.biasVelocity);
}

void ReferenceBackend::momentumStep(const Tensor &gradient, const MomentumRule &rule, Tensor &weights, Tensor &velocity)
{
    checkSameShape("momentumStep", gradient, weights);
    checkSameShape("momentumStep", velocity, weights);
    for (std::int64_t r = 0; r < weights.rows(); ++r) {
        for (std::int64_t c = 0; c < weights.columns(); ++c) {
            float &v = velocity.row(r)[c];
            v = rule.momentum * v - rule.learningRate * gradient.row(r)[c];
            weights.row(r)[c] += v;
        }
    }
}

void ReferenceBackend::softmaxCrossEntropy(const SoftmaxCrossEntropy &op)
{
    check(op);
    const double mean = 1.0 / static_cast<double>(op.logits.columns());
    for (std::int64_t n = 0; n < op.logits.columns(); ++n) {
        const Softmax softmax(op.logits, n);
        const int label = labelOf(op.batch, n);
        op.losses.row(0)[n] = static_cast<float>(softmax.loss(op.logits.row(label)[n]));
        for (std::int64_t c = 0; c < op.logits.rows(); ++c) {
            const double target = c == label ? 1 : 0;
            op.gradient.row(c)[n] = static_cast<float>((softmax.probability(op.logits.row(c)[n]) - target) * mean);
        }
    }
}

void ReferenceBackend::softmaxPrediction(const SoftmaxPrediction &op)
{
    check(op);
    for (std::int64_t n = 0; n < op.logits.columns(); ++n) {
        const Softmax softmax(op.logits, n);
        op.losses.row(0)[n] = static_cast<float>(softmax.loss(op.logits.row(labelOf(op.batch, n))[n]));
        op.classes.row(0)[n] = static_cast<float>(softmax.first);
        op.confidences.row(0)[n] = static_cast<float>(softmax.probability(softmax.maximum));
    }
}

} // namespace bottega::engine
