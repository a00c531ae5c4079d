/* scores.c: the pairs of SentencePiece vocabularies, from tokenizer.ggml.scores (arithmetic.md
 * section 9.4). */
#include "base/strict_float.h"
#include "base/memory.h"
#include "tokenizer/tokenizer_tables.h"
#include "tokenizer/unicode.h"

#include <stdlib.h>

/* twice as many as tokens are usual; in a hostile vocabulary, one for every byte of its file */
#define PAIRS_MAX (1u << 20)

_Static_assert(LAC_VOCABULARY_MAX <= LAC_RANK_MAX + 1, "a rank is how many scores are higher");

/* ---- Ranks --------------------------------------------------------------------- */

struct scored {
	float score;
	uint32_t token;
};

static int compare_scores(const void *a, const void *b)
{
	const float left = ((const struct scored *)a)->score, right = ((const struct scored *)b)->score;

	return (left < right) - (left > right);
}

/* How many different scores are higher. NULL: no memory. */
static uint32_t *create_ranks(const float *scores, uint32_t n)
{
	struct scored *sorted = lac_calloc(n, sizeof *sorted);
	uint32_t *ranks = lac_calloc(n, sizeof *ranks), rank = 0;

	for (uint32_t i = 0; sorted && i < n; i++)
		sorted[i] = (struct scored){ scores[i], i };
	if (sorted && ranks)
		qsort(sorted, n, sizeof *sorted, compare_scores);
	for (uint32_t i = 0; sorted && ranks && i < n; i++) {
		rank += i && sorted[i].score != sorted[i - 1].score;
		ranks[sorted[i].token] = rank;
	}
	if (!sorted) {
		lac_free(ranks);
		ranks = NULL;
	}
	lac_free(sorted);
	return ranks;
}

/* ---- Pairs --------------------------------------------------------------------- */

/* What a part of a token's text is while it is merged: a token, or one character; LAC_NO_TOKEN:
 * neither. */
static uint32_t find_part(const struct lac_tokenizer *tokenizer, const uint8_t *text, size_t n_bytes)
{
	const uint32_t token = lac_token_of_text(tokenizer, text, n_bytes);
	uint32_t character;

	if (token != LAC_NO_TOKEN)
		return token;
	if (n_bytes == 1)
		return LAC_SYMBOL_RAW | *text;
	return lac_utf8_decode(text, n_bytes, &character) == n_bytes ? lac_unknown_character(character) : LAC_NO_TOKEN;
}

/* Adds every way of cutting a token's text between two characters into two such parts. */
static enum lac_status add_pairs(struct lac_tokenizer *tokenizer, uint32_t token, uint32_t rank, struct lac_error *error)
{
	size_t n_bytes, length;
	const uint8_t *text = lac_token_bytes(tokenizer, token, &n_bytes);

	if (tokenizer->types[token] != LAC_TOKEN_NORMAL || lac_token_of_text(tokenizer, text, n_bytes) != token)
		return LAC_OK; /* of several with one text the first counts */
	(void)lac_unicode_next(text, n_bytes, &length);
	for (size_t at = length; at < n_bytes; at += length) {
		const uint32_t left = find_part(tokenizer, text, at);
		const uint32_t right = left != LAC_NO_TOKEN ? find_part(tokenizer, text + at, n_bytes - at) : LAC_NO_TOKEN;

		if (right != LAC_NO_TOKEN && tokenizer->n_pairs == PAIRS_MAX)
			return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "tokenizer.ggml.tokens: more than %u pairs of tokens make tokens", PAIRS_MAX);
		if (right != LAC_NO_TOKEN && !lac_token_pairs_add(tokenizer, (struct lac_token_pair){ left, right, rank, token }))
			return lac_fail_memory(error, (size_t)tokenizer->n_pairs * 2 * sizeof *tokenizer->pairs, "pairs of tokens");
		(void)lac_unicode_next(text + at, n_bytes - at, &length);
	}
	return LAC_OK;
}

/* Which bytes stand side by side in normal tokens. Between others the text may be cut before
 * merging. */
static void join_bytes(struct lac_tokenizer *tokenizer)
{
	for (uint32_t token = 0; token < tokenizer->n_tokens; token++) {
		size_t n_bytes;
		const uint8_t *text = lac_token_bytes(tokenizer, token, &n_bytes);

		for (size_t i = 1; tokenizer->types[token] == LAC_TOKEN_NORMAL && i < n_bytes; i++)
			tokenizer->together[text[i - 1]][text[i] / 64] |= UINT64_C(1) << text[i] % 64;
	}
}

static enum lac_status read_scores(struct lac_tokenizer *tokenizer, const struct lac_gguf *gguf, struct lac_error *error)
{
	size_t n;
	enum lac_status s = lac_gguf_f32s(gguf, "tokenizer.ggml.scores", true, &tokenizer->scores, &n, error);

	if (!s && n != tokenizer->n_tokens)
		return lac_fail(error, LAC_BAD_MODEL, 0, "tokenizer.ggml.scores holds %zu values for %u tokens", n,
			(unsigned)tokenizer->n_tokens);
	for (size_t i = 0; !s && i < n; i++)
		if (tokenizer->scores[i] != tokenizer->scores[i])
			return lac_fail(error, LAC_BAD_MODEL, 0, "tokenizer.ggml.scores: the score of token %zu is not a number", i);
	return s;
}

enum lac_status lac_scores_read(struct lac_tokenizer *tokenizer, const struct lac_gguf *gguf, struct lac_error *error)
{
	enum lac_status s = read_scores(tokenizer, gguf, error);
	uint32_t *ranks;

	if (!s)
		s = lac_gguf_bool(gguf, "tokenizer.ggml.add_space_prefix", false, true, &tokenizer->adds_space, error);
	if (s)
		return s;
	ranks = create_ranks(tokenizer->scores, tokenizer->n_tokens);
	if (!ranks)
		return lac_fail_memory(error, tokenizer->n_tokens * sizeof *ranks, "scores");
	for (uint32_t token = 0; !s && token < tokenizer->n_tokens; token++)
		s = add_pairs(tokenizer, token, ranks[token], error);
	lac_free(ranks);
	join_bytes(tokenizer);
	return s;
}
