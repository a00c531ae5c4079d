/* tokenize.c: text -> pre-tokens -> merges -> symbols (arithmetic.md section 9). */
#include "base/memory.h"
#include "model/pretokenizer.h"
#include "model/tokenizer_tables.h"

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

/* Merges a run of tokens in place, always the pair of lowest rank, the leftmost of equals; returns how many are left.
 * A run is at most LAC_PRETOKEN_BYTES_MAX long, so that plain scans are fast enough whatever the text. */
static size_t merge(const struct lac_tokenizer *tokenizer, uint32_t *tokens, size_t n)
{
	uint32_t ranks[LAC_PRETOKEN_BYTES_MAX]; /* of the pair that begins here */

	for (size_t i = 0; i + 1 < n; i++)
		ranks[i] = lac_merge_rank(tokenizer, tokens[i], tokens[i + 1]);
	while (n > 1) {
		uint32_t least = LAC_NO_TOKEN;
		size_t at = 0;

		for (size_t i = 0; i + 1 < n; i++)
			if (ranks[i] < least) {
				least = ranks[i];
				at = i;
			}
		if (least == LAC_NO_TOKEN)
			break;
		tokens[at] = tokenizer->merges[least].product;
		memmove(tokens + at + 1, tokens + at + 2, (n - at - 2) * sizeof *tokens);
		if (at + 2 < n)
			memmove(ranks + at, ranks + at + 1, (n - at - 2) * sizeof *ranks);
		n--;
		if (at > 0)
			ranks[at - 1] = lac_merge_rank(tokenizer, tokens[at - 1], tokens[at]);
		if (at + 1 < n)
			ranks[at] = lac_merge_rank(tokenizer, tokens[at], tokens[at + 1]);
	}
	return n;
}

/* Appends a piece of a pre-token. A byte without a token is a raw symbol, and nothing merges across it. */
static void append_piece(const struct lac_tokenizer *tokenizer, const uint8_t *text, size_t n_bytes, struct lac_symbols *symbols)
{
	size_t start = symbols->length;

	for (size_t i = 0; i < n_bytes; i++) {
		const uint32_t token = tokenizer->of_byte[text[i]];

		if (token != LAC_NO_TOKEN) {
			symbols->at[symbols->length++] = token;
			continue;
		}
		symbols->length = start + merge(tokenizer, symbols->at + start, symbols->length - start);
		symbols->at[symbols->length++] = LAC_SYMBOL_RAW | text[i];
		start = symbols->length;
	}
	symbols->length = start + merge(tokenizer, symbols->at + start, symbols->length - start);
}

enum lac_status lac_tokenize(const struct lac_tokenizer *tokenizer, const uint8_t *text, size_t n_bytes,
	struct lac_symbols *symbols, struct lac_error *error)
{
	symbols->length = 0;
	for (size_t at = 0; at < n_bytes;) {
		const size_t end = at + lac_pretoken_gpt2(text + at, n_bytes - at);

		while (at < end) {
			const size_t n = end - at < LAC_PRETOKEN_BYTES_MAX ? end - at : LAC_PRETOKEN_BYTES_MAX;

			if (!reserve(symbols, n))
				return lac_fail_memory(error, n_bytes * sizeof *symbols->at, "symbols");
			append_piece(tokenizer, text + at, n, symbols);
			at += n;
		}
	}
	return LAC_OK;
}
