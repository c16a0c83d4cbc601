// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/hostdevice.h"

#include <cstdint>

namespace bottega::engine::cuda {

/// Division by a number known before the launch, without dividing: q = (⌊n · m / 2³²⌋ + n) / 2ˢ, after Granlund and
/// Montgomery 1994. For 0 ≤ n < 2³¹ and divisors from 1 to 2³⁰.
struct Divider
{
    std::int32_t divisor = 1;
    std::uint32_t multiplier = 1;
    std::uint32_t shift = 0;

    Divider() = default;
    explicit Divider(std::int64_t by) : divisor(static_cast<std::int32_t>(by))
    {
        while ((std::int64_t{1} << shift) < by)
            ++shift;
        const std::uint64_t rest = (std::uint64_t{1} << shift) - static_cast<std::uint64_t>(by);
        multiplier = static_cast<std::uint32_t>((rest << 32) / static_cast<std::uint64_t>(by) + 1);
    }

    [[nodiscard]] BOTTEGA_HOST_DEVICE std::int32_t quotient(std::int32_t n) const
    {
        const auto value = static_cast<std::uint32_t>(n);
        const auto high = static_cast<std::uint32_t>((std::uint64_t{value} * multiplier) >> 32);
        return static_cast<std::int32_t>((high + value) >> shift);
    }

    /// quotient, and the remainder in `rest`
    [[nodiscard]] BOTTEGA_HOST_DEVICE std::int32_t divide(std::int32_t n, std::int32_t &rest) const
    {
        const std::int32_t q = quotient(n);
        rest = n - q * divisor;
        return q;
    }
};

} // namespace bottega::engine::cuda
