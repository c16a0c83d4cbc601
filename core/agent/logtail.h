// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace bottega {

/// The last whole lines of a log that fit into `limit` bytes, as a person saw them: without terminal escapes and other
/// control characters, of a progress line only what stood last. Empty where there is nothing to read.
[[nodiscard]] std::string logTail(const std::filesystem::path &log, std::size_t limit = 2000);

} // namespace bottega
