#include "base/strict_float.h"
#include "train/adapter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_map(unsigned part)
{
	return part != LAC_ATTENTION_NORM && part != LAC_FFN_NORM;
}

enum lac_status lac_adapter_targets(const char *words, uint32_t *targets, struct lac_error *error)
{
	*targets = 0;
	while (*words) {
		const size_t length = strcspn(words, ",");
		uint32_t found = 0;

		for (unsigned part = 0; part < LAC_PARTS; part++) {
			const char *name = lac_part_names[part];

			if (is_map(part) && ((length == 3 && strncmp(words, "all", 3) == 0) ||
			    (length == strlen(name) && strncmp(words, name, length) == 0)))
				found |= 1u << part;
		}
		if (!found)
			return lac_fail(error, LAC_BAD_ARGUMENT, 0, "\"%.*s\" is no map of a layer; there are attn_q, attn_k, attn_v, "
				"attn_output, ffn_gate, ffn_up, ffn_down, and all", (int)(length < 40 ? length : 40), words);
		*targets |= found;
		words += length + (words[length] == ',');
	}
	if (!*targets)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "no map to adapt is named; \"all\" adapts every one");
	return LAC_OK;
}

static void add(struct lac_adapter *adapter, const struct lac_parameter *map, char letter, uint32_t n_rows, uint32_t n_columns)
{
	struct lac_parameters *parameters = &adapter->parameters;
	struct lac_parameter *parameter = &parameters->at[parameters->n++];

	*parameter = (struct lac_parameter){ .kind = LAC_PARAMETER_MATRIX, .n_rows = n_rows, .n_columns = n_columns,
		.first = parameters->n_floats };
	snprintf(parameter->name, sizeof parameter->name, "%.48s.lora_%c", map->name, letter);
	parameters->n_floats = LAC_ROUND_UP(parameters->n_floats + lac_parameter_floats(parameter), LAC_LANES);
}

static enum lac_status check_rank(const struct lac_parameters *base, uint32_t rank, uint32_t targets, struct lac_error *error)
{
	if (rank == 0 || rank > LAC_ADAPTER_RANK_MAX)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "rank %u: a rank is 1 to %u", (unsigned)rank, LAC_ADAPTER_RANK_MAX);
	for (unsigned part = 0; part < LAC_PARTS; part++) {
		const struct lac_parameter *map = lac_parameter_of(base, 0, part);
		const uint32_t least = map->n_rows < map->n_columns ? map->n_rows : map->n_columns;

		if ((targets >> part & 1) && rank > least)
			return lac_fail(error, LAC_BAD_ARGUMENT, 0, "rank %u is more than %s, which is %u x %u, can have: at most %u",
				(unsigned)rank, lac_part_names[part], (unsigned)map->n_columns, (unsigned)map->n_rows, (unsigned)least);
	}
	return LAC_OK;
}

enum lac_status lac_adapter_create(struct lac_adapter *out, const struct lac_shape *shape, uint32_t rank, float alpha,
	uint32_t targets, struct lac_error *error)
{
	const size_t n_maps = (size_t)shape->n_layers * LAC_PARTS;
	struct lac_parameters base = { 0 };
	enum lac_status s = lac_parameters_create(&base, shape, error);

	*out = (struct lac_adapter){ .rank = rank, .alpha = alpha };
	if (!s)
		s = check_rank(&base, rank, targets, error);
	if (!s) {
		out->places = calloc(n_maps, sizeof *out->places);
		out->parameters.at = calloc(2 * n_maps, sizeof *out->parameters.at);
		if (!out->places || !out->parameters.at)
			s = lac_fail_memory(error, 2 * n_maps * sizeof *out->parameters.at, "an adapter");
	}
	for (size_t i = 0; !s && i < n_maps; i++) {
		const struct lac_parameter *map = &base.at[1 + i];

		out->places[i] = LAC_NO_ADAPTER;
		if (!(targets >> i % LAC_PARTS & 1))
			continue;
		out->places[i] = out->parameters.n;
		add(out, map, 'a', rank, map->n_columns);
		add(out, map, 'b', map->n_rows, rank);
	}
	lac_parameters_free(&base);
	if (s)
		lac_adapter_free(out);
	return s;
}

void lac_adapter_free(struct lac_adapter *adapter)
{
	lac_parameters_free(&adapter->parameters);
	free(adapter->places);
	*adapter = (struct lac_adapter){ 0 };
}
