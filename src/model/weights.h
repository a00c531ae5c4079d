/* weights.h: the shape of a model and its tensors in the engine's own form (arithmetic.md section 3.3). */
#ifndef LAC_MODEL_WEIGHTS_H
#define LAC_MODEL_WEIGHTS_H

#include "base/error.h"
#include "base/hash.h"
#include "kernels/packed.h"
#include "model/gguf.h"

#define LAC_WEIGHT_MAX 65504.0f /* the largest finite binary16; section 2.5 counts on it */

struct lac_shape {
	uint32_t dim, ffn_dim, n_layers, n_heads, n_kv_heads, head_dim;
	uint32_t rotary_dim; /* leading dimensions of a head that are rotated; even, at most head_dim */
	uint32_t n_vocabulary;
	uint32_t context_length; /* positions the model was trained for */
	float norm_epsilon, rotary_base;
	bool is_tied; /* the output matrix is the embedding */
};

/* Rows that start at a tile, so that several matrices of the same input are one product. */
struct lac_layer {
	float *attention_norm;         /* [dim], zero-padded to a multiple of 16 */
	struct lac_packed qkv;         /* query rows from 0, key rows from first_key, value rows from first_value */
	struct lac_packed attention_out;
	float *ffn_norm;
	struct lac_packed gate_up;     /* gate rows from 0, up rows from LAC_ROUND_UP(ffn_dim, 16) */
	struct lac_packed down;
};

struct lac_weights {
	struct lac_arena arena;   /* holds what the others point to, but for layers */
	struct lac_packed embedding;
	struct lac_packed output; /* empty if tied */
	float *output_norm;
	struct lac_layer *layers;
	uint32_t first_key, first_value; /* rows of qkv */
	uint64_t n_parameters;
};

/* A row's dims[0] values, exactly, for F32, F16 and Q8_0; they may be infinite or NaN. */
void lac_tensor_row(const struct lac_tensor *tensor, uint64_t row, float *out);

/* Files of architecture llama hold the rotary pairs of query and key interleaved; the engine holds first halves, then second halves
 * (section 3.3). */
struct lac_row_order {
	uint32_t head_dim, rotary_dim; /* rotary_dim 0: as in the file */
};

/* Which row of the file is row `row` of the engine. */
uint32_t lac_file_row(struct lac_row_order order, uint32_t row);

/* Refuses another architecture than "llama", and any key that may mean another computation: LAC_UNSUPPORTED_MODEL, naming it. To be
 * asked first: what else is read makes sense only then. */
LAC_MUST_CHECK enum lac_status lac_shape_check_keys(const struct lac_gguf *gguf, struct lac_error *error);

/* Reads and checks the keys of architecture "llama". Errors name the key: LAC_BAD_MODEL, LAC_UNSUPPORTED_MODEL. */
LAC_MUST_CHECK enum lac_status lac_shape_read(struct lac_shape *shape, const struct lac_gguf *gguf,
	uint32_t n_tokens, struct lac_error *error);

/* Converts every tensor by the written rule and feeds shape and engine values into `identity` (section 10). Every tensor of the
 * file must be known; errors name the tensor. The caller frees `weights` also after a failure. */
LAC_MUST_CHECK enum lac_status lac_weights_load(struct lac_weights *weights, const struct lac_shape *shape,
	const struct lac_gguf *gguf, const struct lac_kernels *kernels, struct lac_hash128 *identity, struct lac_error *error);
void lac_weights_free(struct lac_weights *weights);

static inline const struct lac_packed *lac_weights_output(const struct lac_weights *weights)
{
	return weights->output.tiles ? &weights->output : &weights->embedding;
}

#endif
