/* built_adapter.h: adapters made in memory, of any small model. */
#ifndef LAC_TEST_BUILT_ADAPTER_H
#define LAC_TEST_BUILT_ADAPTER_H

#include "built_gguf.h"

#include "model/model.h"

#define ADAPTED_PARTS 7u
static const char *const adapted_parts[ADAPTED_PARTS] = { "attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down" };

struct built_adapter {
	struct gguf_builder builder;
	char names[32][48];
};

static inline uint32_t adapted_in(const struct lac_shape *shape, unsigned part)
{
	return part == 3 ? shape->n_heads * shape->head_dim : part == 6 ? shape->ffn_dim : shape->dim;
}

static inline uint32_t adapted_out(const struct lac_shape *shape, unsigned part)
{
	return part == 0 ? shape->n_heads * shape->head_dim : part <= 2 ? shape->n_kv_heads * shape->head_dim :
		part == 4 || part == 5 ? shape->ffn_dim : shape->dim;
}

static inline void adapter_keys(struct gguf_builder *builder, const char *name, float alpha)
{
	gguf_add_string(builder, "general.type", "adapter");
	gguf_add_string(builder, "general.architecture", "llama");
	gguf_add_string(builder, "general.name", name);
	gguf_add_string(builder, "adapter.type", "lora");
	gguf_add_f32(builder, "adapter.lora.alpha", alpha);
}

/* The same numbers for F32 and F16: any of binary16 below 2 in magnitude. */
static inline void adapter_put(struct lac_buffer *data, uint32_t type, size_t n, uint64_t *seed)
{
	for (size_t i = 0; i < n; i++) {
		const uint64_t bits = test_random(seed), fraction = bits & 1023, exponent = 9 + bits / 1024 % 7, sign = bits >> 63;
		float x = (float)(1024 + fraction) / 1024;

		for (uint64_t e = exponent; e < 15; e++)
			x /= 2;
		if (type == LAC_TENSOR_F16)
			put_scalar(data, LAC_GGUF_U16, sign << 15 | exponent << 10 | fraction);
		else
			gguf_put_f32(data, sign ? -x : x);
	}
}

static inline void adapter_tensors(struct built_adapter *adapter, const struct lac_shape *shape, uint32_t type, uint32_t rank,
	unsigned parts, uint64_t seed)
{
	for (uint32_t layer = 0; layer < shape->n_layers; layer++)
		for (unsigned part = 0; part < ADAPTED_PARTS; part++)
			for (unsigned b = 0; b < 2 && parts >> part & 1; b++) {
				char *name = adapter->names[adapter->builder.n_tensors];
				const uint32_t n_columns = b ? rank : adapted_in(shape, part), n_rows = b ? adapted_out(shape, part) : rank;

				snprintf(name, sizeof adapter->names[0], "blk.%u.%s.weight.lora_%c", (unsigned)layer, adapted_parts[part], b ? 'b' : 'a');
				adapter_put(&gguf_add_tensor(&adapter->builder, name, type, n_columns, n_rows)->data, type,
					(size_t)n_columns * n_rows, &seed);
			}
}

/* `parts`: a bit for each of adapted_parts. To be freed with gguf_free(). */
static inline void make_adapter(struct built_adapter *adapter, const struct lac_shape *shape, const char *name, uint32_t type,
	uint32_t rank, float alpha, unsigned parts, uint64_t seed)
{
	memset(adapter, 0, sizeof *adapter);
	adapter_keys(&adapter->builder, name, alpha);
	adapter_tensors(adapter, shape, type, rank, parts, seed);
}

/* The adapted model, to be closed, or NULL and why. */
static inline struct lac_model *try_adapter(struct built_adapter *adapter, const struct lac_model *base, struct lac_error *error)
{
	struct lac_buffer file = gguf_write(&adapter->builder);
	uint8_t *copy = exact_copy(file.bytes, file.length);
	struct lac_model *model = NULL;
	enum lac_status s;

	*error = (struct lac_error){ .status = LAC_OK };
	s = lac_model_adapt_memory(&model, base, copy, file.length, error);
	CHECK_NOTE(s ? !model && is_told(s, error) : model && !error->text[0], "%d: %s", (int)s, error->text);
	free(copy);
	lac_buffer_free(&file);
	return model;
}

static inline struct lac_model *adapt_or_exit(const struct lac_model *base, const char *name, uint32_t rank, float alpha, unsigned parts,
	uint64_t seed)
{
	struct built_adapter adapter;
	struct lac_error error;
	struct lac_model *model;

	make_adapter(&adapter, &base->shape, name, LAC_TENSOR_F32, rank, alpha, parts, seed);
	model = try_adapter(&adapter, base, &error);
	gguf_free(&adapter.builder);
	if (!model) {
		fprintf(stderr, "adapter %s: %s\n", name, error.text);
		exit(1);
	}
	return model;
}

#endif
