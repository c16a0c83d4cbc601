// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/formats/picture/picture.h"

namespace bottega {

/// One for each kind of file; `bytes` begins with its signature.
[[nodiscard]] Result<Picture> decodePng(std::string_view bytes, const std::string &where);
[[nodiscard]] Result<Picture> decodeJpeg(std::string_view bytes, const std::string &where);
[[nodiscard]] Result<Picture> decodePnm(std::string_view bytes, const std::string &where); // P5, P6

/// Corrupt where the extents are 0 or beyond what is taken.
[[nodiscard]] Result<void> checkPictureSize(std::uint64_t height, std::uint64_t width,
                                            const std::string &where);

[[nodiscard]] tl::unexpected<Error> damagedPicture(const std::string &what, const std::string &where);

/// [height, width, channels] as files have it → [channels, height, width].
[[nodiscard]] Picture planarPicture(const std::vector<std::uint8_t> &interleaved, std::uint32_t height,
                                    std::uint32_t width, std::uint32_t channels);

} // namespace bottega
