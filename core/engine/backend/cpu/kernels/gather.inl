// SPDX-License-Identifier: Apache-2.0
// uint8 pixels of scattered samples → feature-major floats, a block of lanes samples × lanes features at a time.

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
    for (std::ptrdiff_t n = 0; n < g.samples; n += lanes) {
        const std::uint8_t *pictures[lanes];
        const std::ptrdiff_t present = g.samples - n < lanes ? g.samples - n : lanes;
        for (int i = 0; i < lanes; ++i)
            pictures[i] = g.pixels + g.indices[n + (i < present ? i : 0)] * g.features;
        for (std::ptrdiff_t f = 0; f < g.features; f += lanes) {
            Vector block[lanes];
#pragma GCC unroll 16
            for (int i = 0; i < lanes; ++i)
                block[i] = i < present ? g.scale * toFloats(pictures[i] + f, g.features - f) : Vector{};
            transposeBlock(block);
            const int height = g.features - f < lanes ? static_cast<int>(g.features - f) : lanes;
            for (int i = 0; i < height; ++i)
                store(g.output + (f + i) * g.outputStride + n, block[i]);
        }
    }
    for (std::ptrdiff_t n = (g.samples + lanes - 1) / lanes * lanes; n < (g.samples + 15) / 16 * 16; n += lanes)
        for (std::ptrdiff_t f = 0; f < g.features; ++f)
            store(g.output + f * g.outputStride + n, Vector{});
}
