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

/// `lanes` bytes as floats. The compiler would widen them one by one if it were not told how.
inline Vector load(const std::uint8_t *from)
{
#if defined(__AVX512F__)
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i *>(from));
    const __m512i wide = _mm512_maskz_cvtepu8_epi32(0xffff, bytes); // unmasked, GCC 12 warns of its own header
    return __builtin_convertvector(reinterpret_cast<Integers>(wide), Vector);
#elif defined(__AVX2__)
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i *>(from));
    return reinterpret_cast<Vector>(_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)));
#elif defined(__SSE2__)
    std::int32_t packed;
    __builtin_memcpy(&packed, from, lanes);
    const __m128i wide = _mm_unpacklo_epi8(_mm_cvtsi32_si128(packed), _mm_setzero_si128());
    return reinterpret_cast<Vector>(_mm_cvtepi32_ps(_mm_unpacklo_epi16(wide, _mm_setzero_si128())));
#else
    Bytes bytes;
    __builtin_memcpy(&bytes, from, lanes);
    return __builtin_convertvector(__builtin_convertvector(bytes, Integers), Vector);
#endif
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
