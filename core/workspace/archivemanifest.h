// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace bottega {

/// An archive (*.bottega) is a zip that any unzip opens. Members have the paths that they have in a workspace,
/// "runs/<id>/…", "models/<name>/<version>/…", "datasets/<name>/…", and bottega.json says what they must be:
///
///     {"format": 1, "program": "…", "created": "…", "whole": true,
///      "workspace": {"id", "name", "experiment", "dataset"},
///      "runs": [{"id", "state", "isLive"}…], "models": ["name:version"…], "datasets": ["name"…],
///      "files": [{"path", "size", "sha256", "redacted"?}…], "leftOut": [{"path", "why"}…], "annotations": […]}
inline constexpr const char *archiveManifestName = "bottega.json";
inline constexpr const char *archiveSuffix = ".bottega";

struct ArchivedFile
{
    std::string path;
    std::uint64_t size = 0;
    std::string sha256;
    bool isRedacted = false; // secrets were taken out: not byte for byte what it was
};

struct ArchivedRun
{
    std::string id;
    std::string state;   // as it stands in the archive
    bool isLive = false; // it was going on: the archive holds what was acknowledged then
};

struct LeftOut
{
    std::string path;
    std::string why;
};

struct ArchiveManifest
{
    std::string program; // version of the program that wrote it
    std::string created; // 2026-11-23T13:00:24.123Z
    bool isWhole = false; // of a workspace, not of what was chosen in it
    std::string workspaceId;
    std::string workspaceName;
    std::string experiment; // the workspace's defaults
    std::string dataset;
    std::vector<ArchivedRun> runs;
    std::vector<std::string> models;
    std::vector<std::string> datasets;
    std::vector<ArchivedFile> files;
    std::vector<LeftOut> leftOut;
    Json annotations = Json::array(); // of what is in it: {"time", "subject", "key", "value"}
};

[[nodiscard]] Json manifestToJson(const ArchiveManifest &manifest);

/// Refuses newer formats in words and, as Corrupt, what could lead out of its folder: each file lies in one of the runs,
/// models or data sets that are named, under a name that no other file has, upper case or Unicode form aside.
[[nodiscard]] Result<ArchiveManifest> manifestFromJson(const Json &json, const std::string &where);

/// "runs/<id>", "models/<name>/<version>", "datasets/<name>": what a file belongs to. Empty for anything else.
[[nodiscard]] std::string archiveUnitOf(const std::string &path);

/// A path as file systems compare it that know neither case nor Unicode's several forms.
[[nodiscard]] std::string foldedPath(const std::string &path);

} // namespace bottega
