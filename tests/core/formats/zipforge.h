// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bottega::test {

/// One member of a forged archive. What is set here is written, true or not; what is not set is right.
struct ForgedMember
{
    std::string name;
    std::string data;  // as it lies in the archive
    std::uint16_t method = 0;
    std::uint16_t flags = 0;
    std::optional<std::uint32_t> crc = {};
    std::optional<std::uint32_t> size = {}; // unpacked
    std::optional<std::uint32_t> packedSize = {};
    std::optional<std::uint32_t> offset = {};
    std::string extra = {};                     // of the directory's entry
    std::optional<std::string> localName = {};  // in the member's own header
    std::optional<std::uint32_t> localSize = {};
};

struct ForgedEnd
{
    std::optional<std::uint16_t> count = {};
    std::optional<std::uint32_t> directoryBytes = {};
    std::optional<std::uint32_t> directoryOffset = {};
    std::optional<std::uint64_t> count64 = {}; // any of these adds a zip64 record
    std::optional<std::uint64_t> directoryBytes64 = {};
    std::optional<std::uint64_t> directoryOffset64 = {};
};

/// A zip archive with exactly the lies that are asked for.
[[nodiscard]] std::string forgeZip(const std::vector<ForgedMember> &members, const ForgedEnd &end = {});

/// An .npy file with this header text, right or wrong, and these bytes as values.
[[nodiscard]] std::string forgeNpy(const std::string &header, const std::string &values, char version = 1);

[[nodiscard]] std::string deflated(const std::string &bytes);
[[nodiscard]] std::uint32_t crcOf(const std::string &bytes);

} // namespace bottega::test
