// SPDX-License-Identifier: Apache-2.0
// Batch norm: one block per channel, whose values [positions, N] lie side by side. Activations [C·positions, N], the rest [C].
#include "core/engine/backend/cuda/blocksum.h"
#include "core/engine/backend/cuda/launchers.h"
#include "core/engine/backend/cuda/parameterview.h"

#include <cmath>

namespace bottega::engine::cuda {

namespace {

constexpr int normThreads = 256;

// Kernels

struct Forward
{
    static constexpr int threads = normThreads;
    struct Shared
    {
        BlockSum<float, threads> values, squares;
    };
    using Registers = Nothing;

    std::int64_t count; // values of a channel
    const float *gamma, *beta, *input;
    float *output, *mean, *inverseDeviation, *runningMean, *runningVariance;
    float rate, epsilon;

    [[nodiscard]] BOTTEGA_HOST_DEVICE int phases() const { return 5; }
    BOTTEGA_HOST_DEVICE void phase(int number, const Place &place, Shared &shared, Registers &) const
    {
        switch (number) {
        case 0: return shared.values.put(place.thread, partOfSum(place));
        case 1: return shared.values.fold(place.thread);
        case 2: return shared.squares.put(place.thread, partOfSquares(place, shared.values.total() / length()));
        case 3: return shared.squares.fold(place.thread);
        default: return normalise(place, shared.values.total() / length(), shared.squares.total());
        }
    }

private:
    [[nodiscard]] BOTTEGA_HOST_DEVICE float length() const { return static_cast<float>(count); }

    BOTTEGA_HOST_DEVICE float partOfSum(const Place &place) const
    {
        float sum = 0;
        for (std::int64_t i = place.thread; i < count; i += threads)
            sum += input[place.x * count + i];
        return sum;
    }

    BOTTEGA_HOST_DEVICE float partOfSquares(const Place &place, float average) const
    {
        float sum = 0;
        for (std::int64_t i = place.thread; i < count; i += threads) {
            const float deviation = input[place.x * count + i] - average;
            sum += deviation * deviation;
        }
        return sum;
    }

    BOTTEGA_HOST_DEVICE void normalise(const Place &place, float average, float squares) const
    {
        const std::int32_t c = place.x;
        const float inverse = 1 / sqrtf(squares / length() + epsilon);
        const float factor = gamma[c] * inverse;
        for (std::int64_t i = place.thread; i < count; i += threads)
            output[c * count + i] = factor * (input[c * count + i] - average) + beta[c];
        if (place.thread != 0)
            return;
        mean[c] = average;
        inverseDeviation[c] = inverse;
        runningMean[c] = (1 - rate) * runningMean[c] + rate * average;
        const float unbiased = squares / (count > 1 ? static_cast<float>(count - 1) : 1.0f);
        runningVariance[c] = (1 - rate) * runningVariance[c] + rate * unbiased;
    }
};

/// dx = gamma · inverse · (dy − Σ dy / M − x̂ · Σ (dy · x̂) / M), with the gamma from before the update: it comes last.
struct Gradient
{
    static constexpr int threads = normThreads;
    struct Shared
    {
        BlockSum<float, threads> gamma, beta;
    };
    using Registers = Nothing;

    std::int64_t count;
    const float *input, *mean, *inverseDeviation, *outputGradient, *mask;
    float *inputGradient;
    ParameterView gamma, beta;

    [[nodiscard]] BOTTEGA_HOST_DEVICE int phases() const { return 4; }
    BOTTEGA_HOST_DEVICE void phase(int number, const Place &place, Shared &shared, Registers &) const
    {
        switch (number) {
        case 0: return putSums(place, shared);
        case 1:
            shared.gamma.fold(place.thread);
            return shared.beta.fold(place.thread);
        case 2: return passOn(place, shared.gamma.total(), shared.beta.total());
        default:
            if (place.thread == 0) {
                gamma.take(place.x, shared.gamma.total());
                beta.take(place.x, shared.beta.total());
            }
        }
    }

private:
    BOTTEGA_HOST_DEVICE float normalised(std::int32_t c, std::int64_t i) const
    {
        return (input[c * count + i] - mean[c]) * inverseDeviation[c];
    }

    BOTTEGA_HOST_DEVICE void putSums(const Place &place, Shared &shared) const
    {
        float ofGamma = 0, ofBeta = 0;
        for (std::int64_t i = place.thread; i < count; i += threads) {
            const float own = outputGradient[place.x * count + i];
            ofGamma += own * normalised(place.x, i);
            ofBeta += own;
        }
        shared.gamma.put(place.thread, ofGamma);
        shared.beta.put(place.thread, ofBeta);
    }

    BOTTEGA_HOST_DEVICE void passOn(const Place &place, float ofGamma, float ofBeta) const
    {
        if (!inputGradient)
            return;
        const std::int32_t c = place.x;
        const auto length = static_cast<float>(count);
        const float factor = gamma.value[c] * inverseDeviation[c];
        for (std::int64_t i = place.thread; i < count; i += threads) {
            const std::int64_t at = c * count + i;
            const float slope = factor * (outputGradient[at] - ofBeta / length - normalised(c, i) * (ofGamma / length));
            inputGradient[at] = mask && mask[at] <= 0 ? 0.0f : slope;
        }
    }
};

struct Fixed
{
    std::int64_t count;
    const float *gamma, *beta, *runningMean, *runningVariance, *input;
    float *output;
    float epsilon;

    BOTTEGA_HOST_DEVICE void operator()(std::int64_t i) const
    {
        const std::int64_t c = i / count;
        output[i] = gamma[c] / sqrtf(runningVariance[c] + epsilon) * (input[i] - runningMean[c]) + beta[c];
    }
};

} // namespace

// Launchers

void launch(const ops::BatchNorm &op, const LaunchContext &context)
{
    const Forward kernel{op.input->count() / op.channels, op.gamma->data(),       op.beta->data(),
                         op.input->data(),                op.output->data(),      op.mean->data(),
                         op.inverseDeviation->data(),     op.runningMean->data(), op.runningVariance->data(),
                         op.rate,                         op.epsilon};
    context.queue.launch(makeLaunch("batchNorm", kernel, Blocks{op.channels}));
}

void launch(const ops::BatchNormGradient &op, const LaunchContext &context)
{
    const Gradient kernel{op.input->count() / op.channels,
                          op.input->data(),
                          op.mean->data(),
                          op.inverseDeviation->data(),
                          op.outputGradient->data(),
                          op.mask ? op.mask->data() : nullptr,
                          op.inputGradient ? op.inputGradient->data() : nullptr,
                          viewOf(*op.gamma, context.steps, context.rule),
                          viewOf(*op.beta, context.steps, context.secondRule)};
    context.queue.launch(makeLaunch("batchNormGradient", kernel, Blocks{op.channels}));
}

void launch(const ops::BatchNormFixed &op, const LaunchContext &context)
{
    const Fixed body{op.input->count() / op.channels, op.gamma->data(),           op.beta->data(),
                     op.runningMean->data(),          op.runningVariance->data(), op.input->data(),
                     op.output->data(),               op.epsilon};
    context.queue.launch(makeLaunch("batchNormFixed", body, op.output->count()));
}

} // namespace bottega::engine::cuda
