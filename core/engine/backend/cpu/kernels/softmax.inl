// SPDX-License-Identifier: Apache-2.0
// Softmax of many samples at once: each lane is a sample, classes are gone through one by one.

/// e^x for x ≤ 88, to about 1 unit in the last place; below −87 it stays at e^−87, NaN stays NaN.
inline Vector exponential(Vector x)
{
    x = x < -87.0f ? splat(-87.0f) : x;
    const Vector shifted = x * 1.44269504f + 12582912.0f; // 1.5 · 2²³: the sum's low bits hold round(x / ln 2)
    const Vector n = shifted - 12582912.0f;
    const Vector r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    Vector p = r * 1.9875691500e-4f + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + r + 1.0f;
    return reinterpret_cast<Vector>(reinterpret_cast<Integers>(p) + (reinterpret_cast<Integers>(shifted) << 23));
}

void softmax(const Softmax &s)
{
    for (std::ptrdiff_t n = 0; n < block; n += lanes) {
        Vector maximum = load(s.logits + n);
        for (std::ptrdiff_t c = 1; c < s.classes; ++c) {
            const Vector logit = load(s.logits + c * block + n);
            maximum = logit > maximum ? logit : maximum;
        }
        Vector sums = {};
        for (std::ptrdiff_t c = 0; c < s.classes; ++c) {
            const Vector e = exponential(load(s.logits + c * block + n) - maximum);
            sums += e;
            if (s.result)
                store(s.result + c * block + n, e);
        }
        store(s.maxima + n, maximum);
        store(s.sums + n, sums);
        if (!s.result)
            continue;
        const Vector factor = s.scale / sums;
        for (std::ptrdiff_t c = 0; c < s.classes; ++c) {
            float *result = s.result + c * block + n;
            store(result, load(result) * factor);
        }
    }
}
