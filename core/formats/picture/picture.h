// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bottega {

/// A grey or RGB picture of 8 bits a value.
struct Picture
{
    std::uint32_t height = 0;
    std::uint32_t width = 0;
    std::uint32_t channels = 1;       // 1 or 3
    std::vector<std::uint8_t> values; // [channels, height, width]
};

/// Extents beyond these are refused before anything is allocated for them.
inline constexpr std::uint32_t largestPictureSide = 16'384;
inline constexpr std::uint64_t mostPicturePixels = std::uint64_t{1} << 24;

/// Decodes a whole PNG, JPEG, PGM or PPM file, told by its content. Palettes and 16 bits become 8; what is
/// transparent is laid on black. A file that is cut short or damaged is Corrupt, CMYK and other kinds of file
/// are Unsupported; `where` names the file in errors.
[[nodiscard]] Result<Picture> decodePicture(std::string_view bytes, const std::string &where);

} // namespace bottega
