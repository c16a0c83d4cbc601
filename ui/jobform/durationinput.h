// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <cstdint>
#include <optional>

namespace bottega {

/// Seconds from what people type: "90", "90 s", "10 min", "1.5 h", "2:30" (minutes), "1:30:00". Empty is 0: no limit.
/// Nothing for anything else.
[[nodiscard]] std::optional<double> parseDuration(const QString &text);

/// Bytes from "2 GiB", "1,5 GiB", "500 MB". Empty is 0: no limit. Nothing for anything else.
[[nodiscard]] std::optional<std::uint64_t> parseSize(const QString &text);

/// What `parseSize` reads as this; empty for 0.
[[nodiscard]] QString sizeInput(std::uint64_t bytes);

} // namespace bottega
