// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/augmentation.h"
#include "core/engine/backend/dropout.h"

#include <cmath>
#include <cstdint>

namespace bottega::engine {

/// Where each pixel of one moved picture comes from: centre + matrix · (pixel − centre − shift).
struct PictureMove
{
    float xx = 1, xy = 0, yx = 0, yy = 1; // turns back and scales back
    float shiftX = 0, shiftY = 0;         // pixels to the right and down
};

/// Displacements of control points that a uniform cubic B-spline smooths (Rueckert et al. 1999; as Simard,
/// Steinkraus and Platt 2003 smooth theirs by a Gaussian): four cells across the picture and down it. No
/// pixel moves further than the control points do.
struct ElasticGrid
{
    static constexpr int cells = 4;
    static constexpr int points = cells + 3;
    static constexpr int numbers = 2 * points * points;

    float values[numbers]; // [2, points, points]: to the right, then down, in pixels
};

/// What one picture draws its numbers from; no other picture of the training has the same but by chance.
BOTTEGA_HOST_DEVICE inline std::uint32_t augmentKey(std::uint64_t seed, std::int64_t step, std::int64_t place)
{
    return mixed(dropoutKey(seed, step) ^
                 mixed(static_cast<std::uint32_t>(place) * 0x9e3779b9u + 0x51ed270bu));
}

/// The picture's number of that index, evenly from [−1, 1).
BOTTEGA_HOST_DEVICE inline float augmentNumber(std::uint32_t key, std::uint32_t index)
{
    const std::uint32_t bits = mixed(key + mixed(index * 0x85ebca6bu + 0x2545f491u));
    return static_cast<float>(static_cast<std::int32_t>(bits) >> 8) *
           (1.0f / 8'388'608); // 24 bits: all that a float holds
}

BOTTEGA_HOST_DEVICE inline PictureMove drawMove(const Augmentation &augmentation, std::uint32_t key)
{
    const float angle = augmentation.rotate * augmentNumber(key, 0) * 0.017453292f;
    const float size = 1 + augmentation.scale * augmentNumber(key, 1);
    const float cosine = cosf(angle) / size, sine = sinf(angle) / size;
    return {cosine,
            sine,
            -sine,
            cosine,
            augmentation.shift * augmentNumber(key, 2),
            augmentation.shift * augmentNumber(key, 3)};
}

/// Value `index` of the picture's elastic grid: devices fill theirs in parallel.
BOTTEGA_HOST_DEVICE inline float drawElastic(const Augmentation &augmentation, std::uint32_t key, int index)
{
    return augmentation.elastic * augmentNumber(key, 16 + static_cast<std::uint32_t>(index));
}

/// Place of a pixel in the grid: the first of its four control points, and the weights of all four, which sum
/// to 1.
struct SplinePlace
{
    int first;
    float weights[4];
};

BOTTEGA_HOST_DEVICE inline SplinePlace splinePlace(std::int64_t pixel, std::int64_t extent)
{
    const float at = (static_cast<float>(pixel) + 0.5f) *
                     (static_cast<float>(ElasticGrid::cells) / static_cast<float>(extent));
    const int first = static_cast<int>(at);
    const float t = at - static_cast<float>(first), u = 1 - t;
    const float outer = t * t * t / 6, inner = u * u * u / 6;
    const float second = 2.0f / 3 - t * t * (2 - t) / 2;
    return {first, {inner, second, 1 - inner - second - outer, outer}};
}

/// The grid's displacements along one row of pixels, at the control points of its columns.
struct ElasticRow
{
    float right[ElasticGrid::points];
    float down[ElasticGrid::points];
};

BOTTEGA_HOST_DEVICE inline ElasticRow elasticRow(const ElasticGrid &grid, const SplinePlace &row)
{
    constexpr int points = ElasticGrid::points;
    ElasticRow along = {};
    for (int i = 0; i < 4; ++i) {
        const float *values = grid.values + (row.first + i) * points;
        for (int j = 0; j < points; ++j) {
            along.right[j] += row.weights[i] * values[j];
            along.down[j] += row.weights[i] * values[points * points + j];
        }
    }
    return along;
}

/// Between the four pixels around (y, x), zero outside; picture [height, width]. Whole numbers give the pixel
/// itself.
BOTTEGA_HOST_DEVICE inline float pixelBetween(const std::uint8_t *picture, std::int64_t height,
                                              std::int64_t width, float y, float x)
{
    if (!(x > -1 && y > -1 && x < static_cast<float>(width) && y < static_cast<float>(height)))
        return 0;
    const float left = floorf(x), top = floorf(y);
    const auto column = static_cast<std::int64_t>(left), row = static_cast<std::int64_t>(top);
    const bool hasLeft = column >= 0, hasRight = column + 1 < width;
    const std::uint8_t *at = picture + row * width + column;
    const bool hasTop = row >= 0, hasBottom = row + 1 < height;
    const float topLeft = hasTop && hasLeft ? at[0] : 0, topRight = hasTop && hasRight ? at[1] : 0;
    const float bottomLeft = hasBottom && hasLeft ? at[width] : 0,
                bottomRight = hasBottom && hasRight ? at[width + 1] : 0;
    const float upper = topLeft + (x - left) * (topRight - topLeft);
    const float lower = bottomLeft + (x - left) * (bottomRight - bottomLeft);
    return upper + (y - top) * (lower - upper);
}

/// Where pixel (row, column) comes from; `bent` belongs to its row and may be null.
BOTTEGA_HOST_DEVICE inline void sourceOf(const PictureMove &move, const ElasticRow *bent, std::int64_t row,
                                         std::int64_t column, std::int64_t height, std::int64_t width,
                                         float &y, float &x)
{
    const float centreX = 0.5f * static_cast<float>(width - 1),
                centreY = 0.5f * static_cast<float>(height - 1);
    const float dx = static_cast<float>(column) - centreX - move.shiftX;
    const float dy = static_cast<float>(row) - centreY - move.shiftY;
    x = centreX + move.xx * dx + move.xy * dy;
    y = centreY + move.yx * dx + move.yy * dy;
    if (!bent)
        return;
    const SplinePlace place = splinePlace(column, width);
    for (int i = 0; i < 4; ++i) {
        x += place.weights[i] * bent->right[place.first + i];
        y += place.weights[i] * bent->down[place.first + i];
    }
}

/// out[f · stride] = `scale` · the moved picture's value f of [channels, height, width]; `grid` may be null.
BOTTEGA_HOST_DEVICE inline void movePicture(const PictureMove &move, const ElasticGrid *grid,
                                            const std::uint8_t *picture, std::int64_t channels,
                                            std::int64_t height, std::int64_t width, float scale, float *out,
                                            std::int64_t stride = 1)
{
    const std::int64_t plane = height * width;
    for (std::int64_t row = 0; row < height; ++row) {
        const ElasticRow along = grid ? elasticRow(*grid, splinePlace(row, height)) : ElasticRow{};
        for (std::int64_t column = 0; column < width; ++column) {
            float y = 0, x = 0;
            sourceOf(move, grid ? &along : nullptr, row, column, height, width, y, x);
            for (std::int64_t channel = 0; channel < channels; ++channel)
                out[(channel * plane + row * width + column) * stride] =
                    scale * pixelBetween(picture + channel * plane, height, width, y, x);
        }
    }
}

/// One picture of a step, at its place in the batch: a function of the arguments alone, whoever computes it.
BOTTEGA_HOST_DEVICE inline void augment(const Augmentation &augmentation, std::uint64_t seed,
                                        std::int64_t step, std::int64_t place, const std::uint8_t *picture,
                                        std::int64_t channels, std::int64_t height, std::int64_t width,
                                        float scale, float *out, std::int64_t stride = 1)
{
    const std::uint32_t key = augmentKey(seed, step, place);
    const PictureMove move = drawMove(augmentation, key);
    if (!(augmentation.elastic > 0))
        return movePicture(move, nullptr, picture, channels, height, width, scale, out, stride);
    ElasticGrid grid;
    for (int i = 0; i < ElasticGrid::numbers; ++i)
        grid.values[i] = drawElastic(augmentation, key, i);
    movePicture(move, &grid, picture, channels, height, width, scale, out, stride);
}

} // namespace bottega::engine
