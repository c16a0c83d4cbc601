// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compute/estimate.h"

#include <QString>

namespace bottega {

/// "About 12 s and 80 MB, as run 1a2b3c4d of the same recipe went": rounded, and what it rests on.
[[nodiscard]] QString estimateText(const Estimate &estimate, bool isGpu);

/// "about" in digits: 0.34 → "1 s", 12.7 → "13 s", 95 → "1.6 min", 7,500 → "2.1 h".
[[nodiscard]] QString roundedDuration(double seconds);

} // namespace bottega
