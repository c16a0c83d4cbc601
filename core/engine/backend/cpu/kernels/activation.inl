// SPDX-License-Identifier: Apache-2.0
// Activations and sums, value by value.

inline Vector magnitude(Vector x)
{
    return reinterpret_cast<Vector>(reinterpret_cast<Integers>(x) & 0x7fffffff);
}

inline Vector withSignOf(Vector value, Vector sign)
{
    return reinterpret_cast<Vector>(reinterpret_cast<Integers>(value) |
                                    (reinterpret_cast<Integers>(sign) & Integers(reinterpret_cast<Integers>(splat(-0.0f)))));
}

/// Near 0 by its odd series, elsewhere from e^−2|x|, so that small values keep their digits.
inline Vector hyperbolicTangent(Vector x)
{
    const Vector a = magnitude(x);
    const Vector e = exponential(-2.0f * a);
    const Vector far = (1.0f - e) / (1.0f + e);
    const Vector z = x * x;
    Vector p = z * -5.70498872745e-3f + 2.06390887954e-2f; // Cephes' polynomial for |x| < 0.625
    p = p * z - 5.37397155531e-2f;
    p = p * z + 1.33314422036e-1f;
    p = p * z - 3.33332819422e-1f;
    const Vector near = a + a * z * p;
    return withSignOf(a < 0.625f ? near : far, x);
}

/// Φ(x), the normal distribution, from erfc by Abramowitz and Stegun 7.1.26: absolute error below 1.5e-7.
inline Vector normalDistribution(Vector x)
{
    const Vector z = magnitude(x) * 0.70710678f;
    const Vector t = 1.0f / (1.0f + 0.3275911f * z);
    Vector p = t * 1.061405429f - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    const Vector tail = 0.5f * p * t * exponential(-(z * z));
    return x < Vector{} ? tail : 1.0f - tail;
}

inline Vector normalDensity(Vector x)
{
    return 0.39894228f * exponential(-0.5f * x * x);
}

template <class Function>
inline void forEach(std::ptrdiff_t count, float *output, const Function &function)
{
    for (std::ptrdiff_t i = 0; i < count; i += lanes)
        store(output + i, function(i));
}

void activate(Elementwise kind, const float *input, float *output, std::ptrdiff_t count)
{
    switch (kind) {
    case Elementwise::Copy: return forEach(count, output, [=](std::ptrdiff_t i) { return load(input + i); });
    case Elementwise::Relu: return forEach(count, output, [=](std::ptrdiff_t i) { return relu(load(input + i)); });
    case Elementwise::Gelu:
        return forEach(count, output, [=](std::ptrdiff_t i) {
            const Vector x = load(input + i);
            return x * normalDistribution(x);
        });
    case Elementwise::Tanh:
        return forEach(count, output, [=](std::ptrdiff_t i) { return hyperbolicTangent(load(input + i)); });
    }
}

void activateGradient(Elementwise kind, const float *input, const float *output, const float *outputGradient,
                      float *inputGradient, std::ptrdiff_t count)
{
    switch (kind) {
    case Elementwise::Copy:
        return forEach(count, inputGradient, [=](std::ptrdiff_t i) { return load(outputGradient + i); });
    case Elementwise::Relu:
        return forEach(count, inputGradient, [=](std::ptrdiff_t i) {
            return load(output + i) > Vector{} ? load(outputGradient + i) : Vector{};
        });
    case Elementwise::Gelu:
        return forEach(count, inputGradient, [=](std::ptrdiff_t i) {
            const Vector x = load(input + i);
            return load(outputGradient + i) * (normalDistribution(x) + x * normalDensity(x));
        });
    case Elementwise::Tanh:
        return forEach(count, inputGradient, [=](std::ptrdiff_t i) {
            const Vector y = load(output + i);
            return load(outputGradient + i) * (1.0f - y * y);
        });
    }
}

void add(const float *one, const float *other, float *output, std::ptrdiff_t count)
{
    forEach(count, output, [=](std::ptrdiff_t i) { return load(one + i) + load(other + i); });
}

void scale(float *values, float factor, std::ptrdiff_t count)
{
    forEach(count, values, [=](std::ptrdiff_t i) { return factor * load(values + i); });
}

inline Unsigned mixedBits(Unsigned x) // as mixed() in core/engine/backend/dropout.h
{
    x ^= x >> 16;
    x *= 0x85ebca6bu;
    x ^= x >> 13;
    x *= 0xc2b2ae35u;
    return x ^ (x >> 16);
}

void dropout(const Dropout &d)
{
    Unsigned lane;
    for (int i = 0; i < lanes; ++i)
        lane[i] = static_cast<std::uint32_t>(i);
    for (std::ptrdiff_t f = 0; f < d.features; ++f) {
        const auto feature = static_cast<std::uint32_t>(f) * 0x9e3779b9u;
        for (std::ptrdiff_t n = 0; n < block; n += lanes) {
            const Unsigned bits = mixedBits(d.key ^ mixedBits(lane + (feature + d.firstPlace + static_cast<std::uint32_t>(n))));
            const Vector value = load(d.input + f * block + n) * d.scale;
            store(d.output + f * block + n, bits < d.threshold ? Vector{} : value);
        }
    }
}
