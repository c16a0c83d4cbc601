// SPDX-License-Identifier: Apache-2.0
#include "core/engine/random.h"

#include <bit>
#include <cmath>
#include <utility>

namespace bottega::engine {

namespace {

std::uint64_t splitMix(std::uint64_t &state)
{
    std::uint64_t z = state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/// ln x for x > 0 by ln m = 2 artanh((m − 1) / (m + 1)): the library's logarithm differs between processors.
double logarithm(double x)
{
    int exponent = 0;
    double mantissa = std::frexp(x, &exponent); // [0.5, 1)
    if (mantissa < 0.70710678118654752) {
        mantissa *= 2;
        --exponent;
    }
    const double t = (mantissa - 1) / (mantissa + 1);
    const double square = t * t; // at most 0.0295: 12 terms reach 1e-19
    double series = 0;
    for (int k = 23; k >= 1; k -= 2)
        series = series * square + 1.0 / k;
    return 2 * t * series + exponent * 0.69314718055994531;
}

} // namespace

Random::Random(std::uint64_t seed, std::uint64_t stream)
{
    std::uint64_t mixed = splitMix(seed) ^ stream;
    for (std::uint64_t &word : m_state)
        word = splitMix(mixed);
}

std::uint64_t Random::next()
{
    auto &s = m_state;
    const std::uint64_t result = std::rotl(s[0] + s[3], 23) + s[0];
    const std::uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = std::rotl(s[3], 45);
    return result;
}

std::uint32_t Random::below(std::uint32_t bound)
{
    // Lemire's multiplication: the product's high half, unless the low half falls where it would favour small numbers.
    std::uint64_t product = (next() >> 32) * bound;
    if (static_cast<std::uint32_t>(product) < bound) {
        const std::uint32_t threshold = (0u - bound) % bound;
        while (static_cast<std::uint32_t>(product) < threshold)
            product = (next() >> 32) * bound;
    }
    return static_cast<std::uint32_t>(product >> 32);
}

double Random::uniform()
{
    return static_cast<double>(next() >> 11) * 0x1p-53;
}

double Random::normal()
{
    if (m_spare)
        return *std::exchange(m_spare, std::nullopt);
    double x = 0, y = 0, square = 0;
    do {
        x = 2 * uniform() - 1;
        y = 2 * uniform() - 1;
        square = x * x + y * y;
    } while (square >= 1 || square == 0);
    const double factor = std::sqrt(-2 * logarithm(square) / square);
    m_spare = y * factor;
    return x * factor;
}

void Random::shuffle(std::span<std::int32_t> values)
{
    for (std::size_t i = values.size(); i > 1; --i)
        std::swap(values[i - 1], values[below(static_cast<std::uint32_t>(i))]);
}

} // namespace bottega::engine
