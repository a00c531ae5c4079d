/* kernels.h: the arithmetic that is worth vector instructions, as one table of functions per
 * instruction set.
 *
 * Every table gives the same bits: arithmetic.md sections 3 to 7 define each operation,
 * kernels_template.h writes it once over sixteen lanes, and kernels_scalar.c is the definition in
 * plain C. tests/test_kernels.c compares them.
 *
 * Conventions. Float rows are padded with zeros to a multiple of 16. Quantised rows are padded with
 * zeros to a multiple of 4. Pointers to packed values are aligned to 64 bytes; others need no more
 * than their type.
 * Thread rule: pure functions.
 */
#ifndef LAC_KERNELS_KERNELS_H
#define LAC_KERNELS_KERNELS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAC_LANES 16u       /* partial sums, outputs of a tile */
#define LAC_GROUP 64u       /* consecutive inputs that share a scale */
#define LAC_QUAD 4u         /* inputs that one multiply-add instruction takes from each lane */
#define LAC_GROUP_QUADS (LAC_GROUP / LAC_QUAD)
/* section 3.1: magnitude bound of what is quantised and of the residual stream */
#define LAC_CLAMP 0x1p40f
#define LAC_TINY 0x1p-100f  /* section 3.1: a group below this is all zeros */
#define LAC_HEAD_DIM_MAX 1024u

_Static_assert(LAC_GROUP * 127 * 127 < (1 << 24), "a group's dot product is exact in binary32");

#define LAC_ROUND_UP(n, multiple) (((n) + (multiple) - 1) / (multiple) * (multiple))

/* A matrix of n_out rows by n_in columns, signed 8-bit with a scale per row and group of 64
 * columns, laid out for kernels in tiles of 16 rows. A tile is, in one piece, so that what is
 * multiplied next also lies next:
 *   values       [quad][16 rows][4 columns]
 *   scales       [group][16 rows]
 *   corrections  [group][16 rows]: -128 x the sum of the group's values, for instruction sets whose
 *                product wants an unsigned
 *                left operand (x + 128) */
struct lac_packed {
	uint32_t n_out, n_in;
	uint32_t n_tiles, n_quads, n_groups;
	int8_t *tiles; /* [tile * tile_bytes], aligned to 64 bytes */
	size_t tile_bytes;
};

static inline int8_t *lac_tile_values(const struct lac_packed *w, size_t tile)
{
	return w->tiles + tile * w->tile_bytes;
}

static inline float *lac_tile_scales(const struct lac_packed *w, size_t tile)
{
	return (float *)(void *)(lac_tile_values(w, tile) + (size_t)w->n_quads * LAC_QUAD * LAC_LANES);
}

static inline int32_t *lac_tile_corrections(const struct lac_packed *w, size_t tile)
{
	return (int32_t *)(void *)(lac_tile_scales(w, tile) + (size_t)w->n_groups * LAC_LANES);
}

/* Rows of quantised activations: values[row * stride_values + i], scales[row * stride_scales +
 * group]. The values are in the form of one table: its activation_zero has been added to each, mod
 * 256. */
struct lac_rows {
	int8_t *values;
	float *scales;
	size_t stride_values, stride_scales;
};

/* Rows of attention weights, 0 to 127, positions in groups of 64 with a scale each, and the factor
 * that normalises a row. */
struct lac_weight_rows {
	int8_t *weights; /* [row * stride_weights + position] */
	float *scales;   /* [row * stride_scales + group] */
	float *factors;  /* [row] */
	size_t stride_weights, stride_scales;
	uint32_t n_groups;
};

/* One head of values: packed [dim tile][position quad][16 dims][4 positions], and the scale of each
 * position. */
struct lac_value_cache {
	int8_t *values;
	float *scales;          /* [n_positions] */
	/* bytes from one dim tile to the next: 16 x the positions there is room for */
	size_t stride_tile;
	uint32_t n_tiles;       /* of 16 dims */
};

struct lac_kernels {
	const char *name;
	uint8_t activation_zero; /* 0, or 128 where the product wants an unsigned left operand */
	bool (*supported)(void); /* by this CPU */

	/* Section 3.1. Quantises n floats in groups of 64; writes LAC_ROUND_UP(n, 4) values. */
	void (*quantize)(int8_t *values, float *scales, const float *x, size_t n);

	/* The same for matmul's rows: adds activation_zero to every value. */
	void (*quantize_activations)(int8_t *values, float *scales, const float *x, size_t n);

	/* Section 3.2. y[row * stride_y + 16 tile + lane] for rows 0 to n_rows-1 and tiles
	 * first_tile to end_tile-1. */
	void (*matmul)(float *y, size_t stride_y, const struct lac_rows *x, size_t n_rows,
		const struct lac_packed *w, uint32_t first_tile, uint32_t end_tile);

	/* Section 4.1. y = x / rms(x) * weight; n is the true length, the rows are padded. */
	void (*norm)(float *y, const float *x, const float *weight, size_t n, float epsilon);

	/* Section 5. Rotates pairs (x[i], x[half + i]) by the angle whose cosine and sine are
	 * given. */
	void (*rotate)(float *x, const float *cosines, const float *sines, size_t half);

	/* Section 6.2 and 6.3. Turns scores of the positions from `first` to before `end` into
	 * 7-bit weights that already carry the values' scales, a scale per group of 64 positions,
	 * and the factor that normalises them. Everything before and after is zeroed, up to
	 * n_padded, a multiple of 64; scores and value_scales can be read so far: before `first`
	 * they are finite, after `end` whatever they are. */
	float (*softmax)(int8_t *weights, float *group_scales, const float *scores, size_t first, size_t end, size_t n_padded,
		const float *value_scales);

	/* Section 6.4. out[row * stride_out + dim] = the row's factor x the sum over positions of
	 * weight x value. */
	void (*mix)(float *out, size_t stride_out, const struct lac_weight_rows *weights, size_t n_rows,
		const struct lac_value_cache *cache);

	/* Section 6.1. Quantises n values, at most LAC_HEAD_DIM_MAX, with one scale and stores them
	 * at a position. */
	void (*store_value)(const struct lac_value_cache *cache, uint32_t position, const float *x, size_t n);

	/* Section 4.2. gate = gate x sigmoid(gate) x up. */
	void (*gate)(float *gate, const float *up, size_t n);

	/* Section 4.3. x = clamp(x + y). */
	void (*add)(float *x, const float *y, size_t n);

	/* Section 7.1. frequencies[i] = 1 + trunc(2^26 exp(logits[i] - max)) for i < n, and 0 up to
	 * n_padded, a multiple of 64; sums[b] is the sum of the 64 frequencies from 64 b on. logits
	 * has room for n_padded and is overwritten past n. */
	void (*frequencies)(uint32_t *frequencies, uint64_t *sums, float *logits, size_t n, size_t n_padded);

	/* For measuring: does products as matmul's block does them, n times, and nothing else;
	 * returns the number of multiply-adds. */
	uint64_t (*peak)(size_t n);
};

/* Best first, scalar last, NULL after it: all that were compiled in. */
extern const struct lac_kernels *const lac_kernels_all[];

/* The named table, or the best for NULL; NULL if there is none of that name or this CPU lacks
 * it. */
const struct lac_kernels *lac_kernels_choose(const char *name);

/* Runs every operation on fixed inputs and compares the results with known answers (section 11);
 * the caller is in the strict floating-point environment. LAC_SELF_TEST_FAILED: this CPU or build
 * must not be trusted with an archive; LAC_NO_MEMORY. */
LAC_MUST_CHECK enum lac_status lac_kernels_self_test(const struct lac_kernels *kernels, struct lac_error *error);

#endif
