// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bottega {

/// What an .npy header says, which is the text of a Python dictionary.
struct NpyHeader
{
    std::string description; // "<f4"; empty where it is no single type
    bool isFortran = false;
    std::vector<std::uint64_t> shape;
};

/// Nothing where the text is not exactly the dictionary of descr, fortran_order and shape. Evaluates nothing.
[[nodiscard]] std::optional<NpyHeader> parseNpyHeader(std::string_view text);

[[nodiscard]] std::string formatNpyHeader(const NpyHeader &header);

} // namespace bottega
