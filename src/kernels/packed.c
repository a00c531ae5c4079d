#include "base/strict_float.h"
#include "kernels/packed.h"

#include <string.h>

#define TILE_QUAD_BYTES (LAC_LANES * LAC_QUAD)

static void set_shape(struct lac_packed *packed, uint32_t n_out, uint32_t n_in)
{
	packed->n_out = n_out;
	packed->n_in = n_in;
	packed->n_tiles = (n_out - 1) / LAC_LANES + 1;
	packed->n_quads = (n_in - 1) / LAC_QUAD + 1;
	packed->n_groups = (n_in - 1) / LAC_GROUP + 1;
}

bool lac_packed_create(struct lac_packed *packed, struct lac_arena *arena, uint32_t n_out, uint32_t n_in)
{
	size_t n_lanes;

	*packed = (struct lac_packed){ 0 };
	set_shape(packed, n_out, n_in);
	n_lanes = (size_t)packed->n_tiles * LAC_LANES; /* below 2^32; so are the products of 32 bits that follow below 2^64 */
	packed->values = lac_arena_calloc(arena, n_lanes * LAC_QUAD * packed->n_quads);
	packed->scales = lac_arena_calloc(arena, n_lanes * packed->n_groups * sizeof *packed->scales);
	packed->corrections = lac_arena_calloc(arena, n_lanes * packed->n_groups * sizeof *packed->corrections);
	return packed->values && packed->scales && packed->corrections;
}

size_t lac_packed_bytes(uint32_t n_out, uint32_t n_in)
{
	struct lac_packed shape;

	set_shape(&shape, n_out, n_in);
	return (size_t)shape.n_tiles * LAC_LANES * ((size_t)shape.n_quads * LAC_QUAD + (size_t)shape.n_groups * 8);
}

bool lac_packed_copy(struct lac_packed *packed, struct lac_arena *arena, const struct lac_packed *from)
{
	const size_t n_lanes = (size_t)from->n_tiles * LAC_LANES;

	if (!lac_packed_create(packed, arena, from->n_out, from->n_in))
		return false;
	memcpy(packed->values, from->values, n_lanes * LAC_QUAD * from->n_quads);
	memcpy(packed->scales, from->scales, n_lanes * from->n_groups * sizeof *packed->scales);
	memcpy(packed->corrections, from->corrections, n_lanes * from->n_groups * sizeof *packed->corrections);
	return true;
}

static int32_t sum_of(const int8_t *values, size_t n)
{
	int32_t sum = 0;

	if (n == LAC_GROUP) /* a constant, which compilers unroll */
		for (size_t i = 0; i < LAC_GROUP; i++)
			sum += values[i];
	else
		for (size_t i = 0; i < n; i++)
			sum += values[i];
	return sum;
}

void lac_packed_set_row(struct lac_packed *packed, uint32_t row, const int8_t *values, const float *scales)
{
	const uint32_t tile = row / LAC_LANES, lane = row % LAC_LANES;
	int8_t *to = packed->values + (size_t)tile * packed->n_quads * TILE_QUAD_BYTES + lane * LAC_QUAD;
	size_t group_at = (size_t)tile * packed->n_groups * LAC_LANES + lane;

	for (uint32_t quad = 0; quad < packed->n_quads; quad++)
		memcpy(to + (size_t)quad * TILE_QUAD_BYTES, values + (size_t)quad * LAC_QUAD, LAC_QUAD);
	for (uint32_t group = 0; group < packed->n_groups; group++) {
		const size_t first = (size_t)group * LAC_GROUP, n = (size_t)packed->n_quads * LAC_QUAD - first;

		packed->scales[group_at + (size_t)group * LAC_LANES] = scales[group];
		packed->corrections[group_at + (size_t)group * LAC_LANES] = -128 * sum_of(values + first, n < LAC_GROUP ? n : LAC_GROUP);
	}
}

void lac_packed_get_row(const struct lac_packed *packed, uint32_t row, float *out)
{
	const uint32_t tile = row / LAC_LANES, lane = row % LAC_LANES;
	const int8_t *from = packed->values + (size_t)tile * packed->n_quads * TILE_QUAD_BYTES + lane * LAC_QUAD;
	const float *scales = packed->scales + (size_t)tile * packed->n_groups * LAC_LANES + lane;

	for (uint32_t i = 0; i < packed->n_in; i++)
		out[i] = (float)from[(size_t)(i / LAC_QUAD) * TILE_QUAD_BYTES + i % LAC_QUAD] *
			scales[(size_t)(i / LAC_GROUP) * LAC_LANES];
}
