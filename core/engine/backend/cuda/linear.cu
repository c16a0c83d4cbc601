// SPDX-License-Identifier: Apache-2.0
// Linear layers: forward with bias and ReLU, gradient of the input, gradient of the weights with the optimizer in the
// epilogue. Weights [out, in], activations [features, N].
#include "core/engine/backend/cuda/launchers.h"
#include "core/engine/backend/cuda/weightgradient.h"

namespace bottega::engine::cuda {

namespace {

// Kernels

/// rows: out, columns: N, depth: in
struct ForwardProblem
{
    static constexpr bool leftRunsAlongDepth = true;
    static constexpr bool rightRunsAlongDepth = false;
    std::int32_t rows, columns, depth, depthEach;
    const float *weights, *bias, *input;
    float *output;
    bool isRelu;

    BOTTEGA_HOST_DEVICE float left(std::int32_t r, std::int32_t k) const { return weights[std::int64_t{r} * depth + k]; }
    BOTTEGA_HOST_DEVICE float right(std::int32_t k, std::int32_t c) const { return input[std::int64_t{k} * columns + c]; }
    BOTTEGA_HOST_DEVICE void finish(std::int32_t r, std::int32_t c, std::int32_t, float sum) const
    {
        const float value = sum + bias[r];
        output[std::int64_t{r} * columns + c] = isRelu && value < 0 ? 0.0f : value;
    }
};

/// rows: in, columns: N, depth: out
struct InputGradientProblem
{
    static constexpr bool leftRunsAlongDepth = false;
    static constexpr bool rightRunsAlongDepth = false;
    std::int32_t rows, columns, depth, depthEach;
    const float *weights, *outputGradient, *mask;
    float *inputGradient;

    BOTTEGA_HOST_DEVICE float left(std::int32_t r, std::int32_t k) const { return weights[std::int64_t{k} * rows + r]; }
    BOTTEGA_HOST_DEVICE float right(std::int32_t k, std::int32_t c) const
    {
        return outputGradient[std::int64_t{k} * columns + c];
    }
    BOTTEGA_HOST_DEVICE void finish(std::int32_t r, std::int32_t c, std::int32_t, float sum) const
    {
        const std::int64_t i = std::int64_t{r} * columns + c;
        inputGradient[i] = mask && mask[i] <= 0 ? 0.0f : sum;
    }
};

/// rows: out, columns: in and the bias, depth: N
struct WeightsProblem
{
    static constexpr bool leftRunsAlongDepth = true;
    static constexpr bool rightRunsAlongDepth = true;
    std::int32_t rows, columns, depth, depthEach;
    const float *input, *outputGradient;
    WeightTarget target;

    BOTTEGA_HOST_DEVICE float left(std::int32_t r, std::int32_t k) const
    {
        return outputGradient[std::int64_t{r} * depth + k];
    }
    BOTTEGA_HOST_DEVICE float right(std::int32_t k, std::int32_t c) const
    {
        return c < target.columns ? input[std::int64_t{c} * depth + k] : 1.0f;
    }
    BOTTEGA_HOST_DEVICE void finish(std::int32_t r, std::int32_t c, std::int32_t part, float sum) const
    {
        target.finish(r, c, part, sum);
    }
};

std::int32_t narrow(std::int64_t extent)
{
    return static_cast<std::int32_t>(extent); // extents are below 2³¹: checked when the program is compiled
}

std::int32_t partsOf(const ops::LinearWeights &op, int multiprocessors)
{
    const Tensor &weights = op.weights->value;
    return depthParts(weights.rows(), weights.columns(), op.input->samples(), multiprocessors);
}

} // namespace

// Launchers

void launch(const ops::LinearForward &op, const LaunchContext &context)
{
    const std::int32_t in = narrow(op.weights->columns());
    const ForwardProblem problem{narrow(op.weights->rows()), narrow(op.input->samples()), in, in, op.weights->data(),
                                 op.bias->data(), op.input->data(), op.output->data(),
                                 op.activation == Activation::Relu};
    context.queue.launch(makeProduct("linearForward", problem, context.queue.facts().multiprocessors));
}

void launch(const ops::LinearInputGradient &op, const LaunchContext &context)
{
    const std::int32_t out = narrow(op.weights->rows());
    const InputGradientProblem problem{narrow(op.weights->columns()), narrow(op.inputGradient->samples()), out, out,
                                       op.weights->data(), op.outputGradient->data(), op.mask ? op.mask->data() : nullptr,
                                       op.inputGradient->data()};
    context.queue.launch(makeProduct("linearInputGradient", problem, context.queue.facts().multiprocessors));
}

std::size_t scratchFloats(const ops::LinearWeights &op, int multiprocessors)
{
    const std::int32_t parts = partsOf(op, multiprocessors);
    const Tensor &weights = op.weights->value;
    return parts == 1 ? 0 : static_cast<std::size_t>(parts * weights.rows() * (weights.columns() + 1));
}

void launch(const ops::LinearWeights &op, const LaunchContext &context)
{
    const int multiprocessors = context.queue.facts().multiprocessors;
    const std::int32_t parts = partsOf(op, multiprocessors);
    const std::int32_t out = narrow(op.weights->value.rows()), in = narrow(op.weights->value.columns());
    const std::int32_t batch = narrow(op.input->samples());
    const WeightTarget target{viewOf(*op.weights, context.steps, context.rule),
                              viewOf(*op.bias, context.steps, context.secondRule),
                              parts > 1 ? context.scratch : nullptr, out, in};
    const WeightsProblem problem{out, in + 1, batch, depthOfPart(batch, parts), op.input->data(),
                                 op.outputGradient->data(), target};
    const Launch product = makeProduct("linearWeights", problem, multiprocessors);
    context.queue.launch(product);
    if (parts > 1)
        context.queue.launch(makeLaunch("linearWeightsSum", PartialSums{target, narrow(product.blocks.z)},
                                        std::int64_t{out} * (in + 1)));
}

} // namespace bottega::engine::cuda
