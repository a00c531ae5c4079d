/* model.h: an opened model: its shape, its weights as the engine has them, its tokenizer, and the
 * kernels that evaluate it. An adapted model shares the weights that its adapter leaves alone with
 * its base.
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

/* Tokens of context of a stream by default. */
static inline uint32_t lac_model_window(const struct lac_model *model)
{
	return model->shape.context_length < LAC_WINDOW_DEFAULT ? model->shape.context_length : LAC_WINDOW_DEFAULT;
}

/* Memory that opening a model or an adapter may take, and what it took. For files of strangers. */
struct lac_allowance {
	uint64_t most, taken;
};

/* Makes a model of a GGUF file in memory, which may be freed after the call. LAC_NO_MEMORY is
 * returned before more than the allowance is taken; allowance->taken is then the bound that was
 * compared. Other errors are those of lac_model_open_memory(), but the size of a stream is not
 * checked. */
LAC_MUST_CHECK enum lac_status lac_model_load(struct lac_model **out, const void *gguf, size_t gguf_bytes,
	const struct lac_options *options, struct lac_allowance *allowance, struct lac_error *error);

/* lac_model_adapt_memory() within an allowance. */
LAC_MUST_CHECK enum lac_status lac_model_adapt_within(struct lac_model **out, const struct lac_model *base,
	const void *gguf, size_t gguf_bytes, struct lac_allowance *allowance, struct lac_error *error);

/* Whether the file is the one that the model was opened from. */
bool lac_model_is_of_file(const struct lac_model *model, const void *gguf, size_t gguf_bytes);

#endif
