// SPDX-License-Identifier: Apache-2.0
// v ← momentum · v − learningRate · g, w ← w + v over whole padded rows.

void momentumStep(const float *gradient, float *weights, float *velocity, std::ptrdiff_t count, float learningRate,
                  float momentum)
{
    for (std::ptrdiff_t i = 0; i < count; i += lanes) {
        const Vector v = momentum * load(velocity + i) - learningRate * load(gradient + i);
        store(velocity + i, v);
        store(weights + i, load(weights + i) + v);
    }
}

float sum(const float *values, std::ptrdiff_t count)
{
    Vector sums = {};
    for (std::ptrdiff_t i = 0; i < count; i += lanes)
        sums += load(values + i);
    float total = 0;
    for (int i = 0; i < lanes; ++i)
        total += sums[i];
    return total;
}
