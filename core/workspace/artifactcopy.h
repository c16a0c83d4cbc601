// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/workspace/models.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace bottega {

/// One file to hand out: from where, under which name, and what it must be.
struct CopyItem
{
    std::string source; // slash path below the source folder
    std::string name;   // slash path below the folder it goes to
    std::string sha256; // what its content must have; empty: not known beforehand
};

enum class IfExists {
    Refuse,    // Exists, naming the files; nothing is copied
    Overwrite,
    KeepBoth,  // the new one becomes "model (2).npz"
};

/// Called now and then from the copying thread with bytes done and in all; false cancels.
using CopyProgress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

/// Copies files out of `source` into `folder` (made where missing): all of them or none. Nothing outside `source` is
/// reached through links. Each copy is made aside, synced, read back and held against the hash of what was read, then
/// renamed to its name; a file that changed while it was copied, or has another hash than asked, is Corrupt. After an
/// error or a cancel (Canceled) the folder is as before, made folders aside. Blocks. Returns the paths written.
[[nodiscard]] Result<std::vector<std::filesystem::path>> copyFiles(const std::filesystem::path &source,
                                                                   const std::vector<CopyItem> &items,
                                                                   const std::filesystem::path &folder, IfExists ifExists,
                                                                   const CopyProgress &progress = {});

/// The files that `paths` (artifact paths or folders of them) name in a run, with names relative to their deepest common
/// folder: one file keeps just its own name. A path that matches nothing is NotFound and lists what the run has.
[[nodiscard]] Result<std::vector<CopyItem>> artifactItems(const RunFolder &run, const std::vector<std::string> &paths);

/// The files of a registered model with their recorded hashes; the source folder is Models::filesFolder.
[[nodiscard]] std::vector<CopyItem> modelItems(const Model &model);

} // namespace bottega
