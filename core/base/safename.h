// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/uniquefd.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace bottega {

/// Checks a name that becomes one folder or file name (experiment, model, data set): `minimum`–`maximum` characters,
/// ASCII letters, digits, '-', '_' and, inside, '.'; starts with a letter or digit. `kind` names it in the error.
[[nodiscard]] Result<void> checkName(std::string_view kind, std::string_view name, std::size_t minimum,
                                     std::size_t maximum);

/// Checks a slash path of foreign origin ("outputs/model.npz"): relative, no empty, "." or ".." component, no NUL or
/// control character, at most 1,000 bytes. Says nothing about links: open it with `openBeneath`.
[[nodiscard]] Result<void> checkRelativePath(std::string_view path);

/// Opens the regular file `relative` under `root` for reading. No link is followed in any component and nothing
/// outside `root` is reached, also when somebody swaps folders meanwhile (openat2, or component by component).
[[nodiscard]] Result<UniqueFd> openBeneath(const std::filesystem::path &root, std::string_view relative);

/// The same for a folder.
[[nodiscard]] Result<UniqueFd> openFolderBeneath(const std::filesystem::path &root, std::string_view relative);

/// For display: control characters and line breaks shown as visible escapes, at most `limit` characters.
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit = 200);

} // namespace bottega
