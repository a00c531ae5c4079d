/* cache.h: keys and values of one stream, quantised (arithmetic.md section 6.1), in the layouts the kernels read. */
#ifndef LAC_MODEL_CACHE_H
#define LAC_MODEL_CACHE_H

#include "model/model.h"

/* Bytes for every layer and head of one stream, a multiple of 64. The memory is the caller's, zeroed and aligned to 64 bytes. */
size_t lac_cache_bytes(const struct lac_model *model);

/* Quantises and stores one position's key and value of one head, head_dim floats each. */
void lac_cache_store(uint8_t *cache, const struct lac_model *model, uint32_t layer, uint32_t kv_head,
	uint32_t position, const float *key, const float *value);

/* Views of one head, borrowed: keys as a packed matrix with a row a position, values as the kernels' mix wants them. */
void lac_cache_view(uint8_t *cache, const struct lac_model *model, uint32_t layer, uint32_t kv_head,
	struct lac_packed *keys, struct lac_value_cache *values);

#endif
