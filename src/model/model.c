/* model.c: opening a model: parse, check, convert, identify, and prove the kernels. */
#include "base/strict_float.h"
#include "model/model.h"
#include "base/file_map.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/threads.h"
#include "model/adapter.h"
#include "model/packed_file.h"

#include <string.h>

static enum lac_status choose_kernels(const struct lac_kernels **kernels, const struct lac_options *options, struct lac_error *error)
{
	const char *name = options ? options->kernels : NULL;

	*kernels = lac_kernels_choose(name);
	if (!*kernels)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "kernels \"%s\" are unknown or not available on this CPU", name);
	return lac_kernels_self_test(*kernels, error);
}

static void set_name(struct lac_model_info *info, const struct lac_gguf *gguf)
{
	struct lac_string name;

	memset(info->name, 0, sizeof info->name);
	if (lac_gguf_string(gguf, "general.name", false, &name, NULL) || !name.bytes)
		name = (struct lac_string){ "unnamed", 7 };
	for (size_t i = 0; i < name.length && i < LAC_MODEL_NAME_MAX; i++) {
		char c = name.bytes[i];

		if (c < ' ' || c > '~')
			c = '?'; /* the format allows printable ASCII */
		info->name[i] = c;
	}
}

static void set_info(struct lac_model *model, const struct lac_gguf *gguf, size_t file_bytes)
{
	struct lac_model_info *info = &model->info;
	const struct lac_shape *shape = &model->shape;

	info->architecture = lac_architecture_name(shape->architecture);
	info->tokenizer = lac_tokenizer_name(model->tokenizer);
	info->kernels = model->kernels->name;
	info->file_bytes = file_bytes;
	info->n_parameters = model->weights.n_parameters;
	info->n_vocabulary = shape->n_vocabulary;
	info->n_layers = shape->n_layers;
	info->n_heads = shape->n_heads;
	info->n_kv_heads = shape->n_kv_heads;
	info->dim = shape->dim;
	info->ffn_dim = shape->ffn_dim;
	info->head_dim = shape->head_dim;
	info->context_length = shape->context_length;
	info->default_window = lac_model_window(model);
	info->packed_bytes = lac_packed_file_bytes(model);
	set_name(info, gguf);
}

#define DESCRIPTION_BYTES 256u /* of a key or a tensor, at most */
#define MODEL_BYTES (64u << 10) /* of what is small */
#define ADAPTED_PIECE_BYTES (64u << 10)

static enum lac_status fail_allowance(const struct lac_allowance *allowance, struct lac_error *error)
{
	return lac_fail(error, LAC_NO_MEMORY, 0, "opening it takes %llu bytes", (unsigned long long)allowance->taken);
}

/* Before the descriptions of a file's keys and tensors take anything: how many it claims, if so
 * many have room in it. */
static enum lac_status allow_descriptions(struct lac_allowance *allowance, const void *bytes, size_t n_bytes, struct lac_error *error)
{
	struct lac_reader header = { bytes, n_bytes };
	const uint8_t *before;
	uint64_t n_tensors, n_keys;

	if (!lac_read_bytes(&header, 8, &before) || !lac_read_u64(&header, &n_tensors) || !lac_read_u64(&header, &n_keys) ||
	    n_tensors > n_bytes / 32 || n_keys > n_bytes / 12)
		return LAC_OK; /* it is refused */
	allowance->taken = (n_tensors + n_keys) * DESCRIPTION_BYTES;
	return allowance->taken > allowance->most ? fail_allowance(allowance, error) : LAC_OK;
}

/* What is before all tensors. */
static size_t keys_bytes(const struct lac_gguf *gguf, const uint8_t *bytes, size_t n_bytes)
{
	const struct lac_tensor *tensor;

	for (size_t i = 0; (tensor = lac_gguf_tensor_at(gguf, i)); i++)
		if (tensor->data && (size_t)(tensor->data - bytes) < n_bytes)
			n_bytes = (size_t)(tensor->data - bytes);
	return n_bytes;
}

/* Weights, in one piece, and what a tokenizer makes of its keys. */
static enum lac_status allow_model(struct lac_model *model, struct lac_allowance *allowance, const struct lac_gguf *gguf, const void *bytes,
	size_t n_bytes, uint32_t n_threads, struct lac_error *error)
{
	uint64_t n_working;
	const uint64_t n_weights = lac_weights_bytes(gguf, n_threads, &n_working);

	if (allowance->most == UINT64_MAX)
		return LAC_OK;
	model->weights.arena.piece_bytes = (size_t)n_weights;
	allowance->taken = MODEL_BYTES + lac_arena_bytes((size_t)n_weights) + n_working + LAC_MODEL_FILES * (uint64_t)keys_bytes(gguf, bytes, n_bytes);
	return allowance->taken > allowance->most ? fail_allowance(allowance, error) : LAC_OK;
}

bool lac_model_is_of_file(const struct lac_model *model, const void *bytes, size_t n_bytes)
{
	uint8_t hash[16];

	if (n_bytes != model->info.file_bytes)
		return false;
	lac_hash128(bytes, n_bytes, hash);
	return memcmp(hash, model->info.file_hash, sizeof hash) == 0;
}

/* packed NULL: numbers are converted. */
static enum lac_status load(struct lac_model *model, const struct lac_gguf *gguf, const struct lac_source *packed, uint32_t n_threads,
	struct lac_error *error)
{
	struct lac_hash128 *identity = NULL;
	enum lac_status s = lac_shape_check_keys(gguf, error);

	if (!s)
		s = lac_tokenizer_create(&model->tokenizer, gguf, error);
	if (!s)
		s = lac_shape_read(&model->shape, gguf, lac_tokenizer_n_tokens(model->tokenizer), error);
	if (s)
		return s;
	model->shape.is_tied = !lac_gguf_tensor(gguf, "output.weight");
	identity = lac_hash128_create();
	if (!identity)
		return lac_fail_memory(error, 1024, "the model's identity");
	s = lac_weights_load(&model->weights, &model->shape, gguf, model->kernels, packed, n_threads, identity, error);
	if (!s)
		lac_tokenizer_identify(model->tokenizer, identity);
	lac_hash128_finish(&identity, model->info.identity);
	return s;
}

/* What is read instead of being converted must give the identity that it is said to be of. */
static enum lac_status load_packed(struct lac_model *model, const struct lac_gguf *gguf, struct lac_source packed, uint32_t n_threads,
	struct lac_error *error)
{
	uint8_t identity[16];
	enum lac_status s = lac_packed_file_begin(packed, model->info.file_hash, identity, error);

	if (!s)
		s = load(model, gguf, &packed, n_threads, error);
	if (!s)
		s = lac_packed_file_end(packed, error);
	if (!s && memcmp(identity, model->info.identity, 16) != 0)
		s = lac_fail(error, LAC_CORRUPT, 0, "the packed model is not the one it says it is");
	model->info.is_packed = !s;
	return s;
}

static enum lac_status find_and_load(struct lac_model *model, const struct lac_gguf *gguf, const struct lac_options *options, uint32_t n_threads,
	struct lac_error *error)
{
	struct lac_source packed = { NULL, NULL };

	if (options->find_packed(options->packed_payload, model->info.file_hash, &packed)) {
		if (load_packed(model, gguf, packed, n_threads, NULL) == LAC_OK)
			return LAC_OK;
		lac_weights_free(&model->weights);
		lac_tokenizer_free(&model->tokenizer);
	}
	return load(model, gguf, NULL, n_threads, error);
}

enum lac_status lac_model_load(struct lac_model **out, const void *bytes, size_t n_bytes, const struct lac_options *options,
	struct lac_allowance *allowance, struct lac_error *error)
{
	const uint32_t n_threads = lac_threads_wanted(options ? options->n_threads : 0);
	struct lac_gguf *gguf = NULL;
	uint64_t environment;
	enum lac_status s;

	*out = lac_calloc(1, sizeof **out);
	if (!*out)
		return lac_fail_memory(error, sizeof **out, "a model");
	environment = lac_float_environment_enter();
	s = choose_kernels(&(*out)->kernels, options, error);
	if (!s)
		s = allow_descriptions(allowance, bytes, n_bytes, error);
	if (!s)
		s = lac_gguf_open(&gguf, bytes, n_bytes, error);
	if (!s)
		s = allow_model(*out, allowance, gguf, bytes, n_bytes, n_threads, error);
	if (!s) {
		lac_hash128(bytes, n_bytes, (*out)->info.file_hash);
		s = options && options->find_packed && allowance->most == UINT64_MAX
			? find_and_load(*out, gguf, options, n_threads, error) : load(*out, gguf, NULL, n_threads, error);
	}
	if (!s)
		set_info(*out, gguf, n_bytes);
	lac_float_environment_restore(environment);
	lac_gguf_close(&gguf);
	if (s)
		lac_model_close(out);
	return s;
}

/* The tokenizer is the model's own: no packed form holds it. */
static enum lac_status identify_again(const struct lac_model *model, const struct lac_gguf *gguf, const struct lac_kernels *kernels,
	uint32_t n_threads, uint8_t identity[16], struct lac_error *error)
{
	struct lac_hash128 *state = lac_hash128_create();
	enum lac_status s;

	if (!state)
		return lac_fail_memory(error, 1024, "the model's identity");
	s = lac_weights_identify(&model->shape, gguf, kernels, n_threads, state, error);
	lac_tokenizer_identify(model->tokenizer, state);
	lac_hash128_finish(&state, identity);
	return s;
}

static enum lac_status check_bytes(const struct lac_model *model, const void *bytes, size_t n_bytes, const struct lac_options *options,
	struct lac_error *error)
{
	const struct lac_kernels *kernels;
	struct lac_gguf *gguf = NULL;
	uint8_t identity[16];
	enum lac_status s = choose_kernels(&kernels, options, error);

	if (s)
		return s;
	if (!lac_model_is_of_file(model, bytes, n_bytes))
		return lac_fail(error, LAC_READ_FAILED, 0, "the file of model \"%s\" was changed since it was opened", model->info.name);
	s = lac_gguf_open(&gguf, bytes, n_bytes, error);
	if (!s)
		s = identify_again(model, gguf, kernels, lac_threads_wanted(options ? options->n_threads : 0), identity, error);
	lac_gguf_close(&gguf);
	if (!s && memcmp(identity, model->info.identity, 16) != 0)
		s = lac_fail(error, LAC_SELF_TEST_FAILED, 0, "the file of model \"%s\", converted again by kernels %s, is another model: this machine or this "
			"build is faulty", model->info.name, kernels->name);
	return s;
}

enum lac_status lac_model_check_file(const struct lac_model *model, const char *path, const struct lac_options *options, struct lac_error *error)
{
	struct lac_file_map file = { 0 };
	uint64_t environment;
	enum lac_status s;

	if (model->base)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "\"%s\" is an adapted model", model->info.name);
	s = lac_file_map(&file, path, error);
	environment = lac_float_environment_enter();
	if (!s)
		s = check_bytes(model, file.bytes, file.n_bytes, options, error);
	lac_float_environment_restore(environment);
	lac_file_unmap(&file);
	return s;
}

enum lac_status lac_model_write_packed(const struct lac_model *model, struct lac_sink sink, struct lac_error *error)
{
	if (model->base)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "\"%s\" is an adapted model, of which no packed form is kept", model->info.name);
	return lac_packed_file_write(model, sink, error);
}

/* ---- Adapters ------------------------------------------------------------------ */

static enum lac_status adapt(struct lac_model *model, const struct lac_gguf *gguf, struct lac_allowance *allowance, struct lac_error *error)
{
	const struct lac_layer *layers = model->base->weights.layers;
	const size_t n_bytes = model->shape.n_layers * sizeof *layers;
	struct lac_hash128 *identity;
	enum lac_status s;

	model->weights.layers = lac_malloc(model->shape.n_layers, sizeof *layers);
	identity = lac_hash128_create();
	if (!model->weights.layers || !identity) {
		lac_hash128_finish(&identity, model->info.adapter_identity);
		return lac_fail_memory(error, n_bytes, "an adapter");
	}
	memcpy(model->weights.layers, layers, n_bytes);
	s = lac_weights_adapt(model, gguf, allowance, identity, error);
	lac_hash128_finish(&identity, model->info.adapter_identity);
	return s;
}

enum lac_status lac_model_adapt_within(struct lac_model **out, const struct lac_model *base, const void *bytes, size_t n_bytes,
	struct lac_allowance *allowance, struct lac_error *error)
{
	struct lac_gguf *gguf = NULL;
	uint64_t environment;
	enum lac_status s;

	*out = NULL;
	if (!base)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "an adapter is opened with the model that it adapts, and none is given");
	if (base->base)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "\"%s\" is an adapted model already; an adapter adapts its base", base->info.name);
	s = allow_descriptions(allowance, bytes, n_bytes, error);
	if (!s)
		s = lac_gguf_open(&gguf, bytes, n_bytes, error);
	if (s)
		return s;
	*out = lac_malloc(1, sizeof **out);
	if (!*out) {
		lac_gguf_close(&gguf);
		return lac_fail_memory(error, sizeof **out, "an adapted model");
	}
	**out = *base;
	(*out)->base = base;
	(*out)->weights.arena = (struct lac_arena){ .piece_bytes = allowance->most == UINT64_MAX ? 0 : ADAPTED_PIECE_BYTES };
	allowance->taken = MODEL_BYTES + ADAPTED_PIECE_BYTES + base->shape.n_layers * sizeof *base->weights.layers;
	(*out)->weights.layers = NULL;
	(*out)->info.is_adapted = true;
	(*out)->info.is_packed = false;
	(*out)->info.packed_bytes = 0;
	(*out)->info.file_bytes = n_bytes;
	(*out)->info.memory_bytes = 0;
	set_name(&(*out)->info, gguf);
	environment = lac_float_environment_enter();
	s = adapt(*out, gguf, allowance, error);
	if (!s)
		lac_hash128(bytes, n_bytes, (*out)->info.file_hash);
	lac_float_environment_restore(environment);
	lac_gguf_close(&gguf);
	if (s)
		lac_model_close(out);
	return s;
}

enum lac_status lac_model_adapt_memory(struct lac_model **out, const struct lac_model *base, const void *bytes, size_t n_bytes,
	struct lac_error *error)
{
	return lac_model_adapt_within(out, base, bytes, n_bytes, &(struct lac_allowance){ .most = UINT64_MAX }, error);
}

enum lac_status lac_model_adapt_file(struct lac_model **out, const struct lac_model *base, const char *path, struct lac_error *error)
{
	struct lac_file_map file = { 0 };
	enum lac_status s;

	*out = NULL;
	s = lac_file_map(&file, path, error);
	if (!s)
		s = lac_file_blame(lac_model_adapt_memory(out, base, file.bytes, file.n_bytes, error), path, error);
	lac_file_unmap(&file);
	return s;
}

void lac_model_close(struct lac_model **model)
{
	if (!*model)
		return;
	lac_weights_free(&(*model)->weights);
	if (!(*model)->base)
		lac_tokenizer_free(&(*model)->tokenizer);
	lac_free(*model);
	*model = NULL;
}

const struct lac_model_info *lac_model_info(const struct lac_model *model)
{
	return &model->info;
}
