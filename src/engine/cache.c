#include "base/strict_float.h"
#include "engine/cache.h"

#include <string.h>

/* Positions are rounded up to 64, so every part is a multiple of 64 bytes. */
struct lac_cache_layout lac_cache_layout(const struct lac_model *model, uint32_t n_used)
{
	const uint32_t head_dim = model->shape.head_dim, n_positions = LAC_ROUND_UP(n_used, LAC_GROUP);
	struct lac_cache_layout l = { .head_dim = head_dim, .n_kv_heads = model->shape.n_kv_heads };

	l.keys = lac_packed_shape(n_positions, head_dim);
	l.n_dim_tiles = LAC_ROUND_UP(head_dim, LAC_LANES) / LAC_LANES;
	l.values = l.keys.n_tiles * l.keys.tile_bytes;
	l.value_scales = l.values + (size_t)n_positions * l.n_dim_tiles * LAC_LANES;
	l.head = l.value_scales + n_positions * sizeof(float);
	l.bytes = l.head * l.n_kv_heads * model->shape.n_layers;
	return l;
}

void lac_cache_view(uint8_t *cache, const struct lac_cache_layout *l, uint32_t layer, uint32_t kv_head,
	struct lac_packed *keys, struct lac_value_cache *values)
{
	uint8_t *head = cache + l->head * ((size_t)layer * l->n_kv_heads + kv_head);

	*keys = l->keys;
	keys->tiles = (int8_t *)head;
	*values = (struct lac_value_cache){
		.values = (int8_t *)(head + l->values),
		.scales = (float *)(void *)(head + l->value_scales),
		.stride_tile = (size_t)l->keys.n_out * LAC_LANES,
		.n_tiles = l->n_dim_tiles,
	};
}

void lac_cache_store(uint8_t *cache, const struct lac_cache_layout *l, const struct lac_kernels *kernels, uint32_t layer, uint32_t kv_head,
	uint32_t position, const float *key, const float *value)
{
	int8_t quantized[LAC_HEAD_DIM_MAX];
	float scales[LAC_HEAD_DIM_MAX / LAC_GROUP];
	struct lac_packed keys;
	struct lac_value_cache values;

	lac_cache_view(cache, l, layer, kv_head, &keys, &values);
	kernels->quantize(quantized, scales, key, l->head_dim);
	lac_packed_set_row(&keys, position, quantized, scales);
	kernels->store_value(&values, position, value, l->head_dim);
}

/* Tiles hold 16 positions: those that n does not fill are written before they are read. */
void lac_cache_copy(uint8_t *to, uint8_t *from, const struct lac_cache_layout *l, uint32_t layer, uint32_t kv_head, uint32_t n)
{
	const size_t n_padded = LAC_ROUND_UP((size_t)n, LAC_LANES);
	struct lac_packed old_keys, new_keys;
	struct lac_value_cache old, new;

	lac_cache_view(from, l, layer, kv_head, &old_keys, &old);
	lac_cache_view(to, l, layer, kv_head, &new_keys, &new);
	memcpy(new_keys.tiles, old_keys.tiles, n_padded / LAC_LANES * l->keys.tile_bytes);
	memcpy(new.scales, old.scales, n_padded * sizeof *new.scales);
	for (uint32_t tile = 0; tile < l->n_dim_tiles; tile++)
		memcpy(new.values + tile * new.stride_tile, old.values + tile * old.stride_tile, n_padded * LAC_LANES);
}
