/* square_root.h: the correctly rounded binary32 square root, as one instruction where it is known.
 * The C library's sqrtf would do, but a call to libm in the decode path is one more thing that
 * could differ. */
#ifndef LAC_KERNELS_SQUARE_ROOT_H
#define LAC_KERNELS_SQUARE_ROOT_H

#include "base/strict_float.h"

#include <string.h>

/* Portable form for x = 0 or normal and positive: m x 2^e with an even e and a 48-bit square, root
 * bit by bit. */
static inline float lac_square_root_integer(float x)
{
	uint32_t bits, root = 0;
	uint64_t mantissa, rest;
	int32_t exponent;

	memcpy(&bits, &x, sizeof bits);
	if (bits == 0)
		return x;
	exponent = (int32_t)(bits >> 23) - 127 - 23;
	mantissa = (bits & 0x7fffff) | 0x800000;
	/* 2^48 <= mantissa < 2^50, and exponent - shift is even */
	mantissa <<= exponent & 1 ? 25 : 26;
	exponent -= exponent & 1 ? 25 : 26;
	rest = mantissa;
	for (int32_t bit = 24; bit >= 0; bit--) { /* root: 25 bits, one more than needed */
		uint64_t trial = ((uint64_t)root << (bit + 1)) + (UINT64_C(1) << (2 * bit));

		if (rest >= trial) {
			rest -= trial;
			root |= UINT32_C(1) << bit;
		}
	}
	/* half to even; a root that is half way exactly would need a square of 50 odd bits with
	 * rest 0 */
	root = (root >> 1) + ((root & 1) && (rest || (root & 2)));
	exponent = exponent / 2 + 1; /* value = root x 2^exponent with 2^23 <= root <= 2^24 */
	bits = ((uint32_t)(exponent + 127 + 23) << 23) + (root - 0x800000);
	memcpy(&x, &bits, sizeof bits);
	return x;
}

#if defined(__x86_64__)
#include <xmmintrin.h>
static inline float lac_square_root(float x)
{
	return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(x)));
}
#elif defined(__aarch64__)
static inline float lac_square_root(float x)
{
	float root;

	__asm__("fsqrt %s0, %s1" : "=w"(root) : "w"(x));
	return root;
}
#else
static inline float lac_square_root(float x)
{
	return lac_square_root_integer(x);
}
#endif

#endif
