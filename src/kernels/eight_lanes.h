/* eight_lanes.h: across the lanes of an AVX register, for both x86 vocabularies; included between
 * TARGET_BEGIN and TARGET_END. */
#ifndef LAC_KERNELS_EIGHT_LANES_H
#define LAC_KERNELS_EIGHT_LANES_H

#include <immintrin.h>

/* The lower part of section 2.3's tree: eight lanes, then four, two, one. */
ALWAYS_INLINE float sum_eight(__m256 x)
{
	__m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
	__m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));

	return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}

ALWAYS_INLINE float most_of_eight(__m256 x)
{
	__m128 four = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
	__m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));

	return _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps(two, two, 1)));
}

#endif
