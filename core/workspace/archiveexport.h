// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/workspace/archivemanifest.h"
#include "core/workspace/artifactcopy.h"

#include <filesystem>
#include <string>
#include <vector>

namespace bottega {

/// What to take; nothing named: the whole workspace with its data sets.
struct ExportRequest
{
    std::vector<std::string> runs;   // ids or unique beginnings
    std::vector<std::string> models; // "name": all its versions; "name:2", "name:latest"
    bool overwrites = false;         // a file of that name may be replaced
};

struct ExportReport
{
    ArchiveManifest manifest;
    std::uint64_t bytes = 0; // of the archive
};

/// Writes runs and models as one archive (see archivemanifest.h) to `file`, whose name ends in ".bottega". It gets its
/// name when it is whole and on the disk: after an error, a cancel or a kill there is nothing. No link is followed and
/// none is stored; links, special files and files whose names other systems can't hold apart are left out, and named in
/// the report. A run that is going on is taken as of its acknowledged bytes. Blocks.
[[nodiscard]] Result<ExportReport> exportArchive(const Workspace &workspace, const ExportRequest &request,
                                                 const std::filesystem::path &file, const CopyProgress &progress = {});

} // namespace bottega
