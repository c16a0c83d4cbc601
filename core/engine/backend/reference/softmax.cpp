// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/reference/operations.h"

#include <cmath>
#include <stdexcept>

namespace bottega::engine::reference {

namespace {

/// Of the logits [classes] of sample n. Taking the maximum off first keeps every exponential finite.
struct Softmax
{
    double maximum = 0;
    double sum = 0; // of exp(logit − maximum)

    Softmax(const Tensor &logits, std::int64_t n)
        : maximum(logits.at(0, n))
    {
        for (std::int64_t c = 1; c < logits.features(); ++c) {
            if (logits.at(c, n) > maximum)
                maximum = logits.at(c, n);
        }
        for (std::int64_t c = 0; c < logits.features(); ++c)
            sum += std::exp(logits.at(c, n) - maximum);
    }
    [[nodiscard]] double probability(double logit) const { return std::exp(logit - maximum) / sum; }
    [[nodiscard]] double loss(double logit) const
    {
        return std::log(sum) + (maximum - logit);
    } // −log probability
};

std::int64_t labelOf(const Samples &samples, const StepInputs &step, std::int64_t n, std::int64_t classes)
{
    const std::int64_t label = samples.labels.get()[step.indices[static_cast<std::size_t>(n)]];
    if (label >= classes)
        throw std::invalid_argument("label " + std::to_string(label) + " of " + std::to_string(classes) +
                                    " classes");
    return label;
}

} // namespace

void run(const ops::SoftmaxCrossEntropy &op, const StepInputs &step)
{
    const std::int64_t classes = op.logits->features();
    const auto samples = static_cast<double>(op.logits->samples());
    const double everywhere = double(op.smoothing) / static_cast<double>(classes);
    for (std::int64_t n = 0; n < op.logits->samples(); ++n) {
        const Softmax softmax(*op.logits, n);
        const std::int64_t label = labelOf(*op.samples, step, n, classes);
        double loss = 0;
        for (std::int64_t c = 0; c < classes; ++c) {
            const double logit = op.logits->at(c, n);
            const double target = (c == label ? 1 - double(op.smoothing) : 0) + everywhere;
            if (target > 0)
                loss += target * softmax.loss(logit);
            op.gradient->at(c, n) = static_cast<float>((softmax.probability(logit) - target) / samples);
        }
        op.losses->at(0, n) = static_cast<float>(loss);
    }
}

void run(const ops::SoftmaxPrediction &op, const StepInputs &step)
{
    const std::int64_t classes = op.logits->features();
    for (std::int64_t n = 0; n < op.logits->samples(); ++n) {
        const Softmax softmax(*op.logits, n);
        op.losses->at(0, n) =
            static_cast<float>(softmax.loss(op.logits->at(labelOf(*op.samples, step, n, classes), n)));
        for (std::int64_t c = 0; c < classes; ++c)
            op.probabilities->at(c, n) = static_cast<float>(softmax.probability(op.logits->at(c, n)));
    }
}

} // namespace bottega::engine::reference
