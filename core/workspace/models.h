// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/workspace/trash.h"
#include "core/workspace/workspace.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bottega {

struct ModelFile
{
    std::string path; // relative to the version's files/
    std::uint64_t size = 0;
    std::string sha256;
};

/// One version of a registered model. Facts never change; description and tags come from the annotations as of now.
struct Model
{
    std::string name;
    int version = 0;
    std::string description;
    std::map<std::string, std::string> tags;
    std::string run;        // lineage; may have been deleted since
    std::string experiment;
    std::string dataName;
    std::string dataSha256;
    std::string recipe;
    double createdAt = 0;
    std::vector<ModelFile> files;
    std::map<std::string, double> metrics; // the run's last values when it was registered

    [[nodiscard]] std::string id() const { return name + ":" + std::to_string(version); }
};

[[nodiscard]] Json modelToJson(const Model &model); // the command line's document

/// The registry of one workspace: models/<name>/<version>/. Stateless: reads the folders at each call; safe to use from
/// several processes. A version is there wholly or not at all, and a number is never given twice.
class Models
{
public:
    explicit Models(Workspace workspace) : m_workspace(std::move(workspace)) {}

    struct Registration
    {
        std::string name;          // 1–64 characters
        std::string artifactPath;  // file, or folder as a prefix, as `run files` lists them
        std::string description;
        std::map<std::string, std::string> tags;
    };
    /// Copies the run's artifact into the next version. A wrong path is NotFound and lists what the run has.
    [[nodiscard]] Result<Model> registerFromRun(const RunFolder &run, const Registration &registration) const;

    [[nodiscard]] Result<std::vector<Model>> list() const; // by name, newest version first
    /// The number that the next registration under this name gets, if nobody else is faster.
    [[nodiscard]] Result<int> nextVersion(const std::string &name) const;
    /// "name", "name:2" or "name:latest"; without a version the newest. NotFound lists the versions or names there are.
    [[nodiscard]] Result<Model> find(const std::string &reference) const;
    [[nodiscard]] std::filesystem::path filesFolder(const Model &model) const;

    /// Copies the files under `folder`, each verified by its hash, under its final name only when whole. A file that is
    /// there already is Exists unless `overwrite`; nothing is copied then. Returns the paths written.
    [[nodiscard]] Result<std::vector<std::filesystem::path>> download(const Model &model,
                                                                      const std::filesystem::path &folder,
                                                                      bool overwrite = false) const;
    /// Reads all files and holds them against their hashes; Corrupt names the file and the version.
    [[nodiscard]] Result<void> verify(const Model &model) const;
    /// At most 5,000 characters. Tag keys have 1 to 100, values at most 1,000.
    [[nodiscard]] Result<void> setDescription(const Model &model, const std::string &description) const;
    [[nodiscard]] Result<void> setTag(const Model &model, const std::string &key,
                                      const std::optional<std::string> &value) const; // nothing: remove it
    /// Moves the version to the trash, from where it can come back under its number.
    [[nodiscard]] Result<TrashItem> moveToTrash(const Model &model) const;
    /// Removes the version for good and gives its space back; returns the bytes freed.
    [[nodiscard]] Result<std::uint64_t> remove(const Model &model) const;

private:
    [[nodiscard]] Result<std::vector<Model>> versionsOf(const std::string &name) const;
    [[nodiscard]] std::filesystem::path versionFolder(const Model &model) const;
    [[nodiscard]] Result<void> noteDeleted(const Model &model) const;

    Workspace m_workspace;
};

} // namespace bottega
