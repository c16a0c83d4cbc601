// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bottega {

/// Bytes from what people type: "2GiB", "1.5 GiB", "500 MB", "64M" (of 1024 each), "1073741824". Nothing for anything else
/// and for less than 1 MiB.
[[nodiscard]] std::optional<std::uint64_t> bytesFromText(std::string_view text);

} // namespace bottega
