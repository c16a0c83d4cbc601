// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace bottega {

struct CopiedFile
{
    std::uint64_t size = 0;
    std::string sha256; // lower-case hex
};

/// Size and SHA-256 of an open file, read from its beginning. `path` names it in errors.
[[nodiscard]] Result<CopiedFile> hashFile(int fd, const std::filesystem::path &path);

/// Copies an open file to the new file `target` (Exists where there is one), hashes what was written and syncs it; cloned
/// where the file system can.
/// On an error the target is gone again. `mode` is narrowed by the umask.
[[nodiscard]] Result<CopiedFile> copyFile(int source, const std::filesystem::path &sourcePath,
                                          const std::filesystem::path &target, unsigned mode = 0600);

/// DiskFull with "needs X, has Y" where the file system of `folder` has less than `bytes` and a small reserve free.
/// `folder` need not exist yet.
[[nodiscard]] Result<void> checkFreeSpace(const std::filesystem::path &folder, std::uint64_t bytes);

/// "47.0 MB": for people.
[[nodiscard]] std::string sizeText(std::uint64_t bytes);

} // namespace bottega
