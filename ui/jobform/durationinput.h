// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <optional>

namespace bottega {

/// Seconds from what people type: "90", "90 s", "10 min", "1.5 h", "2:30" (minutes), "1:30:00". Empty is 0: no limit.
/// Nothing for anything else.
[[nodiscard]] std::optional<double> parseDuration(const QString &text);

} // namespace bottega
