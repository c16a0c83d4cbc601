// SPDX-License-Identifier: Apache-2.0
// Max and average pooling. Activations [C, H, W, N]; one thread per output going forward, one per input going back: it asks
// the windows that saw it, so that nothing is added up by two threads.
#include "core/engine/backend/cuda/launchers.h"

#include <cmath>

namespace bottega::engine::cuda {

namespace {

struct PoolShape
{
    explicit PoolShape(const Window &window, std::int64_t samples)
        : channels(window.channels), height(window.height), width(window.width), outHeight(window.outHeight())
        , outWidth(window.outWidth()), kernel(window.kernel), stride(window.stride), padding(window.padding), batch(samples)
    {
    }

    [[nodiscard]] std::int64_t inputs() const { return channels * height * width * batch; }
    [[nodiscard]] std::int64_t outputs() const { return channels * outHeight * outWidth * batch; }
    [[nodiscard]] BOTTEGA_HOST_DEVICE std::int64_t input(std::int64_t c, std::int64_t y, std::int64_t x, std::int64_t n) const
    {
        return ((c * height + y) * width + x) * batch + n;
    }
    [[nodiscard]] BOTTEGA_HOST_DEVICE std::int64_t output(std::int64_t c, std::int64_t y, std::int64_t x, std::int64_t n) const
    {
        return ((c * outHeight + y) * outWidth + x) * batch + n;
    }
    [[nodiscard]] BOTTEGA_HOST_DEVICE std::int64_t origin(std::int64_t out) const { return out * stride - padding; }
    /// First window that sees this row or column; they end at `lastWindow`.
    [[nodiscard]] BOTTEGA_HOST_DEVICE std::int64_t firstWindow(std::int64_t in) const
    {
        const std::int64_t beyond = in + padding - kernel + 1;
        return beyond <= 0 ? 0 : (beyond + stride - 1) / stride;
    }
    [[nodiscard]] BOTTEGA_HOST_DEVICE std::int64_t lastWindow(std::int64_t in, std::int64_t extent) const
    {
        const std::int64_t last = (in + padding) / stride;
        return last < extent ? last : extent - 1;
    }

    std::int64_t channels, height, width, outHeight, outWidth, kernel, stride, padding, batch;
};

struct Position
{
    std::int64_t c, y, x, n;
};

BOTTEGA_HOST_DEVICE Position positionOf(std::int64_t index, std::int64_t height, std::int64_t width, std::int64_t batch)
{
    const std::int64_t place = index / batch, row = place / width;
    return {row / height, row % height, place % width, index % batch};
}

/// The first largest value of a window; a NaN stays one.
struct Largest
{
    float value;
    std::int64_t at;
};

BOTTEGA_HOST_DEVICE Largest largestOf(const PoolShape &shape, const float *input, const Position &out)
{
    Largest largest{-INFINITY, -1};
    for (std::int64_t ky = 0; ky < shape.kernel; ++ky) {
        for (std::int64_t kx = 0; kx < shape.kernel; ++kx) {
            const std::int64_t y = shape.origin(out.y) + ky, x = shape.origin(out.x) + kx;
            if (y < 0 || y >= shape.height || x < 0 || x >= shape.width)
                continue;
            const std::int64_t i = shape.input(out.c, y, x, out.n);
            if (largest.at < 0 || input[i] > largest.value || (input[i] != input[i] && largest.value == largest.value))
                largest = {input[i], i};
        }
    }
    return largest;
}

// Kernels

struct MaxForward
{
    PoolShape shape;
    const float *input;
    float *output;

    BOTTEGA_HOST_DEVICE void operator()(std::int64_t index) const
    {
        output[index] = largestOf(shape, input, positionOf(index, shape.outHeight, shape.outWidth, shape.batch)).value;
    }
};

struct MaxGradient
{
    PoolShape shape;
    const float *input, *outputGradient, *mask;
    float *inputGradient;

    BOTTEGA_HOST_DEVICE void operator()(std::int64_t index) const
    {
        const Position in = positionOf(index, shape.height, shape.width, shape.batch);
        float sum = 0;
        for (std::int64_t y = shape.firstWindow(in.y); y <= shape.lastWindow(in.y, shape.outHeight); ++y) {
            for (std::int64_t x = shape.firstWindow(in.x); x <= shape.lastWindow(in.x, shape.outWidth); ++x) {
                if (largestOf(shape, input, {in.c, y, x, in.n}).at == index)
                    sum += outputGradient[shape.output(in.c, y, x, in.n)];
            }
        }
        inputGradient[index] = mask && mask[index] <= 0 ? 0.0f : sum;
    }
};

struct AverageForward
{
    PoolShape shape;
    const float *input;
    float *output;

    BOTTEGA_HOST_DEVICE void operator()(std::int64_t index) const
    {
        const Position out = positionOf(index, shape.outHeight, shape.outWidth, shape.batch);
        float sum = 0;
        for (std::int64_t ky = 0; ky < shape.kernel; ++ky) {
            for (std::int64_t kx = 0; kx < shape.kernel; ++kx) {
                const std::int64_t y = shape.origin(out.y) + ky, x = shape.origin(out.x) + kx;
                if (y >= 0 && y < shape.height && x >= 0 && x < shape.width)
                    sum += input[shape.input(out.c, y, x, out.n)];
            }
        }
        output[index] = sum / static_cast<float>(shape.kernel * shape.kernel);
    }
};

struct AverageGradient
{
    PoolShape shape;
    const float *outputGradient, *mask;
    float *inputGradient;

    BOTTEGA_HOST_DEVICE void operator()(std::int64_t index) const
    {
        const Position in = positionOf(index, shape.height, shape.width, shape.batch);
        float sum = 0;
        for (std::int64_t y = shape.firstWindow(in.y); y <= shape.lastWindow(in.y, shape.outHeight); ++y)
            for (std::int64_t x = shape.firstWindow(in.x); x <= shape.lastWindow(in.x, shape.outWidth); ++x)
                sum += outputGradient[shape.output(in.c, y, x, in.n)];
        const float mean = sum / static_cast<float>(shape.kernel * shape.kernel);
        inputGradient[index] = mask && mask[index] <= 0 ? 0.0f : mean;
    }
};

} // namespace

// Launchers

void launch(const ops::MaxPool &op, const LaunchContext &context)
{
    const PoolShape shape(op.window, op.input->samples());
    context.queue.launch(makeLaunch("maxPool", MaxForward{shape, op.input->data(), op.output->data()}, shape.outputs()));
}

void launch(const ops::MaxPoolGradient &op, const LaunchContext &context)
{
    const PoolShape shape(op.window, op.input->samples());
    const MaxGradient body{shape, op.input->data(), op.outputGradient->data(), op.mask ? op.mask->data() : nullptr,
                           op.inputGradient->data()};
    context.queue.launch(makeLaunch("maxPoolGradient", body, shape.inputs()));
}

void launch(const ops::AveragePool &op, const LaunchContext &context)
{
    const PoolShape shape(op.window, op.input->samples());
    context.queue.launch(
        makeLaunch("averagePool", AverageForward{shape, op.input->data(), op.output->data()}, shape.outputs()));
}

void launch(const ops::AveragePoolGradient &op, const LaunchContext &context)
{
    const PoolShape shape(op.window, op.inputGradient->samples());
    const AverageGradient body{shape, op.outputGradient->data(), op.mask ? op.mask->data() : nullptr,
                               op.inputGradient->data()};
    context.queue.launch(makeLaunch("averagePoolGradient", body, shape.inputs()));
}

} // namespace bottega::engine::cuda
