/* kernels_fills.h: what kernels are tried on: floats that reach the ends of every range, and
 * quantised values. */
#ifndef LAC_KERNELS_FILLS_H
#define LAC_KERNELS_FILLS_H

#include "base/strict_float.h"
#include "test.h"

#include <math.h>

enum fill {
	FILL_NORMAL, FILL_WIDE, FILL_MAX, FILL_MIN, FILL_MIN_MAX, FILL_ZERO, FILL_THRESHOLD, FILL_TINY, FILL_SUBNORMAL, FILL_TIES,
	N_FILLS
};
static const char *const fill_names[N_FILLS] = {
	"normal", "wide", "max", "min", "min or max", "zero", "threshold", "tiny", "subnormal", "ties"
};

static inline float random_float(uint64_t *state, enum fill fill)
{
	uint64_t r = test_random(state);
	float sign = r & 1 ? -1.0f : 1.0f, unit = (float)(r >> 40) * 0x1p-24f;

	switch (fill) {
	case FILL_WIDE: return sign * unit * ldexpf(1.0f, (int)(r >> 8 & 127) - 80);
	case FILL_MAX: return 0x1p76f;
	case FILL_MIN: return -0x1p76f;
	case FILL_MIN_MAX: return sign * 0x1p76f;
	case FILL_ZERO: return sign * 0.0f;
	case FILL_THRESHOLD: return sign * 0x1p-100f; /* of a group that is not all zeros */
	case FILL_TINY: return sign * unit * 0x1p-99f; /* on both sides of it */
	case FILL_SUBNORMAL: return sign * unit * 0x1p-126f;
	default: return sign * unit * 4.0f;
	}
}

/* Groups whose elements lie half way between two of `steps` steps, as near as binary32 goes. */
static inline void fill_ties(float *x, size_t n, uint64_t *state, float steps)
{
	for (size_t i = 0; i < n; i++) {
		float *amax = &x[i / 64 * 64];

		if (i % 64 == 0)
			x[i] = 1.0f + (float)(test_random(state) >> 41) * 0x1p-23f;
		else
			x[i] = ((float)(test_random(state) % (unsigned)steps) + 0.5f) / (steps / *amax);
	}
}

static inline void fill_floats(float *x, size_t n, uint64_t *state, enum fill fill)
{
	if (fill == FILL_TIES)
		fill_ties(x, n, state, 127.0f);
	else
		for (size_t i = 0; i < n; i++)
			x[i] = random_float(state, fill);
}

/* Quantised values: -127 to 127 (section 3.1), or 0 to 127 for attention weights. */
enum byte_fill { BYTES_RANDOM, BYTES_MAX, BYTES_MIN, BYTES_MIN_OR_MAX, N_BYTES };
static const char *const bytes_names[N_BYTES] = { "random", "max", "min", "min or max" };

static inline void fill_bytes(int8_t *x, size_t n, uint64_t *state, enum byte_fill fill, int min)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t r = test_random(state);

		x[i] = (int8_t)(fill == BYTES_RANDOM ? (int)(r % (unsigned)(128 - min)) + min : fill == BYTES_MAX ? 127 :
			fill == BYTES_MIN || r & 1 ? min : 127);
	}
}

#endif
