/* shape.c: the keys that say what the tensors mean. What is not understood is refused by name: a key that is ignored could
 * mean another function of the same weights. */
#include "base/strict_float.h"
#include "model/weights.h"

#include <string.h>

#define DIM_MAX 65536u
#define FFN_DIM_MAX (1u << 20)
#define LAYERS_MAX 1024u
#define HEADS_MAX 1024u

static bool starts_with(const struct lac_string *string, const char *prefix)
{
	size_t length = strlen(prefix);

	return string->length >= length && memcmp(string->bytes, prefix, length) == 0;
}

/* Keys that say something of the file or the text, not of the arithmetic. Of the tokenizer's, those that matter are read by
 * tokenizer.c; another could at most make worse tokens likely, never change what a token stands for. */
static bool is_ignored(const struct lac_string *key)
{
	static const char *const prefixes[] = { "general.", "tokenizer.", "quantize.", "split." };

	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (starts_with(key, prefixes[i]))
			return true;
	return false;
}

static bool is_known(const struct lac_string *key)
{
	static const char *const known[] = {
		"llama.vocab_size", "llama.context_length", "llama.embedding_length", "llama.block_count",
		"llama.feed_forward_length", "llama.attention.head_count", "llama.attention.head_count_kv",
		"llama.attention.layer_norm_rms_epsilon", "llama.attention.key_length", "llama.attention.value_length",
		"llama.rope.freq_base", "llama.rope.dimension_count", "llama.rope.scaling.type",
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (lac_string_equals(*key, known[i]))
			return true;
	return false;
}

enum lac_status lac_shape_check_keys(const struct lac_gguf *gguf, struct lac_error *error)
{
	struct lac_string architecture, scaling;
	enum lac_status s = lac_gguf_string(gguf, "general.architecture", true, &architecture, error);

	if (s)
		return s;
	if (!lac_string_equals(architecture, "llama"))
		return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "general.architecture is \"%.*s\"; this engine evaluates "
			"\"llama\"", (int)(architecture.length < 40 ? architecture.length : 40), architecture.bytes);
	for (size_t i = 0;; i++) {
		const struct lac_string *key = lac_gguf_key(gguf, i);

		if (!key)
			break;
		if (!is_ignored(key) && !is_known(key))
			return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "key \"%.*s\" is not understood; the model may mean "
				"another computation", (int)(key->length < 100 ? key->length : 100), key->bytes);
	}
	s = lac_gguf_string(gguf, "llama.rope.scaling.type", false, &scaling, error);
	if (!s && scaling.bytes && !lac_string_equals(scaling, "none"))
		return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "llama.rope.scaling.type is \"%.*s\"; only \"none\" is evaluated",
			(int)(scaling.length < 40 ? scaling.length : 40), scaling.bytes);
	return s;
}

struct number {
	const char *key;
	uint32_t *value;
	uint32_t min, max;
	uint32_t fallback; /* 0: required */
};

static enum lac_status read_numbers(const struct lac_gguf *gguf, const struct number *numbers, size_t n, struct lac_error *error)
{
	for (size_t i = 0; i < n; i++) {
		enum lac_status s = lac_gguf_u32(gguf, numbers[i].key, numbers[i].fallback == 0, numbers[i].fallback,
			numbers[i].value, error);

		if (s)
			return s;
		if (*numbers[i].value < numbers[i].min || *numbers[i].value > numbers[i].max)
			return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "%s is %u, outside %u to %u", numbers[i].key,
				(unsigned)*numbers[i].value, (unsigned)numbers[i].min, (unsigned)numbers[i].max);
	}
	return LAC_OK;
}

static enum lac_status read_heads(struct lac_shape *shape, const struct lac_gguf *gguf, struct lac_error *error)
{
	const uint32_t shared = shape->dim / shape->n_heads;
	uint32_t value_dim = 0;
	enum lac_status s;

	if (shape->n_heads % shape->n_kv_heads)
		return lac_fail(error, LAC_BAD_MODEL, 0, "llama.attention.head_count %u is not a multiple of head_count_kv %u",
			(unsigned)shape->n_heads, (unsigned)shape->n_kv_heads);
	{
		const struct number numbers[] = {
			{ "llama.attention.key_length", &shape->head_dim, 2, LAC_HEAD_DIM_MAX, shared ? shared : 1 },
			{ "llama.attention.value_length", &value_dim, 2, LAC_HEAD_DIM_MAX, shared ? shared : 1 },
		};

		s = read_numbers(gguf, numbers, 2, error);
	}
	if (s)
		return s;
	if (value_dim != shape->head_dim)
		return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "llama.attention.value_length %u differs from key_length %u",
			(unsigned)value_dim, (unsigned)shape->head_dim);
	{
		const struct number rotary = { "llama.rope.dimension_count", &shape->rotary_dim, 2, shape->head_dim, shape->head_dim };

		s = read_numbers(gguf, &rotary, 1, error);
	}
	if (!s && shape->rotary_dim % 2)
		return lac_fail(error, LAC_BAD_MODEL, 0, "llama.rope.dimension_count %u is odd", (unsigned)shape->rotary_dim);
	return s;
}

enum lac_status lac_shape_read(struct lac_shape *shape, const struct lac_gguf *gguf, uint32_t n_tokens, struct lac_error *error)
{
	const struct number numbers[] = {
		{ "llama.embedding_length", &shape->dim, 1, DIM_MAX, 0 },
		{ "llama.block_count", &shape->n_layers, 1, LAYERS_MAX, 0 },
		{ "llama.feed_forward_length", &shape->ffn_dim, 1, FFN_DIM_MAX, 0 },
		{ "llama.attention.head_count", &shape->n_heads, 1, HEADS_MAX, 0 },
		{ "llama.context_length", &shape->context_length, 2, UINT32_MAX, 0 },
		{ "llama.vocab_size", &shape->n_vocabulary, 1, UINT32_MAX, n_tokens },
	};
	enum lac_status s = read_numbers(gguf, numbers, sizeof numbers / sizeof *numbers, error);

	if (!s) {
		const struct number kv = { "llama.attention.head_count_kv", &shape->n_kv_heads, 1, HEADS_MAX, shape->n_heads };

		s = read_numbers(gguf, &kv, 1, error);
	}
	if (!s)
		s = read_heads(shape, gguf, error);
	if (!s)
		s = lac_gguf_f32(gguf, "llama.attention.layer_norm_rms_epsilon", true, 0.0f, &shape->norm_epsilon, error);
	if (!s)
		s = lac_gguf_f32(gguf, "llama.rope.freq_base", false, 10000.0f, &shape->rotary_base, error);
	if (s)
		return s;
	if (shape->n_vocabulary != n_tokens)
		return lac_fail(error, LAC_BAD_MODEL, 0, "llama.vocab_size is %u but there are %u tokens",
			(unsigned)shape->n_vocabulary, (unsigned)n_tokens);
	/* section 4.1 needs a positive epsilon; the comparisons also refuse NaN */
	if (!(shape->norm_epsilon >= 1e-12f && shape->norm_epsilon <= 1.0f))
		return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0,
			"llama.attention.layer_norm_rms_epsilon %g is outside 1e-12 to 1", (double)shape->norm_epsilon);
	if (!(shape->rotary_base >= 1.0f && shape->rotary_base <= 0x1p40f))
		return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "llama.rope.freq_base %g is outside 1 to 2^40",
			(double)shape->rotary_base);
	return LAC_OK;
}
