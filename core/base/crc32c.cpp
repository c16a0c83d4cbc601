// SPDX-License-Identifier: Apache-2.0
#include "core/base/crc32c.h"

#include <array>
#include <cstring>

namespace bottega {

namespace {

using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

/// Slicing by eight: table k holds the effect of a byte that has k more bytes behind it.
constexpr Tables makeTables()
{
    Tables tables = {};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit)
            value = (value >> 1) ^ ((value & 1u) ? 0x82F63B78u : 0u);
        tables[0][i] = value;
    }
    for (std::size_t k = 1; k < tables.size(); ++k) {
        for (std::size_t i = 0; i < 256; ++i)
            tables[k][i] = (tables[k - 1][i] >> 8) ^ tables[0][tables[k - 1][i] & 0xFFu];
    }
    return tables;
}

constexpr Tables tables = makeTables();

std::uint32_t eightBytes(std::uint32_t crc, const char *data)
{
    std::uint64_t word = 0;
    std::memcpy(&word, data, sizeof word); // little endian, as all our targets are
    word ^= crc;
    crc = 0;
    for (int k = 0; k < 8; ++k)
        crc ^= tables[static_cast<std::size_t>(7 - k)][(word >> (8 * k)) & 0xFFu];
    return crc;
}

} // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc)
{
    crc = ~crc;
    for (; bytes.size() >= 8; bytes.remove_prefix(8))
        crc = eightBytes(crc, bytes.data());
    for (const char c : bytes)
        crc = (crc >> 8) ^ tables[0][(crc ^ static_cast<unsigned char>(c)) & 0xFFu];
    return ~crc;
}

} // namespace bottega
