// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

/// Signatures, sizes and little-endian fields of the zip format (PKWARE's APPNOTE), shared by reader and writer.
namespace bottega::zip {

inline constexpr std::uint32_t localSignature = 0x04034b50;
inline constexpr std::uint32_t centralSignature = 0x02014b50;
inline constexpr std::uint32_t endSignature = 0x06054b50;
inline constexpr std::uint32_t end64Signature = 0x06064b50;
inline constexpr std::uint32_t locator64Signature = 0x07064b50;
inline constexpr std::size_t localBytes = 30;
inline constexpr std::size_t centralBytes = 46;
inline constexpr std::size_t endBytes = 22;
inline constexpr std::size_t end64Bytes = 56;
inline constexpr std::size_t locator64Bytes = 20;
inline constexpr std::uint16_t stored = 0;
inline constexpr std::uint16_t deflated = 8;

/// The field at `offset`; the caller has checked that the bytes are there.
template <class T>
[[nodiscard]] T get(std::string_view bytes, std::size_t offset)
{
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

template <class T>
void put(std::string &out, T value)
{
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof bytes);
}

} // namespace bottega::zip
