// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <functional>
#include <string_view>

namespace bottega {

/// Replaces `path` by `bytes`, wholly or not at all: temporary file in the same folder, checked write, fsync,
/// rename, fsync of the folder. On any error the old file is untouched and the temporary one is gone; one that a killed
/// process left (".saving-…") goes at the next save into the same folder.
/// Every durable small file goes through here: QSaveFile and QSettings lose data on a full disk.
/// Blocks on the disk; mode is that of a new file.
[[nodiscard]] Result<void> saveAtomically(const std::filesystem::path &path, std::string_view bytes,
                                          unsigned mode = 0600);

/// The same for what is too long for memory: `content` gives it to its argument piece by piece.
using WriteBytes = std::function<Result<void>(std::string_view)>;
[[nodiscard]] Result<void> saveAtomically(const std::filesystem::path &path,
                                          const std::function<Result<void>(const WriteBytes &)> &content,
                                          unsigned mode = 0600);

} // namespace bottega
