/* tokenizer.c: reads tokenizer.ggml.* of a GGUF file into tables (arithmetic.md section 9.1). */
#include "base/memory.h"
#include "model/tokenizer_tables.h"
#include "model/unicode.h"

#include <string.h>

#define TYPE_NORMAL 1 /* tokenizer.ggml.token_type; every other kind stands for no text */
#define MERGES_MAX (1u << 22)

/* What only reading needs. */
struct source {
	struct lac_string *tokens; /* owned: as the file spells them */
	struct lac_string *merges; /* owned */
	int32_t *types;            /* owned; NULL: all are normal */
	size_t n_tokens, n_merges, n_types;
	uint32_t *slots;           /* owned: open addressing over spellings: id + 1, or 0 */
	uint32_t slot_mask;
	struct lac_error *error;
};

/* ---- Byte-level spelling ----------------------------------------------------- */

/* The vocabulary spells each byte as one printable character: itself if it is printable Latin-1, else U+0100 and up in the order of bytes. */
static bool is_spelled_as_itself(unsigned byte)
{
	return (byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}

/* -1: no byte is spelled so. */
static int byte_of_character(uint32_t character)
{
	unsigned n = 0x100;

	if (character < 0x100)
		return is_spelled_as_itself(character) ? (int)character : -1;
	for (unsigned byte = 0; byte < 256; byte++)
		if (!is_spelled_as_itself(byte) && n++ == character)
			return (int)byte;
	return -1;
}

/* Appends what a spelling stands for; false if it is no spelling of bytes. */
static bool append_bytes(struct lac_tokenizer *tokenizer, size_t *n_text, struct lac_string spelling)
{
	const uint8_t *at = (const uint8_t *)spelling.bytes;
	size_t left = spelling.length;

	while (left) {
		uint32_t character;
		size_t length = lac_utf8_decode(at, left, &character);
		int byte = length ? byte_of_character(character) : -1;

		if (byte < 0)
			return false;
		tokenizer->text[(*n_text)++] = (uint8_t)byte;
		at += length;
		left -= length;
	}
	return true;
}

/* ---- Tokens -------------------------------------------------------------------- */

static int shown(struct lac_string string) /* length for %.*s */
{
	return (int)(string.length < 40 ? string.length : 40);
}

static enum lac_status read_texts(struct lac_tokenizer *tokenizer, const struct source *source)
{
	size_t n_spelled = 0, n_text = 0;

	for (size_t i = 0; i < source->n_tokens; i++)
		n_spelled += source->tokens[i].length;
	if (n_spelled >= UINT32_MAX)
		return lac_fail(source->error, LAC_BAD_MODEL, 0, "tokenizer.ggml.tokens holds 4 GiB or more");
	tokenizer->text = lac_malloc(n_spelled + 1, 1);
	tokenizer->text_starts = lac_calloc(source->n_tokens + 1, sizeof *tokenizer->text_starts);
	if (!tokenizer->text || !tokenizer->text_starts)
		return lac_fail_memory(source->error, n_spelled, "tokens");
	for (uint32_t i = 0; i < tokenizer->n_tokens; i++) {
		const size_t start = n_text;

		if (source->types && source->types[i] != TYPE_NORMAL)
			; /* control, unknown, unused, added: no text */
		else if (source->tokens[i].length > LAC_TOKEN_BYTES_MAX)
			return lac_fail(source->error, LAC_BAD_MODEL, 0, "tokenizer.ggml.tokens: token %u is longer than %u bytes",
				(unsigned)i, LAC_TOKEN_BYTES_MAX);
		else if (!append_bytes(tokenizer, &n_text, source->tokens[i]))
			n_text = start;
		tokenizer->text_starts[i + 1] = (uint32_t)n_text;
		if (n_text - start == 1 && tokenizer->of_byte[tokenizer->text[start]] == LAC_NO_TOKEN)
			tokenizer->of_byte[tokenizer->text[start]] = i;
	}
	tokenizer->has_all_bytes = true;
	for (unsigned byte = 0; byte < 256; byte++)
		tokenizer->has_all_bytes &= tokenizer->of_byte[byte] != LAC_NO_TOKEN;
	return LAC_OK;
}

/* Twice as many slots as entries at least. */
static uint32_t *create_slots(size_t n_entries, uint32_t *mask)
{
	uint32_t n = 16;

	while (n < 2 * n_entries)
		n *= 2;
	*mask = n - 1;
	return lac_calloc(n, sizeof(uint32_t));
}

/* The slot of a spelling, or the empty one where it belongs. */
static uint32_t *find_spelling(const struct source *source, struct lac_string spelling)
{
	uint32_t slot = (uint32_t)lac_hash64(spelling.bytes, spelling.length, 0) & source->slot_mask;

	for (;; slot = (slot + 1) & source->slot_mask) {
		const uint32_t entry = source->slots[slot];

		if (entry == 0 || (source->tokens[entry - 1].length == spelling.length &&
		    memcmp(source->tokens[entry - 1].bytes, spelling.bytes, spelling.length) == 0))
			return &source->slots[slot];
	}
}

static enum lac_status index_spellings(struct source *source)
{
	source->slots = create_slots(source->n_tokens, &source->slot_mask);
	if (!source->slots)
		return lac_fail_memory(source->error, source->n_tokens * 8, "tokens");
	for (uint32_t i = 0; i < source->n_tokens; i++) {
		uint32_t *slot = find_spelling(source, source->tokens[i]);

		if (*slot == 0) /* of several with one spelling the first counts */
			*slot = i + 1;
	}
	return LAC_OK;
}

/* ---- Merges -------------------------------------------------------------------- */

/* True if the product's text is that of its halves, none of them empty. So whatever is merged stands for the same bytes. */
static bool merge_keeps_text(const struct lac_tokenizer *tokenizer, const struct lac_merge *merge)
{
	size_t left, right, both;
	const uint8_t *left_text = lac_token_bytes(tokenizer, merge->left, &left);
	const uint8_t *right_text = lac_token_bytes(tokenizer, merge->right, &right);
	const uint8_t *text = lac_token_bytes(tokenizer, merge->product, &both);

	return left_text && right_text && text && both == left + right && memcmp(text, left_text, left) == 0 &&
		memcmp(text + left, right_text, right) == 0;
}

/* "left right": the space that parts them is the first after the first byte. */
static bool read_merge(const struct source *source, struct lac_string line, struct lac_merge *merge)
{
	const char *space = line.length > 1 ? memchr(line.bytes + 1, ' ', line.length - 1) : NULL;
	char both[2 * LAC_TOKEN_BYTES_MAX];
	struct lac_string left, right;

	if (!space || line.length > sizeof both)
		return false;
	left = (struct lac_string){ line.bytes, (size_t)(space - line.bytes) };
	right = (struct lac_string){ space + 1, line.length - left.length - 1 };
	memcpy(both, left.bytes, left.length);
	memcpy(both + left.length, right.bytes, right.length);
	/* an absent one gives 0 - 1 */
	merge->left = *find_spelling(source, left) - 1;
	merge->right = *find_spelling(source, right) - 1;
	merge->product = *find_spelling(source, (struct lac_string){ both, left.length + right.length }) - 1;
	return merge->left != LAC_NO_TOKEN && merge->right != LAC_NO_TOKEN && merge->product != LAC_NO_TOKEN;
}

static enum lac_status read_merges(struct lac_tokenizer *tokenizer, const struct source *source)
{
	if (source->n_merges > MERGES_MAX)
		return lac_fail(source->error, LAC_UNSUPPORTED_MODEL, 0, "tokenizer.ggml.merges: more than %u", MERGES_MAX);
	tokenizer->merges = lac_calloc(source->n_merges + 1, sizeof *tokenizer->merges);
	tokenizer->merge_slots = create_slots(source->n_merges, &tokenizer->slot_mask);
	if (!tokenizer->merges || !tokenizer->merge_slots)
		return lac_fail_memory(source->error, source->n_merges * 20, "merges");
	for (uint32_t i = 0; i < source->n_merges; i++) {
		struct lac_merge *merge = &tokenizer->merges[i];
		uint32_t slot;

		if (!read_merge(source, source->merges[i], merge) || !merge_keeps_text(tokenizer, merge))
			return lac_fail(source->error, LAC_BAD_MODEL, 0, "tokenizer.ggml.merges: merge %u, \"%.*s\", is not of two tokens "
				"whose joined text is a token", (unsigned)i, shown(source->merges[i]), source->merges[i].bytes);
		tokenizer->n_merges = i + 1;
		if (lac_merge_rank(tokenizer, merge->left, merge->right) != LAC_NO_TOKEN)
			continue; /* of several the first counts */
		slot = lac_merge_slot(tokenizer, merge->left, merge->right);
		while (tokenizer->merge_slots[slot])
			slot = (slot + 1) & tokenizer->slot_mask;
		tokenizer->merge_slots[slot] = i + 1;
	}
	return LAC_OK;
}

/* ---- Keys ---------------------------------------------------------------------- */

static enum lac_status require(const struct lac_gguf *gguf, const char *key, const char *value, struct lac_error *error)
{
	struct lac_string found;
	enum lac_status s = lac_gguf_string(gguf, key, true, &found, error);

	if (!s && !lac_string_equals(found, value))
		return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "%s is \"%.*s\"; this build knows \"%s\"", key, shown(found),
			found.bytes, value);
	return s;
}

static enum lac_status read_special(struct lac_tokenizer *tokenizer, const struct lac_gguf *gguf, struct lac_error *error)
{
	enum lac_status s = lac_gguf_u32(gguf, "tokenizer.ggml.bos_token_id", false, LAC_NO_TOKEN, &tokenizer->bos, error);

	if (!s)
		s = lac_gguf_u32(gguf, "tokenizer.ggml.eos_token_id", false, LAC_NO_TOKEN, &tokenizer->eos, error);
	if (s)
		return s;
	if (tokenizer->bos == LAC_NO_TOKEN)
		tokenizer->bos = tokenizer->eos;
	if (tokenizer->bos >= tokenizer->n_tokens || (tokenizer->eos != LAC_NO_TOKEN && tokenizer->eos >= tokenizer->n_tokens))
		return lac_fail(error, LAC_BAD_MODEL, 0, "tokenizer.ggml.bos_token_id or eos_token_id is absent or names no token");
	/* a token that stands for text cannot also end a record */
	if (tokenizer->eos != LAC_NO_TOKEN && tokenizer->text_starts[tokenizer->eos] != tokenizer->text_starts[tokenizer->eos + 1])
		tokenizer->eos = LAC_NO_TOKEN;
	return LAC_OK;
}

static enum lac_status read_source(struct source *source, const struct lac_gguf *gguf)
{
	struct lac_error *error = source->error;
	enum lac_status s = require(gguf, "tokenizer.ggml.model", "gpt2", error);

	if (!s)
		s = require(gguf, "tokenizer.ggml.pre", "gpt-2", error);
	if (!s)
		s = lac_gguf_strings(gguf, "tokenizer.ggml.tokens", true, &source->tokens, &source->n_tokens, error);
	if (!s)
		s = lac_gguf_strings(gguf, "tokenizer.ggml.merges", true, &source->merges, &source->n_merges, error);
	if (!s)
		s = lac_gguf_i32s(gguf, "tokenizer.ggml.token_type", false, &source->types, &source->n_types, error);
	if (s)
		return s;
	if (source->n_tokens == 0 || source->n_tokens > LAC_VOCABULARY_MAX)
		return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "tokenizer.ggml.tokens holds %zu tokens; 1 to %u are possible",
			source->n_tokens, LAC_VOCABULARY_MAX);
	if (source->types && source->n_types != source->n_tokens)
		return lac_fail(error, LAC_BAD_MODEL, 0, "tokenizer.ggml.token_type holds %zu values for %zu tokens",
			source->n_types, source->n_tokens);
	return LAC_OK;
}

enum lac_status lac_tokenizer_create(struct lac_tokenizer **out, const struct lac_gguf *gguf, struct lac_error *error)
{
	struct source source = { .error = error };
	struct lac_tokenizer *tokenizer = lac_calloc(1, sizeof *tokenizer);
	enum lac_status s;

	*out = tokenizer;
	if (!tokenizer)
		return lac_fail_memory(error, sizeof *tokenizer, "a tokenizer");
	for (unsigned byte = 0; byte < 256; byte++)
		tokenizer->of_byte[byte] = LAC_NO_TOKEN;
	s = read_source(&source, gguf);
	tokenizer->n_tokens = (uint32_t)source.n_tokens;
	if (!s)
		s = read_texts(tokenizer, &source);
	if (!s)
		s = read_special(tokenizer, gguf, error);
	if (!s)
		s = index_spellings(&source);
	if (!s)
		s = read_merges(tokenizer, &source);
	lac_free(source.tokens);
	lac_free(source.merges);
	lac_free(source.types);
	lac_free(source.slots);
	if (s)
		lac_tokenizer_free(out);
	return s;
}

void lac_tokenizer_free(struct lac_tokenizer **tokenizer)
{
	if (!*tokenizer)
		return;
	lac_free((*tokenizer)->text);
	lac_free((*tokenizer)->text_starts);
	lac_free((*tokenizer)->merges);
	lac_free((*tokenizer)->merge_slots);
	lac_free(*tokenizer);
	*tokenizer = NULL;
}

/* ---- Questions ----------------------------------------------------------------- */

const uint8_t *lac_token_bytes(const struct lac_tokenizer *tokenizer, uint32_t token, size_t *n_bytes)
{
	*n_bytes = tokenizer->text_starts[token + 1] - tokenizer->text_starts[token];
	return *n_bytes ? tokenizer->text + tokenizer->text_starts[token] : NULL;
}

uint32_t lac_tokenizer_n_tokens(const struct lac_tokenizer *tokenizer)
{
	return tokenizer->n_tokens;
}

uint32_t lac_tokenizer_bos(const struct lac_tokenizer *tokenizer)
{
	return tokenizer->bos;
}

uint32_t lac_tokenizer_eos(const struct lac_tokenizer *tokenizer)
{
	return tokenizer->eos;
}

bool lac_tokenizer_has_all_bytes(const struct lac_tokenizer *tokenizer)
{
	return tokenizer->has_all_bytes;
}

const char *lac_tokenizer_name(const struct lac_tokenizer *tokenizer)
{
	(void)tokenizer;
	return "gpt2/gpt-2";
}

void lac_tokenizer_identify(const struct lac_tokenizer *tokenizer, struct lac_hash128 *hash)
{
	const char *name = lac_tokenizer_name(tokenizer);

	lac_hash128_u32(hash, (uint32_t)strlen(name));
	lac_hash128_update(hash, name, strlen(name));
	lac_hash128_u32(hash, tokenizer->n_tokens);
	for (uint32_t i = 0; i < tokenizer->n_tokens; i++) {
		size_t n_bytes;
		const uint8_t *bytes = lac_token_bytes(tokenizer, i, &n_bytes);

		lac_hash128_u32(hash, (uint32_t)n_bytes);
		if (bytes)
			lac_hash128_update(hash, bytes, n_bytes);
	}
	lac_hash128_u32(hash, tokenizer->n_merges);
	for (uint32_t i = 0; i < tokenizer->n_merges; i++) {
		lac_hash128_u32(hash, tokenizer->merges[i].left);
		lac_hash128_u32(hash, tokenizer->merges[i].right);
		lac_hash128_u32(hash, tokenizer->merges[i].product);
	}
	lac_hash128_u32(hash, tokenizer->bos);
	lac_hash128_u32(hash, tokenizer->eos);
}
