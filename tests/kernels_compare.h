/* kernels_compare.h: a table of kernels against the textbook, bit for bit, on shapes with odd
 * tails, on fills that reach the ends of every range, on every alignment, with guard bytes around
 * what is written and nothing after what is read. Each comparison returns what it found, so that it
 * can be shown to find something. */
#ifndef LAC_KERNELS_COMPARE_H
#define LAC_KERNELS_COMPARE_H

#include "kernels_fills.h"
#include "kernels_textbook.h"
#include "test.h"
#include "base/memory.h"
#include "kernels/kernels.h"
#include "kernels/packed.h"

#include <stdarg.h>

#define COMPARE_SEED 0x5eedu

/* ---- What was found ------------------------------------------------------- */

struct differences {
	unsigned n;
	char first[160]; /* enough to replay it */
};

__attribute__((format(printf, 3, 4)))
static void differ_if(bool condition, struct differences *found, const char *format, ...)
{
	va_list arguments;

	if (!condition || found->n++)
		return;
	va_start(arguments, format);
	vsnprintf(found->first, sizeof found->first, format, arguments);
	va_end(arguments);
}

/* ---- Memory --------------------------------------------------------------- */

#define GUARD 0x5a
#define GUARD_BYTES 96 /* more than any register */

/* What is read: its last byte is the last of the allocation, so that a sanitizer sees a read past
 * it. */
static void *input_create(size_t n_bytes, size_t offset)
{
	uint8_t *memory = calloc(1, n_bytes + offset + !(n_bytes + offset));

	return memory + offset;
}

static void input_free(const void *at, size_t offset)
{
	free((uint8_t *)at - offset);
}

/* What is written stands between guards. */
static void *output_create(size_t n_bytes, size_t offset)
{
	uint8_t *all = malloc(n_bytes + offset + 2 * GUARD_BYTES);

	memset(all, GUARD, n_bytes + offset + 2 * GUARD_BYTES);
	return all + GUARD_BYTES + offset;
}

/* Frees it; true: the guards were as they should be. */
static bool output_free(void *at, size_t n_bytes, size_t offset)
{
	uint8_t *all = (uint8_t *)at - offset - GUARD_BYTES;
	bool intact = true;

	for (size_t i = 0; i < GUARD_BYTES + offset; i++)
		intact &= all[i] == GUARD;
	for (size_t i = 0; i < GUARD_BYTES; i++)
		intact &= ((uint8_t *)at)[n_bytes + i] == GUARD;
	free(all);
	return intact;
}

static bool same(const void *a, const void *b, size_t n_bytes)
{
	return memcmp(a, b, n_bytes) == 0;
}

/* ---- Comparisons ---------------------------------------------------------- */

static void try_quantize(void (*quantize)(int8_t *, float *, const float *, size_t), uint8_t zero, struct differences *found, size_t n,
	enum fill fill, size_t offset)
{
	const size_t n_values = LAC_ROUND_UP(n, 4), n_scales = (n + 63) / 64;
	uint64_t state = COMPARE_SEED + n * 8 + fill;
	float *x = input_create(n * 4, offset % 16 * 4), *scales = output_create(n_scales * 4, offset % 16 * 4), book_scales[8];
	int8_t *values = output_create(n_values, offset), book_values[512];

	fill_floats(x, n, &state, fill);
	book_quantize(book_values, book_scales, x, n);
	quantize(values, scales, x, n);
	for (size_t i = 0; i < n_values; i++)
		values[i] = (int8_t)((uint8_t)values[i] - zero);
	differ_if(!same(values, book_values, n_values), found, "values n=%zu fill=%s offset=%zu", n, fill_names[fill], offset);
	differ_if(!same(scales, book_scales, n_scales * 4), found, "scales n=%zu fill=%s offset=%zu", n, fill_names[fill], offset);
	for (size_t i = 0; i < n; i++)
		differ_if(values[i] == -128, found, "-128 n=%zu fill=%s", n, fill_names[fill]);
	differ_if(!output_free(values, n_values, offset), found, "values' guards n=%zu offset=%zu", n, offset);
	differ_if(!output_free(scales, n_scales * 4, offset % 16 * 4), found, "scales' guards n=%zu offset=%zu", n, offset);
	input_free(x, offset % 16 * 4);
}

static struct differences compare_quantize(const struct lac_kernels *kernels)
{
	struct differences found = { 0 };

	for (size_t n = 1; n <= 300; n += n < 140 ? 1 : 19)
		for (enum fill fill = 0; fill < N_FILLS; fill++)
			try_quantize(kernels->quantize, 0, &found, n, fill, (n + fill * 5) % 33);
	return found;
}

static struct differences compare_activations(const struct lac_kernels *kernels)
{
	struct differences found = { 0 };

	for (size_t n = 1; n <= 300; n += n < 140 ? 1 : 19)
		for (enum fill fill = 0; fill < N_FILLS; fill++)
			try_quantize(kernels->quantize_activations, kernels->activation_zero, &found, n, fill, (n + fill * 5) % 33);
	return found;
}

struct matmul_shape {
	size_t n_rows;
	uint32_t n_out, n_in;
	enum byte_fill weights, activations;
	enum fill scales;
	size_t offset;
};

/* Runs tiles first to end, and compares them; what is beside them stays as it was. */
static void try_tiles(const struct lac_kernels *kernels, struct differences *found, const struct matmul_shape *shape,
	const struct lac_rows *x, const int8_t *w, const float *s, const struct lac_packed *packed, uint32_t first, uint32_t end)
{
	const size_t stride_w = LAC_ROUND_UP(shape->n_in, 4), stride_y = packed->n_tiles * 16 + shape->offset % 3;
	const size_t n_bytes = ((shape->n_rows - 1) * stride_y + packed->n_tiles * 16) * 4, offset = shape->offset % 16 * 4;
	const size_t n_x = (shape->n_rows - 1) * x->stride_values + packed->n_quads * 4;
	float *y = output_create(n_bytes, offset), untouched;
	struct lac_rows in_form = *x; /* of this table */

	memset(&untouched, GUARD, 4);
	in_form.values = input_create(n_x, shape->offset);
	for (size_t i = 0; i < n_x; i++)
		in_form.values[i] = (int8_t)((uint8_t)x->values[i] + kernels->activation_zero);
	kernels->matmul(y, stride_y, &in_form, shape->n_rows, packed, first, end);
	input_free(in_form.values, shape->offset);
	for (size_t row = 0; row < shape->n_rows; row++)
		for (uint32_t out = 0; out < (row + 1 < shape->n_rows ? stride_y : packed->n_tiles * 16); out++) {
			/* rows past the last are zeros */
			float expected = 0.0f, *got = &y[row * stride_y + out];

			if (out < first * 16 || out >= end * 16)
				expected = untouched;
			else if (out < shape->n_out)
				expected = book_product(w + out * stride_w, s + out * packed->n_groups, x->values + row * x->stride_values,
					x->scales + row * x->stride_scales, shape->n_in);
			else if (*got == 0.0f)
				continue;
			differ_if(!same(&expected, got, 4), found, "%zu rows %ux%u tiles %u to %u weights=%s activations=%s scales=%s "
				"row=%zu out=%u: %a, %a", shape->n_rows, shape->n_out, shape->n_in, first, end, bytes_names[shape->weights],
				bytes_names[shape->activations], fill_names[shape->scales], row, out, (double)expected, (double)*got);
		}
	differ_if(!output_free(y, n_bytes, offset), found, "guards %ux%u", shape->n_out, shape->n_in);
}

static void try_matmul(const struct lac_kernels *kernels, struct differences *found, struct matmul_shape shape)
{
	uint64_t state = COMPARE_SEED + shape.n_rows * 1000003 + shape.n_out * 1009 + shape.n_in + shape.weights;
	const size_t stride = LAC_ROUND_UP(shape.n_in, 4), groups = (shape.n_in + 63) / 64, offset = shape.offset;
	int8_t *w = input_create(shape.n_out * stride, 0), *q = input_create(shape.n_rows * stride, offset);
	float *s = input_create(shape.n_out * groups * 4, 0), *t = input_create(shape.n_rows * groups * 4, offset % 16 * 4);
	const struct lac_rows rows = { q, t, stride, groups };
	struct lac_arena arena = { NULL, 0 };
	struct lac_packed packed;

	if (!lac_packed_create(&packed, &arena, shape.n_out, shape.n_in))
		abort();
	/* some results are subnormal */
	fill_floats(s, shape.n_out * groups, &state, shape.scales == FILL_TINY ? FILL_WIDE : FILL_NORMAL);
	fill_floats(t, shape.n_rows * groups, &state, shape.scales);
	for (uint32_t row = 0; row < shape.n_out; row++) {
		fill_bytes(w + row * stride, shape.n_in, &state, shape.weights, -127);
		lac_packed_set_row(&packed, row, w + row * stride, s + row * groups);
	}
	for (size_t row = 0; row < shape.n_rows; row++)
		fill_bytes(q + row * stride, shape.n_in, &state, shape.activations, -127);
	try_tiles(kernels, found, &shape, &rows, w, s, &packed, 0, packed.n_tiles);
	if (packed.n_tiles > 2)
		try_tiles(kernels, found, &shape, &rows, w, s, &packed, 1, packed.n_tiles - 1);
	lac_arena_free(&arena);
	input_free(w, 0);
	input_free(s, 0);
	input_free(q, offset);
	input_free(t, offset % 16 * 4);
}

static struct differences compare_matmul(const struct lac_kernels *kernels)
{
	struct differences found = { 0 };

	for (uint32_t n_in = 1; n_in <= 200; n_in += n_in < 10 ? 1 : 13)
		for (unsigned i = 0; i < N_BYTES * N_BYTES; i++)
			try_matmul(kernels, &found, (struct matmul_shape){ 1 + (n_in + i) % 6, 1 + (n_in * 7 + i * 16) % 70, n_in,
				i / N_BYTES, i % N_BYTES, i % 3 ? FILL_NORMAL : i % 2 ? FILL_TINY : FILL_WIDE, (n_in + i) % 17 });
	for (enum byte_fill bytes = 0; bytes < N_BYTES; bytes++) {
		try_matmul(kernels, &found, (struct matmul_shape){ 9, 192, 192, bytes, BYTES_MIN_OR_MAX, FILL_NORMAL, 0 });
		try_matmul(kernels, &found, (struct matmul_shape){ 5, 50, 512, bytes, BYTES_RANDOM, FILL_NORMAL, 1 });
		try_matmul(kernels, &found, (struct matmul_shape){ 4, 64, 172, BYTES_MIN, bytes, FILL_NORMAL, 0 });
	}
	return found;
}

/* Elementwise operations may write what rounds a row up to sixteen: `padded` below. */

static struct differences compare_norm(const struct lac_kernels *kernels)
{
	static const float epsilons[] = { 1e-5f, 1e-12f, 1.0f };
	struct differences found = { 0 };

	for (size_t n = 1; n <= 260; n += 7)
		for (enum fill fill = 0; fill < N_FILLS; fill++) {
			uint64_t state = COMPARE_SEED + n + fill;
			const size_t padded = LAC_ROUND_UP(n, 16), offset = (n + fill) % 5 * 4;
			float *x = input_create(padded * 4, offset), *weight = input_create(padded * 4, offset / 2 / 4 * 4);
			float *y = output_create(padded * 4, offset), book[512] = { 0.0f }, epsilon = epsilons[(n + fill) % 3];

			fill_floats(x, n, &state, fill);
			for (size_t i = 0; i < n; i++)
				x[i] = book_clamp(x[i], 0x1p40f);
			fill_floats(weight, n, &state, FILL_NORMAL);
			book_norm(book, x, weight, n, epsilon);
			kernels->norm(y, x, weight, n, epsilon);
			differ_if(!same(y, book, padded * 4), &found, "n=%zu fill=%s epsilon=%g", n, fill_names[fill], (double)epsilon);
			differ_if(!output_free(y, padded * 4, offset), &found, "guards n=%zu", n);
			input_free(x, offset);
			input_free(weight, offset / 2 / 4 * 4);
		}
	return found;
}

static struct differences compare_rotate(const struct lac_kernels *kernels)
{
	struct differences found = { 0 };

	for (size_t half = 1; half <= 70; half++)
		for (enum fill fill = 0; fill < N_FILLS; fill++) {
			uint64_t state = COMPARE_SEED + half + fill;
			const size_t offset = (half + fill) % 5 * 4;
			float *x = output_create(half * 8, offset), *c = input_create(half * 4, offset), *s = input_create(half * 4, 0);
			float book[140];

			fill_floats(x, 2 * half, &state, fill);
			fill_floats(c, half, &state, FILL_NORMAL);
			fill_floats(s, half, &state, FILL_NORMAL);
			memcpy(book, x, half * 8);
			book_rotate(book, c, s, half);
			kernels->rotate(x, c, s, half);
			differ_if(!same(x, book, half * 8), &found, "half=%zu fill=%s", half, fill_names[fill]);
			differ_if(!output_free(x, half * 8, offset), &found, "guards half=%zu", half);
			input_free(c, offset);
			input_free(s, 0);
		}
	return found;
}

/* Two operations of one form: x = operation(x, y). */
static struct differences compare_pairs(void (*operation)(float *, const float *, size_t), float (*book)(float, float))
{
	struct differences found = { 0 };

	for (size_t n = 16; n <= 208; n += 48)
		for (unsigned i = 0; i < N_FILLS * N_FILLS; i++) {
			const enum fill fill_x = i / N_FILLS, fill_y = i % N_FILLS;
			uint64_t state = COMPARE_SEED + n + i;
			const size_t offset = (n + i) % 5 * 4;
			float *x = output_create(n * 4, offset), *y = input_create(n * 4, offset), expected[208];

			fill_floats(x, n, &state, fill_x);
			fill_floats(y, n, &state, fill_y);
			for (size_t j = 0; j < n; j++)
				expected[j] = book(x[j], y[j]);
			operation(x, y, n);
			differ_if(!same(x, expected, n * 4), &found, "n=%zu fills=%s, %s", n, fill_names[fill_x], fill_names[fill_y]);
			differ_if(!output_free(x, n * 4, offset), &found, "guards n=%zu", n);
			input_free(y, offset);
		}
	return found;
}

static struct differences compare_gate(const struct lac_kernels *kernels)
{
	/* the last bit of exp's coefficients shows in few results: of c5 in one of 2^13 */
	enum { N = 1 << 16 };
	struct differences found = compare_pairs(kernels->gate, book_gate);
	float *g = output_create(N * 4, 0), *u = input_create(N * 4, 0), kept;
	uint64_t state = COMPARE_SEED;

	for (unsigned i = 0; i < N; i++) {
		g[i] = (float)(test_random(&state) >> 40) * 0x1p-24f * 96.0f - 88.0f;
		u[i] = 1.0f;
	}
	kernels->gate(g, u, N);
	state = COMPARE_SEED;
	for (unsigned i = 0; i < N; i++) {
		float expected;

		kept = (float)(test_random(&state) >> 40) * 0x1p-24f * 96.0f - 88.0f;
		expected = book_gate(kept, 1.0f);
		differ_if(!same(&g[i], &expected, 4), &found, "g=%a: %a, %a", (double)kept, (double)expected, (double)g[i]);
	}
	differ_if(!output_free(g, N * 4, 0), &found, "guards n=%d", N);
	input_free(u, 0);
	return found;
}

static struct differences compare_add(const struct lac_kernels *kernels)
{
	return compare_pairs(kernels->add, book_add);
}

static void try_softmax(const struct lac_kernels *kernels, struct differences *found, size_t first, size_t n, size_t padded, enum fill fill,
	enum fill fill_scales)
{
	uint64_t state = COMPARE_SEED + n * 31 + fill * 7 + fill_scales;
	const size_t offset = n % 5 * 4;
	float *scores = input_create(padded * 4, offset), *value_scales = input_create(padded * 4, offset);
	float *group_scales = output_create(padded / 16, offset), book_scales[8], factor, book_factor;
	int8_t *weights = output_create(padded, n % 33), book_weights[512];

	fill_floats(scores, n, &state, fill);
	if (fill_scales == FILL_TIES)
		fill_ties(value_scales, n, &state, 127.0f);
	else
		fill_floats(value_scales, n, &state, fill_scales);
	for (size_t i = 0; i < n; i++)
		value_scales[i] = book_clamp(fabsf(value_scales[i]), 0x1p40f);
	for (size_t i = n; i < padded; i++)
		/* read, and of no consequence */
		scores[i] = value_scales[i] = i % 2 ? NAN : INFINITY;
	book_factor = book_softmax(book_weights, book_scales, scores, first, n, padded, value_scales);
	factor = kernels->softmax(weights, group_scales, scores, first, n, padded, value_scales);
	for (size_t i = 0; i < padded; i++)
		differ_if(weights[i] != book_weights[i], found, "first=%zu n=%zu padded=%zu fills=%s, %s i=%zu: %d, %d", first, n, padded,
			fill_names[fill], fill_names[fill_scales], i, book_weights[i], weights[i]);
	differ_if(!same(group_scales, book_scales, padded / 16), found, "group scales first=%zu n=%zu fills=%s, %s", first, n,
		fill_names[fill], fill_names[fill_scales]);
	differ_if(!same(&factor, &book_factor, 4), found, "factor first=%zu n=%zu fill=%s", first, n, fill_names[fill]);
	differ_if(!output_free(group_scales, padded / 16, offset), found, "group scales' guards n=%zu", n);
	differ_if(!output_free(weights, padded, n % 33), found, "weights' guards n=%zu", n);
	input_free(scores, offset);
	input_free(value_scales, offset);
}

static struct differences compare_softmax(const struct lac_kernels *kernels)
{
	static const enum fill scales[] = { FILL_NORMAL, FILL_TIES, FILL_MAX, FILL_ZERO, FILL_THRESHOLD, FILL_TINY };
	struct differences found = { 0 };

	for (size_t n = 1; n <= 200; n += n < 20 ? 1 : 11)
		for (enum fill fill = 0; fill < N_FILLS; fill++)
			for (unsigned i = 0; i < sizeof scales / sizeof *scales; i++)
				try_softmax(kernels, &found, 0, n, LAC_ROUND_UP(n, 64) + n % 2 * 64, fill, scales[i]);
	/* the first positions are not seen: whole groups, part of one, all but the last */
	for (size_t n = 2; n <= 200; n += n < 20 ? 1 : 11)
		for (size_t first = 1; first < n; first += first % 64 == 63 ? 1 : n % 7 + 7)
			for (enum fill fill = 0; fill < N_FILLS; fill++)
				try_softmax(kernels, &found, first, n, LAC_ROUND_UP(n, 64), fill, scales[(n + first + fill) % 6]);
	return found;
}

/* Section 6.4. The room of the cache is larger than what is mixed, as it is while a window
 * fills. */
static void try_mix(const struct lac_kernels *kernels, struct differences *found, size_t n_rows, uint32_t tiles, uint32_t groups,
	enum byte_fill weights, enum byte_fill values, enum fill scales)
{
	uint64_t state = COMPARE_SEED + n_rows * 31 + tiles * 7 + groups + weights * 4 + values;
	const size_t room = groups * 64 + 64, stride = groups * 64 + 4, stride_out = tiles * 16 + n_rows % 3;
	const size_t n_x = (n_rows - 1) * stride + groups * 64, n_out = (n_rows - 1) * stride_out + tiles * 16, offset = n_rows * 4;
	int8_t *cache = lac_aligned_calloc(tiles * room, 16), *x = input_create(n_x, 1);
	float *group_scales = input_create(n_rows * groups * 4, offset), *factors = input_create(n_rows * 4, 0);
	float *out = output_create(n_out * 4, offset);
	const struct lac_value_cache view = { cache, NULL, room * 16, tiles };
	const struct lac_weight_rows rows = { x, group_scales, factors, stride, groups, groups };

	fill_bytes(cache, tiles * room * 16, &state, values, -127);
	fill_bytes(x, n_x, &state, weights, 0);
	fill_floats(group_scales, n_rows * groups, &state, scales);
	/* some results are subnormal */
	fill_floats(factors, n_rows, &state, scales == FILL_TINY ? FILL_WIDE : FILL_NORMAL);
	kernels->mix(out, stride_out, &rows, n_rows, &view);
	for (size_t row = 0; row < n_rows; row++)
		for (uint32_t d = 0; d < tiles * 16; d++) {
			float y = 0.0f;

			for (size_t group = 0; group < groups; group++) {
				int64_t sum = 0;

				for (size_t i = group * 64; i < group * 64 + 64; i++)
					sum += x[row * stride + i] *
						cache[d / 16 * room * 16 + i / 4 * 64 + d % 16 * 4 + i % 4];
				y = y + (float)sum * group_scales[row * groups + group];
			}
			y = y * factors[row];
			differ_if(!same(&y, &out[row * stride_out + d], 4), found, "%zu rows %u tiles %u groups weights=%s values=%s "
				"scales=%s row=%zu d=%u: %a, %a", n_rows, tiles, groups, bytes_names[weights], bytes_names[values],
				fill_names[scales], row, d, (double)y, (double)out[row * stride_out + d]);
		}
	differ_if(!output_free(out, n_out * 4, offset), found, "guards %zu rows %u tiles", n_rows, tiles);
	lac_aligned_free(cache);
	input_free(x, 1);
	input_free(group_scales, offset);
	input_free(factors, 0);
}

static struct differences compare_mix(const struct lac_kernels *kernels)
{
	struct differences found = { 0 };

	for (uint32_t n_rows = 1; n_rows <= 9; n_rows++)
		for (unsigned i = 0; i < N_BYTES * N_BYTES; i++)
			try_mix(kernels, &found, n_rows, 1 + (n_rows + i) % 5, 1 + i % 4, i / N_BYTES, i % N_BYTES,
				i % 3 ? FILL_NORMAL : FILL_TINY);
	return found;
}

/* Section 6.1: one scale for the head, four positions side by side; the other positions stay as
 * they were. */
static struct differences compare_store_value(const struct lac_kernels *kernels)
{
	enum { ROOM = 64 };
	struct differences found = { 0 };

	for (size_t n = 1; n <= 150; n += n < 70 ? 1 : 16)
		for (enum fill fill = 0; fill < N_FILLS; fill++) {
			uint64_t state = COMPARE_SEED + n * 16 + fill;
			const uint32_t tiles = (uint32_t)(n + 15) / 16, position = (uint32_t)(n * 7 + fill) % ROOM;
			const size_t n_cache = tiles * ROOM * 16, offset = n % 5 * 4;
			int8_t *cache = output_create(n_cache, 0), expected[10 * 16] = { 0 };
			float *scales = output_create(ROOM * 4, 0), *x = input_create(n * 4, offset), scale;
			const struct lac_value_cache view = { cache, scales, ROOM * 16, tiles };

			fill_floats(x, n, &state, fill);
			scale = book_round_group(expected, x, n);
			kernels->store_value(&view, position, x, n);
			differ_if(!same(&scales[position], &scale, 4), &found, "scale n=%zu fill=%s", n, fill_names[fill]);
			for (uint32_t d = 0; d < tiles * 16; d++) {
				int8_t *at = &cache[d / 16 * ROOM * 16 + position / 4 * 64 + d % 16 * 4 + position % 4];

				differ_if(*at != expected[d], &found, "n=%zu fill=%s d=%u", n, fill_names[fill], d);
				*at = GUARD;
			}
			memset(&scales[position], GUARD, 4);
			for (size_t i = 0; i < n_cache; i++)
				differ_if(cache[i] != GUARD, &found, "another position n=%zu at=%zu", n, i);
			for (size_t i = 0; i < ROOM * 4; i++)
				differ_if(((uint8_t *)scales)[i] != GUARD, &found, "another position's scale n=%zu", n);
			differ_if(!output_free(cache, n_cache, 0), &found, "guards n=%zu", n);
			differ_if(!output_free(scales, ROOM * 4, 0), &found, "scales' guards n=%zu", n);
			input_free(x, offset);
		}
	return found;
}

static struct differences compare_frequencies(const struct lac_kernels *kernels)
{
	struct differences found = { 0 };

	for (size_t n = 1; n <= 400; n += 23)
		for (enum fill fill = 0; fill < N_FILLS; fill++) {
			uint64_t state = COMPARE_SEED + n + fill;
			const size_t padded = LAC_ROUND_UP(n, 64), offset = n % 5 * 4;
			float *logits = output_create(padded * 4, offset), kept[448], max;
			uint32_t *frequencies = output_create(padded * 4, offset);
			uint64_t *sums = output_create(padded / 8, offset * 2);

			fill_floats(logits, n, &state, fill);
			memcpy(kept, logits, n * 4);
			max = book_max(kept, n);
			kernels->frequencies(frequencies, sums, logits, n, padded);
			for (size_t block = 0; block < padded / 64; block++) {
				uint64_t sum = 0;

				for (size_t i = block * 64; i < block * 64 + 64; i++) {
					uint32_t expected = i < n ? book_frequency(kept[i], max) : 0;

					differ_if(frequencies[i] != expected, &found, "n=%zu fill=%s i=%zu: %u, %u", n, fill_names[fill], i, expected,
						frequencies[i]);
					sum += expected;
				}
				differ_if(sums[block] != sum, &found, "sum n=%zu fill=%s", n, fill_names[fill]);
			}
			differ_if(!output_free(logits, padded * 4, offset), &found, "logits' guards n=%zu", n);
			differ_if(!output_free(frequencies, padded * 4, offset), &found, "frequencies' guards n=%zu", n);
			differ_if(!output_free(sums, padded / 8, offset * 2), &found, "sums' guards n=%zu", n);
		}
	return found;
}

#endif
