// SPDX-License-Identifier: Apache-2.0
// Activations that no product could take along, and sums of two branches. Any shapes [features, N]; one thread per value, so
// that results may overwrite operands.
#include "core/engine/backend/cuda/launchers.h"

#include <cmath>

namespace bottega::engine::cuda {

namespace {

BOTTEGA_HOST_DEVICE float normalDistribution(float x)
{
    return 0.5f * erfcf(-x * 0.70710678f); // not 1 + erf: what is left of small probabilities would be lost
}

BOTTEGA_HOST_DEVICE float activated(Activation activation, float x)
{
    switch (activation) {
    case Activation::Relu: return x < 0 ? 0.0f : x; // NaN stays
    case Activation::Gelu: return x * normalDistribution(x);
    case Activation::Tanh: return tanhf(x);
    case Activation::None: break;
    }
    return x;
}

/// Gelu looks at the input, the others at the output.
BOTTEGA_HOST_DEVICE float slope(Activation activation, const float *input, const float *output, std::int64_t i)
{
    switch (activation) {
    case Activation::Relu: return output[i] <= 0 ? 0.0f : 1.0f;
    case Activation::Gelu: return normalDistribution(input[i]) + input[i] * 0.39894228f * expf(-0.5f * input[i] * input[i]);
    case Activation::Tanh: return 1 - output[i] * output[i];
    case Activation::None: break;
    }
    return 1;
}

// Kernels

struct Forward
{
    Activation activation;
    const float *input;
    float *output;

    BOTTEGA_HOST_DEVICE void operator()(std::int64_t i) const { output[i] = activated(activation, input[i]); }
};

struct Gradient
{
    Activation activation;
    const float *input, *output, *outputGradient;
    float *inputGradient;

    BOTTEGA_HOST_DEVICE void operator()(std::int64_t i) const
    {
        inputGradient[i] = outputGradient[i] * slope(activation, input, output, i);
    }
};

struct Sum
{
    const float *one, *other;
    float *output;

    BOTTEGA_HOST_DEVICE void operator()(std::int64_t i) const { output[i] = one[i] + other[i]; }
};

const float *dataOf(const Tensor *tensor)
{
    return tensor ? tensor->data() : nullptr;
}

} // namespace

// Launchers

void launch(const ops::Activate &op, const LaunchContext &context)
{
    context.queue.launch(
        makeLaunch("activate", Forward{op.activation, op.input->data(), op.output->data()}, op.output->count()));
}

void launch(const ops::ActivateGradient &op, const LaunchContext &context)
{
    const Gradient body{op.activation, dataOf(op.input), dataOf(op.output), op.outputGradient->data(),
                        op.inputGradient->data()};
    context.queue.launch(makeLaunch("activateGradient", body, op.inputGradient->count()));
}

void launch(const ops::Add &op, const LaunchContext &context)
{
    context.queue.launch(
        makeLaunch("add", Sum{op.one->data(), op.other->data(), op.output->data()}, op.output->count()));
}

} // namespace bottega::engine::cuda
