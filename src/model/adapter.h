/* adapter.h: merging a low-rank adapter into a model's weights (arithmetic.md section 13). */
#ifndef LAC_MODEL_ADAPTER_H
#define LAC_MODEL_ADAPTER_H

#include "model/model.h"

#define LAC_LORA_RANK_MAX 1024u
#define LAC_LORA_ALPHA_MAX 0x1p20f

/* Fills the weights of `model`, a copy of its base with an empty arena and layers of its own.
 * Weights that the adapter changes are copied and merged, the others stay the base's. `identity`
 * receives the adapter's numbers (section 13.2). Sets info.memory_bytes, which is what the
 * allowance bounds. Errors name key or tensor: LAC_BAD_MODEL, LAC_UNSUPPORTED_MODEL,
 * LAC_NO_MEMORY. */
LAC_MUST_CHECK enum lac_status lac_weights_adapt(struct lac_model *model, const struct lac_gguf *gguf, struct lac_allowance *allowance,
	struct lac_hash128 *identity, struct lac_error *error);

#endif
