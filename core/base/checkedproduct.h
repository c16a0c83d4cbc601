// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

namespace bottega {

/// `unit` times the product of all `lengths`, or nothing where that, or a part of it, exceeds 64 bits: for the sizes that
/// files of foreign origin claim. A length of 0 stops the growth only of what follows it.
template <class Lengths>
[[nodiscard]] std::optional<std::uint64_t> checkedProduct(const Lengths &lengths, std::uint64_t unit = 1)
{
    for (const auto length : lengths) {
        if (__builtin_mul_overflow(unit, std::uint64_t{length}, &unit))
            return {};
    }
    return unit;
}

} // namespace bottega
