// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/fileplace.h"
#include "core/base/result.h"
#include "core/base/uniquefd.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace bottega {

/// Opens a regular file for reading. Never blocks: a FIFO, device or directory is refused with "not a regular file".
/// A link as the last component is refused unless `followLinks`.
[[nodiscard]] Result<UniqueFd> openRegularFile(const std::filesystem::path &path, bool followLinks = true);

/// Makes a file that must not be there yet, to be read and written: nothing is followed or overwritten.
[[nodiscard]] Result<UniqueFd> createFile(const std::filesystem::path &path, unsigned mode = 0600);

/// Size in bytes of an open file.
[[nodiscard]] Result<std::uint64_t> fileSize(int fd, const std::filesystem::path &path);

/// A regular file's size; refused as Corrupt above `limit` bytes, before anything is read.
[[nodiscard]] Result<std::uint64_t> sizeWithin(std::uint64_t limit, int fd, const std::filesystem::path &path);

/// The whole of a regular file of at most `limit` bytes.
[[nodiscard]] Result<std::string> readFile(const FilePlace &place, std::uint64_t limit = std::uint64_t{64} << 20);

/// Up to `buffer.size()` bytes at `offset`, retried over EINTR; fewer only at the end of the file. pread: never SIGBUS.
[[nodiscard]] Result<std::size_t> readAt(int fd, std::span<std::byte> buffer, std::uint64_t offset,
                                         const std::filesystem::path &path);

/// Writes all of `bytes` at the file position, retried over EINTR and short writes.
[[nodiscard]] Result<void> writeAll(int fd, std::string_view bytes, const std::filesystem::path &path);

/// Creates a folder with mode 0700, and those above it; their names are synced. An existing folder is no error.
[[nodiscard]] Result<void> makeFolder(const std::filesystem::path &path);

/// Removes a tree without ever following a link out of it.
[[nodiscard]] Result<void> removeTree(const std::filesystem::path &path);

/// Syncs a folder, so that names created in it survive loss of power.
[[nodiscard]] Result<void> syncFolder(const std::filesystem::path &path);

} // namespace bottega
