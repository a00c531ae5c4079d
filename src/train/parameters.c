#include "base/strict_float.h"
#include "train/parameters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const lac_part_names[LAC_PARTS] = { "attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm", "ffn_gate", "ffn_up",
	"ffn_down" };

static void add(struct lac_parameters *parameters, enum lac_parameter_kind kind, uint32_t n_rows, uint32_t n_columns, bool follows,
	const char *name)
{
	struct lac_parameter *parameter = &parameters->at[parameters->n++];

	if (!follows)
		parameters->n_floats = LAC_ROUND_UP(parameters->n_floats, LAC_LANES);
	*parameter = (struct lac_parameter){ .kind = kind, .n_rows = n_rows, .n_columns = n_columns, .first = parameters->n_floats };
	snprintf(parameter->name, sizeof parameter->name, "%s.weight", name);
	parameters->n_floats += lac_parameter_floats(parameter);
}

static void add_layer(struct lac_parameters *parameters, const struct lac_shape *shape, uint32_t layer)
{
	const uint32_t q_rows = shape->n_heads * shape->head_dim, kv_rows = shape->n_kv_heads * shape->head_dim;
	const uint32_t sizes[LAC_PARTS][2] = { { 1, shape->dim }, { q_rows, shape->dim }, { kv_rows, shape->dim }, { kv_rows, shape->dim },
		{ shape->dim, q_rows }, { 1, shape->dim }, { shape->ffn_dim, shape->dim }, { shape->ffn_dim, shape->dim },
		{ shape->dim, shape->ffn_dim } };

	for (unsigned part = 0; part < LAC_PARTS; part++) {
		const bool is_norm = part == LAC_ATTENTION_NORM || part == LAC_FFN_NORM;
		char name[48];

		snprintf(name, sizeof name, "blk.%u.%s", (unsigned)layer, lac_part_names[part]);
		add(parameters, is_norm ? LAC_PARAMETER_NORM : LAC_PARAMETER_MATRIX, sizes[part][0], sizes[part][1],
			part == LAC_KEY || part == LAC_VALUE || part == LAC_UP, name);
	}
}

enum lac_status lac_parameters_create(struct lac_parameters *out, const struct lac_shape *shape, struct lac_error *error)
{
	const size_t n = 3 + (size_t)shape->n_layers * LAC_PARTS;

	*out = (struct lac_parameters){ .at = calloc(n, sizeof *out->at) };
	if (!out->at)
		return lac_fail_memory(error, n * sizeof *out->at, "a table of tensors");
	add(out, LAC_PARAMETER_EMBEDDING, shape->n_vocabulary, shape->dim, false, "token_embd");
	for (uint32_t layer = 0; layer < shape->n_layers; layer++)
		add_layer(out, shape, layer);
	add(out, LAC_PARAMETER_NORM, 1, shape->dim, false, "output_norm");
	if (!shape->is_tied)
		add(out, LAC_PARAMETER_EMBEDDING, shape->n_vocabulary, shape->dim, false, "output");
	out->n_floats = LAC_ROUND_UP(out->n_floats, LAC_LANES);
	return LAC_OK;
}

uint64_t lac_parameters_count(const struct lac_parameters *parameters)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < parameters->n; i++)
		n += lac_parameter_floats(&parameters->at[i]);
	return n;
}

void lac_parameters_free(struct lac_parameters *parameters)
{
	free(parameters->at);
	*parameters = (struct lac_parameters){ 0 };
}
