/* weights.c: GGUF tensors -> engine tensors, one row at a time, the same rule whatever the type (arithmetic.md section 3.3). */
#include "base/strict_float.h"
#include "model/weights.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

struct loader {
	const struct lac_gguf *gguf;
	const struct lac_kernels *kernels;
	struct lac_arena *arena; /* of the weights */
	struct lac_hash128 *identity;
	struct lac_error *error;
	float *row;      /* [longest row], aligned */
	int8_t *values;  /* [longest row rounded up] */
	float *scales;
	size_t n_used;   /* tensors of the file that were asked for */
};

static uint32_t little_endian_32(const uint8_t *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static float float_of_bits(uint32_t bits)
{
	float x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

/* Exact. Infinities and NaNs come out above LAC_WEIGHT_MAX or unordered, and are refused there. */
static float float_of_half(const uint8_t *bytes)
{
	uint32_t half = bytes[0] | (uint32_t)bytes[1] << 8;
	uint32_t sign = (half & 0x8000) << 16, rest = half & 0x7fff;

	if (rest >= 0x7c00)
		return float_of_bits(sign | 0x7f800000 | (rest & 0x3ff) << 13);
	if (rest >= 0x400)
		return float_of_bits(sign | ((rest << 13) + (112u << 23)));
	return float_of_bits(sign | 0x3f800000) * ((float)rest * 0x1p-24f); /* subnormal */
}

void lac_tensor_row(const struct lac_tensor *tensor, uint64_t row, float *out)
{
	const uint64_t n = tensor->dims[0];

	if (tensor->type == LAC_TENSOR_F32) {
		for (uint64_t i = 0; i < n; i++)
			out[i] = float_of_bits(little_endian_32(tensor->data + (row * n + i) * 4));
	} else if (tensor->type == LAC_TENSOR_F16) {
		for (uint64_t i = 0; i < n; i++)
			out[i] = float_of_half(tensor->data + (row * n + i) * 2);
	} else { /* LAC_TENSOR_Q8_0: blocks of 32, a binary16 scale then 32 signed bytes */
		const uint8_t *block = tensor->data + row * (n / 32) * 34;

		for (uint64_t i = 0; i < n; i += 32, block += 34) {
			float scale = float_of_half(block);

			for (unsigned j = 0; j < 32; j++)
				out[i + j] = scale * (float)(int8_t)block[2 + j];
		}
	}
}

/* Finds a tensor and checks type and shape; dims[1] = 0 asks for a vector. */
static enum lac_status find(struct loader *loader, const char *name, uint64_t n_in, uint64_t n_out, const struct lac_tensor **out)
{
	const struct lac_tensor *tensor = lac_gguf_tensor(loader->gguf, name);

	if (!tensor)
		return lac_fail(loader->error, LAC_BAD_MODEL, 0, "tensor \"%s\" is missing", name);
	if (tensor->type != LAC_TENSOR_F32 && tensor->type != LAC_TENSOR_F16 && tensor->type != LAC_TENSOR_Q8_0)
		return lac_fail(loader->error, LAC_UNSUPPORTED_MODEL, 0,
			"tensor \"%s\" has type %u; F32 (0), F16 (1) and Q8_0 (8) are read", name, (unsigned)tensor->type);
	if (tensor->dims[0] != n_in || tensor->dims[1] != (n_out ? n_out : 1) || tensor->dims[2] != 1 || tensor->dims[3] != 1)
		return lac_fail(loader->error, LAC_BAD_MODEL, 0, "tensor \"%s\" is %llu x %llu, not %llu x %llu", name,
			(unsigned long long)tensor->dims[0], (unsigned long long)tensor->dims[1],
			(unsigned long long)n_in, (unsigned long long)(n_out ? n_out : 1));
	*out = tensor;
	return LAC_OK;
}

static enum lac_status read_row(struct loader *loader, const struct lac_tensor *tensor, const char *name, uint64_t row)
{
	lac_tensor_row(tensor, row, loader->row);
	for (uint64_t i = 0; i < tensor->dims[0]; i++)
		if (!(loader->row[i] >= -LAC_WEIGHT_MAX && loader->row[i] <= LAC_WEIGHT_MAX)) /* NaN too */
			return lac_fail(loader->error, LAC_UNSUPPORTED_MODEL, 0,
				"tensor \"%s\" holds a value that is not within -65504 to 65504", name);
	return LAC_OK;
}

static enum lac_status load_vector(struct loader *loader, const char *name, uint32_t n, float **out)
{
	const struct lac_tensor *tensor = NULL;
	enum lac_status s = find(loader, name, n, 0, &tensor);

	if (!s)
		s = read_row(loader, tensor, name, 0);
	if (s)
		return s;
	*out = lac_arena_calloc(loader->arena, LAC_ROUND_UP((size_t)n, LAC_LANES) * sizeof **out);
	if (!*out)
		return lac_fail_memory(loader->error, n * sizeof **out, name);
	memcpy(*out, loader->row, n * sizeof **out);
	loader->n_used++;
	lac_hash128_floats(loader->identity, *out, n);
	return LAC_OK;
}

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

static enum lac_status load_rows(struct loader *loader, const char *name, uint32_t n_out, uint32_t n_in,
	struct lac_row_order order, struct lac_packed *packed, uint32_t first_row)
{
	const struct lac_tensor *tensor = NULL;
	enum lac_status s = find(loader, name, n_in, n_out, &tensor);

	loader->n_used++;
	for (uint32_t row = 0; !s && row < n_out; row++) {
		s = read_row(loader, tensor, name, lac_file_row(order, row));
		if (s)
			break;
		loader->kernels->quantize(loader->values, loader->scales, loader->row, n_in);
		lac_hash128_update(loader->identity, loader->values, n_in);
		lac_hash128_floats(loader->identity, loader->scales, packed->n_groups);
		lac_packed_set_row(packed, first_row + row, loader->values, loader->scales);
	}
	return s;
}

/* Room for n_out rows, once the file is known to hold those of `name`: no more is taken than a few times the file. */
static enum lac_status create(struct loader *loader, struct lac_packed *packed, uint32_t n_out, uint32_t n_in, const char *name,
	uint32_t n_rows)
{
	const struct lac_tensor *tensor;
	enum lac_status s = find(loader, name, n_in, n_rows, &tensor);

	if (s)
		return s;
	if (!lac_packed_create(packed, loader->arena, n_out, n_in))
		return lac_fail_memory(loader->error, lac_packed_bytes(n_out, n_in), name);
	return LAC_OK;
}

static enum lac_status load_matrix(struct loader *loader, const char *name, uint32_t n_out, uint32_t n_in, struct lac_packed *packed)
{
	enum lac_status s = create(loader, packed, n_out, n_in, name, n_out);

	return s ? s : load_rows(loader, name, n_out, n_in, (struct lac_row_order){ 0, 0 }, packed, 0);
}

static enum lac_status load_layer(struct loader *loader, struct lac_layer *layer, const struct lac_weights *weights,
	const struct lac_shape *shape, uint32_t index)
{
	const struct lac_row_order plain = { 0, 0 }, rotary = { shape->head_dim, shape->rotary_dim };
	const uint32_t q_rows = shape->n_heads * shape->head_dim, kv_rows = shape->n_kv_heads * shape->head_dim;
	const uint32_t dim = shape->dim, ffn = shape->ffn_dim;
	char name[48];
	enum lac_status s;

#define NAME(part) (snprintf(name, sizeof name, "blk.%u." part ".weight", (unsigned)index), name)
	s = load_vector(loader, NAME("attn_norm"), dim, &layer->attention_norm);
	if (!s)
		s = create(loader, &layer->qkv, weights->first_value + kv_rows, dim, NAME("attn_q"), q_rows);
	if (!s)
		s = load_rows(loader, NAME("attn_q"), q_rows, dim, rotary, &layer->qkv, 0);
	if (!s)
		s = load_rows(loader, NAME("attn_k"), kv_rows, dim, rotary, &layer->qkv, weights->first_key);
	if (!s)
		s = load_rows(loader, NAME("attn_v"), kv_rows, dim, plain, &layer->qkv, weights->first_value);
	if (!s)
		s = load_matrix(loader, NAME("attn_output"), dim, q_rows, &layer->attention_out);
	if (!s)
		s = load_vector(loader, NAME("ffn_norm"), dim, &layer->ffn_norm);
	if (!s)
		s = create(loader, &layer->gate_up, LAC_ROUND_UP(ffn, LAC_LANES) + ffn, dim, NAME("ffn_gate"), ffn);
	if (!s)
		s = load_rows(loader, NAME("ffn_gate"), ffn, dim, plain, &layer->gate_up, 0);
	if (!s)
		s = load_rows(loader, NAME("ffn_up"), ffn, dim, plain, &layer->gate_up, LAC_ROUND_UP(ffn, LAC_LANES));
	if (!s)
		s = load_matrix(loader, NAME("ffn_down"), dim, ffn, &layer->down);
#undef NAME
	return s;
}

static enum lac_status loader_create(struct loader *loader, const struct lac_shape *shape)
{
	size_t longest = shape->dim;

	if (shape->ffn_dim > longest)
		longest = shape->ffn_dim;
	if ((size_t)shape->n_heads * shape->head_dim > longest)
		longest = (size_t)shape->n_heads * shape->head_dim;
	longest = LAC_ROUND_UP(longest, LAC_GROUP);
	loader->row = lac_aligned_calloc(longest, sizeof *loader->row);
	loader->values = lac_aligned_calloc(longest, 1);
	loader->scales = lac_aligned_calloc(longest / LAC_GROUP, sizeof *loader->scales);
	if (!loader->row || !loader->values || !loader->scales)
		return lac_fail_memory(loader->error, longest * 5, "a row of weights");
	return LAC_OK;
}

static void loader_free(struct loader *loader)
{
	lac_aligned_free(loader->row);
	lac_aligned_free(loader->values);
	lac_aligned_free(loader->scales);
}

/* Every tensor must have been asked for: an extra one would change the function in a way we do not compute. */
static enum lac_status check_all_used(const struct loader *loader, const struct lac_shape *shape)
{
	static const char *const parts[] = { "attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm",
		"ffn_gate", "ffn_up", "ffn_down" };
	const struct lac_tensor *tensor;

	for (size_t i = 0; (tensor = lac_gguf_tensor_at(loader->gguf, i)); i++) {
		bool known = lac_string_equals(tensor->name, "token_embd.weight") ||
			lac_string_equals(tensor->name, "output_norm.weight") || lac_string_equals(tensor->name, "output.weight");
		char name[48];

		for (uint32_t layer = 0; !known && layer < shape->n_layers; layer++)
			for (size_t part = 0; !known && part < sizeof parts / sizeof *parts; part++) {
				snprintf(name, sizeof name, "blk.%u.%s.weight", (unsigned)layer, parts[part]);
				known = lac_string_equals(tensor->name, name);
			}
		if (!known)
			return lac_fail(loader->error, LAC_UNSUPPORTED_MODEL, 0, "tensor \"%.*s\" is not understood; the model may "
				"mean another computation", (int)tensor->name.length, tensor->name.bytes);
	}
	return LAC_OK;
}

static void identify_shape(struct lac_hash128 *identity, const struct lac_shape *shape)
{
	const uint32_t numbers[] = { 0 /* architecture llama */, shape->dim, shape->ffn_dim, shape->n_layers, shape->n_heads,
		shape->n_kv_heads, shape->head_dim, shape->rotary_dim, shape->n_vocabulary, shape->is_tied };
	const float reals[] = { shape->norm_epsilon, shape->rotary_base };

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		lac_hash128_u32(identity, numbers[i]);
	lac_hash128_floats(identity, reals, 2);
}

static uint64_t count_parameters(const struct lac_gguf *gguf)
{
	const struct lac_tensor *tensor;
	uint64_t n = 0;

	for (size_t i = 0; (tensor = lac_gguf_tensor_at(gguf, i)); i++)
		n += tensor->dims[0] * tensor->dims[1] * tensor->dims[2] * tensor->dims[3];
	return n;
}

enum lac_status lac_weights_load(struct lac_weights *weights, const struct lac_shape *shape, const struct lac_gguf *gguf,
	const struct lac_kernels *kernels, struct lac_hash128 *identity, struct lac_error *error)
{
	struct loader loader = { .gguf = gguf, .kernels = kernels, .arena = &weights->arena, .identity = identity, .error = error };
	enum lac_status s = loader_create(&loader, shape);

	*weights = (struct lac_weights){ 0 };
	weights->first_key = LAC_ROUND_UP(shape->n_heads * shape->head_dim, LAC_LANES);
	weights->first_value = weights->first_key + LAC_ROUND_UP(shape->n_kv_heads * shape->head_dim, LAC_LANES);
	weights->n_parameters = count_parameters(gguf);
	identify_shape(identity, shape);
	if (!s) {
		weights->layers = lac_calloc(shape->n_layers, sizeof *weights->layers);
		if (!weights->layers)
			s = lac_fail_memory(error, shape->n_layers * sizeof *weights->layers, "layers");
	}
	if (!s)
		s = load_matrix(&loader, "token_embd.weight", shape->n_vocabulary, shape->dim, &weights->embedding);
	for (uint32_t i = 0; !s && i < shape->n_layers; i++)
		s = load_layer(&loader, &weights->layers[i], weights, shape, i);
	if (!s)
		s = load_vector(&loader, "output_norm.weight", shape->dim, &weights->output_norm);
	if (!s && !shape->is_tied)
		s = load_matrix(&loader, "output.weight", shape->n_vocabulary, shape->dim, &weights->output);
	if (!s && lac_gguf_tensor_at(gguf, loader.n_used)) /* more tensors than were asked for */
		s = check_all_used(&loader, shape);
	loader_free(&loader);
	return s;
}

void lac_weights_free(struct lac_weights *weights)
{
	lac_arena_free(&weights->arena);
	lac_free(weights->layers);
	*weights = (struct lac_weights){ 0 };
}
