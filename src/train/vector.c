#include "base/strict_float.h"
#include "train/vector.h"

#include <math.h>
#include <string.h>

/* The loops below are plain C that compilers turn into vectors of the width they are told. A build
 * for any x86_64 holds each function three times, and the loader takes the one for its CPU. */
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__AVX512F__) && !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
#define CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define CLONES
#endif
#define VECTORISE(...) PRAGMA(omp simd __VA_ARGS__)
#define PRAGMA(text) _Pragma(#text)

/* arithmetic.md section 2.4's series, to 2^-22; x is at least -87 and at most 88. */
static inline __attribute__((always_inline)) float exponential(float x)
{
	const float t = x * 0x1.715476p+0f + 12582912.0f, n = t - 12582912.0f;
	const float r = (x - n * 0x1.62e4p-1f) - n * 0x1.7f7d1cp-20f;
	const float p = ((((((0x1.6c16c2p-10f * r + 0x1.111112p-7f) * r + 0x1.555556p-5f) * r + 0x1.555556p-3f) * r + 0.5f) * r + 1.0f) * r +
		1.0f);
	union { float number; int32_t bits; } power;

	power.bits = ((int32_t)n + 127) << 23;
	return p * power.number;
}

/* A NaN becomes the least: what it spoils is found in the loss or the gradient, and it must not
 * become an integer. */
static inline __attribute__((always_inline)) float clamped(float x, float least, float most)
{
	x = x > least ? x : least;
	return x > most ? most : x;
}

static inline __attribute__((always_inline)) float sigmoid(float x)
{
	return 1.0f / (1.0f + exponential(clamped(-x, -87.0f, 87.0f)));
}

CLONES float lac_vector_dot(const float *a, const float *b, size_t n)
{
	float sum = 0.0f;

	VECTORISE(reduction(+ : sum))
	for (size_t i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

CLONES void lac_vector_add(float *y, const float *x, size_t n)
{
	VECTORISE()
	for (size_t i = 0; i < n; i++)
		y[i] += x[i];
}

CLONES void lac_vector_scale(float *x, float factor, size_t n)
{
	VECTORISE()
	for (size_t i = 0; i < n; i++)
		x[i] *= factor;
}

CLONES float lac_vector_exp_sum(float *x, float shift, size_t n)
{
	float sum = 0.0f;

	VECTORISE(reduction(+ : sum))
	for (size_t i = 0; i < n; i++) {
		x[i] = exponential(clamped(x[i] - shift, -87.0f, 87.0f));
		sum += x[i];
	}
	return sum;
}

CLONES float lac_vector_max(const float *x, size_t n)
{
	float most = x[0];

#ifndef __clang__ /* which cannot, and warns */
	VECTORISE(reduction(max : most))
#endif
	for (size_t i = 0; i < n; i++)
		most = x[i] > most ? x[i] : most;
	return most;
}

CLONES void lac_norm_repeat(float *y, const float *x, const float *weight, float factor, size_t n)
{
	VECTORISE()
	for (size_t i = 0; i < n; i++)
		y[i] = x[i] * factor * weight[i];
}

float lac_norm_forward(float *y, const float *x, const float *weight, float epsilon, size_t n)
{
	const float factor = 1.0f / sqrtf(lac_vector_dot(x, x, n) / (float)n + epsilon);

	lac_norm_repeat(y, x, weight, factor, n);
	return factor;
}

CLONES void lac_norm_backward(float *dx, float *d_weight, const float *dy, const float *x, const float *weight, float factor, size_t n)
{
	float sum = 0.0f;

	VECTORISE(reduction(+ : sum))
	for (size_t i = 0; i < n; i++)
		sum += dy[i] * weight[i] * x[i];
	sum *= factor * factor * factor / (float)n;
	VECTORISE()
	for (size_t i = 0; i < n; i++)
		dx[i] += dy[i] * weight[i] * factor - x[i] * sum;
	if (!d_weight)
		return;
	VECTORISE()
	for (size_t i = 0; i < n; i++)
		d_weight[i] += dy[i] * x[i] * factor;
}

CLONES void lac_gate_forward(float *hidden, const float *gate, const float *up, size_t n)
{
	VECTORISE()
	for (size_t i = 0; i < n; i++)
		hidden[i] = gate[i] * sigmoid(gate[i]) * up[i];
}

CLONES void lac_gate_backward(float *d_gate, float *d_up, const float *d_hidden, const float *gate, const float *up, size_t n)
{
	VECTORISE()
	for (size_t i = 0; i < n; i++) {
		const float open = sigmoid(gate[i]), passed = gate[i] * open;

		d_up[i] = d_hidden[i] * passed;
		d_gate[i] = d_hidden[i] * up[i] * (open + passed * (1.0f - open));
	}
}

CLONES void lac_softmax_backward(float *d_scores, const float *weights, const float *d_weights, float mean, float scale, size_t n)
{
	VECTORISE()
	for (size_t i = 0; i < n; i++)
		d_scores[i] = weights[i] * (d_weights[i] - mean) * scale;
}

CLONES void lac_rotate_pairs(float *x, const float *cosines, const float *sines, float direction, size_t n)
{
	VECTORISE()
	for (size_t i = 0; i < n; i++) {
		const float a = x[2 * i], b = x[2 * i + 1], sine = direction * sines[i];

		x[2 * i] = a * cosines[i] - b * sine;
		x[2 * i + 1] = a * sine + b * cosines[i];
	}
}

CLONES void lac_adam_update(float *values, float *first, float *second, const float *gradient, const struct lac_adam_step *step, size_t n)
{
	const struct lac_adam_step s = *step; /* a copy that no store can change */

	VECTORISE()
	for (size_t i = 0; i < n; i++) {
		const float g = gradient[i] * s.gradient_scale;

		first[i] = s.first_beta * first[i] + (1.0f - s.first_beta) * g;
		second[i] = s.second_beta * second[i] + (1.0f - s.second_beta) * g * g;
		values[i] -= s.rate * (first[i] * s.first_scale / (sqrtf(second[i] * s.second_scale) + s.epsilon) + s.decay * values[i]);
	}
}
