/* model.h: an opened model: shape, engine weights, tokenizer, and the kernel table that will evaluate it. One that an adapter made
 * of another shares what is not adapted with it.
 * Thread rule: immutable once opened. */
#ifndef LAC_MODEL_MODEL_H
#define LAC_MODEL_MODEL_H

#include "base/error.h"
#include "kernels/kernels.h"
#include "model/tokenizer.h"
#include "model/weights.h"

#define LAC_ARITHMETIC_VERSION 1
#define LAC_WINDOW_MAX 2048u /* positions of context used by default, if the model was trained for as many */

struct lac_model {
	struct lac_model_info info;
	struct lac_shape shape;
	struct lac_weights weights;
	struct lac_tokenizer *tokenizer; /* the base's, if there is one */
	const struct lac_model *base;    /* what an adapter changed; NULL: the model is none's */
	const struct lac_kernels *kernels;
	uint32_t window; /* positions of context, 2 to LAC_WINDOW_MAX */
};

#endif
