// SPDX-License-Identifier: Apache-2.0
// Linear layers and convolutions: one kernel for both, a linear layer being a row of values under a kernel just as wide.
#include "core/engine/backend/cpu/tasks.h"

#include <algorithm>

namespace bottega::engine::cpu {

namespace {

constexpr float pixelScale = 1.0f / 255.0f;

const float *blockOrNull(const Tensor *tensor, std::int64_t b)
{
    return tensor ? tensor->block(b) : nullptr;
}

/// A convolution without weights, input and output: the walk of a kernel over pictures.
Convolution walk(std::int64_t rows, std::int64_t planes, const Window &window)
{
    Convolution c = {};
    c.rows = rows;
    c.planes = planes;
    c.height = window.height;
    c.width = window.width;
    c.kernelHeight = c.kernelWidth = window.kernel;
    c.outHeight = window.outHeight();
    c.outWidth = window.outWidth();
    c.stride = window.stride;
    c.paddingY = c.paddingX = window.padding;
    c.inputScale = 1;
    return c;
}

/// The one place of a kernel that covers its whole input, a row of `values`.
Convolution span(std::int64_t rows, std::int64_t values)
{
    Convolution c = {};
    c.rows = rows;
    c.planes = c.height = c.kernelHeight = c.outHeight = c.outWidth = c.stride = 1;
    c.width = c.kernelWidth = values;
    c.inputScale = 1;
    return c;
}

/// Values of each [height, width] plane of `from` go to every `step`-th place of the larger planes of `to`, from `margin` on.
void spread(const Tensor &from, Tensor &to, std::int64_t b, const Shape &fromSize, const Shape &toSize, std::int64_t step,
            std::int64_t margin)
{
    constexpr std::int64_t n = Tensor::blockSize;
    for (std::int64_t c = 0; c < from.features() / (fromSize[0] * fromSize[1]); ++c) {
        for (std::int64_t y = 0; y < fromSize[0]; ++y) {
            const float *source = from.block(b) + (c * fromSize[0] + y) * fromSize[1] * n;
            float *target = to.block(b) + ((c * toSize[0] + y * step + margin) * toSize[1] + margin) * n;
            for (std::int64_t x = 0; x < fromSize[1]; ++x)
                std::copy_n(source + x * n, n, target + x * step * n);
        }
    }
}

void deliverBias(const Kernels &kernels, const Tensor &gradient, std::int64_t channels, Parameter &bias,
                 const UpdateScalars &scalars, std::int64_t begin, std::int64_t end)
{
    const std::int64_t count = gradient.features() / channels * Tensor::blockSize;
    for (std::int64_t o = begin; o < end; ++o) {
        float sum = 0;
        for (std::int64_t b = 0; b < gradient.blocks(); ++b)
            sum += kernels.sum(gradient.block(b) + o * count, count);
        deliverValue(bias, o, sum, scalars);
    }
}

} // namespace

void TaskMaker::add(const ops::LinearForward &op)
{
    Convolution c = span(op.output->features(), op.input->features());
    c.weights = op.weights->data();
    c.weightRow = op.weights->stride();
    c.weightX = 1;
    c.bias = op.bias->data();
    c.isRelu = op.activation == Activation::Relu;
    const std::uint8_t *pixels = nullptr;
    if (const Pixels *found = pixelsOf(op.input)) {
        pixels = found->features;
        c.inputScale = pixelScale;
    }
    addSamples(*op.output, [op, c, pixels, kernel = m_kernels.convolve](const StepInputs &, std::int64_t b) {
        Convolution one = c;
        one.input = op.input->block(b);
        one.bytes = pixels ? pixels + b * Tensor::blockSize * op.input->features() : nullptr;
        one.output = op.output->block(b);
        kernel(one);
    });
}

void TaskMaker::add(const ops::LinearInputGradient &op)
{
    Convolution c = span(op.inputGradient->features(), op.outputGradient->features());
    c.weights = op.weights->data();
    c.weightRow = 1;
    c.weightX = op.weights->stride();
    addSamples(*op.inputGradient, [op, c, kernel = m_kernels.convolve](const StepInputs &, std::int64_t b) {
        Convolution one = c;
        one.input = op.outputGradient->block(b);
        one.output = op.inputGradient->block(b);
        one.mask = blockOrNull(op.mask, b);
        kernel(one);
    });
}

void TaskMaker::prepare(const ops::LinearWeights &op)
{
    if (m_transposed.contains(op.input) || pixelsOf(op.input))
        return;
    Tensor *transposed =
        &m_scratch.emplace_back(hostTensor({op.input->blocks() * Tensor::blockSize, op.input->features()}));
    m_transposed[op.input] = transposed;
    addSamples(*op.input, [op, transposed, kernel = m_kernels.transpose](const StepInputs &, std::int64_t b) {
        kernel(op.input->block(b), op.input->features(), transposed->row(b * Tensor::blockSize), transposed->stride());
    });
}

void TaskMaker::add(const ops::LinearWeights &op)
{
    const Tensor &gradient = *op.outputGradient;
    OuterProduct product = {gradient.data(), gradient.features() * Tensor::blockSize, gradient.blocks(), nullptr, nullptr,
                            1, 0, 0, 0, op.weights->value.stride()};
    if (const Pixels *pixels = pixelsOf(op.input)) {
        product.bytes = pixels->rows;
        product.inputStride = pixels->rowStride;
        product.inputScale = pixelScale;
    } else {
        product.input = m_transposed.at(op.input)->data();
        product.inputStride = m_transposed.at(op.input)->stride();
    }
    addRows(op.weights->value.rows(),
            [op, product, &kernels = m_kernels](const StepInputs &step, std::int64_t begin, std::int64_t end) {
                OuterProduct part = product;
                part.firstRow = begin;
                part.rows = end - begin;
                kernels.outerProduct(part, targetOf(*op.weights, op.rule, step));
                deliverBias(kernels, *op.outputGradient, op.outputGradient->features(), *op.bias,
                            updateScalars(op.rule, step.number, step.learningRate, op.bias->decays), begin, end);
            });
}

void TaskMaker::add(const ops::ConvForward &op)
{
    const std::int64_t kernelArea = op.window.kernel * op.window.kernel;
    Convolution c = walk(op.weights->rows(), op.window.channels, op.window);
    c.weights = op.weights->data();
    c.weightRow = op.weights->stride();
    c.weightPlane = kernelArea;
    c.weightY = op.window.kernel;
    c.weightX = 1;
    c.bias = op.bias->data();
    c.isRelu = op.activation == Activation::Relu;
    addSamples(*op.output, [op, c, kernel = m_kernels.convolve](const StepInputs &, std::int64_t b) {
        Convolution one = c;
        one.input = op.input->block(b);
        one.output = op.output->block(b);
        kernel(one);
    });
}

/// The kernel turned by half a circle walks over the output's gradient; stride spreads that out with zeros between.
void TaskMaker::add(const ops::ConvInputGradient &op)
{
    const Window &w = op.window;
    const std::int64_t channels = op.weights->rows();
    const Shape size = {w.outHeight(), w.outWidth()};
    const Shape spreadSize = {(size[0] - 1) * w.stride + 1, (size[1] - 1) * w.stride + 1};
    const Tensor *gradient = op.outputGradient;
    if (w.stride > 1) {
        Tensor *wide = &m_scratch.emplace_back(
            hostTensor({channels, spreadSize[0], spreadSize[1], gradient->samples()}, Layout::Samples));
        addSamples(*gradient, [gradient, wide, size, spreadSize, stride = w.stride](const StepInputs &, std::int64_t b) {
            spread(*gradient, *wide, b, size, spreadSize, stride, 0);
        });
        gradient = wide;
    }
    Convolution c = walk(w.channels, channels, {channels, spreadSize[0], spreadSize[1], w.kernel, 1, w.kernel - 1 - w.padding});
    c.outHeight = w.height;
    c.outWidth = w.width;
    c.weights = op.weights->data() + w.kernel * w.kernel - 1;
    c.weightRow = w.kernel * w.kernel;
    c.weightPlane = op.weights->stride();
    c.weightY = -w.kernel;
    c.weightX = -1;
    addSamples(*op.inputGradient, [op, c, gradient, kernel = m_kernels.convolve](const StepInputs &, std::int64_t b) {
        Convolution one = c;
        one.input = gradient->block(b);
        one.output = op.inputGradient->block(b);
        one.mask = blockOrNull(op.mask, b);
        kernel(one);
    });
}

void TaskMaker::prepare(const ops::ConvWeights &op)
{
    const Window &w = op.window;
    if (w.padding == 0 || m_padded.contains(op.input))
        return;
    const Shape size = {w.height, w.width}, padded = {w.height + 2 * w.padding, w.width + 2 * w.padding};
    Tensor *wide = &m_scratch.emplace_back(
        hostTensor({w.channels, padded[0], padded[1], op.input->samples()}, Layout::Samples));
    m_padded[op.input] = wide;
    addSamples(*op.input, [op, wide, size, padded, margin = w.padding](const StepInputs &, std::int64_t b) {
        spread(*op.input, *wide, b, size, padded, 1, margin);
    });
}

void TaskMaker::add(const ops::ConvWeights &op)
{
    const Window &w = op.window;
    const Tensor *input = w.padding > 0 ? m_padded.at(op.input) : op.input;
    addRows(op.weights->value.rows(),
            [op, input, w, &kernels = m_kernels](const StepInputs &step, std::int64_t begin, std::int64_t end) {
                const Tensor &gradient = *op.outputGradient;
                kernels.correlate({gradient.data(), gradient.features() * Tensor::blockSize, input->data(),
                                   input->features() * Tensor::blockSize, gradient.blocks(), begin, end - begin,
                                   w.channels, w.height + 2 * w.padding, w.width + 2 * w.padding, w.kernel, w.stride,
                                   w.outHeight(), w.outWidth()},
                                  targetOf(*op.weights, op.rule, step));
                deliverBias(kernels, gradient, op.weights->value.rows(), *op.bias,
                            updateScalars(op.rule, step.number, step.learningRate, op.bias->decays), begin, end);
            });
}

} // namespace bottega::engine::cpu
