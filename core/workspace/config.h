// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"

#include <filesystem>
#include <functional>
#include <string>

namespace bottega {

/// What a workspace's config.json says.
struct Config
{
    Json json;
    std::string problem; // what is wrong with the file, with line and column, where its last good copy stands in for it
};

/// True for a configuration that this program made: Azure's and other programs' lack the key "format".
[[nodiscard]] bool isWorkspaceConfig(const Json &json);

/// Reads `root`/config.json. One that is empty, torn, too large, has wrong types or a key twice is never used: its last
/// good copy is, config.json.last-good, which is kept beside it at each good reading and writing; without one the error
/// tells line and column. A configuration of another program is returned as it is.
[[nodiscard]] Result<Config> readConfig(const std::filesystem::path &root);

/// Reads, changes and writes it as one step: no other process comes in between, and keys that nobody here knows stay. A
/// damaged file is kept aside as config.json.damaged-<time>. Nothing is written where `change` fails.
[[nodiscard]] Result<void> changeConfig(const std::filesystem::path &root,
                                        const std::function<Result<void>(Json &)> &change);

/// Writes the first one, and its good copy.
[[nodiscard]] Result<void> saveConfig(const std::filesystem::path &root, const Json &config);

} // namespace bottega
