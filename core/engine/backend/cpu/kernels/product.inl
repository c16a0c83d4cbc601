// SPDX-License-Identifier: Apache-2.0
// The one register tile that serves every matrix product: `tileRows` rows of `tileVectors` vectors stay in registers
// over the whole depth, rows of B are loaded as vectors, values of A are broadcast. What becomes of the finished
// tile is the epilogue's matter, so that bias, ReLU, mask and optimizer cost no pass over memory of their own.

template <int R, int V, class Epilogue>
inline void multiplyTile(const Product &p, std::ptrdiff_t m, std::ptrdiff_t n, const Epilogue &epilogue)
{
    const float *a = p.a + m * p.aRow;
    const float *b = p.b + n;
    Vector sums[R][V] = {};
    for (std::ptrdiff_t k = 0; k < p.depth; ++k, a += p.aStep, b += p.bStride) {
        Vector row[V];
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v)
            row[v] = load(b + v * lanes);
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) {
            const Vector value = splat(a[r * p.aRow]);
#pragma GCC unroll 8
            for (int v = 0; v < V; ++v)
                sums[r][v] += value * row[v];
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v)
            epilogue(m + r, n + v * lanes, sums[r][v]);
    }
}

/// Rows are dealt out evenly (100 as 15 × 6 + 2 × 5), since a narrow last tile would leave the multipliers waiting.
template <int V, class Epilogue>
inline void multiplyColumns(const Product &p, std::ptrdiff_t n, const Epilogue &epilogue)
{
    const std::ptrdiff_t tiles = (p.rows + tileRows - 1) / tileRows;
    for (std::ptrdiff_t tile = 0, m = 0; tile < tiles; ++tile) {
        const std::ptrdiff_t rows = p.rows / tiles + (tile < p.rows % tiles ? 1 : 0);
        switch (rows) {
        case 6: multiplyTile<6, V>(p, m, n, epilogue); break;
        case 5: multiplyTile<5, V>(p, m, n, epilogue); break;
        case 4: multiplyTile<4, V>(p, m, n, epilogue); break;
        case 3: multiplyTile<3, V>(p, m, n, epilogue); break;
        case 2: multiplyTile<2, V>(p, m, n, epilogue); break;
        default: multiplyTile<1, V>(p, m, n, epilogue); break;
        }
        m += rows;
    }
}

template <class Epilogue>
inline void multiply(const Product &p, const Epilogue &epilogue)
{
    std::ptrdiff_t n = 0;
    for (; n + tileVectors * lanes <= p.columns; n += tileVectors * lanes)
        multiplyColumns<tileVectors>(p, n, epilogue);
    for (; n < p.columns; n += lanes)
        multiplyColumns<1>(p, n, epilogue);
}

inline Vector relu(Vector value)
{
    return value < Vector{} ? Vector{} : value; // NaN passes through, so that the loss shows it
}

void forward(const Product &p, const float *bias, bool isRelu)
{
    if (isRelu)
        multiply(p, [&p, bias](std::ptrdiff_t m, std::ptrdiff_t n, Vector sum) {
            store(p.c + m * p.cStride + n, relu(sum + bias[m]));
        });
    else
        multiply(p, [&p, bias](std::ptrdiff_t m, std::ptrdiff_t n, Vector sum) {
            store(p.c + m * p.cStride + n, sum + bias[m]);
        });
}

void weightGradient(const Product &p)
{
    multiply(p, [&p](std::ptrdiff_t m, std::ptrdiff_t n, Vector sum) { store(p.c + m * p.cStride + n, sum); });
}

void inputGradient(const Product &p, const float *reluOutput)
{
    if (!reluOutput)
        return weightGradient(p);
    multiply(p, [&p, reluOutput](std::ptrdiff_t m, std::ptrdiff_t n, Vector sum) {
        const std::ptrdiff_t at = m * p.cStride + n;
        store(p.c + at, load(reluOutput + at) > Vector{} ? sum : Vector{});
    });
}

void weightStep(const Product &p, float *velocity, float learningRate, float momentum)
{
    multiply(p, [=, &p](std::ptrdiff_t m, std::ptrdiff_t n, Vector gradient) {
        const std::ptrdiff_t at = m * p.cStride + n;
        const Vector v = momentum * load(velocity + at) - learningRate * gradient;
        store(velocity + at, v);
        store(p.c + at, load(p.c + at) + v);
    });
}
