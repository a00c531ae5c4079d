#include "base/strict_float.h"
#include "model/cache.h"

#include <string.h>

/* One head's keys and values, each part a multiple of 64 bytes because positions are rounded up to 64. */
struct layout {
	struct lac_packed keys; /* a row a position */
	size_t n_dim_tiles, values, value_scales, head; /* where they begin; bytes of all */
};

static struct layout layout_of(const struct lac_model *model)
{
	const uint32_t head_dim = model->shape.head_dim, n_positions = LAC_ROUND_UP(model->window, LAC_GROUP);
	struct layout l;

	l.keys = lac_packed_shape(n_positions, head_dim);
	l.n_dim_tiles = LAC_ROUND_UP((size_t)head_dim, LAC_LANES) / LAC_LANES;
	l.values = l.keys.n_tiles * l.keys.tile_bytes;
	l.value_scales = l.values + n_positions * l.n_dim_tiles * LAC_LANES;
	l.head = l.value_scales + n_positions * sizeof(float);
	return l;
}

size_t lac_cache_bytes(const struct lac_model *model)
{
	return layout_of(model).head * model->shape.n_kv_heads * model->shape.n_layers;
}

void lac_cache_view(uint8_t *cache, const struct lac_model *model, uint32_t layer, uint32_t kv_head,
	struct lac_packed *keys, struct lac_value_cache *values)
{
	const struct layout l = layout_of(model);
	uint8_t *head = cache + l.head * ((size_t)layer * model->shape.n_kv_heads + kv_head);

	*keys = l.keys;
	keys->tiles = (int8_t *)head;
	*values = (struct lac_value_cache){
		.values = (int8_t *)(head + l.values),
		.scales = (float *)(void *)(head + l.value_scales),
		.stride_tile = (size_t)l.keys.n_out * LAC_LANES,
		.n_tiles = (uint32_t)l.n_dim_tiles,
	};
}

void lac_cache_store(uint8_t *cache, const struct lac_model *model, uint32_t layer, uint32_t kv_head,
	uint32_t position, const float *key, const float *value)
{
	const uint32_t head_dim = model->shape.head_dim;
	int8_t quantized[LAC_HEAD_DIM_MAX];
	float scales[LAC_HEAD_DIM_MAX / LAC_GROUP];
	struct lac_packed keys;
	struct lac_value_cache values;

	lac_cache_view(cache, model, layer, kv_head, &keys, &values);
	model->kernels->quantize(quantized, scales, key, head_dim);
	lac_packed_set_row(&keys, position, quantized, scales);
	model->kernels->store_value(&values, position, value, head_dim);
}
