// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/reference/learner.h"
#include "core/engine/backend/reference/operations.h"

#include <algorithm>
#include <cmath>

namespace bottega::engine::reference {

namespace {

/// Calls visit(feature, sample) for all values of a channel of x [C·positions, N].
template <class Visit>
void forEachOf(std::int64_t channel, std::int64_t channels, const Tensor &x, Visit visit)
{
    const std::int64_t positions = x.features() / channels;
    for (std::int64_t i = channel * positions; i < (channel + 1) * positions; ++i) {
        for (std::int64_t n = 0; n < x.samples(); ++n)
            visit(i, n);
    }
}

void move(float rate, double batch, float &running)
{
    running = static_cast<float>((1 - double(rate)) * double(running) + double(rate) * batch);
}

} // namespace

void run(const ops::BatchNorm &op, const StepInputs &)
{
    const auto count = static_cast<double>(op.input->count() / op.channels); // values of a channel
    for (std::int64_t c = 0; c < op.channels; ++c) {
        double sum = 0, squares = 0;
        forEachOf(c, op.channels, *op.input, [&](auto i, auto n) { sum += op.input->at(i, n); });
        const double mean = sum / count;
        forEachOf(c, op.channels, *op.input, [&](auto i, auto n) {
            const double deviation = op.input->at(i, n) - mean;
            squares += deviation * deviation;
        });
        const double inverse = 1 / std::sqrt(squares / count + double(op.epsilon));
        const double gamma = op.gamma->row(0)[c], beta = op.beta->row(0)[c];
        forEachOf(c, op.channels, *op.input, [&](auto i, auto n) {
            op.output->at(i, n) = static_cast<float>(gamma * (op.input->at(i, n) - mean) * inverse + beta);
        });
        op.mean->row(0)[c] = static_cast<float>(mean);
        op.inverseDeviation->row(0)[c] = static_cast<float>(inverse);
        move(op.rate, mean, op.runningMean->row(0)[c]);
        move(op.rate, squares / std::max(count - 1, 1.0), op.runningVariance->row(0)[c]);
    }
}

/// With x̂ = (x − mean) / √(variance + epsilon) and M values of a channel, where mean and variance depend on
/// each x too: dx = gamma / √(variance + epsilon) · (dy − Σ dy / M − x̂ · Σ (dy · x̂) / M), dgamma = Σ dy · x̂,
/// dbeta = Σ dy.
void run(const ops::BatchNormGradient &op, const StepInputs &step)
{
    Learner gamma(*op.gamma, op.rule, step), beta(*op.beta, op.rule, step);
    const auto count = static_cast<double>(op.input->count() / op.channels);
    for (std::int64_t c = 0; c < op.channels; ++c) {
        const double mean = op.mean->row(0)[c], inverse = op.inverseDeviation->row(0)[c];
        const auto normalised = [&](auto i, auto n) { return (op.input->at(i, n) - mean) * inverse; };
        double gammaSum = 0, betaSum = 0;
        forEachOf(c, op.channels, *op.input, [&](auto i, auto n) {
            betaSum += op.outputGradient->at(i, n);
            gammaSum += double(op.outputGradient->at(i, n)) * normalised(i, n);
        });
        const double factor = double(op.gamma->value.row(0)[c]) * inverse; // before the rule moves gamma
        if (op.inputGradient) {
            forEachOf(c, op.channels, *op.input, [&](auto i, auto n) {
                const double own = op.outputGradient->at(i, n);
                const double gradient =
                    factor * (own - betaSum / count - normalised(i, n) * gammaSum / count);
                op.inputGradient->at(i, n) = masked(gradient, op.mask, i, n);
            });
        }
        gamma.take(0, c, gammaSum);
        beta.take(0, c, betaSum);
    }
}

void run(const ops::BatchNormFixed &op, const StepInputs &)
{
    for (std::int64_t c = 0; c < op.channels; ++c) {
        const double inverse = 1 / std::sqrt(double(op.runningVariance->row(0)[c]) + double(op.epsilon));
        const double mean = op.runningMean->row(0)[c];
        const double gamma = op.gamma->row(0)[c], beta = op.beta->row(0)[c];
        forEachOf(c, op.channels, *op.input, [&](auto i, auto n) {
            op.output->at(i, n) = static_cast<float>(gamma * (op.input->at(i, n) - mean) * inverse + beta);
        });
    }
}

} // namespace bottega::engine::reference
