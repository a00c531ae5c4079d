/* token_texts.c: what tokens stand for (arithmetic.md section 9.1). */
#include "base/memory.h"
#include "tokenizer/tokenizer_tables.h"
#include "tokenizer/unicode.h"

#include <string.h>

/* What the file says. */
struct source {
	struct lac_string *tokens; /* owned: as they are spelled */
	int32_t *types;            /* owned; NULL: all are normal */
	size_t n_tokens, n_types;
};

/* ---- Spelling ------------------------------------------------------------------ */

/* Bytes that print as Latin-1 are spelled as themselves, the other 68 as U+0100 and up, in their
 * order. -1: no byte is spelled so. */
static int byte_of_character(uint32_t character)
{
	if (character >= 0x100)
		return character <= 0x120 ? (int)character - 0x100 : character <= 0x142 ? (int)character - 0x121 + 0x7f :
			character == 0x143 ? 0xad : -1;
	return (character > ' ' && character < 0x7f) || (character > 0xa0 && character != 0xad) ? (int)character : -1;
}

size_t lac_unspell_bytes(uint8_t *out, struct lac_string spelling)
{
	const uint8_t *at = (const uint8_t *)spelling.bytes, *end = at + spelling.length;
	size_t n = 0;

	while (at < end) {
		uint32_t character;
		const size_t length = lac_utf8_decode(at, (size_t)(end - at), &character);
		const int byte = length ? byte_of_character(character) : -1;

		if (byte < 0)
			return 0;
		out[n++] = (uint8_t)byte;
		at += length;
	}
	return n;
}

/* U+2581 stands for a space. */
static size_t unspell_spaces(uint8_t *out, struct lac_string spelling)
{
	size_t n = 0;

	for (size_t i = 0; i < spelling.length;) {
		const bool is_space = spelling.length - i >= 3 && memcmp(spelling.bytes + i, "\xe2\x96\x81", 3) == 0;

		out[n++] = is_space ? ' ' : (uint8_t)spelling.bytes[i];
		i += is_space ? 3 : 1;
	}
	return n;
}

static int hex_digit(char digit)
{
	return digit >= '0' && digit <= '9' ? digit - '0' : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/* <0x00> to <0xFF> */
static size_t unspell_byte(uint8_t *out, struct lac_string spelling)
{
	int high, low;

	if (spelling.length != 6 || memcmp(spelling.bytes, "<0x", 3) != 0 || spelling.bytes[5] != '>')
		return 0;
	high = hex_digit(spelling.bytes[3]);
	low = hex_digit(spelling.bytes[4]);
	if (high < 0 || low < 0)
		return 0;
	*out = (uint8_t)(high * 16 + low);
	return 1;
}

/* Writes a token's text and returns its length; 0: it stands for no text. */
static size_t unspell(const struct lac_tokenizer_kind *kind, int32_t type, struct lac_string spelling, uint8_t *out)
{
	if (type == LAC_TOKEN_NORMAL)
		return kind->pretoken ? lac_unspell_bytes(out, spelling) : unspell_spaces(out, spelling);
	if (type == LAC_TOKEN_BYTE && !kind->pretoken)
		return unspell_byte(out, spelling);
	if (type != LAC_TOKEN_USER || !kind->has_user_tokens)
		return 0;
	memcpy(out, spelling.bytes, spelling.length);
	return spelling.length;
}

/* ---- Texts --------------------------------------------------------------------- */

static enum lac_status read_source(struct source *source, const struct lac_gguf *gguf, bool needs_types, struct lac_error *error)
{
	enum lac_status s = lac_gguf_strings(gguf, "tokenizer.ggml.tokens", true, &source->tokens, &source->n_tokens, error);

	if (!s)
		s = lac_gguf_i32s(gguf, "tokenizer.ggml.token_type", needs_types, &source->types, &source->n_types, error);
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

static enum lac_status allocate(struct lac_tokenizer *tokenizer, const struct source *source, struct lac_error *error)
{
	size_t n_spelled = 0, n_slots = 16;

	for (size_t i = 0; i < source->n_tokens; i++)
		n_spelled += source->tokens[i].length;
	if (n_spelled >= UINT32_MAX)
		return lac_fail(error, LAC_BAD_MODEL, 0, "tokenizer.ggml.tokens holds 4 GiB or more");
	while (n_slots < 2 * source->n_tokens)
		n_slots *= 2;
	tokenizer->n_tokens = (uint32_t)source->n_tokens;
	tokenizer->text_mask = (uint32_t)n_slots - 1;
	tokenizer->text = lac_malloc(n_spelled + 1, 1);
	tokenizer->text_starts = lac_calloc(source->n_tokens + 1, sizeof *tokenizer->text_starts);
	tokenizer->types = lac_calloc(source->n_tokens, sizeof *tokenizer->types);
	tokenizer->text_slots = lac_calloc(n_slots, sizeof *tokenizer->text_slots);
	if (!tokenizer->text || !tokenizer->text_starts || !tokenizer->types || !tokenizer->text_slots)
		return lac_fail_memory(error, n_spelled, "tokens");
	return LAC_OK;
}

static enum lac_status read_texts(struct lac_tokenizer *tokenizer, const struct source *source, struct lac_error *error)
{
	size_t n_text = 0;

	for (uint32_t i = 0; i < tokenizer->n_tokens; i++) {
		const int32_t type = source->types ? source->types[i] : LAC_TOKEN_NORMAL;
		const bool may_be_long = type != LAC_TOKEN_NORMAL && (type != LAC_TOKEN_USER || !tokenizer->kind->has_user_tokens);
		size_t n;

		if (source->tokens[i].length > LAC_TOKEN_BYTES_MAX && !may_be_long)
			return lac_fail(error, LAC_BAD_MODEL, 0, "tokenizer.ggml.tokens: token %u is longer than %u bytes", (unsigned)i,
				LAC_TOKEN_BYTES_MAX);
		n = unspell(tokenizer->kind, type, source->tokens[i], tokenizer->text + n_text);
		n_text += n;
		tokenizer->text_starts[i + 1] = (uint32_t)n_text;
		tokenizer->types[i] = (uint8_t)(n ? type : LAC_TOKEN_SILENT);
	}
	return LAC_OK;
}

/* ---- Index --------------------------------------------------------------------- */

/* The slot of a text, or the empty one where it belongs. */
static uint32_t *find_text(const struct lac_tokenizer *tokenizer, const uint8_t *text, size_t n_bytes)
{
	uint32_t slot = (uint32_t)lac_hash64(text, n_bytes, 0) & tokenizer->text_mask;

	for (;; slot = (slot + 1) & tokenizer->text_mask) {
		const uint32_t entry = tokenizer->text_slots[slot];
		const uint8_t *found;
		size_t n_found;

		if (entry == 0)
			return &tokenizer->text_slots[slot];
		found = lac_token_bytes(tokenizer, entry - 1, &n_found);
		if (n_found == n_bytes && memcmp(found, text, n_bytes) == 0)
			return &tokenizer->text_slots[slot];
	}
}

uint32_t lac_token_of_text(const struct lac_tokenizer *tokenizer, const uint8_t *text, size_t n_bytes)
{
	return *find_text(tokenizer, text, n_bytes) - 1; /* an absent one gives 0 - 1 */
}

static void index_tokens(struct lac_tokenizer *tokenizer)
{
	for (uint32_t i = 0; i < tokenizer->n_tokens; i++) {
		size_t n_bytes;
		const uint8_t *text = lac_token_bytes(tokenizer, i, &n_bytes);
		const bool is_normal = tokenizer->types[i] == LAC_TOKEN_NORMAL;
		uint32_t *slot;

		if (n_bytes == 1 && tokenizer->types[i] != LAC_TOKEN_USER && tokenizer->of_byte[*text] == LAC_NO_TOKEN)
			tokenizer->of_byte[*text] = i;
		/* of several with one text the first counts */
		if (is_normal && *(slot = find_text(tokenizer, text, n_bytes)) == 0)
			*slot = i + 1;
	}
}

static void index_bytes(struct lac_tokenizer *tokenizer)
{
	tokenizer->has_all_bytes = true;
	for (unsigned i = 0; i < 256; i++) {
		const uint8_t byte = (uint8_t)i;
		const uint32_t token = tokenizer->kind->pretoken ? tokenizer->of_byte[i] : lac_token_of_text(tokenizer, &byte, 1);

		tokenizer->has_all_bytes &= tokenizer->of_byte[i] != LAC_NO_TOKEN;
		tokenizer->begins_as[i] = token != LAC_NO_TOKEN ? token : LAC_SYMBOL_RAW | byte;
	}
}

enum lac_status lac_token_texts_read(struct lac_tokenizer *tokenizer, const struct lac_gguf *gguf, struct lac_error *error)
{
	struct source source = { .tokens = NULL };
	enum lac_status s = read_source(&source, gguf, !tokenizer->kind->pretoken, error);

	memset(tokenizer->of_byte, 0xff, sizeof tokenizer->of_byte); /* LAC_NO_TOKEN */
	if (!s)
		s = allocate(tokenizer, &source, error);
	if (!s)
		s = read_texts(tokenizer, &source, error);
	if (!s) {
		index_tokens(tokenizer);
		index_bytes(tokenizer);
	}
	lac_free(source.tokens);
	lac_free(source.types);
	return s;
}
