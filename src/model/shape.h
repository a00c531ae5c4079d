/* shape.h: what the keys of a file say of a model (arithmetic.md section 3.3). */
#ifndef LAC_MODEL_SHAPE_H
#define LAC_MODEL_SHAPE_H

#include "gguf/gguf.h"

enum lac_architecture { LAC_LLAMA, LAC_QWEN2, LAC_QWEN3 }; /* numbers of section 10 */

struct lac_shape {
	enum lac_architecture architecture;
	uint32_t dim, ffn_dim, n_layers, n_heads, n_kv_heads, head_dim;
	/* leading dimensions of a head that are rotated; even, at most head_dim */
	uint32_t rotary_dim;
	uint32_t n_vocabulary;
	uint32_t context_length; /* positions the model was trained for */
	/* positions a row attends to at most, its own among them; 0: all before it */
	uint32_t sliding_window;
	float norm_epsilon, rotary_base;
	float rotary_scaling;    /* divides positions; 1: they are as they are */
	bool is_tied; /* the output matrix is the embedding */
};

/* "llama", "qwen2" or "qwen3"; static. */
const char *lac_architecture_name(enum lac_architecture architecture);

/* Refuses another architecture than these, and any key that may mean another computation:
 * LAC_UNSUPPORTED_MODEL, naming it. To be asked first: what else is read makes sense only then. */
LAC_MUST_CHECK enum lac_status lac_shape_check_keys(const struct lac_gguf *gguf, struct lac_error *error);

/* Reads and checks the keys of the architecture. Errors name the key: LAC_BAD_MODEL,
 * LAC_UNSUPPORTED_MODEL. */
LAC_MUST_CHECK enum lac_status lac_shape_read(struct lac_shape *shape, const struct lac_gguf *gguf,
	uint32_t n_tokens, struct lac_error *error);

#endif
