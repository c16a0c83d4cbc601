// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/workspace/filecopy.h"
#include "core/workspace/models.h"

#include <filesystem>
#include <string>
#include <vector>

namespace bottega {

/// The registry's layout on disk: models/<name>/<version>/model.json and files/. No annotations here.

[[nodiscard]] int versionNumber(const std::string &text);                                     // 0: it is none
[[nodiscard]] std::vector<int> versionNumbers(const std::filesystem::path &modelFolder);      // newest first
[[nodiscard]] std::vector<std::string> modelNames(const std::filesystem::path &modelsFolder); // sorted; with versions

/// The immutable facts as they stand in model.json.
[[nodiscard]] Json modelFactsToJson(const Model &model);
[[nodiscard]] Result<void> saveModel(const Model &model, const std::filesystem::path &folder);
[[nodiscard]] Result<Model> loadModel(const std::filesystem::path &modelsFolder, const std::string &name, int version);

/// Corrupt, with file and version named, where `found` is not what was registered.
[[nodiscard]] Result<void> checkHash(const Model &model, const ModelFile &file, const CopiedFile &found);

} // namespace bottega
