/* cache.h: keys and values of one stream, quantised (arithmetic.md section 6.1), in the layouts the
 * kernels read. */
#ifndef LAC_ENGINE_CACHE_H
#define LAC_ENGINE_CACHE_H

#include "model/model.h"

/* Where the parts of one head's keys and values lie. Computed once, since every head asks for
 * it. */
struct lac_cache_layout {
	struct lac_packed keys;             /* a row a position; without storage */
	uint32_t head_dim, n_kv_heads, n_dim_tiles;
	/* bytes: where they begin, and of a head; multiples of 64 */
	size_t values, value_scales, head;
	size_t bytes;                       /* for every layer and head of one stream */
};

struct lac_cache_layout lac_cache_layout(const struct lac_model *model, uint32_t n_positions);

/* Quantises and stores one position's key and value of one head, head_dim floats each. A cache is
 * layout->bytes of the caller's, zeroed and aligned to 64 bytes. */
void lac_cache_store(uint8_t *cache, const struct lac_cache_layout *layout, const struct lac_kernels *kernels, uint32_t layer, uint32_t kv_head,
	uint32_t position, const float *key, const float *value);

/* Views of one head, borrowed: keys as a packed matrix with a row a position, values as the
 * kernels' mix wants them. */
void lac_cache_view(uint8_t *cache, const struct lac_cache_layout *layout, uint32_t layer, uint32_t kv_head,
	struct lac_packed *keys, struct lac_value_cache *values);

/* Copies the first n positions of a head from one cache to another of the same layout. */
void lac_cache_copy(uint8_t *to, uint8_t *from, const struct lac_cache_layout *layout, uint32_t layer, uint32_t kv_head, uint32_t n);

#endif
