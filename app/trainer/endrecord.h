// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <vector>

namespace bottega::trainer {

/// code, what, where, kept, remedy: as `Error` has them.
[[nodiscard]] Json errorToJson(const Error &error);

/// Writes <run folder>/end.json, so that the end is known even when no parent was left to wait for it. `error` may be null; `warnings` are what the run's last lines should tell besides.
[[nodiscard]] Result<void> writeEndRecord(const std::filesystem::path &runFolder, int attempt, int exitStatus,
                                          const Error *error, const std::vector<std::string> &warnings);

} // namespace bottega::trainer
