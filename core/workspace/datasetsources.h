// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/workspace/filecopy.h"

#include <array>
#include <filesystem>
#include <string>
#include <vector>

namespace bottega {

/// The four files of a data set among `sources` (one folder, or files), in the order of datasetFiles, told by their names:
/// "train" or "t10k"/"test", "images" or "labels", .gz or not. Where a file lies there packed and plain, the plain one.
/// What is missing or ambiguous is named.
[[nodiscard]] Result<std::array<std::filesystem::path, 4>>
findSources(const std::vector<std::filesystem::path> &sources);

/// unpackIdx() of a file on disk.
[[nodiscard]] Result<CopiedFile> unpackSource(const std::filesystem::path &source,
                                              const std::filesystem::path &target, std::uint64_t limit);

struct StagedPictures
{
    std::vector<CopiedFile> files; // as datasetFiles
    std::vector<std::string> classNames;
};

/// Reads a folder of pictures and writes the four files of a data set into `target`.
[[nodiscard]] Result<StagedPictures> stagePictures(const std::filesystem::path &folder, const std::filesystem::path &target);

/// The lines of classes.txt in the folder of a source file; empty where there is none.
[[nodiscard]] std::vector<std::string> classNamesBeside(const std::filesystem::path &source);

} // namespace bottega
