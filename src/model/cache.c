#include "base/strict_float.h"
#include "model/cache.h"
#include "base/memory.h"

#include <string.h>

#define HEAD_DIM_MAX 1024u /* as shape.c */

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

bool lac_cache_create(struct lac_cache *cache, const struct lac_model *model)
{
	cache->memory = lac_aligned_calloc(lac_cache_bytes(model), 1);
	return cache->memory != NULL;
}

void lac_cache_free(struct lac_cache *cache)
{
	lac_aligned_free(cache->memory);
	cache->memory = NULL;
}

void lac_cache_view(const struct lac_cache *cache, const struct lac_model *model, uint32_t layer, uint32_t kv_head,
	struct lac_packed *keys, struct lac_value_cache *values)
{
	const struct layout l = layout_of(model);
	uint8_t *head = cache->memory + l.head * ((size_t)layer * model->shape.n_kv_heads + kv_head);

	*keys = (struct lac_packed){
		.n_out = (uint32_t)l.n_positions, .n_in = model->shape.head_dim,
		.n_tiles = (uint32_t)(l.n_positions / LAC_LANES),
		.n_quads = (uint32_t)l.n_quads, .n_groups = (uint32_t)l.n_groups,
		.values = (int8_t *)(head + l.key_values),
		.scales = (float *)(void *)(head + l.key_scales),
		.corrections = (int32_t *)(void *)(head + l.key_corrections),
	};
	*values = (struct lac_value_cache){
		.values = (const int8_t *)(head + l.value_values),
		.scales = (const float *)(void *)(head + l.value_scales),
		.stride_tile = l.n_positions * LAC_LANES,
		.n_tiles = (uint32_t)l.n_dim_tiles,
	};
}

/* One scale for the whole head, so that it can ride on the attention weight (section 6.3). */
static float quantize_value(int8_t *out, const float *value, uint32_t head_dim)
{
	float amax = 0.0f;

	for (uint32_t i = 0; i < head_dim; i++) {
		float x = value[i] < -LAC_CLAMP ? -LAC_CLAMP : value[i] > LAC_CLAMP ? LAC_CLAMP : value[i];
		float magnitude = x < 0.0f ? -x : x;

		amax = magnitude > amax ? magnitude : amax;
	}
	if (!(amax >= LAC_TINY)) {
		memset(out, 0, head_dim);
		return 0.0f;
	}
	for (uint32_t i = 0; i < head_dim; i++) {
		float x = value[i] < -LAC_CLAMP ? -LAC_CLAMP : value[i] > LAC_CLAMP ? LAC_CLAMP : value[i];
		float scaled = x * (127.0f / amax);
		float rounded = (scaled + 12582912.0f) - 12582912.0f;

		out[i] = (int8_t)rounded;
	}
	return amax / 127.0f;
}

void lac_cache_store(struct lac_cache *cache, const struct lac_model *model, uint32_t layer, uint32_t kv_head,
	uint32_t position, const float *key, const float *value)
{
	const uint32_t head_dim = model->shape.head_dim;
	int8_t quantized[HEAD_DIM_MAX];
	float scales[HEAD_DIM_MAX / LAC_GROUP];
	struct lac_packed keys;
	struct lac_value_cache values;
	int8_t *to;

	lac_cache_view(cache, model, layer, kv_head, &keys, &values);
	model->kernels->quantize(quantized, scales, key, head_dim);
	lac_packed_set_row(&keys, position, quantized, scales);

	/* the view is const for readers; this is the writer */
	((float *)(uintptr_t)values.scales)[position] = quantize_value(quantized, value, head_dim);
	to = (int8_t *)(uintptr_t)values.values + (size_t)(position / LAC_QUAD) * LAC_LANES * LAC_QUAD + position % LAC_QUAD;
	for (uint32_t i = 0; i < head_dim; i++)
		to[(i / LAC_LANES) * values.stride_tile + (i % LAC_LANES) * LAC_QUAD] = quantized[i];
}
