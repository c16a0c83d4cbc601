// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/run/job.h"
#include "core/workspace/filecopy.h"
#include "core/base/staging.h"
#include "core/workspace/workspace.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bottega {

/// The four files of an image data set, in this order everywhere.
inline constexpr const char *datasetFiles[] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                               "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};

enum class DatasetState {
    Ready,     // in the workspace, plain and proved
    Offered,   // known and at hand on this machine or inside the program: `get` makes it ready without a network
    Download,  // known; `get` downloads it
};

struct Dataset
{
    std::string name;   // "mnist", "mnist-small", "fashion-mnist", or the user's own
    std::string title;
    std::string origin; // attribution and where it came from, one line
    DatasetState state = DatasetState::Download;
    std::int64_t trainCount = 0;
    std::int64_t testCount = 0;
    int rows = 0, columns = 0, classes = 0;
    int channels = 1;                  // 3 for RGB
    std::uint64_t bytes = 0;           // unpacked
    std::vector<std::string> sha256;   // of the four unpacked files
    std::vector<std::string> classNames;

    [[nodiscard]] bool operator==(const Dataset &) const = default;
};

[[nodiscard]] Json datasetToJson(const Dataset &dataset);
[[nodiscard]] std::string_view datasetStateName(DatasetState state); // "ready", "offered", "download"

struct KnownDataset;
using Catalogue = std::vector<KnownDataset>;

/// The data sets of one workspace and the known ones it could have: datasets/<name>/ with four plain IDX files, proved by
/// the SHA-256 of the unpacked bytes, and dataset.json. Nothing stands under its final name until proved.
class Datasets
{
public:
    explicit Datasets(Workspace workspace); // with the program's own catalogue
    Datasets(Workspace workspace, std::shared_ptr<const Catalogue> catalogue);

    [[nodiscard]] Result<std::vector<Dataset>> list() const;
    [[nodiscard]] Result<Dataset> find(const std::string &name) const;
    [[nodiscard]] std::filesystem::path folder(const std::string &name) const;
    [[nodiscard]] const Workspace &workspace() const { return m_workspace; }
    [[nodiscard]] const Catalogue &catalogue() const { return *m_catalogue; }

    /// Imports a folder with the four files, or the four files themselves (plain or .gz, told by their names), or a folder
    /// of pictures as readImageFolder takes it, whose class names are kept. Counts, sizes and labels are checked; for a
    /// known name the hashes must be the known ones. A file classes.txt beside the four names the classes, one a line.
    [[nodiscard]] Result<Dataset> import(const std::string &name,
                                         const std::vector<std::filesystem::path> &sources) const;
    /// Makes an Offered data set ready from the program's own resources or the system's package.
    [[nodiscard]] Result<Dataset> installOffered(const std::string &name) const;
    /// Reads all files again and holds them against the recorded hashes.
    [[nodiscard]] Result<Dataset> verify(const std::string &name) const;
    [[nodiscard]] Result<void> remove(const std::string &name) const;

    /// The data a job will use: the named set, made ready if it is only offered. An empty name means mnist where it is
    /// ready, else mnist-small.
    [[nodiscard]] Result<JobData> resolve(const std::string &name) const;
    /// The same without making anything: what resolve() will return. A set that must be downloaded is NotFound.
    [[nodiscard]] Result<JobData> plan(const std::string &name) const;

    /// Proves four plain files in `staged` (names as datasetFiles, hashes already taken) and gives them their place.
    [[nodiscard]] Result<Dataset> adopt(const std::string &name, StagingFolder &staged,
                                        const std::vector<CopiedFile> &files,
                                        std::vector<std::string> classNames = {}) const;

private:
    [[nodiscard]] Result<Dataset> readReady(const std::string &name) const;

    Workspace m_workspace;
    std::shared_ptr<const Catalogue> m_catalogue;
};

} // namespace bottega
