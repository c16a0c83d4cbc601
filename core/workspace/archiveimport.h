// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/workspace/archivemanifest.h"
#include "core/workspace/artifactcopy.h"
#include "core/workspace/workspace.h"

#include <filesystem>
#include <string>
#include <vector>

namespace bottega {

/// What became of one run, model or data set of an archive.
struct ImportedItem
{
    std::string kind;         // "run", "model", "dataset"
    std::string name;         // as the archive has it: run id, "digits:1", "mnist"
    std::string as;           // what it is called here; "digits:3" where the version was taken by another model
    bool wasThere = false;    // identical, and so left alone
};

struct ImportReport
{
    std::filesystem::path workspace;
    std::vector<ImportedItem> items;
    std::vector<LeftOut> leftOut; // when it was exported
    std::uint64_t bytes = 0;      // written
};

/// The table of contents alone, held against the members' names and sizes; nothing is unpacked.
[[nodiscard]] Result<ArchiveManifest> readArchiveManifest(const std::filesystem::path &file);

/// Imports all of an archive of foreign origin into a workspace. Everything is unpacked into a hidden folder first, each
/// member proved by CRC and SHA-256; then each run, model and data set gets its name by one rename. Caps: 100,000 members,
/// ratio 200:1 above 64 MiB, never a byte more than declared, and what the disk has free. What is there already and
/// identical is left alone; a run or data set of that name with other content is Exists, and then nothing is imported; a
/// model gets the next version. A run whose journal has no end is given one. After an error or cancel nothing is left but
/// what had its name already (kept says how much). Blocks.
[[nodiscard]] Result<ImportReport> importArchive(const std::filesystem::path &file, const Workspace &workspace,
                                                 const CopyProgress &progress = {});

/// The same into a workspace made for it, under an id of its own: wholly or not at all. `folder` must be missing or empty.
/// The new workspace is not trusted.
[[nodiscard]] Result<ImportReport> importArchiveTo(const std::filesystem::path &file, const std::filesystem::path &folder,
                                                   const CopyProgress &progress = {});

} // namespace bottega
