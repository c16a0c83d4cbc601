// SPDX-License-Identifier: Apache-2.0
// What stands between and around the layers with weights: pictures, pooling, batch norm, softmax.
#include "core/engine/backend/augment.h"
#include "core/engine/backend/cpu/tasks.h"

#include <algorithm>
#include <cmath>

namespace bottega::engine::cpu {

namespace {

constexpr std::int64_t blockSize = Tensor::blockSize;
constexpr float pixelScale = 1.0f / 255.0f;

std::int64_t samplesOf(const Tensor &tensor, std::int64_t b)
{
    return std::min(blockSize, tensor.samples() - b * blockSize);
}

Pooling pooling(const Window &w)
{
    Pooling p = {};
    p.channels = w.channels;
    p.height = w.height;
    p.width = w.width;
    p.kernel = w.kernel;
    p.stride = w.stride;
    p.padding = w.padding;
    p.outHeight = w.outHeight();
    p.outWidth = w.outWidth();
    return p;
}

ChannelNorm channelNorm(const Tensor &input, std::int64_t channels, std::int64_t channel, Tensor *output)
{
    const std::int64_t positions = input.features() / channels;
    const std::int64_t at = channel * positions * blockSize;
    return {input.data() + at, output ? output->data() + at : nullptr, nullptr,   nullptr, input.features() * blockSize,
            input.blocks(),    positions,                              input.samples()};
}

int labelOf(const Samples &samples, const StepInputs &step, std::int64_t n)
{
    return samples.labels.get()[step.indices[static_cast<std::size_t>(n)]];
}

/// One block whose pictures are moved about, picture by picture.
void gatherAugmented(const ops::Gather &op, const StepInputs &step, std::int64_t b)
{
    const Samples &samples = *op.samples;
    for (std::int64_t n = 0; n < samplesOf(*op.input, b); ++n) {
        const std::int64_t place = b * blockSize + n;
        const std::int64_t index = step.indices[static_cast<std::size_t>(place)];
        augment(op.augmentation, op.seed, step.number, step.firstPlace + place, samples.pixels.get() + index * samples.features(),
                samples.channels, samples.height, samples.width, pixelScale, op.input->block(b) + n, blockSize);
    }
}

} // namespace

void TaskMaker::add(const ops::Gather &op)
{
    const Pixels *pixels = pixelsOf(op.input);
    const Pixels target = pixels ? *pixels : Pixels{};
    addSamples(*op.input, [op, target, kernel = m_kernels.gather](const StepInputs &step, std::int64_t b) {
        if (op.augmentation.isActive())
            return gatherAugmented(op, step, b);
        Gather g = {op.samples->pixels.get(), op.samples->features(), step.indices.data() + b * blockSize,
                    samplesOf(*op.input, b), pixelScale, op.input->block(b), nullptr, nullptr, 0};
        if (target.features) {
            g.output = nullptr;
            g.bytes = target.features + b * blockSize * g.features;
            g.rows = target.rows + b * blockSize * target.rowStride;
            g.rowStride = target.rowStride;
        }
        kernel(g);
    });
}

void TaskMaker::add(const ops::MaxPool &op)
{
    addSamples(*op.output, [op, p = pooling(op.window), kernel = m_kernels.maxPool](const StepInputs &, std::int64_t b) {
        Pooling one = p;
        one.input = op.input->block(b);
        one.output = op.output->block(b);
        kernel(one);
    });
}

void TaskMaker::add(const ops::MaxPoolGradient &op)
{
    addSamples(*op.output, [op, p = pooling(op.window), kernel = m_kernels.maxPoolGradient](const StepInputs &, std::int64_t b) {
        Pooling one = p;
        one.input = op.input->block(b);
        one.output = const_cast<float *>(op.output->block(b)); // only read here
        one.outputGradient = op.outputGradient->block(b);
        one.mask = op.mask ? op.mask->block(b) : nullptr;
        one.inputGradient = op.inputGradient->block(b);
        kernel(one);
    });
}

void TaskMaker::add(const ops::AveragePool &op)
{
    addSamples(*op.output, [op, p = pooling(op.window), kernel = m_kernels.averagePool](const StepInputs &, std::int64_t b) {
        Pooling one = p;
        one.input = op.input->block(b);
        one.output = op.output->block(b);
        kernel(one);
    });
}

void TaskMaker::add(const ops::AveragePoolGradient &op)
{
    addSamples(*op.inputGradient,
               [op, p = pooling(op.window), kernel = m_kernels.averagePoolGradient](const StepInputs &, std::int64_t b) {
                   Pooling one = p;
                   one.outputGradient = op.outputGradient->block(b);
                   one.mask = op.mask ? op.mask->block(b) : nullptr;
                   one.inputGradient = op.inputGradient->block(b);
                   kernel(one);
               });
}

void TaskMaker::add(const ops::BatchNorm &op)
{
    addRows(op.channels, [op, &kernels = m_kernels](const StepInputs &, std::int64_t begin, std::int64_t end) {
        for (std::int64_t c = begin; c < end; ++c) {
            const ChannelNorm norm = channelNorm(*op.input, op.channels, c, op.output);
            float mean = 0, variance = 0;
            kernels.channelMoments(norm, mean, variance);
            const float inverse = 1 / std::sqrt(variance + op.epsilon);
            const float factor = op.gamma->data()[c] * inverse;
            kernels.channelScale(norm, mean, factor, op.beta->data()[c]);
            const auto count = static_cast<float>(norm.samples * norm.positions);
            const float unbiased = count > 1 ? variance * count / (count - 1) : variance;
            const auto move = [&](Tensor &running, float value) {
                running.data()[c] = (1 - op.rate) * running.data()[c] + op.rate * value;
            };
            op.mean->data()[c] = mean;
            op.inverseDeviation->data()[c] = inverse;
            move(*op.runningMean, mean);
            move(*op.runningVariance, unbiased);
        }
    });
}

void TaskMaker::add(const ops::BatchNormGradient &op)
{
    addRows(op.channels, [op, &kernels = m_kernels](const StepInputs &step, std::int64_t begin, std::int64_t end) {
        const UpdateScalars scalars = updateScalars(op.rule, step.number, step.learningRate, op.gamma->decays);
        for (std::int64_t c = begin; c < end; ++c) {
            ChannelNorm norm = channelNorm(*op.input, op.channels, c, op.inputGradient);
            const std::int64_t at = norm.input - op.input->data();
            norm.outputGradient = op.outputGradient->data() + at;
            norm.mask = op.mask ? op.mask->data() + at : nullptr;
            const float mean = op.mean->data()[c], inverse = op.inverseDeviation->data()[c];
            float gradientSum = 0, productSum = 0;
            kernels.channelGradientSums(norm, mean, inverse, gradientSum, productSum);
            const auto count = static_cast<float>(norm.samples * norm.positions);
            if (op.inputGradient)
                kernels.channelGradient(norm, mean, inverse, gradientSum / count, productSum / count,
                                        op.gamma->value.data()[c] * inverse);
            deliverValue(*op.gamma, c, productSum, scalars);
            deliverValue(*op.beta, c, gradientSum, scalars);
        }
    });
}

void TaskMaker::add(const ops::BatchNormFixed &op)
{
    addSamples(*op.output, [op, kernel = m_kernels.channelScale](const StepInputs &, std::int64_t b) {
        for (std::int64_t c = 0; c < op.channels; ++c) {
            ChannelNorm norm = channelNorm(*op.input, op.channels, c, op.output);
            norm.input += b * norm.blockStride;
            norm.output += b * norm.blockStride;
            norm.blocks = 1;
            const float factor = op.gamma->data()[c] / std::sqrt(op.runningVariance->data()[c] + op.epsilon);
            kernel(norm, op.runningMean->data()[c], factor, op.beta->data()[c]);
        }
    });
}

void TaskMaker::add(const ops::SoftmaxCrossEntropy &op)
{
    addSamples(*op.logits, [op, kernel = m_kernels.softmax](const StepInputs &step, std::int64_t b) {
        alignas(64) float maxima[blockSize], sums[blockSize];
        const std::int64_t classes = op.logits->features();
        const float mean = 1.0f / static_cast<float>(op.logits->samples());
        const float *logits = op.logits->block(b);
        float *gradient = op.gradient->block(b);
        kernel({logits, classes, maxima, sums, gradient, mean});
        const std::int64_t present = samplesOf(*op.logits, b);
        for (std::int64_t n = 0; n < present; ++n) {
            const int label = labelOf(*op.samples, step, b * blockSize + n);
            float target = logits[label * blockSize + n];
            gradient[label * blockSize + n] -= mean * (1 - op.smoothing);
            for (std::int64_t c = 0; op.smoothing > 0 && c < classes; ++c) {
                target += op.smoothing * (logits[c * blockSize + n] / static_cast<float>(classes)) -
                          (c == label ? op.smoothing * logits[c * blockSize + n] : 0);
                gradient[c * blockSize + n] -= mean * op.smoothing / static_cast<float>(classes);
            }
            op.losses->block(b)[n] = std::log(sums[n]) + (maxima[n] - target);
        }
        for (std::int64_t n = present; n < blockSize; ++n) {
            for (std::int64_t c = 0; c < classes; ++c)
                gradient[c * blockSize + n] = 0;
        }
    });
}

void TaskMaker::add(const ops::SoftmaxPrediction &op)
{
    addSamples(*op.logits, [op, kernel = m_kernels.softmax](const StepInputs &step, std::int64_t b) {
        alignas(64) float maxima[blockSize], sums[blockSize];
        const float *logits = op.logits->block(b);
        kernel({logits, op.logits->features(), maxima, sums, op.probabilities->block(b), 1});
        for (std::int64_t n = 0; n < samplesOf(*op.logits, b); ++n) {
            const int label = labelOf(*op.samples, step, b * blockSize + n);
            op.losses->block(b)[n] = std::log(sums[n]) + (maxima[n] - logits[label * blockSize + n]);
        }
    });
}

} // namespace bottega::engine::cpu
