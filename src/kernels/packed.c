#include "base/strict_float.h"
#include "kernels/packed.h"

#include <string.h>

#define TILE_QUAD_BYTES ((size_t)LAC_LANES * LAC_QUAD)

bool lac_packed_create(struct lac_packed *packed, struct lac_arena *arena, uint32_t n_out, uint32_t n_in)
{
	*packed = lac_packed_shape(n_out, n_in);
	packed->tiles = lac_arena_calloc(arena, lac_packed_bytes(n_out, n_in));
	return packed->tiles;
}

struct lac_packed lac_packed_shape(uint32_t n_out, uint32_t n_in)
{
	struct lac_packed packed = {
		.n_out = n_out, .n_in = n_in,
		.n_tiles = (n_out - 1) / LAC_LANES + 1, .n_quads = (n_in - 1) / LAC_QUAD + 1, .n_groups = (n_in - 1) / LAC_GROUP + 1,
	};

	packed.tile_bytes = (size_t)packed.n_quads * TILE_QUAD_BYTES + (size_t)packed.n_groups * LAC_LANES * (sizeof(float) + sizeof(int32_t));
	return packed;
}

size_t lac_packed_bytes(uint32_t n_out, uint32_t n_in)
{
	const struct lac_packed packed = lac_packed_shape(n_out, n_in);

	return packed.n_tiles * packed.tile_bytes; /* below 2^28 x 2^37 */
}

bool lac_packed_copy(struct lac_packed *packed, struct lac_arena *arena, const struct lac_packed *from)
{
	if (!lac_packed_create(packed, arena, from->n_out, from->n_in))
		return false;
	memcpy(packed->tiles, from->tiles, packed->n_tiles * packed->tile_bytes);
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
	const uint32_t tile = row / LAC_LANES;
	const size_t lane = row % LAC_LANES;
	int8_t *to = lac_tile_values(packed, tile) + lane * LAC_QUAD;
	float *to_scales = lac_tile_scales(packed, tile) + lane;
	int32_t *corrections = lac_tile_corrections(packed, tile) + lane;

	for (uint32_t quad = 0; quad < packed->n_quads; quad++)
		memcpy(to + (size_t)quad * TILE_QUAD_BYTES, values + (size_t)quad * LAC_QUAD, LAC_QUAD);
	for (uint32_t group = 0; group < packed->n_groups; group++) {
		const size_t first = (size_t)group * LAC_GROUP, n = (size_t)packed->n_quads * LAC_QUAD - first;

		to_scales[(size_t)group * LAC_LANES] = scales[group];
		corrections[(size_t)group * LAC_LANES] = -128 * sum_of(values + first, n < LAC_GROUP ? n : LAC_GROUP);
	}
}

/* Line by line: rows one after the other would touch every line of the tile once a row. */
void lac_packed_set_tile(struct lac_packed *packed, uint32_t row, uint32_t n_rows, const int8_t *values, size_t stride, const float *scales)
{
	const uint32_t tile = row / LAC_LANES, n_in = packed->n_in, n_groups = packed->n_groups, n_whole = n_in / LAC_QUAD;
	const size_t first_lane = row % LAC_LANES;
	int8_t *to = lac_tile_values(packed, tile) + first_lane * LAC_QUAD;
	float *to_scales = lac_tile_scales(packed, tile) + first_lane;
	int32_t *corrections = lac_tile_corrections(packed, tile) + first_lane;

	for (uint32_t quad = 0; quad < n_whole; quad++)
		for (size_t lane = 0; lane < n_rows; lane++)
			memcpy(to + quad * TILE_QUAD_BYTES + lane * LAC_QUAD, values + lane * stride + (size_t)quad * LAC_QUAD, LAC_QUAD);
	for (size_t lane = 0; lane < n_rows && n_in % LAC_QUAD; lane++)
		memcpy(to + n_whole * TILE_QUAD_BYTES + lane * LAC_QUAD, values + lane * stride + (size_t)n_whole * LAC_QUAD, n_in % LAC_QUAD);
	for (size_t lane = 0; lane < n_rows; lane++)
		for (size_t group = 0; group < n_groups; group++) {
			const size_t first = group * LAC_GROUP, n = n_in - first;

			to_scales[group * LAC_LANES + lane] = scales[lane * n_groups + group];
			corrections[group * LAC_LANES + lane] = -128 * sum_of(values + lane * stride + first, n < LAC_GROUP ? n : LAC_GROUP);
		}
}

void lac_packed_quantized_row(const struct lac_packed *packed, uint32_t row, int8_t *values, float *scales)
{
	const uint32_t tile = row / LAC_LANES;
	const size_t lane = row % LAC_LANES;
	const int8_t *from = lac_tile_values(packed, tile) + lane * LAC_QUAD;
	const float *from_scales = lac_tile_scales(packed, tile) + lane;

	for (uint32_t quad = 0; quad < packed->n_quads; quad++)
		memcpy(values + (size_t)quad * LAC_QUAD, from + (size_t)quad * TILE_QUAD_BYTES, LAC_QUAD);
	for (uint32_t group = 0; group < packed->n_groups; group++)
		scales[group] = from_scales[(size_t)group * LAC_LANES];
}

void lac_packed_get_row(const struct lac_packed *packed, uint32_t row, float *out)
{
	const uint32_t tile = row / LAC_LANES;
	const size_t lane = row % LAC_LANES;
	const int8_t *from = lac_tile_values(packed, tile) + lane * LAC_QUAD;
	const float *scales = lac_tile_scales(packed, tile) + lane;

	for (uint32_t i = 0; i < packed->n_in; i++)
		out[i] = (float)from[(size_t)(i / LAC_QUAD) * TILE_QUAD_BYTES + i % LAC_QUAD] *
			scales[(size_t)(i / LAC_GROUP) * LAC_LANES];
}
