/* kernels_textbook.h: the operations of kernels.h from the words of doc/arithmetic.md (sections are
 * named), one output at a time, without the template. Slow, plain, and with the C library's
 * functions where these are exact. */
#ifndef LAC_KERNELS_TEXTBOOK_H
#define LAC_KERNELS_TEXTBOOK_H

#include "base/strict_float.h"

#include <math.h>
#include <stddef.h>

static inline float book_exp(float x) /* section 2.4 */
{
	float t, n, r, p;

	x = x < 86.0f ? x : 86.0f;
	x = x > -86.0f ? x : -86.0f;
	t = x * 0x1.715476p+0f;
	n = rintf(t);
	r = t - n;
	p = 0x1.3a02ccp-7f * r + 0x1.c9fc46p-5f;
	p = p * r + 0x1.ec0378p-3f;
	p = p * r + 0x1.62e12cp-1f;
	p = p * r + 1.0f;
	return p * ldexpf(1.0f, (int)n);
}

static inline float book_sum(const float *terms, size_t n) /* section 2.3 */
{
	float lane[16] = { 0.0f };

	for (size_t i = 0; i < n; i++)
		lane[i % 16] = lane[i % 16] + terms[i];
	for (int j = 0; j < 8; j++) lane[j] = lane[j] + lane[j + 8];
	for (int j = 0; j < 4; j++) lane[j] = lane[j] + lane[j + 4];
	for (int j = 0; j < 2; j++) lane[j] = lane[j] + lane[j + 2];
	return lane[0] + lane[1];
}

static inline float book_clamp(float x, float bound)
{
	return x < -bound ? -bound : x > bound ? bound : x;
}

static inline float book_max(const float *x, size_t n)
{
	float max = x[0];

	for (size_t i = 1; i < n; i++)
		max = x[i] > max ? x[i] : max;
	return max;
}

/* Section 3.1: one group; rintf rounds to nearest, ties to even. */
static inline float book_round_group(int8_t *q, const float *x, size_t n)
{
	float amax = 0.0f;

	for (size_t i = 0; i < n; i++)
		amax = fabsf(book_clamp(x[i], 0x1p40f)) > amax ? fabsf(book_clamp(x[i], 0x1p40f)) : amax;
	for (size_t i = 0; i < n; i++)
		q[i] = (int8_t)(amax < 0x1p-100f ? 0.0f : rintf(book_clamp(x[i], 0x1p40f) * (127.0f / amax)));
	return amax < 0x1p-100f ? 0.0f : amax / 127.0f;
}

/* section 3.1 */
static inline void book_quantize(int8_t *values, float *scales, const float *x, size_t n)
{
	for (size_t first = 0; first < n; first += 64) {
		size_t length = first + 64 < n ? 64 : n - first;

		scales[first / 64] = book_round_group(values + first, x + first, length);
	}
	for (size_t i = n; i % 4; i++)
		values[i] = 0;
}

/* section 3.2 */
static inline float book_product(const int8_t *w, const float *s, const int8_t *q, const float *t, size_t n)
{
	float y = 0.0f;

	for (size_t first = 0; first < n; first += 64) {
		int64_t d = 0;

		for (size_t i = first; i < n && i < first + 64; i++)
			d += (int64_t)w[i] * q[i];
		y = y + ((float)d * s[first / 64]) * t[first / 64];
	}
	return y;
}

/* section 4.1 */
static inline void book_norm(float *y, const float *x, const float *weight, size_t n, float epsilon)
{
	float squares[512], factor;

	for (size_t i = 0; i < n; i++)
		squares[i] = x[i] * x[i];
	factor = 1.0f / sqrtf(book_sum(squares, n) / (float)n + epsilon);
	for (size_t i = 0; i < n; i++) {
		y[i] = x[i] * factor;
		y[i] = y[i] * weight[i];
	}
}

static inline float book_gate(float g, float u) /* section 4.2 */
{
	float below;

	g = book_clamp(g, 0x1p60f);
	below = 1.0f + book_exp(0.0f - g);
	return g / below * book_clamp(u, 0x1p60f);
}

static inline float book_add(float x, float y) /* section 4.3 */
{
	return book_clamp(x + y, 0x1p40f);
}

/* section 5.3 */
static inline void book_rotate(float *x, const float *cosines, const float *sines, size_t half)
{
	for (size_t i = 0; i < half; i++) {
		float a = x[i], b = x[half + i], ac = a * cosines[i], bs = b * sines[i], as = a * sines[i], bc = b * cosines[i];

		x[i] = ac - bs;
		x[half + i] = as + bc;
	}
}

/* Sections 6.2 and 6.3: weights of the positions from first_seen to before n, and 0 up to n_padded;
 * returns the factor. */
static inline float book_softmax(int8_t *weights, float *group_scales, const float *scores, size_t first_seen, size_t n, size_t n_padded,
	const float *value_scales)
{
	float e[512] = { 0.0f }, a[512] = { 0.0f }, max = book_max(scores + first_seen, n - first_seen);

	for (size_t i = first_seen; i < n; i++) {
		e[i] = book_exp(scores[i] - max);
		a[i] = e[i] * value_scales[i];
	}
	for (size_t first = 0; first < n_padded; first += 64)
		group_scales[first / 64] = book_round_group(weights + first, a + first, 64);
	return 1.0f / book_sum(e, n);
}

static inline uint32_t book_frequency(float logit, float max) /* section 7.1 */
{
	return 1 + (uint32_t)(book_exp(logit - max) * 0x1p26f);
}

#endif
