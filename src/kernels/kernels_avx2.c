/* kernels_avx2.c: AVX2 vocabulary; sixteen lanes are two registers.
 *
 * vpmaddubsw saturates at 16 bits, so its unsigned operand is |x| <= 127 (or a 7-bit weight), never
 * x + 128: 2 x 127 x 127 = 32258 fits. */
#include "base/strict_float.h"

#if defined(__x86_64__)
#include "kernels/square_root.h"
#include "kernels/target.h"

#include <immintrin.h>
#include <stddef.h>

TARGET_BEGIN("avx2")

#define KERNELS_NAME avx2
#define KERNELS_SUPPORTED __builtin_cpu_supports("avx2")
#define BLOCK_ROWS 4
#define BLOCK_TILES 1
#define MIX_ROWS 4
#define MIX_TILES 1
#define ROW_TILES 2
#define X_ZERO 0

#include "kernels/eight_lanes.h"

typedef struct { __m256 a, b; } F;
typedef struct { __m256i a, b; } I;
typedef struct { __m256i a, b; } W;
typedef struct { __m256i value, magnitude; } X;
typedef __m256i U;

ALWAYS_INLINE F f_load(const float *p) { return (F){ _mm256_loadu_ps(p), _mm256_loadu_ps(p + 8) }; }
ALWAYS_INLINE void f_store(float *p, F x) { _mm256_storeu_ps(p, x.a); _mm256_storeu_ps(p + 8, x.b); }
ALWAYS_INLINE F f_set(float x) { return (F){ _mm256_set1_ps(x), _mm256_set1_ps(x) }; }
ALWAYS_INLINE F f_add(F x, F y) { return (F){ _mm256_add_ps(x.a, y.a), _mm256_add_ps(x.b, y.b) }; }
ALWAYS_INLINE F f_sub(F x, F y) { return (F){ _mm256_sub_ps(x.a, y.a), _mm256_sub_ps(x.b, y.b) }; }
ALWAYS_INLINE F f_mul(F x, F y) { return (F){ _mm256_mul_ps(x.a, y.a), _mm256_mul_ps(x.b, y.b) }; }
ALWAYS_INLINE F f_div(F x, F y) { return (F){ _mm256_div_ps(x.a, y.a), _mm256_div_ps(x.b, y.b) }; }
ALWAYS_INLINE F f_min(F x, F y) { return (F){ _mm256_min_ps(x.a, y.a), _mm256_min_ps(x.b, y.b) }; }
ALWAYS_INLINE F f_max(F x, F y) { return (F){ _mm256_max_ps(x.a, y.a), _mm256_max_ps(x.b, y.b) }; }
ALWAYS_INLINE F f_from_i(I x) { return (F){ _mm256_cvtepi32_ps(x.a), _mm256_cvtepi32_ps(x.b) }; }

ALWAYS_INLINE F f_abs(F x)
{
	const __m256 mask = _mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff));

	return (F){ _mm256_and_ps(x.a, mask), _mm256_and_ps(x.b, mask) };
}

ALWAYS_INLINE float f_sum(F x) { return sum_eight(_mm256_add_ps(x.a, x.b)); }
ALWAYS_INLINE float f_most(F x) { return most_of_eight(_mm256_max_ps(x.a, x.b)); }

ALWAYS_INLINE __m256 first_of_half(__m256 x, int n)
{
	const __m256i index = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);

	return _mm256_and_ps(x, _mm256_castsi256_ps(_mm256_cmpgt_epi32(_mm256_set1_epi32(n), index)));
}

ALWAYS_INLINE F f_first(F x, int n) { return (F){ first_of_half(x.a, n), first_of_half(x.b, n - 8) }; }

ALWAYS_INLINE __m256 half_power(__m256 t)
{
	__m256i bits = _mm256_slli_epi32(_mm256_castps_si256(t), 23);

	return _mm256_castsi256_ps(_mm256_add_epi32(bits, _mm256_set1_epi32(0x3f800000)));
}

ALWAYS_INLINE F f_power(F t) { return (F){ half_power(t.a), half_power(t.b) }; }

ALWAYS_INLINE I i_zero(void) { return (I){ _mm256_setzero_si256(), _mm256_setzero_si256() }; }
ALWAYS_INLINE I i_one(void) { return (I){ _mm256_set1_epi32(1), _mm256_set1_epi32(1) }; }
ALWAYS_INLINE I i_add(I x, I y) { return (I){ _mm256_add_epi32(x.a, y.a), _mm256_add_epi32(x.b, y.b) }; }
ALWAYS_INLINE I i_trunc(F x) { return (I){ _mm256_cvttps_epi32(x.a), _mm256_cvttps_epi32(x.b) }; }

ALWAYS_INLINE void i_store(int32_t *p, I x)
{
	_mm256_storeu_si256((__m256i *)p, x.a);
	_mm256_storeu_si256((__m256i *)(p + 8), x.b);
}

/* Values fit 8 bits, so the saturating packs change nothing; they interleave halves, which the
 * permutation undoes. */
ALWAYS_INLINE void i_store_bytes(int8_t *p, I x)
{
	__m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(x.a, x.b), 0xd8);
	__m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));

	_mm_storeu_si128((__m128i *)p, bytes);
}

ALWAYS_INLINE void x_store(int8_t *p, I x) { i_store_bytes(p, x); }

ALWAYS_INLINE __m256i add_halves(__m256i x)
{
	return _mm256_add_epi64(_mm256_and_si256(x, _mm256_set1_epi64x(0xffffffff)), _mm256_srli_epi64(x, 32));
}

ALWAYS_INLINE uint64_t i_sum(I x)
{
	__m256i four = _mm256_add_epi64(add_halves(x.a), add_halves(x.b));
	__m128i two = _mm_add_epi64(_mm256_castsi256_si128(four), _mm256_extracti128_si256(four, 1));

	return (uint64_t)_mm_cvtsi128_si64(two) + (uint64_t)_mm_extract_epi64(two, 1);
}

ALWAYS_INLINE W w_load(const int8_t *p)
{
	return (W){ _mm256_load_si256((const __m256i *)p), _mm256_load_si256((const __m256i *)(p + 32)) };
}

ALWAYS_INLINE __m256i broadcast_four(const int8_t *p)
{
	int32_t four;

	memcpy(&four, p, sizeof four);
	return _mm256_set1_epi32(four);
}

ALWAYS_INLINE X x_load(const int8_t *p)
{
	__m256i value = broadcast_four(p);

	return (X){ value, _mm256_abs_epi8(value) };
}

ALWAYS_INLINE U u_load(const int8_t *p) { return broadcast_four(p); }

ALWAYS_INLINE I dot_start(const int32_t *corrections) { (void)corrections; return i_zero(); }

ALWAYS_INLINE __m256i add_products(__m256i sum, __m256i magnitude, __m256i signed_weights)
{
	__m256i pairs = _mm256_maddubs_epi16(magnitude, signed_weights);

	return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

ALWAYS_INLINE I dot(I sum, X x, W w)
{
	return (I){ add_products(sum.a, x.magnitude, _mm256_sign_epi8(w.a, x.value)),
		add_products(sum.b, x.magnitude, _mm256_sign_epi8(w.b, x.value)) };
}

ALWAYS_INLINE I dot_unsigned(I sum, U x, W w)
{
	return (I){ add_products(sum.a, x, w.a), add_products(sum.b, x, w.b) };
}

#include "kernels/kernels_template.h"

TARGET_END
#endif
