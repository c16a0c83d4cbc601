// SPDX-License-Identifier: Apache-2.0
// Softmax, loss and gradient in one pass over the logits [classes, N], one thread per sample; and the end of a step, which
// keeps the mean loss.
#include "core/engine/backend/cuda/blocksum.h"
#include "core/engine/backend/cuda/launchers.h"

#include <cmath>

namespace bottega::engine::cuda {

namespace {

/// Of one sample's logits; taking the maximum off first keeps every exponential finite.
struct Softmax
{
    float maximum;
    float sum; // of exp(logit − maximum)

    BOTTEGA_HOST_DEVICE Softmax(const float *logits, std::int64_t classes, std::int64_t batch, std::int64_t n)
        : maximum(logits[n]), sum(0)
    {
        for (std::int64_t c = 1; c < classes; ++c)
            maximum = logits[c * batch + n] > maximum ? logits[c * batch + n] : maximum;
        for (std::int64_t c = 0; c < classes; ++c)
            sum += expf(logits[c * batch + n] - maximum);
    }
    [[nodiscard]] BOTTEGA_HOST_DEVICE float probability(float logit) const { return expf(logit - maximum) / sum; }
    [[nodiscard]] BOTTEGA_HOST_DEVICE float loss(float logit) const { return logf(sum) + (maximum - logit); }
};

// Kernels

struct CrossEntropy
{
    StepTable steps;
    const std::uint8_t *labels;
    std::int64_t classes, batch;
    float smoothing;
    const float *logits;
    float *losses, *gradient;

    BOTTEGA_HOST_DEVICE void operator()(std::int64_t n) const
    {
        const Softmax softmax(logits, classes, batch, n);
        const std::int64_t label = labels[steps.sample(n)];
        const float everywhere = smoothing / static_cast<float>(classes);
        float loss = 0;
        for (std::int64_t c = 0; c < classes; ++c) {
            const float logit = logits[c * batch + n];
            const float target = (c == label ? 1 - smoothing : 0.0f) + everywhere;
            if (target > 0)
                loss += target * softmax.loss(logit);
            gradient[c * batch + n] = (softmax.probability(logit) - target) / static_cast<float>(batch);
        }
        losses[n] = loss;
    }
};

struct Prediction
{
    StepTable steps;
    const std::uint8_t *labels;
    std::int64_t classes, batch;
    const float *logits;
    float *losses, *probabilities;

    BOTTEGA_HOST_DEVICE void operator()(std::int64_t n) const
    {
        const Softmax softmax(logits, classes, batch, n);
        losses[n] = softmax.loss(logits[std::int64_t{labels[steps.sample(n)]} * batch + n]);
        for (std::int64_t c = 0; c < classes; ++c)
            probabilities[c * batch + n] = softmax.probability(logits[c * batch + n]);
    }
};

/// One block: the mean of losses [N], then on to the next step.
struct StepEnd
{
    static constexpr int threads = 256;
    struct Shared
    {
        BlockSum<double, threads> losses;
    };
    using Registers = Nothing;

    StepTable steps;
    const float *losses; // null: there are none
    std::int64_t batch;

    [[nodiscard]] BOTTEGA_HOST_DEVICE int phases() const { return 3; }
    BOTTEGA_HOST_DEVICE void phase(int number, const Place &place, Shared &shared, Registers &) const
    {
        if (number == 0) {
            double sum = 0;
            for (std::int64_t n = place.thread; losses && n < batch; n += threads)
                sum += losses[n];
            shared.losses.put(place.thread, sum);
        } else if (number == 1) {
            shared.losses.fold(place.thread);
        } else if (place.thread == 0) {
            steps.losses[*steps.current] = static_cast<float>(shared.losses.total() / static_cast<double>(batch));
            ++*steps.current;
        }
    }
};

} // namespace

// Launchers

void launch(const ops::SoftmaxCrossEntropy &op, const LaunchContext &context)
{
    const CrossEntropy body{context.steps,        op.samples->labels.get(), op.logits->features(), op.logits->samples(),
                            op.smoothing,         op.logits->data(),        op.losses->data(),     op.gradient->data()};
    context.queue.launch(makeLaunch("softmaxCrossEntropy", body, op.logits->samples()));
}

void launch(const ops::SoftmaxPrediction &op, const LaunchContext &context)
{
    const Prediction body{context.steps,      op.samples->labels.get(), op.logits->features(),    op.logits->samples(),
                          op.logits->data(),  op.losses->data(),        op.probabilities->data()};
    context.queue.launch(makeLaunch("softmaxPrediction", body, op.logits->samples()));
}

void launchStepEnd(const Tensor *losses, const LaunchContext &context)
{
    const StepEnd kernel{context.steps, losses ? losses->data() : nullptr, losses ? losses->samples() : 1};
    context.queue.launch(makeLaunch("stepEnd", kernel, Blocks{}));
}

} // namespace bottega::engine::cuda
