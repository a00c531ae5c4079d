/* textbook_tokenizer.h: symbols as arithmetic.md section 9 says them, by texts and plain
 * searches. */
#ifndef LAC_TEST_TEXTBOOK_TOKENIZER_H
#define LAC_TEST_TEXTBOOK_TOKENIZER_H

#include "texts.h"
#include "vocabulary.h"

#include "tokenizer/unicode.h"

/* ---- Byte-level merges (9.3) ------------------------------------------------------- */

/* Pieces of a pre-token, as borders in its spelling: while a merge is known for two neighbours,
 * that of lowest rank, leftmost. */
static inline size_t merge_plainly(const struct vocabulary *v, const char *spelled, size_t *borders, size_t n_pieces)
{
	static char both[4 * LAC_PRETOKEN_BYTES_MAX];

	for (;;) {
		uint32_t least = LAC_NO_TOKEN;
		size_t at = 0;

		for (size_t i = 0; i + 1 < n_pieces; i++) {
			const size_t left = borders[i + 1] - borders[i], right = borders[i + 2] - borders[i + 1];
			uint32_t rank;

			memcpy(both, spelled + borders[i], left);
			both[left] = ' ';
			memcpy(both + left + 1, spelled + borders[i + 1], right);
			rank = look_up(v->by_merge, v->n_merges, (struct lac_string){ both, left + 1 + right });
			if (rank < least) {
				least = rank;
				at = i;
			}
		}
		if (least == LAC_NO_TOKEN)
			return n_pieces;
		memmove(borders + at + 1, borders + at + 2, (n_pieces - at - 1) * sizeof *borders);
		n_pieces--;
	}
}

/* Symbols of bytes that all have a token. */
static inline size_t encode_run(const struct vocabulary *v, const uint8_t *text, size_t n_bytes, lac_symbol *out)
{
	static char spelled[2 * LAC_PRETOKEN_BYTES_MAX];
	static size_t borders[LAC_PRETOKEN_BYTES_MAX + 1];
	size_t n_pieces, at = 0;

	borders[0] = 0;
	for (size_t i = 0; i < n_bytes; i++)
		borders[i + 1] = borders[i] + spell_byte(spelled + borders[i], text[i]);
	n_pieces = merge_plainly(v, spelled, borders, n_bytes);
	for (size_t i = 0; i < n_pieces; i++) {
		static uint8_t piece[2 * LAC_PRETOKEN_BYTES_MAX];
		const int n = unspell((struct lac_string){ spelled + borders[i], borders[i + 1] - borders[i] }, piece);

		out[i] = token_of_text(v, text + at, (size_t)n);
		at += (size_t)n;
	}
	return n_pieces;
}

/* Symbols of at most LAC_PRETOKEN_BYTES_MAX bytes of one pre-token: bytes without a token stand
 * alone. */
static inline size_t encode_pretoken(const struct vocabulary *v, const uint8_t *text, size_t n_bytes, lac_symbol *out)
{
	size_t n = 0;

	if (v->takes_whole && token_of_text(v, text, n_bytes) != LAC_NO_TOKEN) {
		*out = token_of_text(v, text, n_bytes);
		return 1;
	}
	for (size_t at = 0; at < n_bytes;) {
		size_t end = at;

		while (end < n_bytes && v->of_byte[text[end]] != LAC_NO_TOKEN)
			end++;
		n += encode_run(v, text + at, end - at, out + n);
		if (end < n_bytes)
			out[n++] = LAC_SYMBOL_RAW | text[end++];
		at = end;
	}
	return n;
}

/* ---- SentencePiece (9.4) ----------------------------------------------------------- */

/* While two neighbours together are a token, those whose token has the highest score, leftmost. */
static inline size_t merge_by_score(const struct vocabulary *v, const uint8_t *text, size_t *borders, size_t n_pieces)
{
	for (;;) {
		uint32_t best = LAC_NO_TOKEN;
		size_t at = 0;

		for (size_t i = 0; i + 1 < n_pieces; i++) {
			const uint32_t token = token_of_text(v, text + borders[i], borders[i + 2] - borders[i]);

			if (token != LAC_NO_TOKEN && (best == LAC_NO_TOKEN || v->scores[token] > v->scores[best])) {
				best = token;
				at = i;
			}
		}
		if (best == LAC_NO_TOKEN)
			return n_pieces;
		memmove(borders + at + 1, borders + at + 2, (n_pieces - at - 1) * sizeof *borders);
		n_pieces--;
	}
}

/* Symbols of a piece, of any length. */
static inline size_t encode_characters(const struct vocabulary *v, const uint8_t *text, size_t n_bytes, lac_symbol *out)
{
	size_t *borders = calloc(n_bytes + 1, sizeof *borders), n_pieces = 0, n = 0, length;

	for (size_t at = 0; at < n_bytes; at += length) {
		(void)lac_unicode_next(text + at, n_bytes - at, &length);
		borders[++n_pieces] = at + length;
	}
	n_pieces = merge_by_score(v, text, borders, n_pieces);
	for (size_t i = 0; i < n_pieces; i++) {
		const uint32_t token = token_of_text(v, text + borders[i], borders[i + 1] - borders[i]);

		if (token != LAC_NO_TOKEN)
			out[n++] = token;
		for (size_t at = borders[i]; token == LAC_NO_TOKEN && at < borders[i + 1]; at++)
			out[n++] = v->of_byte[text[at]] != LAC_NO_TOKEN ? v->of_byte[text[at]] : LAC_SYMBOL_RAW | text[at];
	}
	free(borders);
	return n;
}

/* Bytes up to the first two that stand side by side in no normal token. */
static inline size_t match_joined(const struct vocabulary *v, const uint8_t *text, size_t n_bytes)
{
	size_t n = 1;

	while (n < n_bytes && v->together[text[n - 1]][text[n]])
		n++;
	return n;
}

/* ---- Whole texts -------------------------------------------------------------------- */

/* A text without user-defined tokens. */
static inline size_t encode_part(const struct vocabulary *v, const uint8_t *text, size_t n_bytes, lac_symbol *out)
{
	size_t n = 0;

	for (size_t at = 0, pretoken = 0; at < n_bytes;) {
		size_t length;

		if (at == pretoken)
			pretoken += v->pattern ? v->pattern(text + at, n_bytes - at) : match_joined(v, text + at, n_bytes - at);
		length = pretoken - at < 1024 ? pretoken - at : 1024;
		n += (v->pattern ? encode_pretoken : encode_characters)(v, text + at, length, out + n);
		at += length;
	}
	return n;
}

/* The longest user-defined token that the text begins with, or LAC_NO_TOKEN (9.5). */
static inline uint32_t match_user_token(const struct vocabulary *v, const uint8_t *text, size_t n_bytes)
{
	uint32_t found = LAC_NO_TOKEN;

	for (size_t i = 0; i < v->n_user_tokens; i++) {
		const struct lac_string user = v->texts[v->user_tokens[i]];

		if (user.length <= n_bytes && memcmp(user.bytes, text, user.length) == 0 &&
		    (found == LAC_NO_TOKEN || user.length > v->texts[found].length))
			found = v->user_tokens[i];
	}
	return found;
}

/* `out` holds n_bytes of symbols. */
static inline size_t encode_parts(const struct vocabulary *v, const uint8_t *text, size_t n_bytes, lac_symbol *out)
{
	size_t n = 0, start = 0;

	for (size_t at = 0; v->n_user_tokens && at < n_bytes; at++) {
		const uint32_t token = match_user_token(v, text + at, n_bytes - at);

		if (token == LAC_NO_TOKEN)
			continue;
		n += encode_part(v, text + start, at - start, out + n);
		out[n++] = token;
		start = at + v->texts[token].length;
		at = start - 1;
	}
	return n + encode_part(v, text + start, n_bytes - start, out + n);
}

/* Symbols by the textbook; `out` holds n_bytes + 1 of them. */
static inline size_t encode_plainly(const struct vocabulary *v, const uint8_t *text, size_t n_bytes, lac_symbol *out)
{
	uint8_t *spaced;
	size_t n;

	if (!v->adds_space || n_bytes == 0)
		return encode_parts(v, text, n_bytes, out);
	spaced = malloc(n_bytes + 1);
	if (!spaced)
		abort();
	spaced[0] = ' ';
	memcpy(spaced + 1, text, n_bytes);
	n = encode_parts(v, spaced, n_bytes + 1, out);
	free(spaced);
	return n;
}

/* The text of symbols, as a decoder puts it together; to be freed. NULL: a symbol stands for no
 * text. */
static inline uint8_t *text_of_symbols(const struct vocabulary *v, const struct lac_symbols *symbols, size_t *n_bytes)
{
	size_t capacity = 1, n = 0;
	uint8_t *text;

	for (size_t i = 0; i < symbols->length; i++) {
		if (!(symbols->at[i] & LAC_SYMBOL_RAW) && (symbols->at[i] >= v->n_tokens || v->texts[symbols->at[i]].length == 0))
			return NULL;
		capacity += symbols->at[i] & LAC_SYMBOL_RAW ? 1 : v->texts[symbols->at[i]].length;
	}
	text = calloc(capacity, 1);
	for (size_t i = 0; text && i < symbols->length; i++) {
		const uint8_t raw = (uint8_t)symbols->at[i];
		const struct lac_string found = symbols->at[i] & LAC_SYMBOL_RAW ? (struct lac_string){ (const char *)&raw, 1 } :
			v->texts[symbols->at[i]];

		memcpy(text + n, found.bytes, found.length);
		n += found.length;
	}
	if (text && v->adds_space && n && text[0] == ' ')
		memmove(text, text + 1, --n);
	*n_bytes = n;
	return text;
}

#endif
