// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bottega::crash {

/// From now on operator new counts, and throws std::bad_alloc at its N-th call (never: 0).
void failAllocation(std::int64_t number);
[[nodiscard]] std::int64_t allocations();

} // namespace bottega::crash
