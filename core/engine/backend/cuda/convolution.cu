// SPDX-License-Identifier: Apache-2.0
// Convolutions as products whose operands are looked up in the pictures: nothing is unfolded. Weights [out, C, K, K],
// activations [C, H, W, N]; the columns of a product are positions and samples, samples innermost.
#include "core/engine/backend/cuda/divider.h"
#include "core/engine/backend/cuda/launchers.h"
#include "core/engine/backend/cuda/weightgradient.h"

namespace bottega::engine::cuda {

namespace {

std::int32_t narrow(std::int64_t extent)
{
    return static_cast<std::int32_t>(extent); // extents are below 2³¹: checked when the program is compiled
}

/// Extents of a convolution, and what takes its indices apart.
struct ConvShape
{
    explicit ConvShape(const Window &window, std::int64_t outChannels, std::int64_t samples)
        : channels(narrow(window.channels)), height(narrow(window.height)), width(narrow(window.width))
        , out(narrow(outChannels)), outHeight(narrow(window.outHeight())), outWidth(narrow(window.outWidth()))
        , kernel(narrow(window.kernel)), padding(narrow(window.padding)), batch(narrow(samples))
        , byStride(window.stride), byKernel(window.kernel), byTaps(window.kernel * window.kernel), byBatch(samples)
        , byWidth(window.width), byOutWidth(window.outWidth())
    {
    }

    [[nodiscard]] BOTTEGA_HOST_DEVICE std::int64_t input(std::int32_t c, std::int32_t y, std::int32_t x,
                                                         std::int32_t n) const
    {
        return ((std::int64_t{c} * height + y) * width + x) * batch + n;
    }
    /// The input that output (oy, ox) sees through tap (ky, kx); false where that is padding.
    [[nodiscard]] BOTTEGA_HOST_DEVICE bool seen(std::int32_t oy, std::int32_t ox, std::int32_t ky, std::int32_t kx,
                                                std::int32_t &y, std::int32_t &x) const
    {
        y = oy * byStride.divisor + ky - padding;
        x = ox * byStride.divisor + kx - padding;
        return y >= 0 && y < height && x >= 0 && x < width;
    }
    /// Takes (channel, ky, kx) apart.
    BOTTEGA_HOST_DEVICE void tap(std::int32_t k, std::int32_t &channel, std::int32_t &ky, std::int32_t &kx) const
    {
        std::int32_t rest = 0;
        channel = byTaps.divide(k, rest);
        ky = byKernel.divide(rest, kx);
    }

    std::int32_t channels, height, width, out, outHeight, outWidth, kernel, padding, batch;
    Divider byStride, byKernel, byTaps, byBatch, byWidth, byOutWidth;
};

// Kernels

/// rows: out, columns: [H', W', N], depth: [C, K, K]
struct ForwardProblem
{
    static constexpr bool leftRunsAlongDepth = true;
    static constexpr bool rightRunsAlongDepth = false;
    std::int32_t rows, columns, depth, depthEach;
    ConvShape shape;
    const float *weights, *bias, *input;
    float *output;
    bool isRelu;

    BOTTEGA_HOST_DEVICE float left(std::int32_t r, std::int32_t k) const { return weights[std::int64_t{r} * depth + k]; }
    BOTTEGA_HOST_DEVICE float right(std::int32_t k, std::int32_t c) const
    {
        std::int32_t channel, ky, kx, ox, n, y, x;
        shape.tap(k, channel, ky, kx);
        const std::int32_t oy = shape.byOutWidth.divide(shape.byBatch.divide(c, n), ox);
        return shape.seen(oy, ox, ky, kx, y, x) ? input[shape.input(channel, y, x, n)] : 0.0f;
    }
    BOTTEGA_HOST_DEVICE void finish(std::int32_t r, std::int32_t c, std::int32_t, float sum) const
    {
        const float value = sum + bias[r];
        output[std::int64_t{r} * columns + c] = isRelu && value < 0 ? 0.0f : value;
    }
};

/// rows: C, columns: [H, W, N], depth: [out, K, K]
struct InputGradientProblem
{
    static constexpr bool leftRunsAlongDepth = true;
    static constexpr bool rightRunsAlongDepth = false;
    std::int32_t rows, columns, depth, depthEach;
    ConvShape shape;
    const float *weights, *outputGradient, *mask;
    float *inputGradient;

    BOTTEGA_HOST_DEVICE float left(std::int32_t r, std::int32_t k) const
    {
        std::int32_t tap = 0;
        const std::int32_t o = shape.byTaps.divide(k, tap);
        return weights[(std::int64_t{o} * shape.channels + r) * shape.byTaps.divisor + tap];
    }
    BOTTEGA_HOST_DEVICE float right(std::int32_t k, std::int32_t c) const
    {
        std::int32_t o, ky, kx, x, n, restY, restX;
        shape.tap(k, o, ky, kx);
        const std::int32_t y = shape.byWidth.divide(shape.byBatch.divide(c, n), x);
        const std::int32_t fromY = y + shape.padding - ky, fromX = x + shape.padding - kx;
        if (fromY < 0 || fromX < 0)
            return 0;
        const std::int32_t oy = shape.byStride.divide(fromY, restY), ox = shape.byStride.divide(fromX, restX);
        if (restY != 0 || restX != 0 || oy >= shape.outHeight || ox >= shape.outWidth)
            return 0;
        return outputGradient[((std::int64_t{o} * shape.outHeight + oy) * shape.outWidth + ox) * shape.batch + n];
    }
    BOTTEGA_HOST_DEVICE void finish(std::int32_t r, std::int32_t c, std::int32_t, float sum) const
    {
        const std::int64_t i = std::int64_t{r} * columns + c;
        inputGradient[i] = mask && mask[i] <= 0 ? 0.0f : sum;
    }
};

/// rows: out, columns: [C, K, K] and the bias, depth: [H', W', N]
struct WeightsProblem
{
    static constexpr bool leftRunsAlongDepth = true;
    static constexpr bool rightRunsAlongDepth = true;
    std::int32_t rows, columns, depth, depthEach;
    ConvShape shape;
    const float *input, *outputGradient;
    WeightTarget target;

    BOTTEGA_HOST_DEVICE float left(std::int32_t r, std::int32_t k) const
    {
        return outputGradient[std::int64_t{r} * depth + k];
    }
    BOTTEGA_HOST_DEVICE float right(std::int32_t k, std::int32_t c) const
    {
        if (c >= target.columns)
            return 1;
        std::int32_t channel, ky, kx, ox, n, y, x;
        shape.tap(c, channel, ky, kx);
        const std::int32_t oy = shape.byOutWidth.divide(shape.byBatch.divide(k, n), ox);
        return shape.seen(oy, ox, ky, kx, y, x) ? input[shape.input(channel, y, x, n)] : 0.0f;
    }
    BOTTEGA_HOST_DEVICE void finish(std::int32_t r, std::int32_t c, std::int32_t part, float sum) const
    {
        target.finish(r, c, part, sum);
    }
};

std::int64_t depthOf(const ops::ConvWeights &op)
{
    return op.window.outHeight() * op.window.outWidth() * op.input->samples();
}

std::int32_t partsOf(const ops::ConvWeights &op, int multiprocessors)
{
    const Tensor &weights = op.weights->value;
    return depthParts(weights.rows(), weights.columns(), depthOf(op), multiprocessors);
}

} // namespace

// Launchers

void launch(const ops::ConvForward &op, const LaunchContext &context)
{
    const ConvShape shape(op.window, op.weights->rows(), op.input->samples());
    const std::int32_t depth = narrow(op.weights->columns());
    const ForwardProblem problem{shape.out, shape.outHeight * shape.outWidth * shape.batch, depth, depth, shape,
                                 op.weights->data(), op.bias->data(), op.input->data(), op.output->data(),
                                 op.activation == Activation::Relu};
    context.queue.launch(makeProduct("convForward", problem, context.queue.facts().multiprocessors));
}

void launch(const ops::ConvInputGradient &op, const LaunchContext &context)
{
    const ConvShape shape(op.window, op.weights->rows(), op.inputGradient->samples());
    const std::int32_t depth = shape.out * shape.kernel * shape.kernel;
    const InputGradientProblem problem{shape.channels, shape.height * shape.width * shape.batch, depth, depth, shape,
                                       op.weights->data(), op.outputGradient->data(), op.mask ? op.mask->data() : nullptr,
                                       op.inputGradient->data()};
    context.queue.launch(makeProduct("convInputGradient", problem, context.queue.facts().multiprocessors));
}

std::size_t scratchFloats(const ops::ConvWeights &op, int multiprocessors)
{
    const std::int32_t parts = partsOf(op, multiprocessors);
    const Tensor &weights = op.weights->value;
    return parts == 1 ? 0 : static_cast<std::size_t>(parts * weights.rows() * (weights.columns() + 1));
}

void launch(const ops::ConvWeights &op, const LaunchContext &context)
{
    const int multiprocessors = context.queue.facts().multiprocessors;
    const std::int32_t parts = partsOf(op, multiprocessors);
    const ConvShape shape(op.window, op.weights->value.rows(), op.input->samples());
    const std::int32_t columns = narrow(op.weights->value.columns()), depth = narrow(depthOf(op));
    const WeightTarget target{viewOf(*op.weights, context.steps, context.rule),
                              viewOf(*op.bias, context.steps, context.secondRule),
                              parts > 1 ? context.scratch : nullptr, shape.out, columns};
    const WeightsProblem problem{shape.out, columns + 1, depth, depthOfPart(depth, parts), shape, op.input->data(),
                                 op.outputGradient->data(), target};
    const Launch product = makeProduct("convWeights", problem, multiprocessors);
    context.queue.launch(product);
    if (parts > 1)
        context.queue.launch(makeLaunch("convWeightsSum", PartialSums{target, narrow(product.blocks.z)},
                                        std::int64_t{shape.out} * (columns + 1)));
}

} // namespace bottega::engine::cuda
