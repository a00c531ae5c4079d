/* maps.h: the seven maps of a layer: where each lies in a file, and where in the engine's
 * products. */
#ifndef LAC_MODEL_MAPS_H
#define LAC_MODEL_MAPS_H

#include "model/layers.h"
#include "model/shape.h"

/* Files of architecture llama hold the rotary pairs of query and key interleaved; the engine, like
 * files of the others, holds first halves, then second halves (section 3.3). */
struct lac_row_order {
	uint32_t head_dim, rotary_dim; /* rotary_dim 0: as in the file */
};

/* Which row of the file is row `row` of the engine. */
uint32_t lac_file_row(struct lac_row_order order, uint32_t row);

/* In the order of sections 10 and 13.2. */
enum lac_map_number { LAC_MAP_Q, LAC_MAP_K, LAC_MAP_V, LAC_MAP_OUTPUT, LAC_MAP_GATE, LAC_MAP_UP, LAC_MAP_DOWN, LAC_N_MAPS };

struct lac_map {
	const char *name;                /* "attn_q": of tensor blk.N.attn_q.weight */
	uint32_t n_in, n_out;
	struct lac_packed *packed;       /* of the product it is part of, which has n_rows rows */
	float **bias;                    /* of the product's rows */
	uint32_t first_row, n_rows;
	struct lac_row_order order;
};

void lac_layer_maps(struct lac_map maps[LAC_N_MAPS], struct lac_layer *layer, const struct lac_weights *weights,
	const struct lac_shape *shape);

#endif
