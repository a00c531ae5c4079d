/* weights.c: GGUF tensors -> engine tensors, the same rule whatever the type (arithmetic.md section
 * 3.3). */
#include "base/strict_float.h"
#include "model/weights.h"
#include "base/bytes.h"
#include "base/memory.h"
#include "base/source.h"
#include "base/threads.h"
#include "model/conversion.h"
#include "model/maps.h"

#include <stdio.h>
#include <string.h>

#define NAME_BYTES 48 /* of tensors that are asked for */
#define FACTOR_MIN 0.5f /* section 5.1: a step stays below one turn */
#define IDENTIFIED_PIECE_BYTES ((size_t)64 << 10) /* of vectors, where there are no matrices */
#define THREAD_PARAMETERS (2u << 20) /* that are worth a thread to convert them */

struct loader {
	const struct lac_gguf *gguf;
	const struct lac_shape *shape;
	struct lac_arena *arena; /* of the weights */
	struct lac_hash128 *identity;
	struct lac_error *error;
	const struct lac_source *packed; /* NULL: numbers are converted */
	bool is_kept;    /* the numbers of matrices */
	bool is_plain;   /* section 10: what the first arithmetic knew, and nothing else */
	bool *is_used;   /* tensors of the file that were asked for */
	struct lac_conversion *conversion; /* owned */
};

/* Finds a tensor and checks type and shape; n_out = 0 asks for a vector. */
static enum lac_status find(struct loader *loader, const char *name, uint64_t n_in, uint64_t n_out, const struct lac_tensor **out)
{
	const struct lac_tensor *tensor = lac_gguf_tensor(loader->gguf, name);
	enum lac_status s;

	if (!tensor)
		return lac_fail(loader->error, LAC_BAD_MODEL, 0, "tensor \"%s\" is missing", name);
	s = lac_tensor_check_type(tensor, loader->error);
	if (s)
		return s;
	if (tensor->dims[0] != n_in || tensor->dims[1] != (n_out ? n_out : 1) || tensor->dims[2] != 1 || tensor->dims[3] != 1)
		return lac_fail(loader->error, LAC_BAD_MODEL, 0, "tensor \"%s\" is %llu x %llu, not %llu x %llu", name,
			(unsigned long long)tensor->dims[0], (unsigned long long)tensor->dims[1],
			(unsigned long long)n_in, (unsigned long long)(n_out ? n_out : 1));
	loader->is_used[tensor - lac_gguf_tensor_at(loader->gguf, 0)] = true;
	*out = tensor;
	return LAC_OK;
}

static enum lac_status refuse_value(struct loader *loader, const char *name)
{
	return lac_fail(loader->error, LAC_UNSUPPORTED_MODEL, 0, "tensor \"%s\" holds a value that is not within -65504 to 65504", name);
}

/* ---- Vectors --------------------------------------------------------------------- */

static enum lac_status create_vector(struct loader *loader, const char *name, size_t n, float **out)
{
	*out = lac_arena_calloc(loader->arena, LAC_ROUND_UP(n, LAC_LANES) * sizeof **out);
	return *out ? LAC_OK : lac_fail_memory(loader->error, n * sizeof **out, name);
}

static enum lac_status fail_packed(struct loader *loader)
{
	return lac_fail(loader->error, LAC_TRUNCATED, 0, "the packed model ends too early");
}

/* To its place, in the engine's order. */
static enum lac_status read_vector(struct loader *loader, const char *name, const struct lac_tensor *tensor, uint32_t n, struct lac_row_order order,
	float *out)
{
	if (loader->packed) {
		if (!lac_source_fill(*loader->packed, out, n * sizeof *out))
			return fail_packed(loader);
		lac_floats_read(out, out, n);
	} else {
		const float *numbers = lac_conversion_row(loader->conversion, tensor, 0);

		if (!numbers)
			return refuse_value(loader, name);
		for (uint32_t i = 0; i < n; i++)
			out[i] = numbers[lac_file_row(order, i)];
	}
	lac_hash128_floats(loader->identity, out, n);
	return LAC_OK;
}

static enum lac_status load_vector(struct loader *loader, const char *name, uint32_t n, float **out)
{
	const struct lac_tensor *tensor = NULL;
	enum lac_status s = find(loader, name, n, 0, &tensor);

	if (!s)
		s = create_vector(loader, name, n, out);
	return s ? s : read_vector(loader, name, tensor, n, (struct lac_row_order){ 0, 0 }, *out);
}

static enum lac_status load_rotary_factors(struct loader *loader, float **out)
{
	static const char name[] = "rope_freqs.weight";
	const uint32_t n = loader->shape->rotary_dim / 2;
	enum lac_status s = load_vector(loader, name, n, out);

	for (uint32_t i = 0; !s && i < n; i++)
		if (!((*out)[i] >= FACTOR_MIN))
			s = lac_fail(loader->error, LAC_UNSUPPORTED_MODEL, 0, "tensor \"%s\" holds the factor %g, below 1/2", name, (double)(*out)[i]);
	return s;
}

/* ---- Matrices -------------------------------------------------------------------- */

static enum lac_status load_rows(struct loader *loader, const char *name, uint32_t n_out, uint32_t n_in,
	struct lac_row_order order, struct lac_packed *packed, uint32_t first_row)
{
	const struct lac_tensor *tensor = NULL;
	enum lac_status s = find(loader, name, n_in, n_out, &tensor);

	if (s)
		return s;
	if (loader->packed)
		return lac_conversion_read(loader->conversion, *loader->packed, packed, first_row, n_out, loader->identity) ? LAC_OK :
			fail_packed(loader);
	return lac_conversion_matrix(loader->conversion, tensor, order, packed, first_row, loader->identity) ? LAC_OK :
		refuse_value(loader, name);
}

/* Room for n_rows rows, once the file is known to hold n_out of them as `name`: no more is taken
 * than a few times the file. */
static enum lac_status create(struct loader *loader, struct lac_packed *packed, uint32_t n_rows, uint32_t n_in, const char *name,
	uint32_t n_out)
{
	const struct lac_tensor *tensor;
	enum lac_status s = find(loader, name, n_in, n_out, &tensor);

	if (s)
		return s;
	if (!loader->is_kept)
		*packed = lac_packed_shape(n_rows, n_in);
	else if (!lac_packed_create(packed, loader->arena, n_rows, n_in))
		return lac_fail_memory(loader->error, lac_packed_bytes(n_rows, n_in), name);
	return LAC_OK;
}

static enum lac_status load_matrix(struct loader *loader, const char *name, uint32_t n_out, uint32_t n_in, struct lac_packed *packed)
{
	enum lac_status s = create(loader, packed, n_out, n_in, name, n_out);

	return s ? s : load_rows(loader, name, n_out, n_in, (struct lac_row_order){ 0, 0 }, packed, 0);
}

/* ---- Layers ---------------------------------------------------------------------- */

static const char *name_of(char name[NAME_BYTES], uint32_t layer, const char *part, const char *kind)
{
	snprintf(name, NAME_BYTES, "blk.%u.%s.%s", (unsigned)layer, part, kind);
	return name;
}

static enum lac_status load_norm(struct loader *loader, uint32_t layer, const char *part, uint32_t n, float **out)
{
	char name[NAME_BYTES];

	return load_vector(loader, name_of(name, layer, part, "weight"), n, out);
}

/* The first map of a product makes room for all of it. */
static enum lac_status load_maps(struct loader *loader, uint32_t layer, const struct lac_map *maps, unsigned n)
{
	enum lac_status s = LAC_OK;

	for (const struct lac_map *map = maps; !s && map < maps + n; map++) {
		char name[NAME_BYTES];

		name_of(name, layer, map->name, "weight");
		if (map->first_row == 0)
			s = create(loader, map->packed, map->n_rows, map->n_in, name, map->n_out);
		if (!s)
			s = load_rows(loader, name, map->n_out, map->n_in, map->order, map->packed, map->first_row);
	}
	return s;
}

static enum lac_status load_bias(struct loader *loader, const char *name, const struct lac_map *map)
{
	const struct lac_tensor *tensor = NULL;
	enum lac_status s = find(loader, name, map->n_out, 0, &tensor);

	if (!s && !*map->bias)
		s = create_vector(loader, name, map->n_rows, map->bias);
	return s ? s : read_vector(loader, name, tensor, map->n_out, map->order, *map->bias + map->first_row);
}

/* Which maps have one, then these. */
static enum lac_status load_biases(struct loader *loader, uint32_t layer, const struct lac_map *maps, uint32_t *biases)
{
	char names[LAC_N_MAPS][NAME_BYTES];
	uint32_t there = 0;
	enum lac_status s = LAC_OK;

	for (unsigned i = 0; i < LAC_N_MAPS; i++)
		there |= (uint32_t)(lac_gguf_tensor(loader->gguf, name_of(names[i], layer, maps[i].name, "bias")) != NULL) << i;
	*biases = there;
	lac_hash128_u32(loader->identity, there);
	for (unsigned i = 0; !s && i < LAC_N_MAPS; i++)
		if (there >> i & 1)
			s = load_bias(loader, names[i], &maps[i]);
	return s;
}

/* What not every model has. */
static enum lac_status load_extras(struct loader *loader, struct lac_layer *layer, uint32_t index, const struct lac_map *maps)
{
	const uint32_t head_dim = loader->shape->head_dim;
	enum lac_status s = LAC_OK;

	if (loader->shape->architecture == LAC_QWEN3) {
		s = load_norm(loader, index, "attn_q_norm", head_dim, &layer->query_norm);
		if (!s)
			s = load_norm(loader, index, "attn_k_norm", head_dim, &layer->key_norm);
	}
	return s ? s : load_biases(loader, index, maps, &layer->biases);
}

static enum lac_status load_layer(struct loader *loader, struct lac_layer *layer, const struct lac_weights *weights, uint32_t index)
{
	const uint32_t dim = loader->shape->dim;
	struct lac_map maps[LAC_N_MAPS];
	enum lac_status s;

	lac_layer_maps(maps, layer, weights, loader->shape);
	s = load_norm(loader, index, "attn_norm", dim, &layer->attention_norm);
	if (!s)
		s = load_maps(loader, index, maps, LAC_MAP_GATE);
	if (!s)
		s = load_norm(loader, index, "ffn_norm", dim, &layer->ffn_norm);
	if (!s)
		s = load_maps(loader, index, maps + LAC_MAP_GATE, LAC_N_MAPS - LAC_MAP_GATE);
	return s || loader->is_plain ? s : load_extras(loader, layer, index, maps);
}

/* ---- The whole --------------------------------------------------------------------- */

static uint32_t useful_threads(uint32_t n_threads, uint64_t n_parameters)
{
	const uint64_t n_useful = n_parameters / THREAD_PARAMETERS + 1;

	return n_threads < n_useful ? n_threads : (uint32_t)n_useful;
}

static enum lac_status loader_create(struct loader *loader, const struct lac_kernels *kernels, uint32_t n_threads, uint64_t n_parameters)
{
	const struct lac_shape *shape = loader->shape;
	const size_t n_tensors = lac_gguf_n_tensors(loader->gguf);
	size_t longest = shape->dim;

	if (shape->ffn_dim > longest)
		longest = shape->ffn_dim;
	if ((size_t)shape->n_heads * shape->head_dim > longest)
		longest = (size_t)shape->n_heads * shape->head_dim;
	loader->is_used = lac_calloc(n_tensors ? n_tensors : 1, sizeof *loader->is_used);
	if (!loader->is_used)
		return lac_fail_memory(loader->error, n_tensors, "names of tensors");
	return lac_conversion_create(&loader->conversion, kernels, longest > shape->n_vocabulary ? longest : shape->n_vocabulary, longest,
		useful_threads(n_threads, n_parameters), loader->error);
}

static void loader_free(struct loader *loader)
{
	lac_free(loader->is_used);
	lac_conversion_free(&loader->conversion);
}

/* Every tensor must have been asked for: an extra one would change the function in a way we do not
 * compute. */
static enum lac_status check_all_used(const struct loader *loader)
{
	const struct lac_tensor *tensor;

	for (size_t i = 0; (tensor = lac_gguf_tensor_at(loader->gguf, i)); i++)
		if (!loader->is_used[i])
			return lac_fail(loader->error, LAC_UNSUPPORTED_MODEL, 0, "tensor \"%.*s\" is not understood; the model may "
				"mean another computation", (int)tensor->name.length, tensor->name.bytes);
	return LAC_OK;
}

static bool is_bias(const struct lac_tensor *tensor)
{
	return tensor->name.length > 5 && memcmp(tensor->name.bytes + tensor->name.length - 5, ".bias", 5) == 0;
}

/* A bias that is not understood is refused in the end, so any will do. */
static bool has_bias(const struct lac_gguf *gguf)
{
	const struct lac_tensor *tensor;

	for (size_t i = 0; (tensor = lac_gguf_tensor_at(gguf, i)); i++)
		if (is_bias(tensor))
			return true;
	return false;
}

/* Section 10, 1. */
static enum lac_status identify_shape(struct loader *loader, float **rotary_factors)
{
	const struct lac_shape *shape = loader->shape;
	const bool has_factors = lac_gguf_tensor(loader->gguf, "rope_freqs.weight") && shape->architecture == LAC_LLAMA;
	const bool is_plain = shape->architecture == LAC_LLAMA && !has_factors && shape->rotary_scaling == 1.0f &&
		shape->sliding_window == 0 && !has_bias(loader->gguf);
	const uint32_t numbers[] = { is_plain ? 0 : 1 + (uint32_t)shape->architecture, shape->dim, shape->ffn_dim, shape->n_layers,
		shape->n_heads, shape->n_kv_heads, shape->head_dim, shape->rotary_dim, shape->n_vocabulary, shape->is_tied };
	const float reals[] = { shape->norm_epsilon, shape->rotary_base };

	loader->is_plain = is_plain;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		lac_hash128_u32(loader->identity, numbers[i]);
	lac_hash128_floats(loader->identity, reals, 2);
	if (is_plain)
		return LAC_OK;
	lac_hash128_floats(loader->identity, &shape->rotary_scaling, 1);
	lac_hash128_u32(loader->identity, shape->sliding_window);
	lac_hash128_u32(loader->identity, has_factors ? shape->rotary_dim / 2 : 0);
	return has_factors ? load_rotary_factors(loader, rotary_factors) : LAC_OK;
}

static uint64_t count_parameters(const struct lac_gguf *gguf)
{
	const struct lac_tensor *tensor;
	uint64_t n = 0;

	for (size_t i = 0; (tensor = lac_gguf_tensor_at(gguf, i)); i++)
		n += tensor->dims[0] * tensor->dims[1] * tensor->dims[2] * tensor->dims[3];
	return n;
}

static enum lac_status load(struct lac_weights *weights, struct loader *loader, const struct lac_kernels *kernels, uint32_t n_threads)
{
	const struct lac_shape *shape = loader->shape;
	enum lac_status s;

	*weights = (struct lac_weights){ .arena.piece_bytes = weights->arena.piece_bytes };
	weights->first_key = LAC_ROUND_UP(shape->n_heads * shape->head_dim, LAC_LANES);
	weights->first_value = weights->first_key + LAC_ROUND_UP(shape->n_kv_heads * shape->head_dim, LAC_LANES);
	weights->n_parameters = count_parameters(loader->gguf);
	s = loader_create(loader, kernels, n_threads, weights->n_parameters);
	if (!s) {
		weights->layers = lac_calloc(shape->n_layers, sizeof *weights->layers);
		if (!weights->layers)
			s = lac_fail_memory(loader->error, shape->n_layers * sizeof *weights->layers, "layers");
	}
	if (!s)
		s = identify_shape(loader, &weights->rotary_factors);
	if (!s)
		s = load_matrix(loader, "token_embd.weight", shape->n_vocabulary, shape->dim, &weights->embedding);
	for (uint32_t i = 0; !s && i < shape->n_layers; i++)
		s = load_layer(loader, &weights->layers[i], weights, i);
	if (!s)
		s = load_vector(loader, "output_norm.weight", shape->dim, &weights->output_norm);
	if (!s && !shape->is_tied)
		s = load_matrix(loader, "output.weight", shape->n_vocabulary, shape->dim, &weights->output);
	if (!s)
		s = check_all_used(loader);
	loader_free(loader);
	return s;
}

enum lac_status lac_weights_load(struct lac_weights *weights, const struct lac_shape *shape, const struct lac_gguf *gguf,
	const struct lac_kernels *kernels, const struct lac_source *packed, uint32_t n_threads, struct lac_hash128 *identity,
	struct lac_error *error)
{
	struct loader loader = { .gguf = gguf, .shape = shape, .packed = packed, .is_kept = true, .arena = &weights->arena, .identity = identity,
		.error = error };

	return load(weights, &loader, kernels, n_threads);
}

enum lac_status lac_weights_identify(const struct lac_shape *shape, const struct lac_gguf *gguf, const struct lac_kernels *kernels,
	uint32_t n_threads, struct lac_hash128 *identity, struct lac_error *error)
{
	struct lac_weights weights = { .arena.piece_bytes = IDENTIFIED_PIECE_BYTES };
	struct loader loader = { .gguf = gguf, .shape = shape, .arena = &weights.arena, .identity = identity, .error = error };
	const enum lac_status s = load(&weights, &loader, kernels, n_threads);

	lac_weights_free(&weights);
	return s;
}

static bool is_of_layer(const struct lac_tensor *tensor)
{
	return tensor->name.length > 4 && memcmp(tensor->name.bytes, "blk.", 4) == 0;
}

/* Of a type or a shape that is refused: none. No tensor has more elements than its file's bits. A
 * vector may be the bias of one map of three whose product has one for all their rows, at most
 * n_layer_rows each. */
static uint64_t engine_bytes(const struct lac_tensor *tensor, uint64_t n_layer_rows)
{
	const uint64_t n_rows = tensor->dims[1] * tensor->dims[2] * tensor->dims[3];

	if (!tensor->data || !tensor->dims[0] || !n_rows || tensor->dims[0] > UINT32_MAX || n_rows > UINT32_MAX)
		return 0;
	if (n_rows == 1 && is_bias(tensor))
		return 3 * (n_layer_rows + LAC_LANES) * sizeof(float);
	return n_rows == 1 ? (tensor->dims[0] + UINT64_C(4) * LAC_LANES) * sizeof(float) : lac_packed_bytes((uint32_t)n_rows, (uint32_t)tensor->dims[0]);
}

uint64_t lac_weights_bytes(const struct lac_gguf *gguf, uint32_t n_threads, uint64_t *n_working)
{
	const struct lac_tensor *tensor;
	uint64_t n = 0, longest = 1, n_rows = 1, n_layer_rows = 1;

	for (size_t i = 0; (tensor = lac_gguf_tensor_at(gguf, i)); i++)
		if (is_of_layer(tensor) && tensor->dims[1] > n_layer_rows && tensor->dims[1] <= UINT32_MAX)
			n_layer_rows = tensor->dims[1];
	for (size_t i = 0; (tensor = lac_gguf_tensor_at(gguf, i)); i++) {
		const uint64_t n_bytes = engine_bytes(tensor, n_layer_rows);

		n += LAC_ROUND_UP(n_bytes, 64);
		if (n_bytes && tensor->dims[0] > longest)
			longest = tensor->dims[0];
		if (n_bytes && tensor->dims[1] > n_rows)
			n_rows = tensor->dims[1];
	}
	*n_working = lac_conversion_bytes((size_t)(n_rows > longest ? n_rows : longest), (size_t)longest,
		useful_threads(n_threads, count_parameters(gguf)));
	return n;
}

void lac_weights_free(struct lac_weights *weights)
{
	lac_arena_free(&weights->arena);
	lac_free(weights->layers);
	*weights = (struct lac_weights){ 0 };
}
