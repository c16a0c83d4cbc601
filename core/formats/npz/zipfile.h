// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/formats/npz/zip.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace bottega::zip {

/// Gives a member's bytes from `offset` on, fewer than asked only at the end. Called in order; offset 0 starts anew.
using Source = std::function<Result<std::size_t>(std::span<std::byte> buffer, std::uint64_t offset)>;

/// Writes an archive of any size to an open, empty file, member by member and never more than a block of one in memory.
/// Members are deflated, or stored where that saves nothing or would look like a bomb; zip64 where size or number asks
/// for it, dates 1980-01-01: same members, same bytes. The descriptor is borrowed.
class FileWriter
{
public:
    FileWriter(int fd, std::filesystem::path path);

    /// `expectedSize` decides the header's form: a member may not come to 4 GiB more than it. Returns the bytes that were in it.
    [[nodiscard]] Result<std::uint64_t> add(const std::string &name, std::uint64_t expectedSize, const Source &source);

    /// The directory. Nothing may be added afterwards.
    [[nodiscard]] Result<void> finish();

private:
    struct Header;
    Result<void> write(std::string_view bytes);
    Result<void> writeMember(Header &header, const Source &source);
    Result<std::uint64_t> addAnew(Header &header, const Source &source);
    Result<void> close(const Header &header);

    int m_fd;
    std::filesystem::path m_path;
    std::uint64_t m_offset = 0;
    std::uint64_t m_count = 0;
    std::string m_directory;
    std::vector<std::byte> m_block;
};

} // namespace bottega::zip
