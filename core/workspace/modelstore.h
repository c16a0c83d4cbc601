// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/workspace/filecopy.h"
#include "core/workspace/models.h"

#include <filesystem>
#include <map>
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

/// For each run the newest model registered from it, as "name:version". Damaged versions are passed over.
class ModelLookup
{
public:
    explicit ModelLookup(std::filesystem::path modelsFolder) : m_folder(std::move(modelsFolder)) {}

    bool refresh(); // true where something is different; without news it costs a listing per model
    [[nodiscard]] std::string of(const std::string &run) const;
    [[nodiscard]] const std::map<std::string, std::string> &all() const { return m_byRun; }

private:
    std::filesystem::path m_folder;
    std::string m_versions; // all there are: a version never changes
    std::map<std::string, std::string> m_byRun;
};

} // namespace bottega
