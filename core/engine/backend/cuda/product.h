// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/cuda/launch.h"

#include <cstdint>

namespace bottega::engine::cuda {

/// Extents of a tile that a block of 256 threads computes.
struct SmallTile
{
    static constexpr int rows = 32, columns = 32, depth = 32, rowsEach = 2, columnsEach = 2;
};
struct LargeTile
{
    static constexpr int rows = 64, columns = 64, depth = 16, rowsEach = 4, columnsEach = 4;
};

/// result(r, c) = Σ_k left(r, k) · right(k, c): the one scheme of all matrix products, convolutions and weight gradients.
/// Problem, a plain struct, says what the operands are and what becomes of a sum:
///
///     std::int32_t rows, columns, depth;
///     std::int32_t depthEach;                         // part of the depth that one layer of blocks (z) adds up
///     static constexpr bool leftRunsAlongDepth;       // neighbours in memory: k and k + 1, else r and r + 1
///     static constexpr bool rightRunsAlongDepth;      // likewise k, else c
///     float left(r, k) const; float right(k, c) const; // asked within the extents only
///     void finish(r, c, z, sum) const;                // each (r, c, z) once
///
/// Grid: (tiles row by row, 1, parts of the depth). Phase p fetches tile p while it multiplies tile p − 1; two buffers
/// make one barrier a tile enough.
template <class Problem, class Tile>
struct Product
{
    static constexpr int threadColumns = Tile::columns / Tile::columnsEach;
    static constexpr int threadRows = Tile::rows / Tile::rowsEach;
    static constexpr int threads = threadColumns * threadRows;
    static constexpr int leftEach = Tile::rows * Tile::depth / threads;
    static constexpr int rightEach = Tile::columns * Tile::depth / threads;
    static_assert(leftEach * threads == Tile::rows * Tile::depth && rightEach * threads == Tile::columns * Tile::depth);

    struct Shared
    {
        float left[2][Tile::depth][Tile::rows + 1]; // one more, so that both orders of filling meet all banks
        float right[2][Tile::depth][Tile::columns + 1];
    };
    struct Registers
    {
        float sums[Tile::rowsEach][Tile::columnsEach];
    };

    Problem problem;
    std::int32_t columnTiles;

    [[nodiscard]] BOTTEGA_HOST_DEVICE int tiles() const { return (problem.depthEach + Tile::depth - 1) / Tile::depth; }
    [[nodiscard]] BOTTEGA_HOST_DEVICE int phases() const { return tiles() + 1; }

    BOTTEGA_HOST_DEVICE void phase(int number, const Place &place, Shared &shared, Registers &registers) const
    {
        float left[leftEach] = {}, right[rightEach] = {};
        if (number < tiles())
            fetch(number, place, left, right);
        if (number == 0)
            clear(registers);
        else
            multiply(place, (number - 1) % 2, shared, registers);
        if (number < tiles())
            put(number % 2, place, left, right, shared);
        else
            finish(place, registers);
    }

private:
    [[nodiscard]] BOTTEGA_HOST_DEVICE std::int32_t firstRow(const Place &place) const
    {
        return place.x / columnTiles * Tile::rows;
    }
    [[nodiscard]] BOTTEGA_HOST_DEVICE std::int32_t firstColumn(const Place &place) const
    {
        return place.x % columnTiles * Tile::columns;
    }
    BOTTEGA_HOST_DEVICE static int leftRow(int i)
    {
        return Problem::leftRunsAlongDepth ? i / Tile::depth : i % Tile::rows;
    }
    BOTTEGA_HOST_DEVICE static int leftDepth(int i)
    {
        return Problem::leftRunsAlongDepth ? i % Tile::depth : i / Tile::rows;
    }
    BOTTEGA_HOST_DEVICE static int rightColumn(int i)
    {
        return Problem::rightRunsAlongDepth ? i / Tile::depth : i % Tile::columns;
    }
    BOTTEGA_HOST_DEVICE static int rightDepth(int i)
    {
        return Problem::rightRunsAlongDepth ? i % Tile::depth : i / Tile::columns;
    }

    BOTTEGA_HOST_DEVICE void fetch(int tile, const Place &place, float (&left)[leftEach], float (&right)[rightEach]) const
    {
        const std::int32_t first = place.z * problem.depthEach;
        const std::int32_t rest = problem.depth - first;
        const std::int32_t end = first + (rest < problem.depthEach ? rest : problem.depthEach);
        const std::int32_t start = first + tile * Tile::depth;
        for (int i = 0; i < leftEach; ++i) {
            const int at = place.thread + i * threads;
            const std::int32_t r = firstRow(place) + leftRow(at), k = start + leftDepth(at);
            left[i] = r < problem.rows && k < end ? problem.left(r, k) : 0.0f;
        }
        for (int i = 0; i < rightEach; ++i) {
            const int at = place.thread + i * threads;
            const std::int32_t c = firstColumn(place) + rightColumn(at), k = start + rightDepth(at);
            right[i] = c < problem.columns && k < end ? problem.right(k, c) : 0.0f;
        }
    }

    BOTTEGA_HOST_DEVICE static void put(int buffer, const Place &place, const float (&left)[leftEach],
                                        const float (&right)[rightEach], Shared &shared)
    {
        for (int i = 0; i < leftEach; ++i) {
            const int at = place.thread + i * threads;
            shared.left[buffer][leftDepth(at)][leftRow(at)] = left[i];
        }
        for (int i = 0; i < rightEach; ++i) {
            const int at = place.thread + i * threads;
            shared.right[buffer][rightDepth(at)][rightColumn(at)] = right[i];
        }
    }

    BOTTEGA_HOST_DEVICE static void clear(Registers &registers)
    {
        for (int i = 0; i < Tile::rowsEach; ++i)
            for (int j = 0; j < Tile::columnsEach; ++j)
                registers.sums[i][j] = 0;
    }

    BOTTEGA_HOST_DEVICE static void multiply(const Place &place, int buffer, const Shared &shared, Registers &registers)
    {
        const int row = place.thread / threadColumns, column = place.thread % threadColumns;
        for (int k = 0; k < Tile::depth; ++k) {
            float right[Tile::columnsEach];
            for (int j = 0; j < Tile::columnsEach; ++j)
                right[j] = shared.right[buffer][k][column + j * threadColumns];
            for (int i = 0; i < Tile::rowsEach; ++i) {
                const float left = shared.left[buffer][k][row + i * threadRows];
                for (int j = 0; j < Tile::columnsEach; ++j)
                    registers.sums[i][j] += left * right[j];
            }
        }
    }

    BOTTEGA_HOST_DEVICE void finish(const Place &place, const Registers &registers) const
    {
        const int row = place.thread / threadColumns, column = place.thread % threadColumns;
        for (int i = 0; i < Tile::rowsEach; ++i) {
            for (int j = 0; j < Tile::columnsEach; ++j) {
                const std::int32_t r = firstRow(place) + row + i * threadRows;
                const std::int32_t c = firstColumn(place) + column + j * threadColumns;
                if (r < problem.rows && c < problem.columns)
                    problem.finish(r, c, place.z, registers.sums[i][j]);
            }
        }
    }
};

template <class Tile, class Problem>
[[nodiscard]] Launch makeProductOf(const char *name, const Problem &problem)
{
    const std::int64_t columnTiles = (std::int64_t{problem.columns} + Tile::columns - 1) / Tile::columns;
    const std::int64_t rowTiles = (std::int64_t{problem.rows} + Tile::rows - 1) / Tile::rows;
    const std::int64_t parts = (std::int64_t{problem.depth} + problem.depthEach - 1) / problem.depthEach;
    return makeLaunch(name, Product<Problem, Tile>{problem, static_cast<std::int32_t>(columnTiles)},
                      Blocks{columnTiles * rowTiles, 1, parts});
}

/// Large tiles where they still keep every multiprocessor busy, else small ones.
template <class Problem>
[[nodiscard]] Launch makeProduct(const char *name, const Problem &problem, int multiprocessors)
{
    Launch large = makeProductOf<LargeTile>(name, problem);
    const bool isEnough = large.blocks.x * large.blocks.z >= multiprocessors;
    return isEnough ? large : makeProductOf<SmallTile>(name, problem);
}

} // namespace bottega::engine::cuda
