#include "base/strict_float.h"
#include "train/map.h"
#include "train/blas.h"

struct lac_map lac_map_of(const struct lac_network *network, uint32_t layer, enum lac_part first, uint32_t n_parts)
{
	const struct lac_parameter *parameter = lac_parameter_of(&network->parameters, layer, first);
	struct lac_map map = { .first = parameter, .n_parts = n_parts, .n_in = parameter->n_columns,
		.place = (size_t)layer * LAC_PARTS + first };

	for (uint32_t i = 0; i < n_parts; i++)
		map.n_out += parameter[i].n_rows;
	return map;
}

/* A and B of a part; NULL: it is not adapted. */
static const struct lac_parameter *adapter_of(const struct lac_network *network, const struct lac_map *map, uint32_t part)
{
	const uint32_t place = network->adapter ? network->adapter->places[map->place + part] : LAC_NO_ADAPTER;

	return place == LAC_NO_ADAPTER ? NULL : &network->adapter->parameters.at[place];
}

void lac_map_forward(const struct lac_network *network, struct lac_workspace *workspace, const struct lac_map *map, uint32_t n,
	const float *x, bool adds, float *y)
{
	lac_multiply_nt(n, map->n_out, map->n_in, 1.0f, x, map->n_in, network->weights + map->first->first, map->n_in, adds ? 1.0f : 0.0f, y,
		map->n_out);
	for (uint32_t part = 0; part < map->n_parts; y += map->first[part++].n_rows) {
		const struct lac_parameter *ab = adapter_of(network, map, part);

		if (!ab)
			continue;
		lac_multiply_nt(n, ab[0].n_rows, map->n_in, 1.0f, x, map->n_in, network->adapter_values + ab[0].first, map->n_in, 0.0f,
			workspace->low, ab[0].n_rows);
		lac_multiply_nt(n, ab[1].n_rows, ab[0].n_rows, lac_adapter_scale(network->adapter), workspace->low, ab[0].n_rows,
			network->adapter_values + ab[1].first, ab[0].n_rows, 1.0f, y, map->n_out);
	}
}

/* With u = x A^T: dB = scale dy^T u, du = scale dy B, dA = du^T x, dx += du A. */
static void adapter_backward(const struct lac_network *network, struct lac_workspace *workspace, const struct lac_map *map, uint32_t n,
	const struct lac_parameter *ab, const float *x, const float *dy, float *gradient, float *dx)
{
	const float scale = lac_adapter_scale(network->adapter);
	const float *a = network->adapter_values + ab[0].first, *b = network->adapter_values + ab[1].first;
	const uint32_t rank = ab[0].n_rows, n_in = map->n_in, n_out = ab[1].n_rows;

	lac_multiply_nt(n, rank, n_in, 1.0f, x, n_in, a, n_in, 0.0f, workspace->low, rank);
	lac_multiply_tn(n_out, rank, n, scale, dy, map->n_out, workspace->low, rank, 1.0f, gradient + ab[1].first, rank);
	lac_multiply_nn(n, rank, n_out, scale, dy, map->n_out, b, rank, 0.0f, workspace->d_low, rank);
	lac_multiply_tn(rank, n_in, n, 1.0f, workspace->d_low, rank, x, n_in, 1.0f, gradient + ab[0].first, n_in);
	lac_multiply_nn(n, n_in, rank, 1.0f, workspace->d_low, rank, a, n_in, 1.0f, dx, n_in);
}

void lac_map_backward(const struct lac_network *network, struct lac_workspace *workspace, const struct lac_map *map, uint32_t n,
	const float *x, const float *dy, float *gradient, float *dx)
{
	lac_multiply_nn(n, map->n_in, map->n_out, 1.0f, dy, map->n_out, network->weights + map->first->first, map->n_in, 0.0f, dx, map->n_in);
	if (!network->adapter)
		lac_multiply_tn(map->n_out, map->n_in, n, 1.0f, dy, map->n_out, x, map->n_in, 1.0f, gradient + map->first->first, map->n_in);
	for (uint32_t part = 0; part < map->n_parts; dy += map->first[part++].n_rows) {
		const struct lac_parameter *ab = adapter_of(network, map, part);

		if (ab)
			adapter_backward(network, workspace, map, n, ab, x, dy, gradient, dx);
	}
}
