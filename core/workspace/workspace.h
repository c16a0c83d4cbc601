// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/run/runfolder.h"
#include "core/workspace/config.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace bottega {

/// What forms start with; any may be empty.
struct WorkspaceDefaults
{
    std::string experiment;
    std::string target;
    std::string dataset;
};

/// A folder with config.json that holds experiments, runs, models and data sets. A cheap value: paths and identity; what
/// it names is read from disk at each call, so several processes can share a workspace. All calls may block on the disk.
class Workspace
{
public:
    /// Makes the folder (it may exist, but not hold a workspace) with config.json, runs/, models/, datasets/.
    /// The name is the folder's unless given; 2–32 characters. What this makes is trusted (see trust.h).
    [[nodiscard]] static Result<Workspace> init(const std::filesystem::path &folder, const std::string &name = {});
    /// The same without trusting it, for what comes from elsewhere.
    [[nodiscard]] static Result<Workspace> make(const std::filesystem::path &folder, const std::string &name = {});

    /// Opens exactly this folder. NotFound says how to make one. An older format is brought to the present one (where the
    /// disk permits); a newer one opens read-only where its `readableBy` says that this version can read it, else it is
    /// refused in words. For a damaged config.json its last good copy stands in: problem() tells.
    /// A folder whose only configuration is Azure's opens too: under the name that stands there, with an id made from
    /// its path, and with runs/ and the rest beside it; that file is never written.
    [[nodiscard]] static Result<Workspace> open(const std::filesystem::path &folder);

    /// Looks for config.json as Workspace.from_config did: from `start` upward, `.azureml/` through all parents, then
    /// `aml_config/`, then the plain folder. A config.json of some other program is passed over. The error names the
    /// start folder and its parents.
    [[nodiscard]] static Result<Workspace> find(const std::filesystem::path &start);

    [[nodiscard]] const std::filesystem::path &root() const { return m_root; }
    [[nodiscard]] const std::string &id() const { return m_id; }
    [[nodiscard]] const std::string &name() const { return m_name; }
    [[nodiscard]] const std::string &problem() const { return m_problem; } // of its configuration, for people; or empty
    [[nodiscard]] bool isReadOnly() const { return m_isReadOnly; }         // of a newer format: nothing is ever written
    [[nodiscard]] Result<void> checkWritable() const;                      // Unsupported, in words, where it is read-only
    [[nodiscard]] std::filesystem::path runsFolder() const { return m_root / "runs"; }
    [[nodiscard]] std::filesystem::path modelsFolder() const { return m_root / "models"; }
    [[nodiscard]] std::filesystem::path datasetsFolder() const { return m_root / "datasets"; }
    [[nodiscard]] std::filesystem::path objectsFolder() const { return m_root / "objects"; }
    [[nodiscard]] std::filesystem::path trashFolder() const { return m_root / "trash"; }
    [[nodiscard]] std::filesystem::path annotations() const { return m_root / "annotations.jsonl"; }
    /// $XDG_CACHE_HOME/bottega/<workspace id>/: derived files only.
    [[nodiscard]] std::filesystem::path cacheFolder() const;

    /// The run of this id, or a unique beginning of it; NotFound says what to do.
    [[nodiscard]] Result<RunFolder> run(const std::string &idOrPrefix) const;
    [[nodiscard]] Result<std::vector<std::string>> runIds() const; // newest first

    [[nodiscard]] WorkspaceDefaults defaults() const; // empty where config.json cannot be read
    /// Saved into config.json atomically; keys that this version doesn't know stay. Unsupported on Azure's file.
    [[nodiscard]] Result<void> setDefaults(const WorkspaceDefaults &defaults) const;
    /// The same for single ones: what `change` leaves alone is as another process may have saved it a moment ago.
    [[nodiscard]] Result<void> changeDefaults(const std::function<void(WorkspaceDefaults &)> &change) const;

private:
    Workspace(std::filesystem::path root, std::string id, std::string name);
    [[nodiscard]] static Result<Workspace> fromConfig(const std::filesystem::path &root, const Config &config);
    [[nodiscard]] static Result<Workspace> fromAzure(const std::filesystem::path &root, const Json &config);

    std::filesystem::path m_root;
    std::string m_id;
    std::string m_name;
    std::string m_problem;
    bool m_isReadOnly = false;
};

/// The folder's name with what a workspace's name may not hold replaced.
[[nodiscard]] std::string workspaceNameFor(const std::filesystem::path &folder);

/// Where workspaces are made unless the user says otherwise: $XDG_DATA_HOME/bottega/workspaces.
[[nodiscard]] std::filesystem::path defaultWorkspacesFolder();

} // namespace bottega
