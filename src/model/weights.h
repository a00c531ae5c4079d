/* weights.h: the shape of a model and its tensors in the engine's own form (arithmetic.md section 3.3). */
#ifndef LAC_MODEL_WEIGHTS_H
#define LAC_MODEL_WEIGHTS_H

#include "base/error.h"
#include "base/hash.h"
#include "kernels/packed.h"
#include "gguf/tensor_types.h"

#define LAC_WEIGHT_MAX 65504.0f /* the largest finite binary16; section 2.5 counts on it */

enum lac_architecture { LAC_LLAMA, LAC_QWEN2, LAC_QWEN3 }; /* numbers of section 10 */

struct lac_shape {
	enum lac_architecture architecture;
	uint32_t dim, ffn_dim, n_layers, n_heads, n_kv_heads, head_dim;
	uint32_t rotary_dim; /* leading dimensions of a head that are rotated; even, at most head_dim */
	uint32_t n_vocabulary;
	uint32_t context_length; /* positions the model was trained for */
	uint32_t sliding_window; /* positions a row attends to at most, its own among them; 0: all before it */
	float norm_epsilon, rotary_base;
	float rotary_scaling;    /* divides positions; 1: they are as they are */
	bool is_tied; /* the output matrix is the embedding */
};

/* Rows that start at a tile, so that several matrices of the same input are one product. Vectors are zero-padded to a multiple of 16. */
struct lac_layer {
	float *attention_norm;         /* [dim] */
	struct lac_packed qkv;         /* query rows from 0, key rows from first_key, value rows from first_value */
	struct lac_packed attention_out;
	float *ffn_norm;
	struct lac_packed gate_up;     /* gate rows from 0, up rows from LAC_ROUND_UP(ffn_dim, 16) */
	struct lac_packed down;
	float *query_norm, *key_norm;  /* [head_dim], for every head; NULL: heads have no norm */
	/* a number for every row of the product, 0 where its map has no bias; NULL: nothing is added */
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

/* "llama", "qwen2" or "qwen3"; static. */
const char *lac_architecture_name(enum lac_architecture architecture);

/* Refuses another architecture than these, and any key that may mean another computation: LAC_UNSUPPORTED_MODEL, naming it. To be
 * asked first: what else is read makes sense only then. */
LAC_MUST_CHECK enum lac_status lac_shape_check_keys(const struct lac_gguf *gguf, struct lac_error *error);

/* Reads and checks the keys of the architecture. Errors name the key: LAC_BAD_MODEL, LAC_UNSUPPORTED_MODEL. */
LAC_MUST_CHECK enum lac_status lac_shape_read(struct lac_shape *shape, const struct lac_gguf *gguf,
	uint32_t n_tokens, struct lac_error *error);

/* Converts every tensor by the written rule and feeds shape and engine values into `identity` (section 10). Every tensor of the
 * file must be asked for; errors name the tensor. At most n_threads do it, which changes nothing. `packed` not NULL: the numbers of a packed
 * file (model/packed_file.h) are taken instead of converting those of the tensors; LAC_TRUNCATED: it fails, or ends. The caller frees `weights`
 * also after a failure. */
LAC_MUST_CHECK enum lac_status lac_weights_load(struct lac_weights *weights, const struct lac_shape *shape,
	const struct lac_gguf *gguf, const struct lac_kernels *kernels, const struct lac_source *packed, uint32_t n_threads,
	struct lac_hash128 *identity, struct lac_error *error);
void lac_weights_free(struct lac_weights *weights);

/* The same without keeping the numbers of matrices: for the identity alone. */
LAC_MUST_CHECK enum lac_status lac_weights_identify(const struct lac_shape *shape, const struct lac_gguf *gguf, const struct lac_kernels *kernels,
	uint32_t n_threads, struct lac_hash128 *identity, struct lac_error *error);

/* What lac_weights_load() takes of its arena for the tensors of a file, and beside it while it works. */
uint64_t lac_weights_bytes(const struct lac_gguf *gguf, uint32_t n_threads, uint64_t *n_working);

static inline const struct lac_packed *lac_weights_output(const struct lac_weights *weights)
{
	return weights->output.tiles ? &weights->output : &weights->embedding;
}

#endif
