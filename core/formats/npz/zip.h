// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/fileplace.h"
#include "core/base/result.h"
#include "core/base/uniquefd.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bottega::zip {

/// Bounds for archives of foreign origin. What counts is what is produced, whatever the archive declares.
struct Limits
{
    std::uint64_t members = 100'000;
    std::uint64_t producedBytes = std::uint64_t{2} << 30;
    std::uint64_t ratio = 200; // produced bytes to those of the archive, once more than `ratioFreeBytes` were produced
    std::uint64_t ratioFreeBytes = std::uint64_t{64} << 20;
};

struct Entry
{
    std::string name;
    std::uint64_t size = 0; // unpacked
    std::uint64_t packedSize = 0;
    std::uint64_t headerOffset = 0; // of the member's own header in the archive
    std::uint64_t dataOffset = 0;
    std::uint32_t crc = 0;
    std::uint16_t method = 0; // 0 stored, 8 deflated
    std::uint16_t flags = 0;
};

/// Takes a member's bytes block by block; may fail, which ends the reading.
using Sink = std::function<Result<void>(std::string_view block)>;

/// A zip archive open for reading, plain or zip64. Members are unpacked into memory or a sink only: nothing is ever
/// written under a member's name. Opening refuses as Corrupt, with the member's name and offset: names that are absolute, climb, hold
/// control characters or come twice; links and other members that are no plain files; overlapping members; headers that contradict each other; sizes above the limits.
/// Encrypted and otherwise packed members are Unsupported.
class Archive
{
public:
    [[nodiscard]] static Result<Archive> open(const FilePlace &place, const Limits &limits = {});

    [[nodiscard]] const std::vector<Entry> &entries() const { return m_entries; } // in the archive's order
    /// The member's bytes, proved by size and CRC. Never produces more than was declared and the limits allow.
    [[nodiscard]] Result<std::string> extract(const Entry &entry) const;
    /// The same in blocks. The last ones may have reached the sink before size or CRC turn out wrong.
    [[nodiscard]] Result<void> extractTo(const Entry &entry, const Sink &sink) const;
    [[nodiscard]] std::uint64_t size() const { return m_size; } // of the archive itself
    [[nodiscard]] std::string placeOf(const Entry &entry) const; // "FILE: member “a.npy” at byte 120"

private:
    Result<void> readDirectory(const Limits &limits);
    Result<void> readEntries(const std::string &directory, std::uint64_t count, std::uint64_t directoryOffset);
    Result<void> readLocalHeader(Entry &entry) const;
    Result<void> checkLayout(std::uint64_t directoryOffset) const;
    Result<void> checkSizes(const Limits &limits) const;
    Result<std::string> readBytes(std::uint64_t offset, std::uint64_t count) const;
    Result<void> copyMember(const Entry &entry, const Sink &sink) const;
    Result<void> inflateMember(const Entry &entry, const Sink &sink) const;
    [[nodiscard]] tl::unexpected<Error> corrupt(std::string what, std::uint64_t offset) const;
    [[nodiscard]] tl::unexpected<Error> corrupt(std::string what, const Entry &entry) const;

    std::filesystem::path m_path;
    UniqueFd m_fd;
    std::uint64_t m_size = 0;
    std::vector<Entry> m_entries;
};

/// The archive of `members` (bytes by name) in order of their names, deflated, dated 1980-01-01: same members, same
/// bytes. Unsupported above the limits' bytes or 65,534 members, so that it can be read back.
[[nodiscard]] Result<std::string> pack(const std::map<std::string, std::string> &members);

} // namespace bottega::zip
