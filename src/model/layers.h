/* layers.h: the tensors of a model in the engine's own form (arithmetic.md section 3.3). */
#ifndef LAC_MODEL_LAYERS_H
#define LAC_MODEL_LAYERS_H

#include "base/memory.h"
#include "kernels/packed.h"

#define LAC_WEIGHT_MAX 65504.0f /* the largest finite binary16; section 2.5 counts on it */

/* Rows that start at a tile, so that several matrices of the same input are one product. Vectors
 * are zero-padded to a multiple of 16. */
struct lac_layer {
	float *attention_norm;         /* [dim] */
	/* query rows from 0, key rows from first_key, value rows from first_value */
	struct lac_packed qkv;
	struct lac_packed attention_out;
	float *ffn_norm;
	/* gate rows from 0, up rows from LAC_ROUND_UP(ffn_dim, 16) */
	struct lac_packed gate_up;
	struct lac_packed down;
	float *query_norm, *key_norm;  /* [head_dim], for every head; NULL: heads have no norm */
	/* a number for every row of the product, 0 where its map has no bias; NULL: nothing is
	 * added */
	float *qkv_bias, *attention_out_bias, *gate_up_bias, *down_bias;
	uint32_t biases; /* a bit for every map that has one, in the order of model/maps.h */
};

struct lac_weights {
	struct lac_arena arena;   /* holds what the others point to, but for layers */
	struct lac_packed embedding;
	struct lac_packed output; /* empty if tied */
	float *output_norm;
	float *rotary_factors; /* [rotary_dim / 2]: divide the frequencies; NULL: there are none */
	struct lac_layer *layers;
	uint32_t first_key, first_value; /* rows of qkv */
	uint64_t n_parameters;
};

static inline const struct lac_packed *lac_weights_output(const struct lac_weights *weights)
{
	return weights->output.tiles ? &weights->output : &weights->embedding;
}

#endif
