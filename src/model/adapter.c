/* adapter.c: A and B of a GGUF adapter -> changed rows of the engine's weights, one map after the
 * other (arithmetic.md section 13). */
#include "base/strict_float.h"
#include "model/adapter.h"
#include "base/memory.h"
#include "model/maps.h"

#include <stdio.h>
#include <string.h>

struct merger {
	struct lac_model *model;
	const struct lac_gguf *gguf;
	struct lac_allowance *allowance;
	struct lac_hash128 *identity;
	struct lac_error *error;
	float alpha;
	float *row, *sum;     /* [longest row], aligned */
	int8_t *values;       /* [longest row rounded up] */
	float *scales;
	float b[LAC_LORA_RANK_MAX];
	bool *is_used;       /* tensors of the file that were understood */
	uint64_t n_working;  /* bytes of these */
};

/* ---- Keys ----------------------------------------------------------------------- */

static enum lac_status expect(const struct lac_gguf *gguf, const char *key, const char *wanted, struct lac_error *error)
{
	struct lac_string value;
	enum lac_status s = lac_gguf_string(gguf, key, false, &value, error);

	if (!s && !value.bytes)
		s = lac_fail(error, LAC_BAD_MODEL, 0, "key \"%s\" is missing; an adapter of this model has \"%s\"", key, wanted);
	if (!s && !lac_string_equals(value, wanted))
		s = lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "%s is \"%.*s\"; an adapter of this model has \"%s\"", key,
			(int)(value.length < 40 ? value.length : 40), value.bytes, wanted);
	return s;
}

static bool starts_with(const struct lac_string *key, const char *prefix)
{
	return key->length >= strlen(prefix) && memcmp(key->bytes, prefix, strlen(prefix)) == 0;
}

/* Keys of any other name before their first dot say something of the file, its making or its use.
 * An adapter has neither a shape nor tokens. */
static bool is_known(const struct lac_string *key)
{
	static const char *const strange[] = { "llama", "qwen2", "qwen3", "tokenizer.", "adapter." };
	static const char *const known[] = { "adapter.type", "adapter.lora.alpha", "adapter.lora.task_name", "adapter.lora.prompt_prefix" };
	bool is_strange = !memchr(key->bytes, '.', key->length);

	for (size_t i = 0; i < sizeof strange / sizeof *strange; i++)
		is_strange = is_strange || starts_with(key, strange[i]);
	if (!is_strange)
		return true;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (lac_string_equals(*key, known[i]))
			return true;
	return false;
}

static enum lac_status check_keys(struct merger *m)
{
	enum lac_status s = expect(m->gguf, "general.type", "adapter", m->error);
	const struct lac_string *key;

	if (!s)
		s = expect(m->gguf, "general.architecture", m->model->info.architecture, m->error);
	if (!s)
		s = expect(m->gguf, "adapter.type", "lora", m->error);
	if (!s)
		s = lac_gguf_f32(m->gguf, "adapter.lora.alpha", true, 0.0f, &m->alpha, m->error);
	for (size_t i = 0; !s && (key = lac_gguf_key(m->gguf, i)); i++)
		if (!is_known(key))
			s = lac_fail(m->error, LAC_UNSUPPORTED_MODEL, 0, "key \"%.*s\" is not understood; the adapter may mean another "
				"computation", (int)(key->length < 100 ? key->length : 100), key->bytes);
	/* NaN too */
	if (!s && !(m->alpha >= -LAC_LORA_ALPHA_MAX && m->alpha <= LAC_LORA_ALPHA_MAX))
		s = lac_fail(m->error, LAC_UNSUPPORTED_MODEL, 0, "adapter.lora.alpha %g is not within -2^20 to 2^20", (double)m->alpha);
	return s;
}

/* ---- Tensors -------------------------------------------------------------------- */

static enum lac_status check_tensor(struct merger *m, const struct lac_tensor *tensor, const char *name)
{
	if (tensor->type != LAC_TENSOR_F32 && tensor->type != LAC_TENSOR_F16)
		return lac_fail(m->error, LAC_UNSUPPORTED_MODEL, 0, "tensor \"%s\" has type %u; of adapters F32 (0) and F16 (1) are read",
			name, (unsigned)tensor->type);
	if (tensor->dims[2] != 1 || tensor->dims[3] != 1)
		return lac_fail(m->error, LAC_BAD_MODEL, 0, "tensor \"%s\" has more than two dimensions", name);
	return LAC_OK;
}

/* A and B of a map; both NULL if it is not adapted. */
static enum lac_status find_pair(struct merger *m, const char *name, const struct lac_map *map, const struct lac_tensor **a,
	const struct lac_tensor **b)
{
	char name_a[64], name_b[64];
	enum lac_status s;

	snprintf(name_a, sizeof name_a, "%s.lora_a", name);
	snprintf(name_b, sizeof name_b, "%s.lora_b", name);
	*a = lac_gguf_tensor(m->gguf, name_a);
	*b = lac_gguf_tensor(m->gguf, name_b);
	if (!*a && !*b)
		return LAC_OK;
	if (!*a || !*b)
		return lac_fail(m->error, LAC_BAD_MODEL, 0, "tensor \"%s\" is missing beside \"%s\"", *a ? name_b : name_a, *a ? name_a : name_b);
	s = check_tensor(m, *a, name_a);
	if (!s)
		s = check_tensor(m, *b, name_b);
	if (s)
		return s;
	m->is_used[*a - lac_gguf_tensor_at(m->gguf, 0)] = m->is_used[*b - lac_gguf_tensor_at(m->gguf, 0)] = true;
	if ((*a)->dims[0] != map->n_in || (*b)->dims[1] != map->n_out)
		return lac_fail(m->error, LAC_BAD_MODEL, 0, "the adapter is for another model: \"%s\" is %u x %u there, and \"%s\" and its "
			"lora_b are for %llu x %llu", name, (unsigned)map->n_in, (unsigned)map->n_out, name_a,
			(unsigned long long)(*a)->dims[0], (unsigned long long)(*b)->dims[1]);
	if ((*a)->dims[1] != (*b)->dims[0])
		return lac_fail(m->error, LAC_BAD_MODEL, 0, "the rank of tensor \"%s\" is %llu, but that of its lora_b %llu", name_a,
			(unsigned long long)(*a)->dims[1], (unsigned long long)(*b)->dims[0]);
	if ((*a)->dims[1] > LAC_LORA_RANK_MAX)
		return lac_fail(m->error, LAC_UNSUPPORTED_MODEL, 0, "the rank of tensor \"%s\" is %llu; %u is the most", name_a,
			(unsigned long long)(*a)->dims[1], LAC_LORA_RANK_MAX);
	return LAC_OK;
}

/* Every tensor must have been understood; says of the first that was not why. */
static enum lac_status check_all_used(const struct merger *m)
{
	const struct lac_tensor *tensor;

	for (size_t i = 0; (tensor = lac_gguf_tensor_at(m->gguf, i)); i++)
		if (!m->is_used[i])
			return lac_fail(m->error, LAC_UNSUPPORTED_MODEL, 0, "tensor \"%.*s\" is not understood: adapters change attn_q, attn_k, "
				"attn_v, attn_output, ffn_gate, ffn_up and ffn_down of the model's %u layers", (int)tensor->name.length,
				tensor->name.bytes, (unsigned)m->model->shape.n_layers);
	return LAC_OK;
}

/* ---- Merging (section 13.1) ------------------------------------------------------ */

static bool is_bounded(const float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!(x[i] >= -LAC_WEIGHT_MAX && x[i] <= LAC_WEIGHT_MAX)) /* NaN too */
			return false;
	return true;
}

static enum lac_status fail_value(struct merger *m, const char *what, const char *map)
{
	return lac_fail(m->error, LAC_UNSUPPORTED_MODEL, 0, "%s \"%s\" holds a value that is not within -65504 to 65504", what, map);
}

/* Feeds B's rows into the identity in the order of the file, in which they are not needed. */
static enum lac_status identify_b(struct merger *m, const char *map, const struct lac_tensor *b)
{
	for (uint64_t row = 0; row < b->dims[1]; row++) {
		lac_tensor_row(b, row, m->b);
		if (!is_bounded(m->b, b->dims[0]))
			return fail_value(m, "lora_b of tensor", map);
		lac_hash128_floats(m->identity, m->b, b->dims[0]);
	}
	return LAC_OK;
}

static void add_product(struct merger *m, const float *a, uint32_t rank, uint32_t n_in, float scale)
{
	memset(m->sum, 0, n_in * sizeof *m->sum);
	for (uint32_t r = 0; r < rank; r++)
		for (uint32_t j = 0; j < n_in; j++)
			m->sum[j] = m->sum[j] + m->b[r] * a[(size_t)r * n_in + j];
	for (uint32_t j = 0; j < n_in; j++)
		m->row[j] = m->row[j] + scale * m->sum[j];
}

static enum lac_status merge_rows(struct merger *m, const char *name, const struct lac_map *map, const struct lac_packed *base,
	const float *a, const struct lac_tensor *b, float scale)
{
	for (uint32_t row = 0; row < map->n_out; row++) {
		lac_packed_get_row(base, map->first_row + row, m->row);
		lac_tensor_row(b, lac_file_row(map->order, row), m->b);
		add_product(m, a, (uint32_t)b->dims[0], map->n_in, scale);
		if (!is_bounded(m->row, map->n_in))
			return fail_value(m, "with the adapter tensor", name);
		m->model->kernels->quantize(m->values, m->scales, m->row, map->n_in);
		lac_packed_set_row(map->packed, map->first_row + row, m->values, m->scales);
	}
	return LAC_OK;
}

/* Before n_working bytes are taken for a time, and n_kept for good. */
static enum lac_status allow(struct merger *m, uint64_t n_working, uint64_t n_kept)
{
	const uint64_t n_bytes = m->allowance->taken + m->n_working + n_working + n_kept;

	m->allowance->taken = n_bytes > m->allowance->most ? n_bytes : m->allowance->taken + n_kept;
	return n_bytes > m->allowance->most ? lac_fail(m->error, LAC_NO_MEMORY, 0, "opening it takes %llu bytes or more",
		(unsigned long long)n_bytes) : LAC_OK;
}

static enum lac_status copy_base(struct merger *m, const struct lac_map *map, const struct lac_packed *base, const char *name,
	uint64_t n_working)
{
	const size_t n_bytes = lac_packed_bytes(base->n_out, base->n_in);
	enum lac_status s;

	if (map->packed->tiles != base->tiles)
		return LAC_OK; /* for another map of the same product */
	s = allow(m, n_working, lac_arena_bytes(n_bytes));
	if (s)
		return s;
	if (!lac_packed_copy(map->packed, &m->model->weights.arena, base))
		return lac_fail_memory(m->error, n_bytes, name);
	m->model->info.memory_bytes += n_bytes;
	return LAC_OK;
}

static enum lac_status merge_map(struct merger *m, uint32_t number, const char *name, const struct lac_map *map,
	const struct lac_packed *base)
{
	const struct lac_tensor *a, *b;
	enum lac_status s = find_pair(m, name, map, &a, &b);
	float *floats, scale;
	uint64_t n_working;
	uint32_t rank;

	if (s || !a)
		return s;
	rank = (uint32_t)a->dims[1];
	scale = m->alpha == 0.0f ? 1.0f : m->alpha / (float)rank;
	n_working = lac_arena_bytes((size_t)rank * map->n_in * sizeof *floats);
	s = allow(m, n_working, 0);
	if (s)
		return s;
	floats = lac_aligned_calloc((size_t)rank * map->n_in, sizeof *floats);
	if (!floats)
		return lac_fail_memory(m->error, (size_t)rank * map->n_in * sizeof *floats, name);
	for (uint32_t r = 0; r < rank; r++)
		lac_tensor_row(a, r, floats + (size_t)r * map->n_in);
	lac_hash128_u32(m->identity, number);
	lac_hash128_u32(m->identity, rank);
	lac_hash128_floats(m->identity, &scale, 1);
	lac_hash128_floats(m->identity, floats, (size_t)rank * map->n_in);
	if (!is_bounded(floats, (size_t)rank * map->n_in))
		s = fail_value(m, "lora_a of tensor", name);
	if (!s)
		s = identify_b(m, name, b);
	if (!s)
		s = copy_base(m, map, base, name, n_working);
	if (!s)
		s = merge_rows(m, name, map, base, floats, b, scale);
	lac_aligned_free(floats);
	return s;
}

static enum lac_status merge_layer(struct merger *m, uint32_t index)
{
	const struct lac_model *model = m->model;
	struct lac_layer base = model->base->weights.layers[index];
	struct lac_map maps[LAC_N_MAPS], base_maps[LAC_N_MAPS];
	enum lac_status s = LAC_OK;

	lac_layer_maps(maps, &model->weights.layers[index], &model->weights, &model->shape);
	lac_layer_maps(base_maps, &base, &model->weights, &model->shape);
	for (uint32_t i = 0; !s && i < LAC_N_MAPS; i++) {
		char name[48];

		snprintf(name, sizeof name, "blk.%u.%s.weight", (unsigned)index, maps[i].name);
		s = merge_map(m, index * LAC_N_MAPS + i, name, &maps[i], base_maps[i].packed);
	}
	return s;
}

static enum lac_status merger_create(struct merger *m)
{
	const struct lac_shape *shape = &m->model->shape;
	const size_t n_tensors = lac_gguf_n_tensors(m->gguf);
	size_t longest = (size_t)shape->n_heads * shape->head_dim;
	enum lac_status s;

	if (shape->ffn_dim > longest)
		longest = shape->ffn_dim;
	if (shape->dim > longest)
		longest = shape->dim;
	longest = LAC_ROUND_UP(longest, LAC_GROUP);
	m->n_working = 2 * lac_arena_bytes(longest * sizeof *m->row) + 2 * lac_arena_bytes(longest) + n_tensors;
	s = allow(m, 0, 0);
	if (s)
		return s;
	m->is_used = lac_calloc(n_tensors ? n_tensors : 1, sizeof *m->is_used);
	m->row = lac_aligned_calloc(longest, sizeof *m->row);
	m->sum = lac_aligned_calloc(longest, sizeof *m->sum);
	m->values = lac_aligned_calloc(longest, 1);
	m->scales = lac_aligned_calloc(longest / LAC_GROUP, sizeof *m->scales);
	if (!m->is_used || !m->row || !m->sum || !m->values || !m->scales)
		return lac_fail_memory(m->error, longest * 9 + n_tensors, "a row of weights");
	return LAC_OK;
}

enum lac_status lac_weights_adapt(struct lac_model *model, const struct lac_gguf *gguf, struct lac_allowance *allowance,
	struct lac_hash128 *identity, struct lac_error *error)
{
	struct merger m = { .model = model, .gguf = gguf, .allowance = allowance, .identity = identity, .error = error };
	enum lac_status s = check_keys(&m);

	if (!s)
		s = merger_create(&m);
	for (uint32_t i = 0; !s && i < model->shape.n_layers; i++)
		s = merge_layer(&m, i);
	if (!s)
		s = check_all_used(&m);
	if (!s && !lac_gguf_tensor_at(gguf, 0))
		s = lac_fail(error, LAC_BAD_MODEL, 0, "the adapter holds no tensor");
	lac_free(m.is_used);
	lac_aligned_free(m.row);
	lac_aligned_free(m.sum);
	lac_aligned_free(m.values);
	lac_aligned_free(m.scales);
	return s;
}
