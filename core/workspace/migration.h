// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"

#include <filesystem>

namespace bottega {

/// The workspace's format of this version. 1: without trash/ and objects/. A new one needs a step in migration.cpp and a
/// fixture of the one before in tests/data.
inline constexpr int workspaceFormat = 2;

/// Brings an older workspace to the present format in numbered steps. Each is atomic (what it makes is there before
/// config.json names the new format) and may be run again after a crash; two processes do it one after the other. After an
/// error the workspace is of the format that it had, and readable.
[[nodiscard]] Result<void> migrateWorkspace(const std::filesystem::path &root);

} // namespace bottega
