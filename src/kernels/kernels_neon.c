/* kernels_neon.c: aarch64 as it was first defined (Armv8.0): products of 8 bits are made 16 bits
 * wide. */
#include "base/strict_float.h"

#if defined(__AARCH64EL__)
#include "kernels/target.h"

#include <arm_neon.h>

#define KERNELS_NAME neon
#define KERNELS_SUPPORTED true
#define BLOCK_ROWS 2
#define BLOCK_TILES 2
#define MIX_ROWS 2
#define MIX_TILES 2
#define ROW_TILES 2

_Static_assert(2 * 127 * 127 <= INT16_MAX, "the sum of two products fits 16 bits");

/* Four rows of four weights: sixteen products, their eight pair sums, and the pairs of these. */
ALWAYS_INLINE int32x4_t add_products(int32x4_t sum, int8x16_t w, int8x16_t x)
{
	int16x8_t low = vmull_s8(vget_low_s8(w), vget_low_s8(x)), high = vmull_high_s8(w, x);

	return vpadalq_s16(sum, vpaddq_s16(low, high));
}

#include "kernels/vocabulary_neon.h"
#include "kernels/kernels_template.h"
#endif
