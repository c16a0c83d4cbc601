// SPDX-License-Identifier: Apache-2.0
// The optimizer's rules (core/engine/backend/updaterule.h) on rows of weights, a vector at a time.

inline Vector squareRoot(Vector value)
{
    for (int i = 0; i < lanes; ++i)
        value[i] = __builtin_sqrtf(value[i]);
    return value;
}

template <OptimizerKind K>
inline void updateAs(const WeightTarget &t, const float *gradient, std::ptrdiff_t count)
{
    const UpdateScalars &s = t.scalars;
    for (std::ptrdiff_t i = 0; i < count; i += lanes) {
        Vector w = load(t.value + i);
        const Vector g = load(gradient + i) * s.gradientScale + s.decayGradient * w;
        w -= s.decayWeight * w;
        if constexpr (K == OptimizerKind::Sgd) {
            w -= s.rate * g;
        } else if constexpr (K == OptimizerKind::Momentum || K == OptimizerKind::Nesterov) {
            const Vector v = s.momentum * load(t.first + i) - s.rate * g;
            store(t.first + i, v);
            w += K == OptimizerKind::Momentum ? v : s.momentum * v - s.rate * g;
        } else {
            const Vector first = s.momentum * load(t.first + i) + (1 - s.momentum) * g;
            const Vector second = s.beta2 * load(t.second + i) + (1 - s.beta2) * g * g;
            store(t.first + i, first);
            store(t.second + i, second);
            w -= s.rate * first / (squareRoot(second) + s.epsilon);
        }
        store(t.value + i, w);
        if (t.average)
            store(t.average + i, s.averageDecay * load(t.average + i) + (1 - s.averageDecay) * w);
    }
}

void update(const WeightTarget &t, const float *gradient, std::ptrdiff_t count)
{
    switch (t.scalars.kind) {
    case OptimizerKind::Sgd: return updateAs<OptimizerKind::Sgd>(t, gradient, count);
    case OptimizerKind::Momentum: return updateAs<OptimizerKind::Momentum>(t, gradient, count);
    case OptimizerKind::Nesterov: return updateAs<OptimizerKind::Nesterov>(t, gradient, count);
    case OptimizerKind::Adam:
    case OptimizerKind::AdamW: return updateAs<OptimizerKind::Adam>(t, gradient, count);
    }
}

/// The target from row m, column n on.
inline WeightTarget targetAt(const WeightTarget &t, std::ptrdiff_t m, std::ptrdiff_t n)
{
    const std::ptrdiff_t at = m * t.stride + n;
    const auto moved = [at](float *values) { return values ? values + at : nullptr; };
    return {moved(t.gradient), moved(t.value), moved(t.first), moved(t.second), moved(t.average), t.stride, t.scalars};
}

/// Finished gradients of `count` weights of one row.
inline void deliver(const WeightTarget &row, const float *gradient, std::ptrdiff_t count)
{
    if (!row.gradient)
        return update(row, gradient, count);
    for (std::ptrdiff_t i = 0; i < count; i += lanes)
        store(row.gradient + i, load(gradient + i));
}

float sum(const float *values, std::ptrdiff_t count)
{
    Vector sums = {};
    for (std::ptrdiff_t i = 0; i < count; i += lanes)
        sums += load(values + i);
    return total(sums);
}

double squares(const float *values, std::ptrdiff_t count)
{
    double result = 0;
    for (std::ptrdiff_t i = 0; i < count; i += lanes) {
        const Vector v = load(values + i);
        result += static_cast<double>(total(v * v));
    }
    return result;
}
