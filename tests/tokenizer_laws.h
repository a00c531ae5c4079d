/* tokenizer_laws.h: what is true of the symbols of any text in any vocabulary, and texts to try it
 * on. */
#ifndef LAC_TEST_TOKENIZER_LAWS_H
#define LAC_TEST_TOKENIZER_LAWS_H

#include "memory_io.h"
#include "textbook_tokenizer.h"

#include <glob.h>

/* ---- Texts ----------------------------------------------------------------------- */

typedef void text_check(const struct vocabulary *v, const uint8_t *text, size_t n_bytes, const struct lac_symbols *symbols);

static char place[100]; /* which text is being looked at */
static struct lac_symbols reused; /* by every call, so that nothing of an earlier text may stay */

static inline void try_text(text_check *check, const struct vocabulary *v, const void *text, size_t n_bytes)
{
	uint8_t *copy = exact_copy(text, n_bytes);

	CHECK_NOTE(!lac_tokenize(v->tokenizer, copy, n_bytes, &reused, NULL), "%s, %s", v->name, place);
	check(v, copy, n_bytes, &reused);
	free(copy);
}

static inline void for_random_texts(text_check *check, const struct vocabulary *v, unsigned n)
{
	uint8_t text[RANDOM_TEXT_MAX];

	for (unsigned i = 0; i < n; i++) {
		uint64_t state = i;

		snprintf(place, sizeof place, "random text %u", i);
		try_text(check, v, text, random_text(&state, text));
	}
}

/* Every byte alone, before and after a space and a letter; all bytes up and down; runs of each
 * byte. */
static inline void for_texts_of_bytes(text_check *check, const struct vocabulary *v)
{
	uint8_t text[512];

	for (unsigned byte = 0; byte < 256; byte++) {
		const uint8_t around[] = { (uint8_t)byte, ' ', (uint8_t)byte, 'a', (uint8_t)byte, (uint8_t)byte };

		snprintf(place, sizeof place, "byte %02x", byte);
		for (size_t n = 1; n <= sizeof around; n++)
			try_text(check, v, around, n);
		text[byte] = (uint8_t)byte;
		text[511 - byte] = (uint8_t)byte;
	}
	snprintf(place, sizeof place, "all bytes");
	try_text(check, v, text, sizeof text);
	for (unsigned byte = 0; byte < 256; byte += 5) {
		snprintf(place, sizeof place, "a run of byte %02x", byte);
		memset(text, (int)byte, sizeof text);
		try_text(check, v, text, 101);
	}
	snprintf(place, sizeof place, "nothing");
	try_text(check, v, text, 0);
	CHECK(reused.length == 0);
}

/* Tokens without text spelled out, alone and inside words; and tokens of every kind, one after
 * another. */
static inline void for_spelled_tokens(text_check *check, const struct vocabulary *v)
{
	for (size_t i = 0; i < v->n_tokens; i++) {
		char text[300];

		if ((v->types && v->types[i] != TYPE_NORMAL) || i % 97 == 0) {
			const int length = (int)(v->tokens[i].length < 40 ? v->tokens[i].length : 40);
			const char *token = v->tokens[i].bytes;

			snprintf(place, sizeof place, "the spelling of token %zu", i);
			snprintf(text, sizeof text, "%.*sa%.*s %.*s\n%.*s%.*s", length, token, length, token, length, token, length, token,
				length, token);
			try_text(check, v, text, (size_t)length);
			try_text(check, v, text, strlen(text));
		}
	}
	for (size_t i = 0; i < N_SNIPPETS; i++) {
		snprintf(place, sizeof place, "snippet %zu", i);
		try_text(check, v, snippets[i], strlen(snippets[i]));
	}
}

static inline void for_examples(text_check *check, const struct vocabulary *v)
{
	glob_t found;

	if (glob("examples/*.txt", 0, NULL, &found)) {
		CHECK_NOTE(false, "no examples/*.txt here: tests run in the project's folder");
		return;
	}
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct bytes text = read_file(found.gl_pathv[i]);

		snprintf(place, sizeof place, "%s", found.gl_pathv[i]);
		try_text(check, v, text.at, text.length);
		free(text.at);
	}
	globfree(&found);
}

/* ---- Laws of one text --------------------------------------------------------------- */

static inline void check_comes_back(const struct vocabulary *v, const uint8_t *text, size_t n_bytes, const struct lac_symbols *symbols)
{
	size_t n_found = 0, n_told = 0;
	uint8_t *found = text_of_symbols(v, symbols, &n_found);

	CHECK_NOTE(found && n_found == n_bytes && (!n_bytes || memcmp(found, text, n_bytes) == 0), "%s, %s: %zu bytes for %zu", v->name,
		place, n_found, n_bytes);
	for (size_t i = 0; i < symbols->length; i++)
		n_told += lac_symbol_length(v->tokenizer, symbols->at[i], i == 0);
	CHECK_NOTE(n_told == n_bytes, "%s, %s: symbols are said to have %zu bytes of %zu", v->name, place, n_told, n_bytes);
	CHECK_NOTE(lac_symbols_with_text(v->tokenizer, symbols) <= n_bytes, "%s, %s: more symbols than bytes", v->name, place);
	free(found);
}

static inline void check_raw(const struct vocabulary *v, const uint8_t *text, size_t n_bytes, const struct lac_symbols *symbols)
{
	size_t n_missing = 0, n_raw = 0;

	for (size_t i = 0; i < n_bytes; i++)
		n_missing += v->of_byte[text[i]] == LAC_NO_TOKEN;
	for (size_t i = 0; i < symbols->length; i++)
		if (symbols->at[i] & LAC_SYMBOL_RAW) {
			n_raw++;
			CHECK_NOTE(symbols->at[i] <= (LAC_SYMBOL_RAW | 0xff) && v->of_byte[symbols->at[i] & 0xff] == LAC_NO_TOKEN,
				"%s, %s: symbol %zu is %08x", v->name, place, i, (unsigned)symbols->at[i]);
		}
	if (v->pattern == match_pattern)
		CHECK_NOTE(n_raw == n_missing, "%s, %s: %zu raw bytes, %zu without a token", v->name, place, n_raw, n_missing);
	else /* those in other tokens are not */
		CHECK_NOTE(n_raw <= n_missing, "%s, %s: %zu raw bytes, %zu without a token", v->name, place, n_raw, n_missing);
}

static inline void check_textbook(const struct vocabulary *v, const uint8_t *text, size_t n_bytes, const struct lac_symbols *symbols)
{
	lac_symbol *plain = calloc(n_bytes + 2, sizeof *plain);
	const size_t n = encode_plainly(v, text, n_bytes, plain);
	size_t same = 0;

	while (same < n && same < symbols->length && plain[same] == symbols->at[same])
		same++;
	CHECK_NOTE(same == n && n == symbols->length, "%s, %s: %zu symbols, by the textbook %zu, the same up to %zu", v->name, place,
		symbols->length, n, same);
	free(plain);
}

#endif
