// SPDX-License-Identifier: Apache-2.0
// Pixels of scattered samples, turned feature-major in registers: as floats a square of lanes × lanes at a time; or, where
// only linear layers read them, as they are, since their kernels turn bytes into floats on the way and need less cache.

inline Vector toFloats(const std::uint8_t *pixels, std::ptrdiff_t count)
{
    if (count >= lanes)
        return load(pixels);
    std::uint8_t bytes[lanes] = {};
    __builtin_memcpy(bytes, pixels, static_cast<std::size_t>(count)); // the data set may end here
    return load(bytes);
}

inline const std::uint8_t *pictureOf(const Gather &g, std::ptrdiff_t n)
{
    return g.pixels + g.indices[n < g.samples ? n : 0] * g.features;
}

inline void gatherFloats(const Gather &g)
{
    for (std::ptrdiff_t n = 0; n < block; n += lanes) {
        const std::uint8_t *pictures[lanes];
        for (std::ptrdiff_t i = 0; i < lanes; ++i)
            pictures[i] = pictureOf(g, n + i);
        for (std::ptrdiff_t f = 0; f < g.features; f += lanes) {
            Vector square[lanes];
#pragma GCC unroll 16
            for (int i = 0; i < lanes; ++i)
                square[i] = n + i < g.samples ? g.scale * toFloats(pictures[i] + f, g.features - f) : Vector{};
            transposeBlock(square);
            const int height = g.features - f < lanes ? static_cast<int>(g.features - f) : lanes;
            for (int i = 0; i < height; ++i)
                store(g.output + (f + i) * block + n, square[i]);
        }
    }
}

constexpr int side = 16; // of a square of bytes
typedef std::uint8_t ByteRow __attribute__((vector_size(side)));

/// Rows i and i + 8 interleaved, four times over: columns become rows.
inline void transposeBytes(ByteRow (&rows)[side])
{
#pragma GCC unroll 4
    for (int round = 0; round < 4; ++round) {
        ByteRow mixed[side];
#pragma GCC unroll 8
        for (int i = 0; i < side / 2; ++i) {
            const ByteRow a = rows[i], b = rows[i + side / 2];
            mixed[2 * i] = __builtin_shuffle(a, b, ByteRow{0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23});
            mixed[2 * i + 1] = __builtin_shuffle(a, b, ByteRow{8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31});
        }
#pragma GCC unroll 16
        for (int i = 0; i < side; ++i)
            rows[i] = mixed[i];
    }
}

/// The pictures' rows first, one after the other: then whole squares can be read beyond the last feature.
inline void gatherBytes(const Gather &g)
{
    for (std::ptrdiff_t n = 0; n < block; ++n) {
        if (n < g.samples)
            __builtin_memcpy(g.rows + n * g.rowStride, pictureOf(g, n), static_cast<std::size_t>(g.features));
        else
            __builtin_memset(g.rows + n * g.rowStride, 0, static_cast<std::size_t>(g.features));
    }
    for (std::ptrdiff_t n = 0; n < block; n += side) {
        for (std::ptrdiff_t f = 0; f < g.features; f += side) {
            ByteRow square[side];
#pragma GCC unroll 16
            for (int i = 0; i < side; ++i)
                __builtin_memcpy(&square[i], g.rows + (n + i) * g.rowStride + f, side);
            transposeBytes(square);
            const int height = g.features - f < side ? static_cast<int>(g.features - f) : side;
            for (int i = 0; i < height; ++i)
                __builtin_memcpy(g.bytes + (f + i) * block + n, &square[i], side);
        }
    }
}

void gather(const Gather &g)
{
    g.output ? gatherFloats(g) : gatherBytes(g);
}
