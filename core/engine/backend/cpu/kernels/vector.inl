// SPDX-License-Identifier: Apache-2.0
// One vector register of `lanes` floats. The including source sets `lanes` and the sizes of tiles.

typedef float Vector __attribute__((vector_size(lanes * 4)));
typedef std::int32_t Integers __attribute__((vector_size(lanes * 4)));
typedef std::uint32_t Unsigned __attribute__((vector_size(lanes * 4)));
typedef std::uint8_t Bytes __attribute__((vector_size(lanes)));

constexpr std::ptrdiff_t blockVectors = block / lanes;

inline Vector load(const float *from)
{
    return *reinterpret_cast<const Vector *>(__builtin_assume_aligned(from, lanes * 4));
}

inline void store(float *to, Vector value)
{
    *reinterpret_cast<Vector *>(__builtin_assume_aligned(to, lanes * 4)) = value;
}

inline Vector splat(float value)
{
    return value - Vector{}; // x − 0 is x for every x, also −0, so the compiler makes it one broadcast
}

/// Adds halves, quarters, … : always in the same order.
template <int S>
inline Vector folded(Vector value)
{
    Integers order;
#pragma GCC unroll 16
    for (int i = 0; i < lanes; ++i)
        order[i] = i ^ S;
    return value + __builtin_shuffle(value, order);
}

inline float total(Vector value)
{
    if constexpr (lanes > 8)
        value = folded<8>(value);
    if constexpr (lanes > 4)
        value = folded<4>(value);
    value = folded<2>(value);
    return folded<1>(value)[0];
}

inline Vector relu(Vector value)
{
    return value < Vector{} ? Vector{} : value; // NaN passes through, so that the loss shows it
}

/// 1 for the lanes of samples that exist, from column n of a block with so many.
inline Vector present(std::ptrdiff_t n, std::ptrdiff_t samples)
{
    Vector mask = {};
    for (int i = 0; i < lanes; ++i)
        mask[i] = n + i < samples ? 1.0f : 0.0f;
    return mask;
}
