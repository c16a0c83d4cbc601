// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/cuda/parameterview.h"
#include "core/engine/backend/cuda/product.h"

#include <algorithm>

namespace bottega::engine::cuda {

/// Where the gradients [rows, columns + 1] of a layer's weights go. The bias is the weight of an input that is always 1:
/// the last column.
struct WeightTarget
{
    ParameterView weights; // [rows, columns]
    ParameterView bias;    // [rows]
    float *partials;       // [parts, rows, columns + 1]; null where the depth is not parted
    std::int32_t rows;
    std::int32_t columns;

    BOTTEGA_HOST_DEVICE void take(std::int32_t r, std::int32_t c, float slope) const
    {
        if (c < columns)
            weights.take(std::int64_t{r} * columns + c, slope);
        else
            bias.take(r, slope);
    }

    BOTTEGA_HOST_DEVICE void finish(std::int32_t r, std::int32_t c, std::int32_t part, float sum) const
    {
        if (partials)
            partials[(std::int64_t{part} * rows + r) * (columns + 1) + c] = sum;
        else
            take(r, c, sum);
    }
};

/// Adds the parts up, always in the same order.
struct PartialSums
{
    WeightTarget target;
    std::int32_t parts;

    BOTTEGA_HOST_DEVICE void operator()(std::int64_t index) const
    {
        const std::int64_t count = std::int64_t{target.rows} * (target.columns + 1);
        float sum = 0;
        for (std::int32_t part = 0; part < parts; ++part)
            sum += target.partials[part * count + index];
        target.take(static_cast<std::int32_t>(index / (target.columns + 1)),
                    static_cast<std::int32_t>(index % (target.columns + 1)), sum);
    }
};

/// Into how many parts a gradient's depth is cut, so that few rows and columns over many samples and positions still fill
/// the device: parts of at least 128.
[[nodiscard]] inline std::int32_t depthParts(std::int64_t rows, std::int64_t columns, std::int64_t depth, int multiprocessors)
{
    const std::int64_t tiles = ((rows + SmallTile::rows - 1) / SmallTile::rows) *
                               ((columns + 1 + SmallTile::columns - 1) / SmallTile::columns);
    const std::int64_t wanted = 2 * std::int64_t{multiprocessors} / tiles;
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(wanted, 1, std::max<std::int64_t>(depth / 128, 1)));
}

/// The part's length: a multiple of every tile's depth.
[[nodiscard]] inline std::int32_t depthOfPart(std::int64_t depth, std::int32_t parts)
{
    const std::int64_t each = (depth + parts - 1) / parts;
    return static_cast<std::int32_t>((each + SmallTile::depth - 1) / SmallTile::depth * SmallTile::depth);
}

} // namespace bottega::engine::cuda
