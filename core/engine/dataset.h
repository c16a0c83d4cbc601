// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace bottega::engine {

enum class Split {
    Train, // train-images-idx3-ubyte, train-labels-idx1-ubyte
    Test,  // t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte
};

/// Grey pictures with labels, as uint8 in memory.
struct Dataset
{
    std::int64_t count = 0;
    std::int64_t height = 0;
    std::int64_t width = 0;
    int classes = 0;                   // largest label + 1, at least 10
    std::vector<std::uint8_t> pixels;  // [count, height, width]
    std::vector<std::uint8_t> labels;  // [count]
    std::filesystem::path images;      // the files it came from
    std::filesystem::path labelFile;

    [[nodiscard]] std::int64_t features() const { return height * width; }
};

/// Reads one split of a folder, each file plain or with .gz after its name. A missing file is NotFound and named; what does
/// not fit together (counts, extents) is Corrupt.
[[nodiscard]] Result<Dataset> readDataset(const std::filesystem::path &folder, Split split);

/// Corrupt, with the first offending index, where the data do not fit a net of these extents.
[[nodiscard]] Result<void> checkFits(const Dataset &data, std::int64_t features, std::int64_t classes);

/// Tells data sets apart without reading all of them again: a CRC over extents, all labels and every 1009th pixel.
[[nodiscard]] std::uint32_t fingerprint(const Dataset &data);

} // namespace bottega::engine
