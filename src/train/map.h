/* map.h: the linear maps of a layer, with their adapters. */
#ifndef LAC_TRAIN_MAP_H
#define LAC_TRAIN_MAP_H

#include "train/workspace.h"

/* One or several neighbouring parts of a layer that have the same input. */
struct lac_map {
	const struct lac_parameter *first; /* in the table; the others follow */
	uint32_t n_parts, n_in, n_out;     /* n_out of all parts together */
	size_t place;                      /* of the first part among all layers' parts */
};

struct lac_map lac_map_of(const struct lac_network *network, uint32_t layer, enum lac_part first, uint32_t n_parts);

/* y = x W_eff^T, or, if `adds`, y += it. x is [n][n_in], y [n][n_out]. */
void lac_map_forward(const struct lac_network *network, struct lac_workspace *workspace, const struct lac_map *map, uint32_t n,
	const float *x, bool adds, float *y);

/* Adds to `gradient` what dy says of what learns, and sets dx. */
void lac_map_backward(const struct lac_network *network, struct lac_workspace *workspace, const struct lac_map *map, uint32_t n,
	const float *x, const float *dy, float *gradient, float *dx);

#endif
