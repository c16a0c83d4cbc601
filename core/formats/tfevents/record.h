// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bottega {

/// Framing of event files: length (8 bytes, little endian), its masked CRC-32C (4), payload, the payload's masked CRC.
inline constexpr std::size_t recordHeaderBytes = 12;
inline constexpr std::size_t recordFooterBytes = 4;
inline constexpr std::uint64_t maximumRecordBytes = std::uint64_t{64} << 20;

void appendRecord(std::string &out, std::string_view payload);

/// Length of the payload behind a header of 12 bytes, or nothing where no header of a record that we take stands there.
[[nodiscard]] std::optional<std::uint64_t> payloadLength(const char *header);

/// Whether the four bytes behind `payload` hold its CRC.
[[nodiscard]] bool isSoundPayload(std::string_view payload);

} // namespace bottega
