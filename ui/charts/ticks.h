// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace bottega {

/// The distance of ticks (1, 2 or 5 times a power of ten) that gives about `wanted` of them over `span`.
[[nodiscard]] double tickStep(double span, int wanted);

/// The printf format that shows values on that grid without digits to spare: "%.2f", or "%.1e" far from 1.
[[nodiscard]] QString tickFormat(double step, double largest);

/// A value for people: four significant digits, thousands separated, "NaN" and "∞" in words of their own.
[[nodiscard]] QString valueText(double value);
/// A whole number with thousands separated as the locale has it.
[[nodiscard]] QString countText(qint64 count);

} // namespace bottega
