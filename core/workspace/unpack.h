// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/workspace/filecopy.h"

#include <QIODevice>

namespace bottega {

/// Copies an IDX file, plain or gzip (told by content), to the new file `target`, plain, hashed and synced. Reads and
/// writes in blocks; stops as Corrupt at the first byte beyond what the IDX header promises or beyond `limit`, so a
/// packed file can't grow on the disk, and where bytes are missing. `name` names the source in errors. On an error the
/// target is gone again.
[[nodiscard]] Result<CopiedFile> unpackIdx(QIODevice &source, const std::string &name,
                                           const std::filesystem::path &target, std::uint64_t limit);

} // namespace bottega
