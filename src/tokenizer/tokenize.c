/* tokenize.c: text -> pieces -> merges -> symbols (arithmetic.md section 9). */
#include "base/memory.h"
#include "tokenizer/merging.h"

#include <string.h>

void lac_symbols_free(struct lac_symbols *symbols)
{
	lac_free(symbols->at);
	*symbols = (struct lac_symbols){ 0 };
}

static bool reserve(struct lac_symbols *symbols, size_t n)
{
	size_t capacity = symbols->capacity ? symbols->capacity : 1024;
	lac_symbol *at;

	if (n <= symbols->capacity - symbols->length)
		return true;
	while (capacity - symbols->length < n)
		capacity *= 2;
	at = lac_realloc(symbols->at, symbols->capacity, capacity, sizeof *at);
	if (!at)
		return false;
	symbols->at = at;
	symbols->capacity = capacity;
	return true;
}

/* Appends what merging made of a piece; what is no token, byte by byte. */
static void append_merged(const struct lac_tokenizer *tokenizer, const struct lac_merging *m, const uint8_t *text,
	struct lac_symbols *symbols)
{
	for (uint32_t at = 0; at < m->n_bytes; at = m->nodes[at].next) {
		if (!(m->nodes[at].id & LAC_SYMBOL_RAW)) {
			symbols->at[symbols->length++] = m->nodes[at].id;
			continue;
		}
		for (uint32_t i = at; i < m->nodes[at].next; i++) {
			const uint32_t token = tokenizer->of_byte[text[i]];

			symbols->at[symbols->length++] = token != LAC_NO_TOKEN ? token : LAC_SYMBOL_RAW | text[i];
		}
	}
}

static void append_piece(const struct lac_tokenizer *tokenizer, const uint8_t *text, size_t n_bytes, struct lac_symbols *symbols)
{
	struct lac_merging merging; /* not initialised: it is large */
	uint32_t token;

	if (tokenizer->kind->takes_whole && (token = lac_token_of_text(tokenizer, text, n_bytes)) != LAC_NO_TOKEN) {
		symbols->at[symbols->length++] = token;
		return;
	}
	lac_merge(&merging, tokenizer, text, n_bytes);
	append_merged(tokenizer, &merging, text, symbols);
}

/* Length of the first piece between whose bytes a normal token could stand (section 9.4), of
 * SentencePiece. */
static size_t joined_length(const struct lac_tokenizer *tokenizer, const uint8_t *text, size_t n_bytes)
{
	size_t n = 1;

	while (n < n_bytes && lac_bytes_together(tokenizer, text[n - 1], text[n]))
		n++;
	return n;
}

/* Appends a text without user-defined tokens; false: no memory. */
static bool append_text(const struct lac_tokenizer *tokenizer, const uint8_t *text, size_t n_bytes, struct lac_symbols *symbols)
{
	for (size_t at = 0; at < n_bytes;) {
		const size_t end = at + (tokenizer->kind->pretoken ? tokenizer->kind->pretoken(text + at, n_bytes - at) :
			joined_length(tokenizer, text + at, n_bytes - at));

		while (at < end) {
			const size_t n = end - at < LAC_PRETOKEN_BYTES_MAX ? end - at : LAC_PRETOKEN_BYTES_MAX;

			if (!reserve(symbols, n))
				return false;
			append_piece(tokenizer, text + at, n, symbols);
			at += n;
		}
	}
	return true;
}

/* Cuts the text at user-defined tokens; false: no memory. */
static bool append_all(const struct lac_tokenizer *tokenizer, const uint8_t *text, size_t n_bytes, struct lac_symbols *symbols)
{
	size_t start = 0;

	for (size_t at = 0; tokenizer->n_user_tokens && at < n_bytes; at++) {
		const uint32_t token = tokenizer->user_begins[text[at]] ? lac_user_token(tokenizer, text + at, n_bytes - at) : LAC_NO_TOKEN;
		size_t length;

		if (token == LAC_NO_TOKEN)
			continue;
		if (!append_text(tokenizer, text + start, at - start, symbols) || !reserve(symbols, 1))
			return false;
		symbols->at[symbols->length++] = token;
		(void)lac_token_bytes(tokenizer, token, &length);
		start = at + length;
		at = start - 1;
	}
	/* no text may be no pointer */
	return start == n_bytes || append_text(tokenizer, text + start, n_bytes - start, symbols);
}

static bool append_spaced(const struct lac_tokenizer *tokenizer, const uint8_t *text, size_t n_bytes, struct lac_symbols *symbols)
{
	uint8_t *spaced = lac_malloc(n_bytes + 1, 1);
	bool is_good;

	if (!spaced)
		return false;
	spaced[0] = ' ';
	memcpy(spaced + 1, text, n_bytes);
	is_good = append_all(tokenizer, spaced, n_bytes + 1, symbols);
	lac_free(spaced);
	return is_good;
}

enum lac_status lac_tokenize(const struct lac_tokenizer *tokenizer, const uint8_t *text, size_t n_bytes,
	struct lac_symbols *symbols, struct lac_error *error)
{
	symbols->length = 0;
	if (!(tokenizer->adds_space && n_bytes ? append_spaced : append_all)(tokenizer, text, n_bytes, symbols))
		return lac_fail_memory(error, n_bytes * sizeof *symbols->at, "symbols");
	return LAC_OK;
}
