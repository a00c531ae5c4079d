/* hostile_models.h: GGUF files that are malformed, or mean what this engine does not evaluate, and
 * a few that are odd but right. */
#ifndef LAC_TESTS_HOSTILE_MODELS_H
#define LAC_TESTS_HOSTILE_MODELS_H

#include "gguf_builder.h"

struct hostile_model {
	const char *name;
	enum lac_status status;
	const char *why;
	void (*edit)(struct gguf_builder *builder);
	void (*spoil)(struct lac_buffer *file);
	bool is_adapter; /* of tests/golden/models/grouped.gguf */
};

/* ---- The model, and the adapter, that cases change ---------------------------------- */

enum { SMALL_DIM = 4, SMALL_TOKENS = 5 };

static inline void put_floats(struct lac_buffer *data, size_t n)
{
	for (size_t i = 0; i < n; i++)
		gguf_put_f32(data, (float)(i % 7) / 8 - 0.25f);
}

static inline struct gguf_tensor *add_floats(struct gguf_builder *b, const char *name, uint64_t n_columns, uint64_t n_rows)
{
	struct gguf_tensor *tensor = gguf_add_tensor(b, name, LAC_TENSOR_F32, n_columns, n_rows);

	put_floats(&tensor->data, (size_t)(n_columns * (n_rows ? n_rows : 1)));
	return tensor;
}

/* One layer, two heads of two dimensions that share keys and values, tied. */
static inline void make_small_model(struct gguf_builder *b)
{
	static const char *const tokens[] = { "a", "b", "ab", "c", "<|end|>" }, *const merges[] = { "a b" };
	static const int32_t types[] = { 1, 1, 1, 1, 3 };

	*b = (struct gguf_builder){ .alignment = 0 };
	gguf_add_string(b, "general.architecture", "llama");
	gguf_add_string(b, "general.name", "small");
	gguf_add_u32(b, "llama.context_length", 8);
	gguf_add_u32(b, "llama.embedding_length", SMALL_DIM);
	gguf_add_u32(b, "llama.block_count", 1);
	gguf_add_u32(b, "llama.feed_forward_length", SMALL_DIM);
	gguf_add_u32(b, "llama.attention.head_count", 2);
	gguf_add_u32(b, "llama.attention.head_count_kv", 1);
	gguf_add_f32(b, "llama.attention.layer_norm_rms_epsilon", 1e-5f);
	gguf_add_string(b, "tokenizer.ggml.model", "gpt2");
	gguf_add_string(b, "tokenizer.ggml.pre", "gpt-2");
	gguf_add_strings(b, "tokenizer.ggml.tokens", tokens, SMALL_TOKENS);
	gguf_add_i32s(b, "tokenizer.ggml.token_type", types, SMALL_TOKENS);
	gguf_add_strings(b, "tokenizer.ggml.merges", merges, 1);
	gguf_add_u32(b, "tokenizer.ggml.eos_token_id", SMALL_TOKENS - 1);
	add_floats(b, "token_embd.weight", SMALL_DIM, SMALL_TOKENS);
	add_floats(b, "blk.0.attn_norm.weight", SMALL_DIM, 0);
	add_floats(b, "blk.0.attn_q.weight", SMALL_DIM, 4);
	add_floats(b, "blk.0.attn_k.weight", SMALL_DIM, 2);
	add_floats(b, "blk.0.attn_v.weight", SMALL_DIM, 2);
	add_floats(b, "blk.0.attn_output.weight", 4, SMALL_DIM);
	add_floats(b, "blk.0.ffn_norm.weight", SMALL_DIM, 0);
	add_floats(b, "blk.0.ffn_gate.weight", SMALL_DIM, SMALL_DIM);
	add_floats(b, "blk.0.ffn_up.weight", SMALL_DIM, SMALL_DIM);
	add_floats(b, "blk.0.ffn_down.weight", SMALL_DIM, SMALL_DIM);
	add_floats(b, "output_norm.weight", SMALL_DIM, 0);
}

static inline void make_small_adapter(struct gguf_builder *b)
{
	*b = (struct gguf_builder){ .alignment = 0 };
	gguf_add_string(b, "general.type", "adapter");
	gguf_add_string(b, "general.architecture", "llama");
	gguf_add_string(b, "general.name", "small adapter");
	gguf_add_string(b, "adapter.type", "lora");
	gguf_add_f32(b, "adapter.lora.alpha", 1.0f);
	add_floats(b, "blk.0.attn_v.weight.lora_a", 32, 1);
	add_floats(b, "blk.0.attn_v.weight.lora_b", 1, 16);
}

/* ---- Edits ----------------------------------------------------------------------- */

static inline void change_string(struct gguf_builder *b, const char *key, const char *value)
{
	gguf_remove(b, key);
	gguf_add_string(b, key, value);
}

static inline void change_f32(struct gguf_builder *b, const char *key, uint32_t bits)
{
	gguf_remove(b, key);
	lac_buffer_u32(gguf_add(b, key, LAC_GGUF_F32), bits);
}

/* Four bytes of a tensor's data. */
static inline void poke(struct gguf_builder *b, const char *name, size_t at, uint32_t bits)
{
	uint8_t *bytes = gguf_find_tensor(b, name)->data.bytes + at;

	for (unsigned i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(bits >> 8 * i);
}

static inline void change_type(struct gguf_builder *b, uint32_t type, size_t n_bytes)
{
	struct gguf_tensor *tensor = gguf_find_tensor(b, "blk.0.ffn_up.weight");

	tensor->type = type;
	tensor->data.length = n_bytes;
}

#define KEY_U32(how, key, value) static inline void edit_##how(struct gguf_builder *b) { gguf_change_u32(b, key, value); }
#define KEY_F32(how, key, bits) static inline void edit_##how(struct gguf_builder *b) { change_f32(b, key, bits); }
#define KEY_STRING(how, key, value) static inline void edit_##how(struct gguf_builder *b) { change_string(b, key, value); }
#define WEIGHT(how, name, at, bits) static inline void edit_##how(struct gguf_builder *b) { poke(b, name, at, bits); }
#define DIMENSION(how, d, n) static inline void edit_##how(struct gguf_builder *b) { gguf_find_tensor(b, "blk.0.ffn_up.weight")->dims[d] = n; }

KEY_STRING(architecture, "general.architecture", "mamba")
KEY_U32(architecture_type, "general.architecture", 1)
KEY_U32(key, "llama.expert_count", 8)
KEY_STRING(scaling, "llama.rope.scaling.type", "yarn")
KEY_STRING(tokenizer, "tokenizer.ggml.model", "bert")
KEY_STRING(pre, "tokenizer.ggml.pre", "no-such-pre-tokenizer")
KEY_U32(window, "llama.context_length", 1)
KEY_U32(dim, "llama.embedding_length", 65537)
KEY_U32(layers, "llama.block_count", 1024)
KEY_U32(layers_0, "llama.block_count", 0)
KEY_U32(ffn, "llama.feed_forward_length", 1 << 20)
KEY_U32(heads, "llama.attention.head_count", 1024)
KEY_U32(sharing, "llama.attention.head_count_kv", 3)
KEY_U32(rotary, "llama.rope.dimension_count", 1)
KEY_F32(epsilon, "llama.attention.layer_norm_rms_epsilon", 0)
KEY_F32(epsilon_nan, "llama.attention.layer_norm_rms_epsilon", 0x7fc00000)
KEY_F32(base, "llama.rope.freq_base", 0x7f800000)
KEY_U32(vocabulary, "llama.vocab_size", SMALL_TOKENS + 1)
KEY_U32(end, "tokenizer.ggml.eos_token_id", SMALL_TOKENS)
KEY_U32(split, "split.count", 2)
KEY_U32(alignment_0, "general.alignment", 0)
KEY_U32(alignment_48, "general.alignment", 48)
WEIGHT(nan, "blk.0.ffn_up.weight", 8, 0x7fc00000)
WEIGHT(infinity, "token_embd.weight", 0, 0xff800000)
WEIGHT(large, "output_norm.weight", 4, 0x477fe100)
DIMENSION(dimension_0, 1, 0)
DIMENSION(dimension_more, 1, SMALL_DIM + 1)
DIMENSION(dimension_huge, 1, UINT64_MAX / 8)
DIMENSION(dimension_turned, 0, 2)

static inline void edit_no_architecture(struct gguf_builder *b) { gguf_remove(b, "general.architecture"); }
static inline void edit_no_heads(struct gguf_builder *b) { gguf_remove(b, "llama.attention.head_count"); }
static inline void edit_no_tokens(struct gguf_builder *b) { gguf_remove(b, "tokenizer.ggml.tokens"); }
static inline void edit_no_tensor(struct gguf_builder *b) { gguf_remove_tensor(b, "blk.0.ffn_up.weight"); }
static inline void edit_key_twice(struct gguf_builder *b) { gguf_add_u32(b, "llama.block_count", 1); }
static inline void edit_key_empty(struct gguf_builder *b) { gguf_add_u32(b, "", 1); }
static inline void edit_value_type(struct gguf_builder *b) { lac_buffer_u32(gguf_add(b, "general.some", 13), 0); }
static inline void edit_value_bool(struct gguf_builder *b) { lac_buffer_u8(gguf_add(b, "general.some", LAC_GGUF_BOOL), 2); }
static inline void edit_tensor_twice(struct gguf_builder *b) { add_floats(b, "blk.0.ffn_up.weight", SMALL_DIM, SMALL_DIM); }
static inline void edit_bias(struct gguf_builder *b) { add_floats(b, "blk.0.ffn_up.bias", SMALL_DIM, 0); }
static inline void edit_tensor_unknown(struct gguf_builder *b) { add_floats(b, "blk.0.attn_q_norm.weight", SMALL_DIM, 0); }
static inline void edit_tensor_name(struct gguf_builder *b) { b->tensors[3].name = ""; }
static inline void edit_dimensions_5(struct gguf_builder *b) { b->tensors[3].n_dims = 5; }
static inline void edit_dimensions_none(struct gguf_builder *b) { b->tensors[3].n_dims = 0; }
static inline void edit_dimensions_3(struct gguf_builder *b)
{
	b->tensors[2].n_dims = 3;
	b->tensors[2].dims[1] = b->tensors[2].dims[2] = 2; /* as many numbers */
}
static inline void edit_type_99(struct gguf_builder *b) { change_type(b, 99, 64); }
static inline void edit_type_block(struct gguf_builder *b) { change_type(b, LAC_TENSOR_Q8_0, 34); }

static inline void place(struct gguf_builder *b, uint64_t offset)
{
	b->tensors[2].is_placed = true;
	b->tensors[2].offset = offset;
}

static inline void edit_offset_unaligned(struct gguf_builder *b) { place(b, 100); }
static inline void edit_offset_overlap(struct gguf_builder *b) { place(b, 64); }
static inline void edit_offset_past(struct gguf_builder *b) { place(b, 4096); }
static inline void edit_offset_huge(struct gguf_builder *b) { place(b, UINT64_MAX - 31); }

static inline void edit_array_count(struct gguf_builder *b)
{
	gguf_remove(b, "tokenizer.ggml.merges");
	gguf_put_array(gguf_add(b, "tokenizer.ggml.merges", LAC_GGUF_ARRAY), LAC_GGUF_STRING, UINT64_C(1) << 60);
}

static inline void edit_array_deep(struct gguf_builder *b)
{
	struct lac_buffer *value = gguf_add(b, "general.some", LAC_GGUF_ARRAY);

	for (unsigned i = 0; i < 8; i++)
		gguf_put_array(value, LAC_GGUF_ARRAY, 1);
	gguf_put_array(value, LAC_GGUF_U8, 0);
}

static inline void edit_string_length(struct gguf_builder *b)
{
	struct lac_buffer *value = gguf_add(b, "general.some", LAC_GGUF_STRING);

	lac_buffer_u64(value, UINT64_MAX);
	lac_buffer_append(value, "text", 4);
}

static inline void edit_token_types(struct gguf_builder *b)
{
	static const int32_t types[] = { 1, 1 };

	gguf_remove(b, "tokenizer.ggml.token_type");
	gguf_add_i32s(b, "tokenizer.ggml.token_type", types, 2);
}

static inline void edit_merge(struct gguf_builder *b)
{
	static const char *const merges[] = { "a c" };

	gguf_remove(b, "tokenizer.ggml.merges");
	gguf_add_strings(b, "tokenizer.ggml.merges", merges, 1);
}

static inline void edit_general_key(struct gguf_builder *b) { gguf_add_string(b, "general.license", "any"); }

static inline void edit_alignment_64(struct gguf_builder *b)
{
	gguf_add_u32(b, "general.alignment", 64);
	b->alignment = 64;
}

static inline void edit_half_type(struct gguf_builder *b)
{
	struct gguf_tensor *tensor = gguf_find_tensor(b, "blk.0.ffn_up.weight");

	tensor->type = LAC_TENSOR_F16;
	for (size_t i = 0; i < 32; i++)
		tensor->data.bytes[i] = i % 2 ? 0x3c : 0;
	tensor->data.length = 32;
}

KEY_STRING(adapter_type, "adapter.type", "loha")
KEY_STRING(no_adapter, "general.type", "model")
KEY_F32(alpha, "adapter.lora.alpha", 0x7fc00000)
WEIGHT(adapter_nan, "blk.0.attn_v.weight.lora_b", 8, 0x7fc00000)
static inline void edit_half_missing(struct gguf_builder *b) { gguf_remove_tensor(b, "blk.0.attn_v.weight.lora_b"); }
static inline void edit_rank(struct gguf_builder *b) { b->tensors[1].dims[0] = 2, b->tensors[1].dims[1] = 8; }
static inline void edit_adapter_shape(struct gguf_builder *b) { b->tensors[0].dims[0] = 16; }
static inline void edit_adapter_tensor(struct gguf_builder *b) { b->tensors[0].name = "output.weight.lora_a", b->tensors[1].name = "output.weight.lora_b"; }

/* ---- Spoils ---------------------------------------------------------------------- */

static inline void spoil_gguf_magic(struct lac_buffer *file) { file->bytes[3] = 'f'; }
static inline void spoil_gguf_header(struct lac_buffer *file) { file->length = 20; }
static inline void spoil_gguf_version(struct lac_buffer *file) { file->bytes[4] = 4; }
static inline void spoil_gguf_version_2(struct lac_buffer *file) { file->bytes[4] = 2; }
static inline void spoil_gguf_endian(struct lac_buffer *file) { file->bytes[4] = 0, file->bytes[7] = 3; }
static inline void spoil_gguf_pairs(struct lac_buffer *file) { gguf_poke_u64(file, GGUF_N_PAIRS_AT, UINT64_C(1) << 60); }
static inline void spoil_gguf_pairs_more(struct lac_buffer *file) { file->bytes[GGUF_N_PAIRS_AT]++; }
static inline void spoil_gguf_tensors(struct lac_buffer *file) { gguf_poke_u64(file, GGUF_N_TENSORS_AT, UINT64_MAX); }
static inline void spoil_gguf_key(struct lac_buffer *file) { gguf_poke_u64(file, GGUF_HEADER_BYTES, UINT64_MAX - 3); }
static inline void spoil_gguf_cut(struct lac_buffer *file) { file->length--; }
static inline void spoil_gguf_half(struct lac_buffer *file) { file->length /= 2; }

/* ---- Cases ----------------------------------------------------------------------- */

#define MALFORMED LAC_BAD_MODEL
#define FOREIGN LAC_UNSUPPORTED_MODEL
#define IN_KEYS(how) edit_##how, NULL, false
#define IN_FILE(how) NULL, spoil_gguf_##how, false
#define IN_ADAPTER(how) edit_##how, NULL, true

static const struct hostile_model hostile_model_files[] = {
	{ "bad-magic", MALFORMED, "the magic is GGUf", IN_FILE(magic) },
	{ "bad-header-cut", MALFORMED, "20 bytes of a header of 24", IN_FILE(header) },
	{ "unsupported-version-4", FOREIGN, "version 4", IN_FILE(version) },
	{ "unsupported-big-endian", FOREIGN, "the version's bytes are turned round", IN_FILE(endian) },
	{ "bad-pairs-huge", MALFORMED, "2^60 pairs", IN_FILE(pairs) },
	{ "bad-pairs-more", MALFORMED, "one pair more than there is: a tensor is read as one", IN_FILE(pairs_more) },
	{ "bad-tensors-huge", MALFORMED, "2^64 - 1 tensors", IN_FILE(tensors) },
	{ "bad-key-length", MALFORMED, "a key of 2^64 - 4 bytes", IN_FILE(key) },
	{ "bad-cut", MALFORMED, "the last byte of the last tensor is missing", IN_FILE(cut) },
	{ "bad-half", MALFORMED, "the second half is missing", IN_FILE(half) },
	{ "bad-key-empty", MALFORMED, "a key of no byte", IN_KEYS(key_empty) },
	{ "bad-key-twice", MALFORMED, "a key occurs twice", IN_KEYS(key_twice) },
	{ "bad-value-type", MALFORMED, "a value of type 13", IN_KEYS(value_type) },
	{ "bad-value-bool", MALFORMED, "a truth value of 2", IN_KEYS(value_bool) },
	{ "bad-string-length", MALFORMED, "a string of 2^64 - 1 bytes", IN_KEYS(string_length) },
	{ "bad-array-count", MALFORMED, "an array of 2^60 strings", IN_KEYS(array_count) },
	{ "bad-array-deep", MALFORMED, "arrays in arrays, nine deep", IN_KEYS(array_deep) },
	{ "bad-tensor-twice", MALFORMED, "a tensor occurs twice", IN_KEYS(tensor_twice) },
	{ "bad-tensor-name", MALFORMED, "a tensor without a name", IN_KEYS(tensor_name) },
	{ "bad-dimensions-5", MALFORMED, "a tensor of five dimensions", IN_KEYS(dimensions_5) },
	{ "bad-dimensions-none", MALFORMED, "a tensor of no dimension", IN_KEYS(dimensions_none) },
	{ "bad-dimensions-3", MALFORMED, "a matrix of three dimensions", IN_KEYS(dimensions_3) },
	{ "bad-dimension-0", MALFORMED, "a tensor of no row", IN_KEYS(dimension_0) },
	{ "bad-dimension-more", MALFORMED, "a row more than the keys say", IN_KEYS(dimension_more) },
	{ "bad-dimension-huge", MALFORMED, "2^61 - 1 rows: their bytes pass 2^64", IN_KEYS(dimension_huge) },
	{ "bad-dimension-turned", MALFORMED, "rows of two, where the keys say four", IN_KEYS(dimension_turned) },
	{ "bad-offset-unaligned", MALFORMED, "a tensor at byte 100, where the alignment is 32", IN_KEYS(offset_unaligned) },
	{ "bad-offset-overlap", MALFORMED, "a tensor lies on another", IN_KEYS(offset_overlap) },
	{ "bad-offset-past", MALFORMED, "a tensor lies past the end of the file", IN_KEYS(offset_past) },
	{ "bad-offset-huge", MALFORMED, "a tensor at byte 2^64 - 32", IN_KEYS(offset_huge) },
	{ "bad-alignment-0", MALFORMED, "an alignment of 0", IN_KEYS(alignment_0) },
	{ "bad-alignment-48", MALFORMED, "an alignment of 48", IN_KEYS(alignment_48) },
	{ "bad-tensor-missing", MALFORMED, "ffn_up is missing", IN_KEYS(no_tensor) },
	{ "unsupported-tensor-norm", FOREIGN, "a tensor that is not known: another computation", IN_KEYS(tensor_unknown) },
	{ "unsupported-tensor-type", FOREIGN, "a tensor of type 99", IN_KEYS(type_99) },
	{ "bad-tensor-block", MALFORMED, "Q8_0 with rows of four: no whole block", IN_KEYS(type_block) },
	{ "unsupported-nan", FOREIGN, "a weight that is not a number", IN_KEYS(nan) },
	{ "unsupported-infinity", FOREIGN, "an infinite weight", IN_KEYS(infinity) },
	{ "unsupported-large", FOREIGN, "a weight of 65505", IN_KEYS(large) },
	{ "bad-architecture-missing", MALFORMED, "general.architecture is missing", IN_KEYS(no_architecture) },
	{ "bad-architecture-type", MALFORMED, "general.architecture is an integer", IN_KEYS(architecture_type) },
	{ "unsupported-architecture", FOREIGN, "architecture mamba", IN_KEYS(architecture) },
	{ "unsupported-key", FOREIGN, "a key that is not known: another computation", IN_KEYS(key) },
	{ "unsupported-scaling", FOREIGN, "rotary positions scaled by yarn", IN_KEYS(scaling) },
	{ "unsupported-window", FOREIGN, "a window of one position", IN_KEYS(window) },
	{ "unsupported-dim", FOREIGN, "65537 dimensions", IN_KEYS(dim) },
	{ "bad-layers", MALFORMED, "1024 layers, of which one is there", IN_KEYS(layers) },
	{ "unsupported-no-layer", FOREIGN, "no layer", IN_KEYS(layers_0) },
	{ "bad-ffn", MALFORMED, "2^20 columns, of which four are there", IN_KEYS(ffn) },
	{ "bad-heads-missing", MALFORMED, "llama.attention.head_count is missing", IN_KEYS(no_heads) },
	{ "unsupported-heads", FOREIGN, "1024 heads share 4 dimensions", IN_KEYS(heads) },
	{ "bad-sharing", MALFORMED, "2 heads share 3 heads of keys", IN_KEYS(sharing) },
	{ "unsupported-rotary", FOREIGN, "one dimension is rotated", IN_KEYS(rotary) },
	{ "unsupported-epsilon", FOREIGN, "an epsilon of 0", IN_KEYS(epsilon) },
	{ "unsupported-epsilon-nan", FOREIGN, "an epsilon that is not a number", IN_KEYS(epsilon_nan) },
	{ "unsupported-base", FOREIGN, "an infinite rotary base", IN_KEYS(base) },
	{ "unsupported-split", FOREIGN, "one of two parts of a file", IN_KEYS(split) },
	{ "unsupported-tokenizer", FOREIGN, "tokenizer bert", IN_KEYS(tokenizer) },
	{ "unsupported-pre", FOREIGN, "a pre-tokenizer that is not known", IN_KEYS(pre) },
	{ "bad-tokens-missing", MALFORMED, "tokenizer.ggml.tokens is missing", IN_KEYS(no_tokens) },
	{ "bad-token-types", MALFORMED, "two types for five tokens", IN_KEYS(token_types) },
	{ "bad-merge", MALFORMED, "a merge whose text is no token", IN_KEYS(merge) },
	{ "bad-vocabulary", MALFORMED, "llama.vocab_size is not the number of tokens", IN_KEYS(vocabulary) },
	{ "bad-end", MALFORMED, "the end token is none", IN_KEYS(end) },
	{ "bad-adapter-half", MALFORMED, "lora_b is missing beside lora_a", IN_ADAPTER(half_missing) },
	{ "bad-adapter-rank", MALFORMED, "ranks 1 and 2", IN_ADAPTER(rank) },
	{ "bad-adapter-shape", MALFORMED, "lora_a has 16 columns, the model 32", IN_ADAPTER(adapter_shape) },
	{ "unsupported-adapter-tensor", FOREIGN, "an adapter of the output matrix", IN_ADAPTER(adapter_tensor) },
	{ "unsupported-adapter-type", FOREIGN, "an adapter of type loha", IN_ADAPTER(adapter_type) },
	{ "unsupported-adapter-model", FOREIGN, "general.type is model", IN_ADAPTER(no_adapter) },
	{ "unsupported-adapter-alpha", FOREIGN, "an alpha that is not a number", IN_ADAPTER(alpha) },
	{ "unsupported-adapter-nan", FOREIGN, "a weight of an adapter that is not a number", IN_ADAPTER(adapter_nan) },
	{ "good-version-2", LAC_OK, "version 2", IN_FILE(version_2) },
	{ "good-key", LAC_OK, "a key of general., which says nothing of the arithmetic", IN_KEYS(general_key) },
	{ "good-alignment-64", LAC_OK, "an alignment of 64", IN_KEYS(alignment_64) },
	{ "good-bias", LAC_OK, "a map with a bias", IN_KEYS(bias) },
	{ "good-types", LAC_OK, "tensors of F32 and F16", IN_KEYS(half_type) },
	{ "good-adapter", LAC_OK, "an adapter of one tensor, of rank 1", NULL, NULL, true },
};
#define N_HOSTILE_MODELS (sizeof hostile_model_files / sizeof *hostile_model_files)

static inline struct lac_buffer make_hostile_model(const struct hostile_model *h)
{
	struct gguf_builder builder;
	struct lac_buffer file;

	if (h->is_adapter)
		make_small_adapter(&builder);
	else
		make_small_model(&builder);
	if (h->edit)
		h->edit(&builder);
	file = gguf_write(&builder);
	if (h->spoil)
		h->spoil(&file);
	gguf_free(&builder);
	return file;
}

#endif
