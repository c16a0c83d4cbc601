// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"

#include <filesystem>

namespace bottega {

/// Whether a record's `format` number is one that this version knows: 1 (also where it has none) to `known`. Unsupported
/// says in words what is of which format, and by which version it was written where the record tells (`createdBy`).
[[nodiscard]] Result<void> checkFormat(const Json &record, int known, const std::string &what,
                                       const std::filesystem::path &where);

} // namespace bottega
