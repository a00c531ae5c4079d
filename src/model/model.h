/* model.h: an opened model: shape, engine weights, tokenizer, and the kernel table that will
 * evaluate it. One that an adapter made of another shares what is not adapted with it.
 * Thread rule: immutable once opened. */
#ifndef LAC_MODEL_MODEL_H
#define LAC_MODEL_MODEL_H

#include "base/error.h"
#include "kernels/kernels.h"
#include "tokenizer/tokenizer.h"
#include "model/weights.h"

#define LAC_ARITHMETIC_VERSION 1
#define LAC_WINDOW_DEFAULT 2048u /* tokens of context, if the model was trained for as many */

struct lac_model {
	struct lac_model_info info;
	struct lac_shape shape;
	struct lac_weights weights;
	struct lac_tokenizer *tokenizer; /* the base's, if there is one */
	const struct lac_model *base;    /* what an adapter changed; NULL: the model is none's */
	const struct lac_kernels *kernels;
};

/* The tokens of context that a stream has unless somebody says otherwise. */
static inline uint32_t lac_model_window(const struct lac_model *model)
{
	return model->shape.context_length < LAC_WINDOW_DEFAULT ? model->shape.context_length : LAC_WINDOW_DEFAULT;
}

/* What opening a model or an adapter may take, beside the file, and what it took: for files that
 * come from a stranger. */
struct lac_allowance {
	uint64_t most, taken;
};

/* Makes a model of a GGUF file in memory, which may go after the call. LAC_NO_MEMORY before more is
 * taken than is allowed: allowance->taken is the bound that was compared, of a model its size by
 * the tensors it has. Errors are those of lac_model_open_memory() but for the size of a stream. */
LAC_MUST_CHECK enum lac_status lac_model_load(struct lac_model **out, const void *gguf, size_t gguf_bytes,
	const struct lac_options *options, struct lac_allowance *allowance, struct lac_error *error);

/* lac_model_adapt_memory() within an allowance. */
LAC_MUST_CHECK enum lac_status lac_model_adapt_within(struct lac_model **out, const struct lac_model *base,
	const void *gguf, size_t gguf_bytes, struct lac_allowance *allowance, struct lac_error *error);

/* Whether the file is the one that the model was opened from. */
bool lac_model_is_of_file(const struct lac_model *model, const void *gguf, size_t gguf_bytes);

#endif
