// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/hostdevice.h"

#include <cmath>
#include <cstdint>

namespace bottega::engine {

enum class OptimizerKind {
    Sgd,      // w ← w − lr · g
    Momentum, // v ← m · v − lr · g, w ← w + v
    Nesterov, // v ← m · v − lr · g, w ← w + m · v − lr · g
    Adam,     // Kingma and Ba 2015; weight decay is part of the gradient
    AdamW,    // Loshchilov and Hutter 2019; weight decay acts on the weight itself
};

/// How parameters follow their gradients, for a whole training.
struct UpdateRule
{
    OptimizerKind kind = OptimizerKind::Momentum;
    float momentum = 0.9f;
    float beta1 = 0.9f;
    float beta2 = 0.999f;
    float epsilon = 1e-8f;
    float weightDecay = 0;  // of weights; biases and batch norm's parameters never decay
    float averageDecay = 0; // of the moving average of weights, smaller in the first steps; 0: none is kept

    bool operator==(const UpdateRule &) const = default;
    [[nodiscard]] bool hasFirst() const { return kind != OptimizerKind::Sgd; } // velocity, or first moment
    [[nodiscard]] bool hasSecond() const { return kind == OptimizerKind::Adam || kind == OptimizerKind::AdamW; }
};

/// What one step does to every value of a parameter.
struct UpdateScalars
{
    OptimizerKind kind = OptimizerKind::Momentum;
    float rate = 0;         // learning rate; Adam's with its bias corrections in it
    float momentum = 0;     // or beta1
    float beta2 = 0;
    float epsilon = 0;      // Adam's, with the second moment's correction in it
    float decayGradient = 0; // added to the gradient, times the weight
    float decayWeight = 0;   // share that the weight loses first
    float gradientScale = 1; // from clipping
    float averageDecay = 0;
};

/// `step` counts from 1.
[[nodiscard]] inline UpdateScalars updateScalars(const UpdateRule &rule, std::int64_t step, float learningRate,
                                                 bool decays)
{
    // Young averages forget faster, (1 + t) / (10 + t), so that the weights of the start soon count for nothing.
    const float averageDecay = std::fmin(rule.averageDecay, static_cast<float>(1 + step) / static_cast<float>(10 + step));
    UpdateScalars s{rule.kind, learningRate, rule.momentum, rule.beta2, rule.epsilon, 0, 0, 1, averageDecay};
    if (rule.hasSecond()) {
        // m̂ / (√v̂ + ε) with m̂ = m / (1 − β1ᵗ) and v̂ = v / (1 − β2ᵗ), the corrections taken out of the loop
        const double first = 1 - std::pow(double(rule.beta1), double(step));
        const double root = std::sqrt(1 - std::pow(double(rule.beta2), double(step)));
        s.momentum = rule.beta1;
        s.rate = static_cast<float>(double(learningRate) * root / first);
        s.epsilon = static_cast<float>(double(rule.epsilon) * root);
    }
    if (decays && rule.kind == OptimizerKind::AdamW)
        s.decayWeight = learningRate * rule.weightDecay;
    else if (decays)
        s.decayGradient = rule.weightDecay;
    return s;
}

/// One value. `first` and `second` are untouched where the rule has none.
BOTTEGA_HOST_DEVICE inline void updateValue(const UpdateScalars &s, float gradient, float &weight, float &first,
                                            float &second)
{
    const float g = gradient * s.gradientScale + s.decayGradient * weight;
    weight -= s.decayWeight * weight;
    switch (s.kind) {
    case OptimizerKind::Sgd:
        weight -= s.rate * g;
        break;
    case OptimizerKind::Momentum:
        first = s.momentum * first - s.rate * g;
        weight += first;
        break;
    case OptimizerKind::Nesterov:
        first = s.momentum * first - s.rate * g;
        weight += s.momentum * first - s.rate * g;
        break;
    case OptimizerKind::Adam:
    case OptimizerKind::AdamW:
        first = s.momentum * first + (1 - s.momentum) * g;
        second = s.beta2 * second + (1 - s.beta2) * g * g;
        weight -= s.rate * first / (sqrtf(second) + s.epsilon);
        break;
    }
}

/// a ← d · a + (1 − d) · w
BOTTEGA_HOST_DEVICE inline void updateAverage(float decay, float weight, float &average)
{
    average = decay * average + (1 - decay) * weight;
}

} // namespace bottega::engine
