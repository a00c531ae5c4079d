/* vocabulary.h: tokenizers of files and of what is built here, beside what their files say. */
#ifndef LAC_TEST_VOCABULARY_H
#define LAC_TEST_VOCABULARY_H

#include "test.h"
#include "gguf_builder.h"
#include "textbook_pattern.h"

#include "base/file_map.h"
#include "model/model.h"
#include "tokenizer/tokenizer_tables.h"

#define TYPE_NORMAL 1
#define TYPE_USER 4
#define TYPE_BYTE 6

/* ---- Of files ------------------------------------------------------------------- */

struct entry {
	struct lac_string spelling;
	uint32_t number;
};

/* A tokenizer, and beside it what its file says, indexed by sorting so that none of the tokenizer's
 * tables are trusted. */
struct vocabulary {
	const char *name;
	struct lac_file_map map;
	struct lac_gguf *gguf;
	struct lac_tokenizer *tokenizer;
	struct lac_string *tokens, *merges;
	int32_t *types;
	float *scores;
	size_t n_tokens, n_merges, n_types, n_scores, n_normal;
	lac_pretoken *pattern; /* NULL: SentencePiece */
	const char *kind;      /* as identities have it */
	bool takes_whole, has_user_tokens, adds_space;
	struct lac_string *texts; /* [n_tokens], of text_bytes; empty: none */
	uint8_t *text_bytes;
	uint32_t *user_tokens; /* [n_user_tokens] */
	size_t n_user_tokens;
	struct entry *by_token; /* [n_normal] texts, the first of equals first */
	struct entry *by_merge; /* [n_merges] */
	uint32_t of_byte[256];
	bool together[256][256];
};

#define N_VOCABULARIES 14
#define N_DIFFERENT 3 /* of gpt-2, the first */
static struct vocabulary vocabularies[N_VOCABULARIES] = {
	{ .name = "default" }, { .name = "tiny" }, { .name = "dropped" }, { .name = "ascii" }, { .name = "llama-bpe" }, { .name = "qwen2" },
	{ .name = "smollm" }, { .name = "spm" }, { .name = "spm-ascii" }, { .name = "spm-dropped" },
	/* they have the merges of tiny */
	{ .name = "endless" }, { .name = "untied" }, { .name = "wide" }, { .name = "huge" },
};

static inline int compare_spellings(struct lac_string a, struct lac_string b)
{
	const int order = memcmp(a.bytes, b.bytes, a.length < b.length ? a.length : b.length);

	return order ? order : (a.length > b.length) - (a.length < b.length);
}

static inline int compare_entries(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;
	const int order = compare_spellings(left->spelling, right->spelling);

	return order ? order : (left->number > right->number) - (left->number < right->number);
}

/* The lowest number under that spelling, or LAC_NO_TOKEN. */
static inline uint32_t look_up(const struct entry *entries, size_t n, struct lac_string spelling)
{
	size_t low = 0, high = n;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (compare_spellings(entries[middle].spelling, spelling) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && compare_spellings(entries[low].spelling, spelling) == 0 ? entries[low].number : LAC_NO_TOKEN;
}

/* GPT-2's bytes_to_unicode: bytes that print are themselves, the others take U+0100 and up in their
 * order. Returns the length. */
static inline size_t spell_byte(char *out, unsigned byte)
{
	unsigned character = byte;

	if (byte <= 0x20)
		character = 0x100 + byte;
	else if (byte >= 0x7f && byte <= 0xa0)
		character = 0x121 + byte - 0x7f;
	else if (byte == 0xad)
		character = 0x143;
	if (character < 0x80) {
		out[0] = (char)character;
		return 1;
	}
	out[0] = (char)(0xc0 | character >> 6);
	out[1] = (char)(0x80 | (character & 0x3f));
	return 2;
}

/* What a spelling stands for; `out` holds as many bytes as it. -1: it is no spelling of bytes. */
static inline int unspell(struct lac_string spelling, uint8_t *out)
{
	int n = 0;

	for (size_t at = 0; at < spelling.length;) {
		unsigned byte = 0;
		size_t length = 0;
		char spelled[2];

		for (; byte < 256; byte++) {
			length = spell_byte(spelled, byte);
			if (length <= spelling.length - at && memcmp(spelled, spelling.bytes + at, length) == 0)
				break;
		}
		if (byte == 256)
			return -1;
		out[n++] = (uint8_t)byte;
		at += length;
	}
	return n;
}

static inline int32_t type_of_token(const struct vocabulary *v, size_t token)
{
	return v->types ? v->types[token] : TYPE_NORMAL;
}

/* Of SentencePiece: U+2581 is a space. */
static inline size_t unspell_piece(struct lac_string spelling, uint8_t *out)
{
	size_t n = 0;

	for (size_t at = 0; at < spelling.length; n++)
		if (spelling.length - at > 2 && memcmp(spelling.bytes + at, "\xe2\x96\x81", 3) == 0) {
			out[n] = ' ';
			at += 3;
		} else {
			out[n] = (uint8_t)spelling.bytes[at++];
		}
	return n;
}

/* A token's text from its file; 0: none. `out` holds as many bytes as its spelling. */
static inline size_t text_of_token(const struct vocabulary *v, size_t token, uint8_t *out)
{
	const struct lac_string spelling = v->tokens[token];
	char spelled[7];
	int n;

	switch (type_of_token(v, token)) {
	case TYPE_NORMAL:
		if (!v->pattern)
			return unspell_piece(spelling, out);
		n = unspell(spelling, out);
		return n < 0 ? 0 : (size_t)n;
	case TYPE_USER:
		if (v->has_user_tokens)
			memcpy(out, spelling.bytes, spelling.length);
		return v->has_user_tokens ? spelling.length : 0;
	case TYPE_BYTE:
		for (unsigned byte = 0; !v->pattern && byte < 256; byte++) {
			snprintf(spelled, sizeof spelled, "<0x%02X>", byte);
			*out = (uint8_t)byte;
			if (lac_string_equals(spelling, spelled))
				return 1;
		}
	}
	return 0;
}

static inline uint32_t token_of_text(const struct vocabulary *v, const uint8_t *text, size_t n_bytes)
{
	return look_up(v->by_token, v->n_normal, (struct lac_string){ (const char *)text, n_bytes });
}

/* The texts of all tokens, and which bytes stand side by side in normal ones. */
static inline void find_texts(struct vocabulary *v)
{
	size_t n_bytes = 1;
	uint8_t *at;

	for (size_t i = 0; i < v->n_tokens; i++)
		n_bytes += v->tokens[i].length;
	v->texts = calloc(v->n_tokens, sizeof *v->texts);
	at = v->text_bytes = malloc(n_bytes);
	for (size_t i = 0; i < v->n_tokens; i++) {
		const size_t n = text_of_token(v, i, at);

		v->texts[i] = (struct lac_string){ (const char *)at, n };
		for (size_t j = 1; type_of_token(v, i) == TYPE_NORMAL && j < n; j++)
			v->together[at[j - 1]][at[j]] = true;
		at += n;
	}
}

static inline void index_vocabulary(struct vocabulary *v)
{
	find_texts(v);
	v->by_token = calloc(v->n_tokens + 1, sizeof *v->by_token);
	v->by_merge = calloc(v->n_merges + 1, sizeof *v->by_merge);
	v->user_tokens = calloc(v->n_tokens, sizeof *v->user_tokens);
	memset(v->of_byte, 0xff, sizeof v->of_byte);
	for (uint32_t i = 0; i < v->n_tokens; i++) {
		const struct lac_string text = v->texts[i];

		if (type_of_token(v, i) == TYPE_NORMAL && text.length)
			v->by_token[v->n_normal++] = (struct entry){ text, i };
		if (type_of_token(v, i) != TYPE_USER && text.length == 1 && v->of_byte[(uint8_t)*text.bytes] == LAC_NO_TOKEN)
			v->of_byte[(uint8_t)*text.bytes] = i;
		if (type_of_token(v, i) == TYPE_USER && text.length)
			v->user_tokens[v->n_user_tokens++] = i;
	}
	for (uint32_t i = 0; i < v->n_merges; i++)
		v->by_merge[i] = (struct entry){ v->merges[i], i };
	qsort(v->by_token, v->n_normal, sizeof *v->by_token, compare_entries);
	qsort(v->by_merge, v->n_merges, sizeof *v->by_merge, compare_entries);
}

static inline void find_kind(struct vocabulary *v)
{
	static const struct {
		const char *pre, *kind;
		lac_pretoken *pattern;
	} kinds[] = {
		{ "gpt-2", "gpt2/gpt-2", match_pattern }, { "llama-bpe", "gpt2/llama-bpe", match_llama_bpe },
		{ "qwen2", "gpt2/qwen2", match_qwen2 }, { "smollm", "gpt2/smollm", match_smollm },
	};
	struct lac_string model = { 0 }, pre = { 0 };

	CHECK(!lac_gguf_string(v->gguf, "tokenizer.ggml.model", true, &model, NULL));
	CHECK(!lac_gguf_string(v->gguf, "tokenizer.ggml.pre", false, &pre, NULL));
	v->kind = "llama/spm";
	for (unsigned i = 0; i < 4 && lac_string_equals(model, "gpt2"); i++)
		if (lac_string_equals(pre, kinds[i].pre)) {
			v->kind = kinds[i].kind;
			v->pattern = kinds[i].pattern;
		}
	v->takes_whole = v->pattern == match_llama_bpe;
	v->has_user_tokens = v->pattern != match_pattern;
	CHECK(!lac_gguf_bool(v->gguf, "tokenizer.ggml.add_space_prefix", false, true, &v->adds_space, NULL));
	v->adds_space = v->adds_space && !v->pattern;
}

static inline enum lac_status open_vocabulary(struct vocabulary *v, const void *bytes, size_t n_bytes, struct lac_error *error)
{
	enum lac_status s = lac_gguf_open(&v->gguf, bytes, n_bytes, error);

	if (!s)
		s = lac_tokenizer_create(&v->tokenizer, v->gguf, error);
	if (!s)
		s = lac_gguf_strings(v->gguf, "tokenizer.ggml.tokens", true, &v->tokens, &v->n_tokens, error);
	if (!s)
		s = lac_gguf_strings(v->gguf, "tokenizer.ggml.merges", false, &v->merges, &v->n_merges, error);
	if (!s)
		s = lac_gguf_i32s(v->gguf, "tokenizer.ggml.token_type", false, &v->types, &v->n_types, error);
	if (!s)
		s = lac_gguf_f32s(v->gguf, "tokenizer.ggml.scores", false, &v->scores, &v->n_scores, error);
	if (!s) {
		find_kind(v);
		index_vocabulary(v);
	}
	return s;
}

static inline void close_vocabulary(struct vocabulary *v)
{
	free(v->tokens);
	free(v->merges);
	free(v->types);
	free(v->scores);
	free(v->texts);
	free(v->text_bytes);
	free(v->user_tokens);
	free(v->by_token);
	free(v->by_merge);
	lac_tokenizer_free(&v->tokenizer);
	lac_gguf_close(&v->gguf);
	lac_file_unmap(&v->map);
}

/* Tests cannot go on without it. */
static inline void open_file(struct vocabulary *v, const char *path)
{
	struct lac_error error = { 0 };

	if (lac_file_map(&v->map, path, &error) || open_vocabulary(v, v->map.bytes, v->map.n_bytes, &error)) {
		fprintf(stderr, "%s: %s\n", path, error.text);
		exit(1);
	}
}

static inline void open_all(const char *directory)
{
	struct lac_error error = { 0 };
	size_t n_bytes;
	const void *bytes = lac_default_model_gguf(&n_bytes);

	if (open_vocabulary(&vocabularies[0], bytes, n_bytes, &error)) {
		fprintf(stderr, "models/default.gguf: %s\n", error.text);
		exit(1);
	}
	for (unsigned i = 1; i < N_VOCABULARIES; i++) {
		char path[4096];

		snprintf(path, sizeof path, "%s/%s.gguf", directory, vocabularies[i].name);
		open_file(&vocabularies[i], path);
	}
}

static inline void check_token_texts(const struct vocabulary *v)
{
	CHECK(lac_tokenizer_n_tokens(v->tokenizer) == v->n_tokens);
	for (uint32_t i = 0; i < v->n_tokens; i++) {
		const size_t n = v->texts[i].length;
		size_t n_bytes = 99;
		const uint8_t *bytes = lac_token_bytes(v->tokenizer, i, &n_bytes);

		CHECK_NOTE(n_bytes == n && !bytes == !n && (!n || memcmp(bytes, v->texts[i].bytes, n) == 0), "%s, token %u", v->name, (unsigned)i);
	}
}

static inline void close_all(void)
{
	for (unsigned i = 0; i < N_VOCABULARIES; i++)
		close_vocabulary(&vocabularies[i]);
}

/* ---- Built here ----------------------------------------------------------------- */

#define END 10 /* the control token of the small vocabulary */

static const char *const small_tokens[] = { "a", "b", "c", "ab", "abc", "\xc4\xa0", "\xc4\xa0\x61", "bc", "<|end|>a", "",
	"<|end|>" };
static const int32_t small_types[] = { 1, 1, 1, 1, 1, 1, 1, 4, 1, 1, 3 };
static const char *const small_merges[] = { "a b", "ab c", "\xc4\xa0 a" };

#define N_SMALL (sizeof small_tokens / sizeof *small_tokens)

static inline struct gguf_builder small_vocabulary(void)
{
	struct gguf_builder builder = { .alignment = 0 };

	gguf_add_string(&builder, "tokenizer.ggml.model", "gpt2");
	gguf_add_string(&builder, "tokenizer.ggml.pre", "gpt-2");
	gguf_add_strings(&builder, "tokenizer.ggml.tokens", small_tokens, N_SMALL);
	gguf_add_i32s(&builder, "tokenizer.ggml.token_type", small_types, N_SMALL);
	gguf_add_strings(&builder, "tokenizer.ggml.merges", small_merges, 3);
	gguf_add_u32(&builder, "tokenizer.ggml.bos_token_id", END);
	gguf_add_u32(&builder, "tokenizer.ggml.eos_token_id", END);
	return builder;
}

/* Opens what is built, and frees the builder. *file is what the vocabulary points into. */
static inline enum lac_status open_built(struct gguf_builder *builder, struct lac_buffer *file, struct vocabulary *v,
	struct lac_error *error)
{
	enum lac_status s;

	*file = gguf_write(builder);
	*v = (struct vocabulary){ .name = "made here" };
	s = open_vocabulary(v, file->bytes, file->length, error);
	CHECK((s == LAC_OK) == (v->tokenizer != NULL) && s == error->status);
	gguf_free(builder);
	return s;
}

#endif
