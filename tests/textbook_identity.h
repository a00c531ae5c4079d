/* textbook_identity.h: a vocabulary's part of a model's identity (arithmetic.md section 10, item
 * 3), from the file's words. */
#ifndef LAC_TEST_TEXTBOOK_IDENTITY_H
#define LAC_TEST_TEXTBOOK_IDENTITY_H

#include "vocabulary.h"

#include "base/hash.h"

static inline void identify_merges(struct lac_hash128 *hash, const struct vocabulary *v)
{
	lac_hash128_u32(hash, (uint32_t)v->n_merges);
	for (size_t i = 0; i < v->n_merges; i++) {
		const struct lac_string line = v->merges[i];
		const size_t left = (size_t)((const char *)memchr(line.bytes, ' ', line.length) - line.bytes);
		uint8_t text[2 * LAC_TOKEN_BYTES_MAX];
		const size_t n_left = (size_t)unspell((struct lac_string){ line.bytes, left }, text);
		const size_t n_right = (size_t)unspell((struct lac_string){ line.bytes + left + 1, line.length - left - 1 }, text + n_left);

		lac_hash128_u32(hash, token_of_text(v, text, n_left));
		lac_hash128_u32(hash, token_of_text(v, text + n_left, n_right));
		lac_hash128_u32(hash, token_of_text(v, text, n_left + n_right));
	}
}

static inline void identify_token(struct lac_hash128 *hash, const struct vocabulary *v, size_t token)
{
	const struct lac_string text = v->texts[token];

	lac_hash128_u32(hash, (uint32_t)text.length);
	lac_hash128_update(hash, text.bytes, text.length);
	if (strcmp(v->kind, "gpt2/gpt-2") == 0)
		return;
	lac_hash128_u32(hash, text.length ? (uint32_t)type_of_token(v, token) : 0);
	if (!v->pattern && text.length && type_of_token(v, token) == TYPE_NORMAL) {
		uint32_t bits;

		memcpy(&bits, &v->scores[token], 4);
		lac_hash128_u32(hash, bits);
	}
}

static inline void identify_vocabulary(struct lac_hash128 *hash, const struct vocabulary *v, uint32_t bos, uint32_t eos)
{
	lac_hash128_u32(hash, (uint32_t)strlen(v->kind));
	lac_hash128_update(hash, v->kind, strlen(v->kind));
	lac_hash128_u32(hash, (uint32_t)v->n_tokens);
	for (size_t i = 0; i < v->n_tokens; i++)
		identify_token(hash, v, i);
	if (v->pattern)
		identify_merges(hash, v);
	else
		lac_hash128_u32(hash, v->adds_space);
	lac_hash128_u32(hash, bos);
	lac_hash128_u32(hash, eos);
}

#endif
