// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/fileplace.h"

#include <cstddef>
#include <string>

namespace bottega {

/// The last whole lines of a log, at most 100 and as many as fit into `limit` bytes, as a person saw them: without terminal
/// escapes and other control characters, of a progress line only what stood last. Empty where there is nothing to read.
[[nodiscard]] std::string logTail(const FilePlace &log, std::size_t limit = std::size_t{8} << 10);

} // namespace bottega
