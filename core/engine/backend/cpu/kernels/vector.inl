// SPDX-License-Identifier: Apache-2.0
// One vector register of `lanes` floats. The including source sets `lanes`, `tileRows` and `tileVectors`.

typedef float Vector __attribute__((vector_size(lanes * 4)));
typedef std::int32_t Integers __attribute__((vector_size(lanes * 4)));
typedef std::uint8_t Bytes __attribute__((vector_size(lanes)));

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
