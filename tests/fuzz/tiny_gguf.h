/* tiny_gguf.h: GGUF files as small as a model and an adapter can be, so that a fuzzer's changes hit
 * what matters. */
#ifndef LAC_FUZZ_TINY_GGUF_H
#define LAC_FUZZ_TINY_GGUF_H

#include "test.h"
#include "gguf_builder.h"

/* One layer, two heads of 2 that share keys and values. */
#define TINY_DIM 4u
#define TINY_DIM_Q8_0 32u /* rows are of whole blocks */
#define TINY_FFN 6u
#define TINY_RANK 1u
#define DIM 0u /* in the table: the model's */

static const char *const tiny_tokens[] = { "a", "b", "ab", "\xc4\xa0", "\xc4\xa0\x61", "<|end|>" };
static const char *const tiny_merges[] = { "a b", "\xc4\xa0 a" };
static const int32_t tiny_types[] = { 1, 1, 1, 1, 1, 3 };
#define TINY_TOKENS 6u

struct tiny_part {
	const char *name;
	bool is_vector;
	uint32_t n_columns, n_rows;
};

static const struct tiny_part tiny_parts[] = {
	{ "token_embd.weight", false, DIM, TINY_TOKENS }, { "blk.0.attn_norm.weight", true, DIM, 1 }, { "blk.0.attn_q.weight", false, DIM, 4 },
	{ "blk.0.attn_k.weight", false, DIM, 2 }, { "blk.0.attn_v.weight", false, DIM, 2 }, { "blk.0.attn_output.weight", false, 4, DIM },
	{ "blk.0.ffn_norm.weight", true, DIM, 1 }, { "blk.0.ffn_gate.weight", false, DIM, TINY_FFN },
	{ "blk.0.ffn_up.weight", false, DIM, TINY_FFN }, { "blk.0.ffn_down.weight", false, TINY_FFN, DIM }, { "output_norm.weight", true, DIM, 1 },
	{ "output.weight", false, DIM, TINY_TOKENS },
};

static const struct tiny_part tiny_adapter_parts[] = {
	{ "blk.0.attn_q.weight.lora_a", false, DIM, TINY_RANK }, { "blk.0.attn_q.weight.lora_b", false, TINY_RANK, 4 },
	{ "blk.0.ffn_down.weight.lora_a", false, TINY_FFN, TINY_RANK }, { "blk.0.ffn_down.weight.lora_b", false, TINY_RANK, DIM },
};

/* Numbers from -2 to 2, alike in no two places. */
static inline void tiny_put_row(struct lac_buffer *data, uint32_t type, uint32_t n, uint64_t *seed)
{
	for (uint32_t i = 0; i < n; i++) {
		const uint64_t number = test_random(seed);

		if (type == LAC_TENSOR_F32)
			gguf_put_f32(data, (float)(number % 255) / 64 - 2);
		/* a half of 2^-1 to 2, or a scale of 2^-7 to 2^-6 */
		if (type == LAC_TENSOR_F16 || (type == LAC_TENSOR_Q8_0 && i % 32 == 0)) {
			lac_buffer_u8(data, (uint8_t)number);
			lac_buffer_u8(data, (uint8_t)((type == LAC_TENSOR_F16 ? 0x38 | (number >> 8 & 0x87) : 0x20) | (number >> 16 & 3)));
		}
		if (type == LAC_TENSOR_Q8_0)
			lac_buffer_u8(data, (uint8_t)(number >> 24));
	}
}

/* Of the type where rows are of whole blocks of it, else F32. */
static inline void tiny_add_tensors(struct gguf_builder *builder, const struct tiny_part *parts, size_t n_parts, uint32_t type)
{
	const uint32_t dim = type == LAC_TENSOR_Q8_0 ? TINY_DIM_Q8_0 : TINY_DIM;
	uint64_t seed = 1;

	for (size_t i = 0; i < n_parts; i++) {
		const uint32_t n_columns = parts[i].n_columns ? parts[i].n_columns : dim, n_rows = parts[i].n_rows ? parts[i].n_rows : dim;
		const uint32_t own_type = type == LAC_TENSOR_Q8_0 && (n_columns % 32 || parts[i].is_vector) ? LAC_TENSOR_F32 : type;
		struct gguf_tensor *tensor = gguf_add_tensor(builder, parts[i].name, own_type, n_columns, parts[i].is_vector ? 0 : n_rows);

		for (uint32_t row = 0; row < n_rows; row++)
			tiny_put_row(&tensor->data, own_type, n_columns, &seed);
	}
}

static inline struct lac_buffer tiny_written(struct gguf_builder *builder)
{
	struct lac_buffer file = gguf_write(builder);

	gguf_free(builder);
	return file;
}

/* Of F32, F16 or Q8_0. To be freed by the caller, as is the other. */
static inline struct lac_buffer tiny_model(uint32_t type)
{
	struct gguf_builder builder = { .alignment = 0 };

	gguf_add_string(&builder, "general.architecture", "llama");
	gguf_add_string(&builder, "general.name", "tiny");
	gguf_add_u32(&builder, "llama.context_length", 8);
	gguf_add_u32(&builder, "llama.embedding_length", type == LAC_TENSOR_Q8_0 ? TINY_DIM_Q8_0 : TINY_DIM);
	gguf_add_u32(&builder, "llama.block_count", 1);
	gguf_add_u32(&builder, "llama.feed_forward_length", TINY_FFN);
	gguf_add_u32(&builder, "llama.attention.head_count", 2);
	gguf_add_u32(&builder, "llama.attention.head_count_kv", 1);
	gguf_add_u32(&builder, "llama.attention.key_length", 2);
	gguf_add_u32(&builder, "llama.attention.value_length", 2);
	gguf_add_f32(&builder, "llama.attention.layer_norm_rms_epsilon", 1e-5f);
	gguf_add_string(&builder, "tokenizer.ggml.model", "gpt2");
	gguf_add_string(&builder, "tokenizer.ggml.pre", "gpt-2");
	gguf_add_strings(&builder, "tokenizer.ggml.tokens", tiny_tokens, TINY_TOKENS);
	gguf_add_i32s(&builder, "tokenizer.ggml.token_type", tiny_types, TINY_TOKENS);
	gguf_add_strings(&builder, "tokenizer.ggml.merges", tiny_merges, 2);
	gguf_add_u32(&builder, "tokenizer.ggml.eos_token_id", TINY_TOKENS - 1);
	tiny_add_tensors(&builder, tiny_parts, sizeof tiny_parts / sizeof *tiny_parts, type);
	return tiny_written(&builder);
}

/* F32 or F16, of the model that is not Q8_0. */
static inline struct lac_buffer tiny_adapter(uint32_t type)
{
	struct gguf_builder builder = { .alignment = 0 };

	gguf_add_string(&builder, "general.type", "adapter");
	gguf_add_string(&builder, "general.architecture", "llama");
	gguf_add_string(&builder, "adapter.type", "lora");
	gguf_add_f32(&builder, "adapter.lora.alpha", 2);
	tiny_add_tensors(&builder, tiny_adapter_parts, sizeof tiny_adapter_parts / sizeof *tiny_adapter_parts, type);
	return tiny_written(&builder);
}

#endif
