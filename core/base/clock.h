// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace bottega {

/// Seconds since 1970, UTC, with fractions. For display and files; order and durations come from elsewhere.
[[nodiscard]] double wallTime();

/// Seconds of a clock that never jumps; its zero is arbitrary.
[[nodiscard]] double steadyTime();

/// "2026-11-23T13:00:24.123Z" from seconds since 1970.
[[nodiscard]] std::string isoTime(double secondsSinceEpoch);

} // namespace bottega
