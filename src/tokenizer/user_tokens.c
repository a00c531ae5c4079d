/* user_tokens.c: user-defined tokens, which are found in the text before it is cut (arithmetic.md
 * section 9.5). */
#include "base/memory.h"
#include "tokenizer/tokenizer_tables.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	const uint8_t *text;
	size_t n_bytes;
	uint32_t token;
};

/* By text; of equals the first token first. */
static int compare(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;
	const size_t n = left->n_bytes < right->n_bytes ? left->n_bytes : right->n_bytes;
	const int order = memcmp(left->text, right->text, n);

	if (order)
		return order;
	if (left->n_bytes != right->n_bytes)
		return left->n_bytes < right->n_bytes ? -1 : 1;
	return (left->token > right->token) - (left->token < right->token);
}

static void fill(struct lac_tokenizer *tokenizer, struct entry *entries)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < tokenizer->n_tokens; i++)
		if (tokenizer->types[i] == LAC_TOKEN_USER) {
			entries[n].text = lac_token_bytes(tokenizer, i, &entries[n].n_bytes);
			entries[n].token = i;
			tokenizer->user_begins[entries[n++].text[0]] = true;
		}
	qsort(entries, n, sizeof *entries, compare);
	for (uint32_t i = 0; i < n; i++)
		if (i == 0 || entries[i].n_bytes != entries[i - 1].n_bytes ||
		    memcmp(entries[i].text, entries[i - 1].text, entries[i].n_bytes) != 0)
			tokenizer->user_tokens[tokenizer->n_user_tokens++] = entries[i].token;
}

bool lac_user_tokens_create(struct lac_tokenizer *tokenizer)
{
	struct entry *entries;
	bool has_memory;
	size_t n = 0;

	for (uint32_t i = 0; i < tokenizer->n_tokens; i++)
		n += tokenizer->types[i] == LAC_TOKEN_USER;
	if (n == 0)
		return true;
	entries = lac_calloc(n, sizeof *entries);
	tokenizer->user_tokens = lac_calloc(n, sizeof *tokenizer->user_tokens);
	has_memory = entries && tokenizer->user_tokens;
	if (has_memory)
		fill(tokenizer, entries);
	lac_free(entries);
	return has_memory;
}

static uint8_t byte_at(const struct lac_tokenizer *tokenizer, uint32_t place, size_t depth)
{
	return tokenizer->text[tokenizer->text_starts[tokenizer->user_tokens[place]] + depth];
}

/* The first of the tokens from `low` to `high`, which all have more than `depth` bytes and the same
 * before that, whose byte there is `least` or more. */
static uint32_t find_byte(const struct lac_tokenizer *tokenizer, uint32_t low, uint32_t high, size_t depth, unsigned least)
{
	if (low < high && byte_at(tokenizer, low, depth) >= least) /* often all have the same */
		return low;
	if (low < high && byte_at(tokenizer, high - 1, depth) < least)
		return high;
	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;

		if (byte_at(tokenizer, middle, depth) < least)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint32_t lac_user_token(const struct lac_tokenizer *tokenizer, const uint8_t *text, size_t n_bytes)
{
	uint32_t low = 0, high = tokenizer->n_user_tokens, found = LAC_NO_TOKEN;

	for (size_t depth = 0; low < high && depth < n_bytes; depth++) {
		size_t length;

		low = find_byte(tokenizer, low, high, depth, text[depth]);
		high = find_byte(tokenizer, low, high, depth, text[depth] + 1u);
		if (low == high)
			break;
		(void)lac_token_bytes(tokenizer, tokenizer->user_tokens[low], &length);
		if (length == depth + 1) /* the shortest comes first */
			found = tokenizer->user_tokens[low++];
	}
	return found;
}
