#include "base/strict_float.h"
#include "model/cache.h"

#include <string.h>

/* Sizes of one head's parts, each a multiple of 64 bytes because n_positions is a multiple of 64. */
struct layout {
	size_t n_positions, n_quads, n_groups, n_dim_tiles;
	size_t key_values, key_scales, key_corrections, value_values, value_scales, head;
};

static struct layout layout_of(const struct lac_model *model)
{
	const uint32_t head_dim = model->shape.head_dim;
	struct layout l;

	l.n_positions = LAC_ROUND_UP((size_t)model->window, LAC_GROUP);
	l.n_quads = LAC_ROUND_UP(head_dim, LAC_QUAD) / LAC_QUAD;
	l.n_groups = LAC_ROUND_UP(head_dim, LAC_GROUP) / LAC_GROUP;
	l.n_dim_tiles = LAC_ROUND_UP(head_dim, LAC_LANES) / LAC_LANES;
	l.key_values = 0;
	l.key_scales = l.key_values + l.n_positions * l.n_quads * LAC_QUAD;
	l.key_corrections = l.key_scales + l.n_positions * l.n_groups * sizeof(float);
	l.value_values = l.key_corrections + l.n_positions * l.n_groups * sizeof(int32_t);
	l.value_scales = l.value_values + l.n_positions * l.n_dim_tiles * LAC_LANES;
	l.head = l.value_scales + l.n_positions * sizeof(float);
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

	*keys = (struct lac_packed){
		.n_out = (uint32_t)l.n_positions, .n_in = model->shape.head_dim,
		.n_tiles = (uint32_t)(l.n_positions / LAC_LANES),
		.n_quads = (uint32_t)l.n_quads, .n_groups = (uint32_t)l.n_groups,
		.values = (int8_t *)(head + l.key_values),
		.scales = (float *)(void *)(head + l.key_scales),
		.corrections = (int32_t *)(void *)(head + l.key_corrections),
	};
	*values = (struct lac_value_cache){
		.values = (int8_t *)(head + l.value_values),
		.scales = (float *)(void *)(head + l.value_scales),
		.stride_tile = l.n_positions * LAC_LANES,
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
