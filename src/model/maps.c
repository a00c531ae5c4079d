#include "model/maps.h"

uint32_t lac_file_row(struct lac_row_order order, uint32_t row)
{
	uint32_t in_head, half = order.rotary_dim / 2;

	if (order.rotary_dim == 0)
		return row;
	in_head = row % order.head_dim;
	if (in_head >= order.rotary_dim)
		return row;
	return row - in_head + (in_head < half ? 2 * in_head : 2 * (in_head - half) + 1);
}

void lac_layer_maps(struct lac_map maps[LAC_N_MAPS], struct lac_layer *layer, const struct lac_weights *weights,
	const struct lac_shape *shape)
{
	const struct lac_row_order plain = { 0, 0 };
	const struct lac_row_order rotary = { shape->head_dim, shape->architecture == LAC_LLAMA ? shape->rotary_dim : 0 };
	const uint32_t q_rows = shape->n_heads * shape->head_dim, kv_rows = shape->n_kv_heads * shape->head_dim;
	const uint32_t dim = shape->dim, ffn = shape->ffn_dim, first_up = LAC_ROUND_UP(ffn, LAC_LANES);
	const uint32_t qkv_rows = weights->first_value + kv_rows;
	struct lac_packed *const qkv = &layer->qkv, *const gate_up = &layer->gate_up;

	maps[LAC_MAP_Q] = (struct lac_map){ "attn_q", dim, q_rows, qkv, &layer->qkv_bias, 0, qkv_rows, rotary };
	maps[LAC_MAP_K] = (struct lac_map){ "attn_k", dim, kv_rows, qkv, &layer->qkv_bias, weights->first_key, qkv_rows, rotary };
	maps[LAC_MAP_V] = (struct lac_map){ "attn_v", dim, kv_rows, qkv, &layer->qkv_bias, weights->first_value, qkv_rows, plain };
	maps[LAC_MAP_OUTPUT] = (struct lac_map){ "attn_output", q_rows, dim, &layer->attention_out, &layer->attention_out_bias, 0, dim,
		plain };
	maps[LAC_MAP_GATE] = (struct lac_map){ "ffn_gate", dim, ffn, gate_up, &layer->gate_up_bias, 0, first_up + ffn, plain };
	maps[LAC_MAP_UP] = (struct lac_map){ "ffn_up", dim, ffn, gate_up, &layer->gate_up_bias, first_up, first_up + ffn, plain };
	maps[LAC_MAP_DOWN] = (struct lac_map){ "ffn_down", ffn, dim, &layer->down, &layer->down_bias, 0, dim, plain };
}
