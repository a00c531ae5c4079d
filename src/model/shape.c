/* shape.c: the keys that say what the tensors mean. One of them that is not understood is refused
 * by name: if it were ignored, it could mean another function of the same weights. */
#include "base/strict_float.h"
#include "model/shape.h"
#include "kernels/kernels.h"

#include <stdio.h>
#include <string.h>

#define DIM_MAX 65536u
#define FFN_DIM_MAX (1u << 20)
#define LAYERS_MAX 1024u
#define HEADS_MAX 1024u
#define SCALING_MIN 0.5f /* section 5.1: a step stays below one turn */
#define SCALING_MAX 0x1p20f
/* a window of as many positions hides none: section 2.5 allows no more */
#define SLIDING_MAX (1u << 20)

#define KEY_MAX 80 /* of those that are asked for */

static const char *const architectures[] = { [LAC_LLAMA] = "llama", [LAC_QWEN2] = "qwen2", [LAC_QWEN3] = "qwen3" };
#define N_ARCHITECTURES (sizeof architectures / sizeof *architectures)

const char *lac_architecture_name(enum lac_architecture architecture)
{
	return architectures[architecture];
}

static bool starts_with(const struct lac_string *string, const char *prefix)
{
	size_t length = strlen(prefix);

	return string->length >= length && memcmp(string->bytes, prefix, length) == 0;
}

/* Keys of any other name before their first dot say something of the file, its making, or the text,
 * and publishers have names of their own for that. Of the tokenizer's, those that matter are read
 * by tokenizer.c; another could at most make worse tokens likely, never change what a token stands
 * for. */
static bool is_of_the_arithmetic(const struct lac_string *key)
{
	static const char *const prefixes[] = { "llama", "qwen2", "qwen3", "adapter." };
	bool is_one = !memchr(key->bytes, '.', key->length);

	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		is_one = is_one || starts_with(key, prefixes[i]);
	return is_one;
}

/* What follows the architecture's name and a dot; NULL bytes: the key is another's. */
static struct lac_string suffix_of(const struct lac_string *key, enum lac_architecture architecture)
{
	const size_t n = strlen(architectures[architecture]) + 1;

	if (!starts_with(key, architectures[architecture]) || key->length < n || key->bytes[n - 1] != '.')
		return (struct lac_string){ NULL, 0 };
	return (struct lac_string){ key->bytes + n, key->length - n };
}

static bool is_known(struct lac_string suffix, enum lac_architecture architecture)
{
	static const char *const known[] = { "vocab_size", "context_length", "embedding_length", "block_count", "feed_forward_length",
		"attention.head_count", "attention.head_count_kv", "attention.layer_norm_rms_epsilon", "attention.key_length",
		"attention.value_length", "rope.freq_base", "rope.dimension_count", "rope.scaling.type", "rope.scaling.factor" };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (lac_string_equals(suffix, known[i]))
			return true;
	return architecture == LAC_LLAMA && lac_string_equals(suffix, "attention.sliding_window");
}

static enum lac_status check_key(const struct lac_string *key, enum lac_architecture architecture, struct lac_error *error)
{
	const struct lac_string suffix = suffix_of(key, architecture);

	if (!is_of_the_arithmetic(key) || (suffix.bytes && is_known(suffix, architecture)))
		return LAC_OK;
	return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "key \"%.*s\" is not understood; %s", (int)(key->length < 100 ? key->length : 100),
		key->bytes, suffix.bytes && starts_with(&suffix, "expert") ? "mixtures of experts are not evaluated" :
		starts_with(key, "adapter.") ? "this is no model, but an adapter of one" : "the model may mean another computation");
}

static enum lac_status read_architecture(const struct lac_gguf *gguf, enum lac_architecture *architecture, struct lac_error *error)
{
	struct lac_string name;
	enum lac_status s = lac_gguf_string(gguf, "general.architecture", true, &name, error);

	*architecture = LAC_LLAMA;
	if (s)
		return s;
	for (unsigned i = 0; i < N_ARCHITECTURES; i++)
		if (lac_string_equals(name, architectures[i])) {
			*architecture = (enum lac_architecture)i;
			return LAC_OK;
		}
	return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "general.architecture is \"%.*s\"; this engine evaluates \"llama\", \"qwen2\" and "
		"\"qwen3\"", (int)(name.length < 40 ? name.length : 40), name.bytes);
}

enum lac_status lac_shape_check_keys(const struct lac_gguf *gguf, struct lac_error *error)
{
	enum lac_architecture architecture;
	enum lac_status s = read_architecture(gguf, &architecture, error);
	const struct lac_string *key;

	for (size_t i = 0; !s && (key = lac_gguf_key(gguf, i)); i++)
		s = check_key(key, architecture, error);
	return s;
}

/* ---- Values --------------------------------------------------------------------- */

struct reader {
	const struct lac_gguf *gguf;
	enum lac_architecture architecture;
	struct lac_error *error;
	char key[KEY_MAX];
};

static const char *key_of(struct reader *reader, const char *suffix)
{
	snprintf(reader->key, sizeof reader->key, "%s.%s", architectures[reader->architecture], suffix);
	return reader->key;
}

struct number {
	const char *suffix;
	uint32_t *value;
	uint32_t min, max;
	uint32_t fallback; /* 0: required */
};

static enum lac_status read_numbers(struct reader *reader, const struct number *numbers, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		enum lac_status s = lac_gguf_u32(reader->gguf, key_of(reader, numbers[i].suffix), numbers[i].fallback == 0,
			numbers[i].fallback, numbers[i].value, reader->error);

		if (s)
			return s;
		if (*numbers[i].value < numbers[i].min || *numbers[i].value > numbers[i].max)
			return lac_fail(reader->error, LAC_UNSUPPORTED_MODEL, 0, "%s is %u, outside %u to %u", reader->key,
				(unsigned)*numbers[i].value, (unsigned)numbers[i].min, (unsigned)numbers[i].max);
	}
	return LAC_OK;
}

static enum lac_status read_heads(struct lac_shape *shape, struct reader *reader)
{
	const uint32_t shared = shape->dim / shape->n_heads;
	const char *name = architectures[shape->architecture];
	uint32_t value_dim = 0;
	enum lac_status s;

	if (shape->n_heads % shape->n_kv_heads)
		return lac_fail(reader->error, LAC_BAD_MODEL, 0, "%s.attention.head_count %u is not a multiple of head_count_kv %u", name,
			(unsigned)shape->n_heads, (unsigned)shape->n_kv_heads);
	{
		const struct number numbers[] = {
			{ "attention.key_length", &shape->head_dim, 2, LAC_HEAD_DIM_MAX, shared ? shared : 1 },
			{ "attention.value_length", &value_dim, 2, LAC_HEAD_DIM_MAX, shared ? shared : 1 },
		};

		s = read_numbers(reader, numbers, 2);
	}
	if (s)
		return s;
	if (value_dim != shape->head_dim)
		return lac_fail(reader->error, LAC_UNSUPPORTED_MODEL, 0, "%s.attention.value_length %u differs from key_length %u", name,
			(unsigned)value_dim, (unsigned)shape->head_dim);
	{
		const struct number rotary = { "rope.dimension_count", &shape->rotary_dim, 2, shape->head_dim, shape->head_dim };

		s = read_numbers(reader, &rotary, 1);
	}
	if (!s && shape->rotary_dim % 2)
		return lac_fail(reader->error, LAC_BAD_MODEL, 0, "%s.rope.dimension_count %u is odd", name, (unsigned)shape->rotary_dim);
	return s;
}

/* As llama.cpp means the keys: a factor without a type is linear, one of 0 is none, and type "none"
 * makes any factor none. */
static enum lac_status read_scaling(struct lac_shape *shape, struct reader *reader)
{
	struct lac_string type;
	enum lac_status s = lac_gguf_string(reader->gguf, key_of(reader, "rope.scaling.type"), false, &type, reader->error);

	if (!s && type.bytes && !lac_string_equals(type, "none") && !lac_string_equals(type, "linear"))
		return lac_fail(reader->error, LAC_UNSUPPORTED_MODEL, 0, "%s is \"%.*s\"; \"none\", \"linear\" and the factors of tensor "
			"\"rope_freqs.weight\" are evaluated", reader->key, (int)(type.length < 40 ? type.length : 40), type.bytes);
	if (!s)
		s = lac_gguf_f32(reader->gguf, key_of(reader, "rope.scaling.factor"), false, 1.0f, &shape->rotary_scaling, reader->error);
	if (s)
		return s;
	if (shape->rotary_scaling == 0.0f || (type.bytes && lac_string_equals(type, "none")))
		shape->rotary_scaling = 1.0f;
	/* NaN too */
	if (!(shape->rotary_scaling >= SCALING_MIN && shape->rotary_scaling <= SCALING_MAX))
		return lac_fail(reader->error, LAC_UNSUPPORTED_MODEL, 0, "%s %g is outside 1/2 to 2^20", reader->key,
			(double)shape->rotary_scaling);
	return LAC_OK;
}

static enum lac_status read_sliding_window(struct lac_shape *shape, struct reader *reader)
{
	enum lac_status s;

	shape->sliding_window = 0;
	if (shape->architecture != LAC_LLAMA)
		return LAC_OK;
	s = lac_gguf_u32(reader->gguf, key_of(reader, "attention.sliding_window"), false, 0, &shape->sliding_window, reader->error);
	if (shape->sliding_window >= SLIDING_MAX)
		shape->sliding_window = 0;
	return s;
}

static enum lac_status read_reals(struct lac_shape *shape, struct reader *reader)
{
	enum lac_status s = lac_gguf_f32(reader->gguf, key_of(reader, "attention.layer_norm_rms_epsilon"), true, 0.0f,
		&shape->norm_epsilon, reader->error);

	/* section 4.1 needs a positive epsilon; the comparisons also refuse NaN */
	if (!s && !(shape->norm_epsilon >= 1e-12f && shape->norm_epsilon <= 1.0f))
		s = lac_fail(reader->error, LAC_UNSUPPORTED_MODEL, 0, "%s %g is outside 1e-12 to 1", reader->key, (double)shape->norm_epsilon);
	if (!s)
		s = lac_gguf_f32(reader->gguf, key_of(reader, "rope.freq_base"), false, 10000.0f, &shape->rotary_base, reader->error);
	if (!s && !(shape->rotary_base >= 1.0f && shape->rotary_base <= 0x1p40f))
		s = lac_fail(reader->error, LAC_UNSUPPORTED_MODEL, 0, "%s %g is outside 1 to 2^40", reader->key, (double)shape->rotary_base);
	return s;
}

enum lac_status lac_shape_read(struct lac_shape *shape, const struct lac_gguf *gguf, uint32_t n_tokens, struct lac_error *error)
{
	struct reader reader = { .gguf = gguf, .error = error };
	const struct number numbers[] = {
		{ "embedding_length", &shape->dim, 1, DIM_MAX, 0 },
		{ "block_count", &shape->n_layers, 1, LAYERS_MAX, 0 },
		{ "feed_forward_length", &shape->ffn_dim, 1, FFN_DIM_MAX, 0 },
		{ "attention.head_count", &shape->n_heads, 1, HEADS_MAX, 0 },
		{ "context_length", &shape->context_length, 2, UINT32_MAX, 0 },
		{ "vocab_size", &shape->n_vocabulary, 1, UINT32_MAX, n_tokens },
	};
	enum lac_status s = read_architecture(gguf, &shape->architecture, error);

	reader.architecture = shape->architecture;
	if (!s)
		s = read_numbers(&reader, numbers, sizeof numbers / sizeof *numbers);
	if (!s) {
		const struct number kv = { "attention.head_count_kv", &shape->n_kv_heads, 1, HEADS_MAX, shape->n_heads };

		s = read_numbers(&reader, &kv, 1);
	}
	if (!s)
		s = read_heads(shape, &reader);
	if (!s)
		s = read_reals(shape, &reader);
	if (!s)
		s = read_scaling(shape, &reader);
	if (!s)
		s = read_sliding_window(shape, &reader);
	if (!s && shape->n_vocabulary != n_tokens)
		s = lac_fail(error, LAC_BAD_MODEL, 0, "%s is %u but there are %u tokens", key_of(&reader, "vocab_size"),
			(unsigned)shape->n_vocabulary, (unsigned)n_tokens);
	return s;
}
