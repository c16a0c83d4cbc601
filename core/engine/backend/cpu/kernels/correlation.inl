// SPDX-License-Identifier: Apache-2.0
// Gradients of a convolution's weights: each is one long dot product over positions and samples. `dotRows` outputs by
// `dotTaps` taps of vector sums stay in registers; a sum is folded to one number when all samples have gone by.

constexpr std::ptrdiff_t mostTaps = 4'096; // of one row at a time, while the optimizer waits

/// Where input value (c, ky, kx) lies for output position (0, 0).
inline std::ptrdiff_t tapOffset(const Correlation &c, std::ptrdiff_t tap)
{
    const std::ptrdiff_t area = c.kernel * c.kernel;
    const std::ptrdiff_t y = tap % area / c.kernel, x = tap % c.kernel;
    return ((tap / area * c.height + y) * c.width + x) * block;
}

template <int R, int T>
void correlateTile(const Correlation &c, std::ptrdiff_t m, std::ptrdiff_t tap, float *results, std::ptrdiff_t stride)
{
    const std::ptrdiff_t gradientRow = c.outHeight * c.outWidth * block;
    std::ptrdiff_t offsets[T];
    for (int t = 0; t < T; ++t)
        offsets[t] = tapOffset(c, tap + t);
    Vector sums[R][T] = {};
    for (std::ptrdiff_t b = 0; b < c.blocks; ++b) {
        const float *g = c.gradient + b * c.gradientBlock + m * gradientRow;
        const float *plane = c.input + b * c.inputBlock;
        for (std::ptrdiff_t y = 0; y < c.outHeight; ++y) {
            const float *in = plane + y * c.stride * c.width * block;
            for (std::ptrdiff_t x = 0; x < c.outWidth; ++x, in += c.stride * block, g += block) {
#pragma GCC unroll 8
                for (std::ptrdiff_t v = 0; v < block; v += lanes) {
                    Vector gradients[R];
#pragma GCC unroll 8
                    for (int r = 0; r < R; ++r)
                        gradients[r] = load(g + r * gradientRow + v);
#pragma GCC unroll 8
                    for (int t = 0; t < T; ++t) {
                        const Vector value = load(in + offsets[t] + v);
#pragma GCC unroll 8
                        for (int r = 0; r < R; ++r)
                            sums[r][t] += gradients[r] * value;
                    }
                }
            }
        }
    }
    for (int r = 0; r < R; ++r) {
        for (int t = 0; t < T; ++t)
            results[r * stride + t] = total(sums[r][t]);
    }
}

template <int R, int T>
inline void correlateTaps(const Correlation &c, std::ptrdiff_t m, std::ptrdiff_t tap, std::ptrdiff_t taps,
                          float *results, std::ptrdiff_t stride)
{
    if constexpr (T > 1) {
        if (taps < T)
            return correlateTaps<R, T - 1>(c, m, tap, taps, results, stride);
    }
    correlateTile<R, T>(c, m, tap, results, stride);
}

template <int R>
inline void correlateRows(const Correlation &c, const WeightTarget &target, std::ptrdiff_t m, std::ptrdiff_t rows)
{
    if constexpr (R > 1) {
        if (rows < R)
            return correlateRows<R - 1>(c, target, m, rows);
    }
    const std::ptrdiff_t taps = c.channels * c.kernel * c.kernel;
    alignas(64) float results[R * mostTaps];
    for (std::ptrdiff_t first = 0; first < taps; first += mostTaps) {
        const std::ptrdiff_t count = taps - first < mostTaps ? taps - first : mostTaps;
        const std::ptrdiff_t padded = (count + 15) / 16 * 16;
        for (int r = 0; r < R; ++r) {
            for (std::ptrdiff_t i = count; i < padded; ++i)
                results[r * mostTaps + i] = 0;
        }
        const std::ptrdiff_t tiles = (count + dotTaps - 1) / dotTaps;
        for (std::ptrdiff_t tile = 0, tap = 0; tile < tiles; ++tile) {
            const std::ptrdiff_t wide = count / tiles + (tile < count % tiles ? 1 : 0);
            correlateTaps<R, dotTaps>(c, m, first + tap, wide, results + tap, mostTaps);
            tap += wide;
        }
        for (int r = 0; r < R; ++r)
            deliver(targetAt(target, m + r, first), results + r * mostTaps, padded);
    }
}

void correlate(const Correlation &c, const WeightTarget &target)
{
    const std::ptrdiff_t tiles = (c.rows + dotRows - 1) / dotRows;
    for (std::ptrdiff_t tile = 0, m = c.firstRow; tile < tiles; ++tile) {
        const std::ptrdiff_t rows = c.rows / tiles + (tile < c.rows % tiles ? 1 : 0);
        correlateRows<dotRows>(c, target, m, rows);
        m += rows;
    }
}
