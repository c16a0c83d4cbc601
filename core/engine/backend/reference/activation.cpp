// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/reference/operations.h"

#include <cmath>
#include <numbers>

namespace bottega::engine::reference {

namespace {

/// Φ, by erfc: 1 + erf would lose what is left of small probabilities.
double normalDistribution(double x)
{
    return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}

double normalDensity(double x)
{
    return std::exp(-0.5 * x * x) * 0.5 * std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
}

double activated(Activation activation, double x)
{
    switch (activation) {
    case Activation::Gelu:
        return x * normalDistribution(x);
    case Activation::Tanh:
        return std::tanh(x);
    case Activation::None:
    case Activation::Relu:
        break;
    }
    return rectified(x, activation);
}

} // namespace

void run(const ops::Activate &op, const StepInputs &)
{
    for (std::int64_t n = 0; n < op.output->samples(); ++n) {
        for (std::int64_t i = 0; i < op.output->features(); ++i)
            op.output->at(i, n) = static_cast<float>(activated(op.activation, op.input->at(i, n)));
    }
}

void run(const ops::ActivateGradient &op, const StepInputs &)
{
    const auto slope = [&](std::int64_t i, std::int64_t n) -> double {
        switch (op.activation) {
        case Activation::Relu:
            return op.output->at(i, n) <= 0 ? 0 : 1;
        case Activation::Gelu: {
            const double x = op.input->at(i, n);
            return normalDistribution(x) + x * normalDensity(x);
        }
        case Activation::Tanh:
            return 1 - double(op.output->at(i, n)) * double(op.output->at(i, n));
        case Activation::None:
            break;
        }
        return 1;
    };
    for (std::int64_t n = 0; n < op.inputGradient->samples(); ++n) {
        for (std::int64_t i = 0; i < op.inputGradient->features(); ++i)
            op.inputGradient->at(i, n) =
                static_cast<float>(double(op.outputGradient->at(i, n)) * slope(i, n));
    }
}

void run(const ops::Add &op, const StepInputs &)
{
    for (std::int64_t n = 0; n < op.output->samples(); ++n) {
        for (std::int64_t i = 0; i < op.output->features(); ++i)
            op.output->at(i, n) = op.one->at(i, n) + op.other->at(i, n);
    }
}

} // namespace bottega::engine::reference
