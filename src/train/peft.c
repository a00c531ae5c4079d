/* peft.c: adapters of huggingface/peft (docs/source/developer_guides/checkpoint.md) -> llama.cpp's
 * layout. What that cannot hold is refused: an adapter that is half understood is another
 * adapter. */
#include "base/strict_float.h"
#include "base/file_map.h"
#include "train/adapter_file.h"
#include "train/json.h"
#include "train/model_file.h"
#include "train/safetensors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct import {
	struct lac_shape shape;
	struct lac_parameters base;
	struct lac_gguf_floats *tensors; /* owned, and their values: [2 x place + (B ? 1 : 0)] */
	uint32_t rank;
	double alpha;
};

static char *join(const char *folder, const char *name)
{
	const size_t n = strlen(folder) + strlen(name) + 2;
	char *path = malloc(n);

	if (path)
		snprintf(path, n, "%s/%s", folder, name);
	return path;
}

/* ---- adapter_config.json ---------------------------------------------------------- */

/* A member that is absent, null, false, "none", or empty changes nothing. */
static bool says_nothing(const json_t *value)
{
	if (json_is_string(value))
		return strcmp(json_string_value(value), "none") == 0;
	return !value || json_is_null(value) || json_is_false(value) || (json_is_object(value) && json_object_size(value) == 0) ||
		(json_is_array(value) && json_array_size(value) == 0);
}

/* Members that say how the adapter was made, or what its tensors say too. */
static bool is_harmless(const char *name)
{
	static const char *const names[] = { "auto_mapping", "base_model_name_or_path", "eva_config", "exclude_modules", "inference_mode",
		"init_lora_weights", "layers_pattern", "layers_to_transform", "lora_alpha", "lora_dropout", "megatron_core", "peft_type",
		"peft_version", "qalora_group_size", "r", "revision", "runtime_config", "target_modules", "task_type", "use_rslora" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Some ways to begin change the base too, and what is saved is then a difference to another. */
static bool begins_at_the_base(const json_t *value)
{
	static const char *const words[] = { "gaussian", "eva", "orthogonal" };

	if (!json_is_string(value))
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(json_string_value(value), words[i]) == 0)
			return true;
	return false;
}

/* Whatever else is set may mean another computation: "bias", "use_dora", "alora_invocation_tokens",
 * ... */
static enum lac_status check_members(json_t *config, struct lac_error *error)
{
	for (void *i = json_object_iter(config); i; i = json_object_iter_next(config, i)) {
		const char *name = json_object_iter_key(i);

		if (!says_nothing(json_object_iter_value(i)) && !is_harmless(name))
			return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "adapter_config.json: %.60s is set; that is not understood%s", name,
				strncmp(name, "alora", 5) == 0 ? ": an activated LoRA changes only what follows its invocation tokens" : "");
	}
	if (!begins_at_the_base(json_object_get(config, "init_lora_weights")))
		return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "adapter_config.json: init_lora_weights is \"%.40s\", by which the base was changed too",
			json_string_value(json_object_get(config, "init_lora_weights")));
	return LAC_OK;
}

static enum lac_status read_members(struct import *import, json_t *config, struct lac_error *error)
{
	const char *type = json_string_value(json_object_get(config, "peft_type"));
	/* 0 if there is none */
	const double rank = json_number_value(json_object_get(config, "r"));
	enum lac_status s;

	if (!type || strcmp(type, "LORA") != 0)
		return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "adapter_config.json: peft_type is not \"LORA\"");
	s = check_members(config, error);
	if (s)
		return s;
	if (!(rank >= 1.0 && rank <= LAC_ADAPTER_RANK_MAX) || rank != floor(rank))
		return lac_fail(error, LAC_BAD_MODEL, 0, "adapter_config.json: r is no whole number from 1 to %u", LAC_ADAPTER_RANK_MAX);
	import->alpha = json_number_value(json_object_get(config, "lora_alpha"));
	if (!(import->alpha > 0.0 && import->alpha <= 1e6))
		return lac_fail(error, LAC_BAD_MODEL, 0, "adapter_config.json: lora_alpha is not above 0 and at most 1e6");
	import->rank = (uint32_t)rank;
	/* scale alpha / sqrt(r): the same as another alpha (Kalajdzievski 2023, arXiv
	 * 2312.03732) */
	if (!says_nothing(json_object_get(config, "use_rslora")))
		import->alpha *= sqrt(rank);
	return LAC_OK;
}

static enum lac_status read_config(struct import *import, const struct lac_file_map *file, struct lac_error *error)
{
	json_error_t why;
	json_t *config = lac_json_object(file->bytes, file->n_bytes, &why);
	enum lac_status s = config ? read_members(import, config, error) :
		lac_fail(error, LAC_BAD_MODEL, 0, "adapter_config.json is no JSON object: %.100s (line %d)", why.text, why.line);

	json_decref(config);
	return s;
}

/* ---- adapter_model.safetensors ----------------------------------------------------- */

/* base_model.model.model.layers.3.self_attn.q_proj.lora_A.weight */
static bool read_name(const char *name, uint32_t *layer, enum lac_part *part, bool *is_b)
{
	static const struct { const char *module; enum lac_part part; } modules[] = {
		{ "self_attn.q_proj", LAC_QUERY }, { "self_attn.k_proj", LAC_KEY }, { "self_attn.v_proj", LAC_VALUE },
		{ "self_attn.o_proj", LAC_ATTENTION_OUT }, { "mlp.gate_proj", LAC_GATE }, { "mlp.up_proj", LAC_UP },
		{ "mlp.down_proj", LAC_DOWN },
	};
	static const char prefix[] = "base_model.model.model.layers.";
	unsigned long number;
	char *end;

	if (strncmp(name, prefix, strlen(prefix)) != 0 || name[strlen(prefix)] < '0' || name[strlen(prefix)] > '9')
		return false;
	number = strtoul(name + strlen(prefix), &end, 10);
	if (number > UINT32_MAX || *end++ != '.')
		return false;
	*layer = (uint32_t)number;
	for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
		const size_t n = strlen(modules[i].module);

		if (strncmp(end, modules[i].module, n) != 0)
			continue;
		*part = modules[i].part;
		*is_b = strcmp(end + n, ".lora_B.weight") == 0;
		return *is_b || strcmp(end + n, ".lora_A.weight") == 0;
	}
	return false;
}

/* Files for transformers turn the halves of a head against each other, files of architecture llama
 * neighbours: row 2 i + j of a head is row j half + i. Only B has rows of queries and keys. */
static void permute(float *rows, uint32_t n_rows, uint32_t n_columns, uint32_t head_dim, float *scratch)
{
	const uint32_t half = head_dim / 2;

	for (uint32_t row = 0; row < n_rows; row++) {
		const uint32_t in_head = row % head_dim, from = row - in_head + in_head % 2 * half + in_head / 2;

		memcpy(scratch + (size_t)row * n_columns, rows + (size_t)from * n_columns, n_columns * sizeof *rows);
	}
	memcpy(rows, scratch, (size_t)n_rows * n_columns * sizeof *rows);
}

static enum lac_status add_tensor(void *payload, const struct lac_safe_tensor *tensor, struct lac_error *error)
{
	struct import *import = payload;
	const struct lac_parameter *map;
	struct lac_gguf_floats *out;
	const size_t n = (size_t)tensor->n_rows * tensor->n_columns;
	enum lac_part part = LAC_QUERY;
	uint32_t layer = 0;
	bool is_b = false;
	float *values;

	if (!read_name(tensor->name, &layer, &part, &is_b) || layer >= import->shape.n_layers)
		return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "adapter_model.safetensors: \"%.120s\" is no adapter of a map of this model",
			tensor->name);
	map = lac_parameter_of(&import->base, layer, part);
	if (is_b ? tensor->n_rows != map->n_rows || tensor->n_columns != import->rank :
	    tensor->n_rows != import->rank || tensor->n_columns != map->n_columns)
		return lac_fail(error, LAC_BAD_MODEL, 0, "adapter_model.safetensors: \"%.100s\" is %u x %u; rank %u and %s of %u x %u are wanted",
			tensor->name, (unsigned)tensor->n_rows, (unsigned)tensor->n_columns, (unsigned)import->rank, lac_part_names[part],
			(unsigned)map->n_rows, (unsigned)map->n_columns);
	out = &import->tensors[2 * ((size_t)layer * LAC_PARTS + part) + is_b];
	if (out->values)
		return lac_fail(error, LAC_BAD_MODEL, 0, "adapter_model.safetensors: \"%.120s\" is there twice", tensor->name);
	values = malloc(2 * n * sizeof *values); /* the second half for the permutation */
	if (!values)
		return lac_fail_memory(error, 2 * n * sizeof *values, "an adapter");
	lac_safe_floats(tensor, values);
	if (is_b && (part == LAC_QUERY || part == LAC_KEY) && import->shape.architecture == LAC_LLAMA)
		permute(values, tensor->n_rows, tensor->n_columns, import->shape.head_dim, values + n);
	snprintf(out->name, sizeof out->name, "%.48s.lora_%c", map->name, is_b ? 'b' : 'a');
	out->values = values;
	out->n_columns = tensor->n_columns;
	out->n_rows = tensor->n_rows;
	return LAC_OK;
}

/* Moves what is there to the front. */
static enum lac_status pack(struct import *import, size_t n, size_t *n_found, struct lac_error *error)
{
	*n_found = 0;
	for (size_t i = 0; i < n; i += 2) {
		const struct lac_gguf_floats a = import->tensors[i], b = import->tensors[i + 1];

		if (!a.values != !b.values)
			return lac_fail(error, LAC_BAD_MODEL, 0, "adapter_model.safetensors: \"%s\" has no partner", a.values ? a.name : b.name);
		if (!a.values)
			continue;
		import->tensors[i].values = import->tensors[i + 1].values = NULL;
		import->tensors[(*n_found)++] = a;
		import->tensors[(*n_found)++] = b;
	}
	if (*n_found == 0)
		return lac_fail(error, LAC_BAD_MODEL, 0, "adapter_model.safetensors holds no adapter");
	return LAC_OK;
}

/* ---- Both ------------------------------------------------------------------------- */

static enum lac_status map_file(struct lac_file_map *file, const char *folder, const char *name, struct lac_error *error)
{
	char *path = join(folder, name);
	enum lac_status s = path ? lac_file_map(file, path, error) : lac_fail_memory(error, strlen(folder), "a name");

	free(path);
	return s;
}

static enum lac_status read_base(struct import *import, const char *path, struct lac_error *error)
{
	struct lac_source_model source = { .gguf = NULL };
	enum lac_status s = lac_source_open(&source, path, error);

	if (!s)
		s = lac_source_shape(&source, &import->shape, error);
	if (!s && import->shape.architecture == LAC_LLAMA && import->shape.rotary_dim != import->shape.head_dim)
		s = lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "the model turns only a part of each head; how its rows are to be permuted is unknown");
	if (!s)
		s = lac_parameters_create(&import->base, &import->shape, error);
	lac_source_free(&source);
	return s;
}

enum lac_status lac_adapter_import(const char *base, const char *folder, const char *output, struct lac_error *error)
{
	struct import import = { .tensors = NULL };
	struct lac_file_map config = { 0 }, data = { 0 };
	size_t n = 0, n_found = 0;
	const char *slash = strrchr(output, '/');
	enum lac_status s = read_base(&import, base, error);

	if (!s)
		s = map_file(&config, folder, "adapter_config.json", error);
	if (!s)
		s = read_config(&import, &config, error);
	if (!s)
		s = map_file(&data, folder, "adapter_model.safetensors", error);
	if (!s) {
		n = 2 * (size_t)import.shape.n_layers * LAC_PARTS;
		import.tensors = calloc(n, sizeof *import.tensors);
		s = import.tensors ? lac_safetensors_read(data.bytes, data.n_bytes, add_tensor, &import, error) :
			lac_fail_memory(error, n * sizeof *import.tensors, "an adapter's tensors");
	}
	if (!s)
		s = pack(&import, n, &n_found, error);
	if (!s)
		s = lac_adapter_write(output, lac_architecture_name(import.shape.architecture), slash ? slash + 1 : output,
			(float)import.alpha, import.tensors, n_found, error);
	for (size_t i = 0; import.tensors && i < n; i++)
		free((void *)(uintptr_t)import.tensors[i].values);
	free(import.tensors);
	lac_file_unmap(&data);
	lac_file_unmap(&config);
	lac_parameters_free(&import.base);
	return s;
}
