/* mutant_reordered.c: a table with sums in another order than the document's. The vocabulary has no
 * word for the order, so two functions of the table are replaced: the operands are put in another
 * order and back. */
#include "base/strict_float.h"
#include "base/memory.h"
#include "kernels/kernels.h"

#include <stdlib.h>
#include <string.h>

extern const struct lac_kernels lac_kernels_scalar;
struct lac_kernels mutant_reordered(void);

/* Four bits in reverse: a tree over widths 8, 4, 2, 1 becomes one over neighbours, the order of
 * haddps and faddp. */
static unsigned reverse(unsigned lane)
{
	return (lane & 1) << 3 | (lane & 2) << 1 | (lane & 4) >> 1 | (lane & 8) >> 3;
}

static void exchange_lanes(float *to, const float *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i / 16 * 16 + reverse(i % 16)] = from[i];
}

static void norm(float *y, const float *x, const float *weight, size_t n, float epsilon)
{
	const size_t padded = LAC_ROUND_UP(n, 16);
	float *x_moved = calloc(padded, sizeof *x), *weight_moved = calloc(padded, sizeof *x), *y_moved = calloc(padded, sizeof *x);

	exchange_lanes(x_moved, x, padded);
	exchange_lanes(weight_moved, weight, padded);
	lac_kernels_scalar.norm(y_moved, x_moved, weight_moved, n, epsilon);
	exchange_lanes(y, y_moved, padded);
	free(x_moved);
	free(weight_moved);
	free(y_moved);
}

/* Copies n_blocks blocks in reverse. */
static void reverse_blocks(void *to, const void *from, size_t n_blocks, size_t block_bytes)
{
	for (size_t i = 0; i < n_blocks; i++)
		memcpy((char *)to + i * block_bytes, (const char *)from + (n_blocks - 1 - i) * block_bytes, block_bytes);
}

static void *create_reversed(const void *from, size_t n_groups, size_t group_bytes)
{
	void *to = lac_aligned_calloc(n_groups, group_bytes);

	reverse_blocks(to, from, n_groups, group_bytes);
	return to;
}

/* Groups from the last to the first, where all are whole. */
static void matmul(float *y, size_t stride_y, const struct lac_rows *x, size_t n_rows, const struct lac_packed *w,
	uint32_t first_tile, uint32_t end_tile)
{
	struct lac_packed moved = *w;

	if (w->n_in % LAC_GROUP) {
		lac_kernels_scalar.matmul(y, stride_y, x, n_rows, w, first_tile, end_tile);
		return;
	}
	moved.tiles = lac_aligned_calloc(w->n_tiles, w->tile_bytes);
	for (uint32_t tile = 0; tile < w->n_tiles; tile++) {
		reverse_blocks(lac_tile_values(&moved, tile), lac_tile_values(w, tile), w->n_groups, LAC_GROUP * LAC_LANES);
		reverse_blocks(lac_tile_scales(&moved, tile), lac_tile_scales(w, tile), w->n_groups, LAC_LANES * sizeof(float));
		reverse_blocks(lac_tile_corrections(&moved, tile), lac_tile_corrections(w, tile), w->n_groups, LAC_LANES * sizeof(int32_t));
	}
	for (size_t row = 0; row < n_rows; row++) {
		int8_t *values = create_reversed(x->values + row * x->stride_values, w->n_groups, LAC_GROUP);
		float *scales = create_reversed(x->scales + row * x->stride_scales, w->n_groups, sizeof *scales);
		const struct lac_rows one = { values, scales, 0, 0 };

		lac_kernels_scalar.matmul(y + row * stride_y, stride_y, &one, 1, &moved, first_tile, end_tile);
		lac_aligned_free(values);
		lac_aligned_free(scales);
	}
	lac_aligned_free(moved.tiles);
}

struct lac_kernels mutant_reordered(void)
{
	struct lac_kernels kernels = lac_kernels_scalar;

	kernels.name = "mutant_reordered";
	kernels.norm = norm;
	kernels.matmul = matmul;
	return kernels;
}
