// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace bottega::engine {

/// How exactly products are computed. Values are float32 in memory always.
enum class Precision {
    Float32,
    Tf32,     // 10 bits of mantissa in tensor cores, where a library computes
    Bfloat16, // 7 bits
};

/// As settings name them, in the order above.
inline constexpr std::array<std::string_view, 3> precisionNames = {"fp32", "tf32", "bf16"};

[[nodiscard]] constexpr std::string_view nameOf(Precision precision)
{
    return precisionNames[static_cast<std::size_t>(precision)];
}

/// Nothing where the name is none of them.
[[nodiscard]] inline std::optional<Precision> precisionNamed(std::string_view name)
{
    const auto found = std::find(precisionNames.begin(), precisionNames.end(), name);
    if (found == precisionNames.end())
        return {};
    return static_cast<Precision>(found - precisionNames.begin());
}

} // namespace bottega::engine
