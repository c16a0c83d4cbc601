// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/fileplace.h"
#include "core/base/result.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace bottega {

inline constexpr std::size_t longestLine = std::size_t{16} << 20;

/// What a file of lines holds besides the lines.
struct LineFile
{
    std::uint64_t bytes = 0;    // read
    std::uint64_t tooLong = 0;  // lines above `longestLine` bytes, passed over
    std::string tail;           // the last line where its end is missing, as far as `longestLine`: it may come yet
};

/// Gives every line of a regular file to `take`, without its '\n' or "\r\n"; empty ones are left out. The memory it needs is
/// bounded, whatever the file holds. A file above `limit` bytes is refused before anything is read.
[[nodiscard]] Result<LineFile> readLines(const FilePlace &place, std::uint64_t limit,
                                         const std::function<void(std::string_view line)> &take);

} // namespace bottega
