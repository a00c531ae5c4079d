/* mutant_saturating.c: a table with one slip. Pairs of unsigned x signed products saturate at 16
 * bits (vpmaddubsw) with activations offset by 128, which values as large as those of real models
 * hardly ever show. */
#define dot true_dot
#define dot_start true_dot_start
#include "kernels/vocabulary_scalar.h"
#undef dot
#undef dot_start

#define KERNELS_NAME mutant_saturating
#define KERNELS_SUPPORTED true

static inline I dot_start(const int32_t *corrections) { return i_load(corrections); }

static inline I dot(I a, X x, W w)
{
	EACH_LANE
		for (unsigned j = 0; j < 4; j += 2) {
			int32_t pair = (x.value[j] + 128) * w.value[i][j] + (x.value[j + 1] + 128) * w.value[i][j + 1];

			a.lane[i] += pair > INT16_MAX ? INT16_MAX : pair < INT16_MIN ? INT16_MIN : pair;
		}
	return a;
}

#include "kernels/kernels_template.h"
