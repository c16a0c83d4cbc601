// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/formats/npz/npz.h"

#include <QImage>
#include <QString>

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace bottega {

struct TextContent
{
    QString text;
    std::uint64_t shownBytes = 0;
    std::uint64_t totalBytes = 0;
};

/// One array of an .npz in figures; minimum, mean and maximum are over the finite values.
struct ArraySummary
{
    std::string key;
    std::vector<std::uint64_t> shape;
    NpyType type = NpyType::Float32;
    std::uint64_t count = 0;
    std::uint64_t finiteCount = 0;
    double minimum = 0;
    double mean = 0;
    double maximum = 0;
};

struct NoPreview
{
    std::uint64_t totalBytes = 0;
};

using ArtifactContent = std::variant<NoPreview, TextContent, QImage, std::vector<ArraySummary>>;

[[nodiscard]] ArraySummary summarizeArray(const std::string &key, const NpyArray &array);

/// What can be shown of the artifact `path` under `work`: arrays of an .npz, a picture (PNG, JPEG; its size is looked at
/// before it is decoded), the first 256 KiB of a text; NoPreview for anything else. Blocks: for a worker thread.
[[nodiscard]] Result<ArtifactContent> readArtifactContent(const std::filesystem::path &work, const std::string &path);

} // namespace bottega
