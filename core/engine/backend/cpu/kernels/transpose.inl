// SPDX-License-Identifier: Apache-2.0
// Square blocks of lanes × lanes are turned in registers, by exchanging halves, quarters, eighths, … of pairs of rows.

template <int S>
inline void exchange(Vector (&rows)[lanes])
{
    Integers low, high;
#pragma GCC unroll 16
    for (int i = 0; i < lanes; ++i) {
        low[i] = i & S ? i - S + lanes : i;
        high[i] = i & S ? i + lanes : i + S;
    }
#pragma GCC unroll 16
    for (int i = 0; i < lanes; ++i) {
        if (i & S)
            continue;
        const Vector one = rows[i];
        const Vector other = rows[i + S];
        rows[i] = __builtin_shuffle(one, other, low);
        rows[i + S] = __builtin_shuffle(one, other, high);
    }
}

inline void transposeBlock(Vector (&rows)[lanes])
{
    if constexpr (lanes > 8)
        exchange<8>(rows);
    if constexpr (lanes > 4)
        exchange<4>(rows);
    exchange<2>(rows);
    exchange<1>(rows);
}

void transpose(const float *from, std::ptrdiff_t features, float *to, std::ptrdiff_t stride)
{
    for (std::ptrdiff_t f = 0; f < stride; f += lanes) {
        for (std::ptrdiff_t n = 0; n < block; n += lanes) {
            Vector square[lanes];
#pragma GCC unroll 16
            for (int i = 0; i < lanes; ++i)
                square[i] = f + i < features ? load(from + (f + i) * block + n) : Vector{};
            transposeBlock(square);
#pragma GCC unroll 16
            for (int i = 0; i < lanes; ++i)
                store(to + (n + i) * stride + f, square[i]);
        }
    }
}
