// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/engine/backend/tensor.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace bottega::engine {

enum class DataPart {
    Train, // train-images-idx3-ubyte, train-labels-idx1-ubyte
    Test,  // t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte
};

/// Pictures with labels, as uint8 in memory.
struct Dataset
{
    std::int64_t count = 0;
    std::int64_t channels = 1;
    std::int64_t height = 0;
    std::int64_t width = 0;
    int classes = 0;                     // largest label + 1, and at least as many as dataset.json beside IDX files says, or 10
    std::vector<std::uint8_t> pixels;    // [count, channels, height, width]
    std::vector<std::uint8_t> labels;    // [count]
    std::vector<std::string> classNames; // of an image folder; else empty
    std::filesystem::path images;        // the files it came from
    std::filesystem::path labelFile;

    [[nodiscard]] std::int64_t features() const { return channels * height * width; }
    [[nodiscard]] Shape pictureShape() const { return {channels, height, width}; }
};

struct DatasetPair
{
    Dataset train;
    Dataset test;
};

/// Reads one part of a folder: IDX files of [count, height, width] or [count, channels, height, width], each plain or with
/// .gz after its name. A missing file is NotFound and named; what does not fit together (counts, extents) is Corrupt.
[[nodiscard]] Result<Dataset> readDataset(const std::filesystem::path &folder, DataPart part);

/// Reads both parts of a folder of IDX files, or of a folder of pictures, as readImageFolder takes it. Both have the same
/// classes; pictures of different sizes are Corrupt.
[[nodiscard]] Result<DatasetPair> readDatasets(const std::filesystem::path &folder);

/// Moves about `share` of each class, drawn by `seed`, out of `train` and returns it. Both keep the order. Usage where that
/// leaves either of them empty.
[[nodiscard]] Result<Dataset> holdOut(Dataset &train, double share, std::uint64_t seed);

/// Corrupt, with the first offending index, where the data do not fit a net of these extents.
[[nodiscard]] Result<void> checkFits(const Dataset &data, const Shape &picture, std::int64_t classes);

/// Tells data sets apart without reading all of them again: a CRC over extents, all labels and every 1009th pixel.
[[nodiscard]] std::uint32_t fingerprint(const Dataset &data);

} // namespace bottega::engine
