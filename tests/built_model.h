/* built_model.h: the model that laws of refusal change in one place. */
#ifndef LAC_TEST_BUILT_MODEL_H
#define LAC_TEST_BUILT_MODEL_H

#include "built_gguf.h"

#include "model/model.h"

/* One layer, two heads of 16 that share keys and values, an output of its own. */
#define DIM 32u
#define N_TOKENS 5u
static const char *const tokens[] = { "a", "b", "ab", "c", "<|end|>" };
static const char *const merges[] = { "a b" };
static const int32_t token_types[] = { 1, 1, 1, 1, 3 };

static const struct {
	const char *name;
	uint32_t n_columns, n_rows; /* no rows: a vector */
} parts[] = {
	{ "token_embd.weight", DIM, N_TOKENS }, { "blk.0.attn_norm.weight", DIM, 0 }, { "blk.0.attn_q.weight", DIM, 32 },
	{ "blk.0.attn_k.weight", DIM, 16 }, { "blk.0.attn_v.weight", DIM, 16 }, { "blk.0.attn_output.weight", 32, DIM },
	{ "blk.0.ffn_norm.weight", DIM, 0 }, { "blk.0.ffn_gate.weight", DIM, 64 }, { "blk.0.ffn_up.weight", DIM, 64 },
	{ "blk.0.ffn_down.weight", 64, DIM }, { "output_norm.weight", DIM, 0 }, { "output.weight", DIM, N_TOKENS },
};
#define N_PARTS (sizeof parts / sizeof *parts)

/* The binary16 number k / 64, for k within -127 to 127. */
static inline uint16_t half_of_64ths(int k)
{
	const unsigned magnitude = (unsigned)abs(k), sign = k < 0 ? 0x8000 : 0;
	unsigned exponent = 0;

	while (magnitude >> (exponent + 1))
		exponent++;
	return (uint16_t)(magnitude ? sign | (exponent + 9) << 10 | (magnitude << (10 - exponent) & 0x3ff) : 0);
}

static inline void put_u16(struct lac_buffer *buffer, unsigned value)
{
	put_scalar(buffer, LAC_GGUF_U16, value);
}

/* The same numbers, 64ths, whatever the type. */
static inline void put_weights(struct lac_buffer *data, uint32_t type, size_t n, uint64_t seed)
{
	for (size_t i = 0; i < n; i++) {
		const int k = (int)(test_random(&seed) % 255) - 127;

		if (type == LAC_TENSOR_F32)
			gguf_put_f32(data, (float)k / 64);
		else if (type == LAC_TENSOR_F16)
			put_u16(data, half_of_64ths(k));
		else if (i % 32 == 0)
			put_u16(data, half_of_64ths(1));
		if (type == LAC_TENSOR_Q8_0)
			lac_buffer_u8(data, (uint8_t)k);
	}
}

static inline void make_keys(struct gguf_builder *builder)
{
	gguf_add_string(builder, "general.architecture", "llama");
	gguf_add_string(builder, "general.name", "built");
	gguf_add_u32(builder, "llama.context_length", 16);
	gguf_add_u32(builder, "llama.embedding_length", DIM);
	gguf_add_u32(builder, "llama.block_count", 1);
	gguf_add_u32(builder, "llama.feed_forward_length", 64);
	gguf_add_u32(builder, "llama.attention.head_count", 2);
	gguf_add_u32(builder, "llama.attention.head_count_kv", 1);
	gguf_add_f32(builder, "llama.attention.layer_norm_rms_epsilon", 1e-5f);
	gguf_add_string(builder, "tokenizer.ggml.model", "gpt2");
	gguf_add_string(builder, "tokenizer.ggml.pre", "gpt-2");
	gguf_add_strings(builder, "tokenizer.ggml.tokens", tokens, N_TOKENS);
	gguf_add_i32s(builder, "tokenizer.ggml.token_type", token_types, N_TOKENS);
	gguf_add_strings(builder, "tokenizer.ggml.merges", merges, 1);
	gguf_add_u32(builder, "tokenizer.ggml.eos_token_id", N_TOKENS - 1);
}

static inline void make_model(struct gguf_builder *builder, uint32_t type)
{
	*builder = (struct gguf_builder){ .alignment = 0 };
	make_keys(builder);
	for (size_t i = 0; i < N_PARTS; i++) {
		struct gguf_tensor *tensor = gguf_add_tensor(builder, parts[i].name, type, parts[i].n_columns, parts[i].n_rows);

		put_weights(&tensor->data, type, (size_t)parts[i].n_columns * (parts[i].n_rows ? parts[i].n_rows : 1), i);
	}
}

/* Opens what the builder holds; the model, to be closed, or NULL. */
static inline struct lac_model *open_model(struct gguf_builder *builder, enum lac_status *s, struct lac_error *error)
{
	struct lac_buffer file = gguf_write(builder);
	uint8_t *copy = exact_copy(file.bytes, file.length);
	struct lac_model *model = NULL;

	*error = (struct lac_error){ .status = LAC_OK };
	*s = lac_model_open_memory(&model, copy, file.length, NULL, error);
	CHECK_NOTE(*s ? !model && is_told(*s, error) : model && !error->text[0], "%d: %s", (int)*s, error->text);
	free(copy);
	lac_buffer_free(&file);
	return model;
}

static inline enum lac_status try_model(struct gguf_builder *builder, struct lac_error *error)
{
	enum lac_status s;
	struct lac_model *model = open_model(builder, &s, error);

	lac_model_close(&model);
	return s;
}

/* The builder's model is refused so, and the message names what is at fault. Frees the builder. */
static inline void refuse_model(struct gguf_builder *builder, enum lac_status expected, const char *said, const char *note)
{
	struct lac_error error;
	enum lac_status s = try_model(builder, &error);

	CHECK_NOTE(s == expected && says(&error, said), "%s, %s: %d, %s", said, note, (int)s, error.text);
	gguf_free(builder);
}

#endif
