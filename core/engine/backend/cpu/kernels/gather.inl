// SPDX-License-Identifier: Apache-2.0
// uint8 pixels of scattered samples → floats, a block of lanes samples × lanes features at a time: feature-major for the
// forward pass and, where a linear layer reads them, sample by sample for its weight gradients.

inline Vector toFloats(const std::uint8_t *pixels, std::ptrdiff_t count)
{
    Bytes bytes = {};
    if (count >= lanes)
        __builtin_memcpy(&bytes, pixels, lanes);
    else
        __builtin_memcpy(&bytes, pixels, static_cast<std::size_t>(count)); // the data set may end here
    return __builtin_convertvector(__builtin_convertvector(bytes, Integers), Vector);
}

void gather(const Gather &g)
{
    for (std::ptrdiff_t n = 0; n < block; n += lanes) {
        const std::uint8_t *pictures[lanes];
        for (std::ptrdiff_t i = 0; i < lanes; ++i)
            pictures[i] = g.pixels + g.indices[n + i < g.samples ? n + i : 0] * g.features;
        for (std::ptrdiff_t f = 0; f < g.features; f += lanes) {
            Vector square[lanes];
#pragma GCC unroll 16
            for (int i = 0; i < lanes; ++i)
                square[i] = n + i < g.samples ? g.scale * toFloats(pictures[i] + f, g.features - f) : Vector{};
            if (g.transposed) {
#pragma GCC unroll 16
                for (int i = 0; i < lanes; ++i)
                    store(g.transposed + (n + i) * g.transposedStride + f, square[i]);
            }
            transposeBlock(square);
            const int height = g.features - f < lanes ? static_cast<int>(g.features - f) : lanes;
            for (int i = 0; i < height; ++i)
                store(g.output + (f + i) * block + n, square[i]);
        }
    }
}
