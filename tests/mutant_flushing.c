/* mutant_flushing.c: a table with one slip. Products too small for a normal number become zero, as
 * with FTZ or FPCR.FZ. */
#define f_mul true_f_mul
#include "kernels/vocabulary_scalar.h"
#undef f_mul

#define KERNELS_NAME mutant_flushing
#define KERNELS_SUPPORTED true

static inline F f_mul(F a, F b)
{
	a = true_f_mul(a, b);
	EACH_LANE a.lane[i] = a.lane[i] > -FLT_MIN && a.lane[i] < FLT_MIN ? 0.0f * a.lane[i] : a.lane[i];
	return a;
}

#include "kernels/kernels_template.h"
