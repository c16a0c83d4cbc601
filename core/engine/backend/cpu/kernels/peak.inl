// SPDX-License-Identifier: Apache-2.0
// What the multipliers can do at most: as many independent sums as the register tile holds, fed from registers alone.

double peak(std::ptrdiff_t rounds, float factor, float *result)
{
    constexpr int count = tileRows * tileVectors;
    const Vector value = splat(factor);
    Vector sums[count];
#pragma GCC unroll 32
    for (int i = 0; i < count; ++i)
        sums[i] = splat(static_cast<float>(i));
    for (std::ptrdiff_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 32
        for (int i = 0; i < count; ++i)
            sums[i] = sums[i] * value + value;
    }
#pragma GCC unroll 32
    for (int i = 1; i < count; ++i)
        sums[0] += sums[i];
    *result = total(sums[0]);
    return 2.0 * lanes * count * static_cast<double>(rounds);
}
