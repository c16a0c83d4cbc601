// SPDX-License-Identifier: Apache-2.0
// The register tile of forward passes and input gradients: `tileRows` outputs of one position for `tileVectors` vectors of
// samples stay in registers over all planes and taps, input rows are loaded as vectors, weights are broadcast. Bias,
// ReLU and mask are applied to the finished tile, so that they cost no pass over memory of their own.

/// The taps of one output position that lie inside the input of floats or pixels.
template <class Input>
struct Taps
{
    const float *weights; // at the first tap of plane 0
    const Input *input;
    std::ptrdiff_t rows;
    std::ptrdiff_t columns;
};

template <int R, int V, class Input>
inline void convolveTile(const Convolution &c, const Taps<Input> &taps, std::ptrdiff_t m, std::ptrdiff_t at)
{
    Vector sums[R][V] = {};
    const std::ptrdiff_t inputPlane = c.height * c.width * block;
    for (std::ptrdiff_t plane = 0; plane < c.planes; ++plane) {
        for (std::ptrdiff_t y = 0; y < taps.rows; ++y) {
            const float *a = taps.weights + m * c.weightRow + plane * c.weightPlane + y * c.weightY;
            const Input *b = taps.input + plane * inputPlane + y * c.width * block;
            for (std::ptrdiff_t x = 0; x < taps.columns; ++x, a += c.weightX, b += block) {
                Vector row[V];
#pragma GCC unroll 8
                for (int v = 0; v < V; ++v)
                    row[v] = load(b + v * lanes);
#pragma GCC unroll 16
                for (int r = 0; r < R; ++r) {
                    const Vector value = splat(a[r * c.weightRow]);
#pragma GCC unroll 8
                    for (int v = 0; v < V; ++v)
                        sums[r][v] += value * row[v];
                }
            }
        }
    }
    const std::ptrdiff_t outputRow = c.outHeight * c.outWidth * block;
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
        const Vector bias = c.bias ? splat(c.bias[m + r]) : Vector{};
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) {
            const std::ptrdiff_t to = (m + r) * outputRow + at + v * lanes;
            Vector value = sums[r][v] * c.inputScale + bias;
            if (c.isRelu)
                value = relu(value);
            if (c.mask)
                value = load(c.mask + to) > Vector{} ? value : Vector{};
            store(c.output + to, value);
        }
    }
}

template <int R, class Input>
inline void convolvePosition(const Convolution &c, Taps<Input> taps, std::ptrdiff_t m, std::ptrdiff_t at)
{
    for (std::ptrdiff_t v = 0; v < blockVectors; v += tileVectors, taps.input += tileVectors * lanes)
        convolveTile<R, tileVectors>(c, taps, m, at + v * lanes);
}

template <int R, class Input>
void convolveRows(const Convolution &c, const Input *input, std::ptrdiff_t m)
{
    const auto larger = [](std::ptrdiff_t a, std::ptrdiff_t b) { return a > b ? a : b; };
    const auto smaller = [](std::ptrdiff_t a, std::ptrdiff_t b) { return a < b ? a : b; };
    for (std::ptrdiff_t y = 0; y < c.outHeight; ++y) {
        const std::ptrdiff_t top = y * c.stride - c.paddingY;
        const std::ptrdiff_t firstY = larger(0, -top), lastY = smaller(c.kernelHeight, c.height - top);
        for (std::ptrdiff_t x = 0; x < c.outWidth; ++x) {
            const std::ptrdiff_t left = x * c.stride - c.paddingX;
            const std::ptrdiff_t firstX = larger(0, -left), lastX = smaller(c.kernelWidth, c.width - left);
            const Taps<Input> taps = {c.weights + firstY * c.weightY + firstX * c.weightX,
                                      input + ((top + firstY) * c.width + left + firstX) * block, lastY - firstY,
                                      lastX - firstX};
            convolvePosition<R>(c, taps, m, (y * c.outWidth + x) * block);
        }
    }
}

/// Rows are dealt out evenly (100 as 8 × 11 + 12 with tiles of 12), since a narrow last tile would leave the
/// multipliers waiting. The weights of a tile stay near while all positions are gone through.
template <int R, class Input>
inline void convolveTiles(const Convolution &c, const Input *input, std::ptrdiff_t m, std::ptrdiff_t rows)
{
    if constexpr (R > 1) {
        if (rows < R)
            return convolveTiles<R - 1>(c, input, m, rows);
    }
    convolveRows<R>(c, input, m);
}

template <class Input>
inline void convolveInput(const Convolution &c, const Input *input)
{
    const std::ptrdiff_t tiles = (c.rows + tileRows - 1) / tileRows;
    for (std::ptrdiff_t tile = 0, m = 0; tile < tiles; ++tile) {
        const std::ptrdiff_t rows = c.rows / tiles + (tile < c.rows % tiles ? 1 : 0);
        convolveTiles<tileRows>(c, input, m, rows);
        m += rows;
    }
}

void convolve(const Convolution &c)
{
    c.bytes ? convolveInput(c, c.bytes) : convolveInput(c, c.input);
}
