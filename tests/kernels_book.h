/* kernels_book.h: the textbook (kernels_textbook.h) in the form of a table of kernels, so that it
 * can stand where one does. */
#ifndef LAC_KERNELS_BOOK_H
#define LAC_KERNELS_BOOK_H

#include "kernels_textbook.h"
#include "kernels/kernels.h"

#include <stdlib.h>

static bool book_supported(void)
{
	return true;
}

static void book_matmul(float *y, size_t stride_y, const struct lac_rows *x, size_t n_rows, const struct lac_packed *w,
	uint32_t first_tile, uint32_t end_tile)
{
	int8_t *row = malloc((size_t)w->n_quads * 4);
	float *scales = malloc(w->n_groups * sizeof *scales);

	for (uint32_t out = first_tile * 16; out < end_tile * 16; out++) {
		for (uint32_t i = 0; i < w->n_quads * 4; i++)
			row[i] = lac_tile_values(w, out / 16)[i / 4 * 64 + out % 16 * 4 + i % 4];
		for (uint32_t g = 0; g < w->n_groups; g++)
			scales[g] = lac_tile_scales(w, out / 16)[g * 16 + out % 16];
		for (size_t r = 0; r < n_rows; r++)
			y[r * stride_y + out] = book_product(row, scales, x->values + r * x->stride_values, x->scales + r * x->stride_scales,
				(size_t)w->n_quads * 4);
	}
	free(row);
	free(scales);
}

static void book_mix(float *out, size_t stride_out, const struct lac_weight_rows *x, size_t n_rows,
	const struct lac_value_cache *cache)
{
	for (size_t row = 0; row < n_rows; row++)
		for (uint32_t d = 0; d < cache->n_tiles * 16; d++) {
			float y = 0.0f;

			for (size_t group = 0; group < x->n_groups; group++) {
				int64_t sum = 0;

				for (size_t i = group * 64; i < group * 64 + 64; i++)
					sum += x->weights[row * x->stride_weights + i] *
						cache->values[d / 16 * cache->stride_tile + i / 4 * 64 + d % 16 * 4 + i % 4];
				y = y + (float)sum * x->scales[row * x->stride_scales + group];
			}
			out[row * stride_out + d] = y * x->factors[row];
		}
}

static void book_store_value(const struct lac_value_cache *cache, uint32_t position, const float *x, size_t n)
{
	int8_t values[LAC_HEAD_DIM_MAX] = { 0 };

	cache->scales[position] = book_round_group(values, x, n);
	for (uint32_t d = 0; d < cache->n_tiles * 16; d++)
		cache->values[d / 16 * cache->stride_tile + position / 4 * 64 + d % 16 * 4 + position % 4] = values[d];
}

static void book_gates(float *gate, const float *up, size_t n)
{
	for (size_t i = 0; i < n; i++)
		gate[i] = book_gate(gate[i], up[i]);
}

static void book_adds(float *x, const float *y, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] = book_add(x[i], y[i]);
}

static void book_frequencies(uint32_t *frequencies, uint64_t *sums, float *logits, size_t n, size_t n_padded)
{
	const float max = book_max(logits, n);

	for (size_t block = 0; block < n_padded / 64; block++)
		sums[block] = 0;
	for (size_t i = 0; i < n_padded; i++) {
		frequencies[i] = i < n ? book_frequency(logits[i], max) : 0;
		sums[i / 64] += frequencies[i];
	}
}

static const struct lac_kernels book_kernels = {
	.name = "textbook",
	.supported = book_supported,
	.quantize = book_quantize,
	.quantize_activations = book_quantize,
	.matmul = book_matmul,
	.norm = book_norm,
	.rotate = book_rotate,
	.softmax = book_softmax,
	.mix = book_mix,
	.store_value = book_store_value,
	.gate = book_gates,
	.add = book_adds,
	.frequencies = book_frequencies,
};

#endif
