// SPDX-License-Identifier: Apache-2.0
// Gradients of a linear layer's weights: `outerRows` rows of `outerVectors` vectors stay in registers over all samples.
// Columns and rows are dealt out evenly among tiles. The optimizer runs on the finished tile while it is near.

template <int R, int V, class Input>
void outerTile(const OuterProduct &p, const Input *input, const WeightTarget &target, std::ptrdiff_t m, std::ptrdiff_t n)
{
    Vector sums[R][V] = {};
    const Input *b = input + n;
    for (std::ptrdiff_t block32 = 0; block32 < p.blocks; ++block32) {
        const float *a = p.gradient + block32 * p.gradientBlock + m * block;
        for (std::ptrdiff_t k = 0; k < block; ++k, ++a, b += p.inputStride) {
            Vector row[V];
#pragma GCC unroll 8
            for (int v = 0; v < V; ++v)
                row[v] = load(b + v * lanes);
#pragma GCC unroll 16
            for (int r = 0; r < R; ++r) {
                const Vector value = splat(a[r * block]);
#pragma GCC unroll 8
                for (int v = 0; v < V; ++v)
                    sums[r][v] += value * row[v];
            }
        }
    }
    alignas(64) float finished[R][V * lanes];
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v)
            store(finished[r] + v * lanes, sums[r][v] * p.inputScale);
    }
    for (int r = 0; r < R; ++r)
        deliver(targetAt(target, m + r, n), finished[r], V * lanes);
}

template <int R, int V, class Input>
inline void outerRowsOf(const OuterProduct &p, const Input *input, const WeightTarget &target, std::ptrdiff_t m,
                        std::ptrdiff_t n, std::ptrdiff_t rows)
{
    if constexpr (R > 1) {
        if (rows < R)
            return outerRowsOf<R - 1, V>(p, input, target, m, n, rows);
    }
    outerTile<R, V>(p, input, target, m, n);
}

template <int V, class Input>
inline void outerColumns(const OuterProduct &p, const Input *input, const WeightTarget &target, std::ptrdiff_t n,
                         std::ptrdiff_t vectors)
{
    if constexpr (V > 1) {
        if (vectors < V)
            return outerColumns<V - 1>(p, input, target, n, vectors);
    }
    const std::ptrdiff_t tiles = (p.rows + outerRows - 1) / outerRows;
    for (std::ptrdiff_t tile = 0, m = p.firstRow; tile < tiles; ++tile) {
        const std::ptrdiff_t rows = p.rows / tiles + (tile < p.rows % tiles ? 1 : 0);
        outerRowsOf<outerRows, V>(p, input, target, m, n, rows);
        m += rows;
    }
}

template <class Input>
inline void outerInput(const OuterProduct &p, const Input *input, const WeightTarget &target)
{
    const std::ptrdiff_t vectors = p.columns / lanes;
    const std::ptrdiff_t tiles = (vectors + outerVectors - 1) / outerVectors;
    for (std::ptrdiff_t tile = 0, n = 0; tile < tiles; ++tile) {
        const std::ptrdiff_t wide = vectors / tiles + (tile < vectors % tiles ? 1 : 0);
        outerColumns<outerVectors>(p, input, target, n, wide);
        n += wide * lanes;
    }
}

void outerProduct(const OuterProduct &p, const WeightTarget &target)
{
    p.bytes ? outerInput(p, p.bytes, target) : outerInput(p, p.input, target);
}
