// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace bottega {

/// CRC-32C (Castagnoli, polynomial 0x1EDC6F41 reflected) of `bytes`; continue a running sum by passing it as `crc`.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc = 0);

/// The masked form that TensorBoard's record framing stores: rotated right by 15 plus a constant.
[[nodiscard]] constexpr std::uint32_t maskedCrc(std::uint32_t crc)
{
    return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
}

} // namespace bottega
