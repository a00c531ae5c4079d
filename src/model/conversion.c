#include "base/strict_float.h"
#include "model/conversion.h"
#include "base/bytes.h"
#include "base/memory.h"
#include "base/source.h"
#include "base/threads.h"

#include <stdatomic.h>
#include <string.h>

/* what is converted before it is hashed: stays near the core */
#define CHUNK_BYTES ((size_t)2 << 20)

struct lac_conversion {
	const struct lac_kernels *kernels;
	struct lac_threads *threads; /* owned */
	float *rows;       /* owned: [n_threads][longest], aligned */
	/* owned: rows as they are hashed, [chunk_rows][longest], or more and shorter ones; or both
	 * as a packed file has them */
	int8_t *values;
	float *scales;     /* behind them: likewise, a number a group */
	size_t longest;    /* rounded up to groups */
	size_t chunk_rows;

	/* the chunk in work, shared by the threads, which take a tile each time */
	const struct lac_tensor *tensor;
	struct lac_row_order order;
	struct lac_packed *packed;
	uint32_t first_row, begin, end; /* rows of the tensor, in the engine's order */
	_Atomic uint32_t next;
	atomic_bool is_refused;
};

static size_t chunk_rows(size_t n_rows, size_t longest)
{
	const size_t n_chunk = CHUNK_BYTES / longest + 1;

	return n_chunk < n_rows ? n_chunk : n_rows;
}

uint64_t lac_conversion_bytes(size_t n_rows, size_t longest, uint32_t n_threads)
{
	const uint64_t n_in = LAC_ROUND_UP(longest, LAC_GROUP), n_chunk = chunk_rows(n_rows, n_in);

	return lac_arena_bytes(n_threads * n_in * sizeof(float)) + lac_arena_bytes(n_chunk * (n_in + n_in / LAC_GROUP * sizeof(float)));
}

enum lac_status lac_conversion_create(struct lac_conversion **out, const struct lac_kernels *kernels, size_t n_rows,
	size_t longest, uint32_t n_threads, struct lac_error *error)
{
	struct lac_conversion *c = lac_calloc(1, sizeof *c);
	enum lac_status s = LAC_OK;

	*out = c;
	if (!c)
		return lac_fail_memory(error, sizeof *c, "rows of weights");
	c->kernels = kernels;
	c->longest = LAC_ROUND_UP(longest, LAC_GROUP);
	c->chunk_rows = chunk_rows(n_rows, c->longest);
	if (n_threads > 1)
		s = lac_threads_create(&c->threads, n_threads, error);
	if (s == LAC_NO_THREAD)
		n_threads = 1;
	else if (s)
		return s;
	c->rows = lac_aligned_calloc(n_threads, c->longest * sizeof *c->rows);
	c->values = lac_aligned_calloc(c->chunk_rows, c->longest + c->longest / LAC_GROUP * sizeof *c->scales);
	if (!c->rows || !c->values)
		return lac_fail_memory(error, c->longest * (n_threads * sizeof *c->rows + c->chunk_rows), "rows of weights");
	c->scales = (float *)(void *)(c->values + c->chunk_rows * c->longest);
	return LAC_OK;
}

void lac_conversion_free(struct lac_conversion **out)
{
	struct lac_conversion *c = *out;

	if (!c)
		return;
	lac_threads_free(&c->threads);
	lac_aligned_free(c->rows);
	lac_aligned_free(c->values);
	lac_free(c);
	*out = NULL;
}

/* Whether none is beyond -LAC_WEIGHT_MAX to LAC_WEIGHT_MAX, or NaN: without their signs, binary32
 * numbers stand in the order of their bits. `n` is a constant where it counts, and the loop many
 * numbers at once. */
static inline uint32_t find_beyond(const float *numbers, size_t n)
{
	static const float most = LAC_WEIGHT_MAX;
	uint32_t limit, beyond = 0;

	memcpy(&limit, &most, sizeof limit);
	for (size_t i = 0; i < n; i++) {
		uint32_t bits;

		memcpy(&bits, numbers + i, sizeof bits);
		beyond |= limit - (bits & 0x7fffffff);
	}
	return beyond >> 31;
}

static bool read_row(float *out, const struct lac_tensor *tensor, uint64_t row)
{
	const size_t n = (size_t)tensor->dims[0];
	uint32_t beyond = 0;

	lac_tensor_row(tensor, row, out);
	for (size_t i = 0; i + LAC_GROUP <= n; i += LAC_GROUP)
		beyond |= find_beyond(out + i, LAC_GROUP);
	return !(beyond | find_beyond(out + n / LAC_GROUP * LAC_GROUP, n % LAC_GROUP));
}

const float *lac_conversion_row(struct lac_conversion *c, const struct lac_tensor *tensor, uint64_t row)
{
	return read_row(c->rows, tensor, row) ? c->rows : NULL;
}

/* Of those that are taken at once, from `first` on. */
static uint32_t rows_of_tile(const struct lac_conversion *c, uint32_t first)
{
	const uint32_t n_left = c->end - first;

	return n_left < LAC_LANES ? n_left : LAC_LANES;
}

static void convert_tile(struct lac_conversion *c, float *numbers, uint32_t first)
{
	const uint32_t n_rows = rows_of_tile(c, first);
	const size_t n_in = c->packed->n_in, n_groups = c->packed->n_groups, stride = LAC_ROUND_UP(n_in, LAC_QUAD);
	int8_t *values = c->values + (first - c->begin) * stride;
	float *scales = c->scales + (first - c->begin) * n_groups;

	for (uint32_t i = 0; i < n_rows; i++) {
		if (!read_row(numbers, c->tensor, lac_file_row(c->order, first + i))) {
			atomic_store(&c->is_refused, true);
			return;
		}
		c->kernels->quantize(values + i * stride, scales + i * n_groups, numbers, n_in);
	}
	if (c->packed->tiles)
		lac_packed_set_tile(c->packed, c->first_row + first, n_rows, values, stride, scales);
}

static void convert(void *context, uint32_t thread, uint32_t n_threads)
{
	struct lac_conversion *c = context;
	const uint64_t environment = lac_float_environment_enter();
	uint32_t row;

	(void)n_threads;
	while ((row = atomic_fetch_add(&c->next, LAC_LANES)) < c->end && !atomic_load(&c->is_refused))
		convert_tile(c, c->rows + thread * c->longest, row);
	lac_float_environment_restore(environment);
}

static void run(struct lac_conversion *c, lac_thread_function *function)
{
	atomic_store(&c->next, c->begin);
	if (c->threads)
		lac_threads_run(c->threads, function, c);
	else
		function(c, 0, 1);
}

/* Rows of a matrix that are taken at once: of short rows the more. Whole tiles, or a half, a
 * quarter, an eighth or a row of one. */
static uint32_t begin_matrix(struct lac_conversion *c, struct lac_packed *packed, uint32_t first_row)
{
	const size_t n_chunk = c->chunk_rows * c->longest / ((size_t)packed->n_groups * LAC_GROUP);
	uint32_t part = LAC_LANES;

	c->packed = packed;
	c->first_row = first_row;
	atomic_store(&c->is_refused, false);
	while (part > n_chunk)
		part /= 2;
	return (uint32_t)(n_chunk / part * part);
}

bool lac_conversion_matrix(struct lac_conversion *c, const struct lac_tensor *tensor, struct lac_row_order order,
	struct lac_packed *packed, uint32_t first_row, struct lac_hash128 *identity)
{
	const uint32_t n_rows = (uint32_t)tensor->dims[1], n_chunk = begin_matrix(c, packed, first_row);
	const size_t stride = LAC_ROUND_UP((size_t)packed->n_in, LAC_QUAD);

	c->tensor = tensor;
	c->order = order;
	for (c->begin = 0; c->begin < n_rows && !c->is_refused; c->begin = c->end) {
		c->end = n_rows - c->begin < n_chunk ? n_rows : c->begin + n_chunk;
		run(c, convert);
		for (uint32_t row = 0; row < c->end - c->begin && !c->is_refused; row++) {
			lac_hash128_update(identity, c->values + row * stride, packed->n_in);
			lac_hash128_floats(identity, c->scales + (size_t)row * packed->n_groups, packed->n_groups);
		}
	}
	return !c->is_refused;
}

/* ---- From a packed file ---------------------------------------------------------- */

static size_t row_bytes(const struct lac_packed *packed)
{
	return packed->n_in + packed->n_groups * sizeof(float);
}

static void place_tile(struct lac_conversion *c, float *scales, uint32_t first)
{
	const uint32_t n_rows = rows_of_tile(c, first);
	const size_t stride = row_bytes(c->packed), n_in = c->packed->n_in, n_groups = c->packed->n_groups;
	const int8_t *values = c->values + (first - c->begin) * stride;

	for (uint32_t i = 0; i < n_rows; i++)
		lac_floats_read(scales + i * n_groups, values + i * stride + n_in, n_groups);
	lac_packed_set_tile(c->packed, c->first_row + first, n_rows, values, stride, scales);
}

static void place(void *context, uint32_t thread, uint32_t n_threads)
{
	struct lac_conversion *c = context;
	uint32_t row;

	(void)n_threads;
	while ((row = atomic_fetch_add(&c->next, LAC_LANES)) < c->end)
		/* of numbers of a row there are more than of scales of a tile */
		place_tile(c, c->rows + thread * c->longest, row);
}

bool lac_conversion_read(struct lac_conversion *c, struct lac_source source, struct lac_packed *packed, uint32_t first_row, uint32_t n_rows,
	struct lac_hash128 *identity)
{
	const uint32_t n_chunk = begin_matrix(c, packed, first_row);

	for (c->begin = 0; c->begin < n_rows; c->begin = c->end) {
		size_t n_bytes;

		c->end = n_rows - c->begin < n_chunk ? n_rows : c->begin + n_chunk;
		n_bytes = (c->end - c->begin) * row_bytes(packed);
		if (!lac_source_fill(source, c->values, n_bytes))
			return false;
		run(c, place);
		lac_hash128_update(identity, c->values, n_bytes);
	}
	return true;
}
