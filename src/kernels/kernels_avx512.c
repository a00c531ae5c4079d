/* kernels_avx512.c: AVX-512 vocabulary with VNNI; sixteen lanes are one register.
 *
 * vpdpbusd multiplies unsigned by signed without saturation: a signed activation is kept as x + 128
 * and the packed matrix brings the correction -128 x sum(w), so the result is exact. */
#include "base/strict_float.h"

#if defined(__x86_64__)
#include "kernels/square_root.h"
#include "kernels/target.h"

#include <immintrin.h>
#include <stddef.h>

TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")

#define KERNELS_NAME avx512
#define KERNELS_SUPPORTED (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && \
	__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni"))
#define BLOCK_ROWS 4
#define BLOCK_TILES 3
#define MIX_ROWS 4
#define MIX_TILES 2
#define ROW_TILES 4
#define X_ZERO 0x80

#include "kernels/eight_lanes.h"

typedef __m512 F;
typedef __m512i I, W, X, U;

ALWAYS_INLINE F f_load(const float *p) { return _mm512_loadu_ps(p); }
ALWAYS_INLINE void f_store(float *p, F x) { _mm512_storeu_ps(p, x); }
ALWAYS_INLINE F f_set(float x) { return _mm512_set1_ps(x); }
ALWAYS_INLINE F f_add(F x, F y) { return _mm512_add_ps(x, y); }
ALWAYS_INLINE F f_sub(F x, F y) { return _mm512_sub_ps(x, y); }
ALWAYS_INLINE F f_mul(F x, F y) { return _mm512_mul_ps(x, y); }
ALWAYS_INLINE F f_div(F x, F y) { return _mm512_div_ps(x, y); }
ALWAYS_INLINE F f_min(F x, F y) { return _mm512_min_ps(x, y); }
ALWAYS_INLINE F f_max(F x, F y) { return _mm512_max_ps(x, y); }
ALWAYS_INLINE F f_abs(F x) { return _mm512_abs_ps(x); }
ALWAYS_INLINE F f_from_i(I x) { return _mm512_cvtepi32_ps(x); }

ALWAYS_INLINE float f_sum(F x)
{
	return sum_eight(_mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1)));
}

ALWAYS_INLINE float f_most(F x)
{
	return most_of_eight(_mm256_max_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1)));
}

ALWAYS_INLINE F f_first(F x, int n)
{
	return _mm512_maskz_mov_ps((__mmask16)(n <= 0 ? 0 : n >= 16 ? 0xffff : (1 << n) - 1), x);
}

ALWAYS_INLINE F f_power(F t)
{
	I bits = _mm512_slli_epi32(_mm512_castps_si512(t), 23);

	return _mm512_castsi512_ps(_mm512_add_epi32(bits, _mm512_set1_epi32(0x3f800000)));
}

ALWAYS_INLINE I i_zero(void) { return _mm512_setzero_si512(); }
ALWAYS_INLINE I i_one(void) { return _mm512_set1_epi32(1); }
ALWAYS_INLINE I i_add(I x, I y) { return _mm512_add_epi32(x, y); }
ALWAYS_INLINE I i_load(const int32_t *p) { return _mm512_loadu_si512(p); }
ALWAYS_INLINE void i_store(int32_t *p, I x) { _mm512_storeu_si512(p, x); }
ALWAYS_INLINE void i_store_bytes(int8_t *p, I x) { _mm_storeu_si128((__m128i *)p, _mm512_cvtepi32_epi8(x)); }
ALWAYS_INLINE I i_trunc(F x) { return _mm512_cvttps_epi32(x); }

ALWAYS_INLINE uint64_t i_sum(I x)
{
	I low = _mm512_and_si512(x, _mm512_set1_epi64(0xffffffff));

	return (uint64_t)_mm512_reduce_add_epi64(_mm512_add_epi64(low, _mm512_srli_epi64(x, 32)));
}

ALWAYS_INLINE W w_load(const int8_t *p) { return _mm512_load_si512(p); }

ALWAYS_INLINE U u_load(const int8_t *p)
{
	int32_t four;

	memcpy(&four, p, sizeof four);
	return _mm512_set1_epi32(four);
}

ALWAYS_INLINE X x_load(const int8_t *p) { return u_load(p); }

/* Flipping the top bit of a byte adds 128. */
ALWAYS_INLINE void x_store(int8_t *p, I x)
{
	_mm_storeu_si128((__m128i *)p, _mm_xor_si128(_mm512_cvtepi32_epi8(x), _mm_set1_epi8((char)X_ZERO)));
}

ALWAYS_INLINE I dot_start(const int32_t *corrections) { return i_load(corrections); }
ALWAYS_INLINE I dot(I sum, X x, W w) { return _mm512_dpbusd_epi32(sum, x, w); }
ALWAYS_INLINE I dot_unsigned(I sum, U x, W w) { return _mm512_dpbusd_epi32(sum, x, w); }

#include "kernels/kernels_template.h"

TARGET_END
#endif
