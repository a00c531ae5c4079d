#include "tokenizer/pretokenizer.h"
#include "tokenizer/unicode.h"

#include <stdbool.h>

/* ---- Runs ---------------------------------------------------------------------- */

/* The class of the first character, if there is one. */
static bool begins_with(const uint8_t *text, size_t n_bytes, enum lac_unicode_class wanted)
{
	size_t length;

	return n_bytes && lac_unicode_next(text, n_bytes, &length) == wanted;
}

/* Length of the run of characters of one class, of n_max at most. */
static size_t run_length(const uint8_t *text, size_t n_bytes, enum lac_unicode_class wanted, size_t n_max)
{
	size_t at = 0, length;

	while (at < n_bytes && n_max-- && lac_unicode_next(text + at, n_bytes - at, &length) == wanted)
		at += length;
	return at;
}

static bool ends_line(uint8_t byte)
{
	return byte == '\r' || byte == '\n';
}

static size_t contraction_length(const uint8_t *text, size_t n_bytes, bool any_case)
{
	static const char *const endings[] = { "s", "t", "re", "ve", "m", "ll", "d" };
	const uint8_t case_bit = any_case ? 0x20 : 0; /* which the small letters have */

	if (text[0] != '\'')
		return 0;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		size_t same = 0;

		while (endings[i][same] && 1 + same < n_bytes && (text[1 + same] | case_bit) == endings[i][same])
			same++;
		if (!endings[i][same])
			return 1 + same;
	}
	return 0;
}

/* White space. */
struct space {
	size_t length, last; /* of the run; where its last character begins */
	size_t lines;        /* where its last CR or LF ends, 0: it has none */
};

static struct space find_space(const uint8_t *text, size_t n_bytes)
{
	struct space space = { 0, 0, 0 };
	size_t length;

	while (space.length < n_bytes && lac_unicode_next(text + space.length, n_bytes - space.length, &length) == LAC_UNICODE_SPACE) {
		space.last = space.length;
		space.length += length;
		if (ends_line(text[space.last]))
			space.lines = space.length;
	}
	return space;
}

/* White space before something else leaves its last character to that. */
static size_t space_length(const struct space *space, bool is_last)
{
	return is_last || space->last == 0 ? space->length : space->last;
}

/* ---- Kinds ---------------------------------------------------------------------- */

/* gpt-2; smollm is the same in texts that end at every number, each of which stands alone. */
static size_t gpt2_length(const uint8_t *text, size_t n_bytes, bool ends_at_numbers)
{
	const size_t lead = text[0] == ' ' ? 1 : 0; /* one space goes with what follows it */
	size_t length = contraction_length(text, n_bytes, false);
	struct space space;

	if (length)
		return length;
	if (lead < n_bytes) {
		const enum lac_unicode_class first = lac_unicode_next(text + lead, n_bytes - lead, &length);

		if (first == LAC_UNICODE_NUMBER && ends_at_numbers)
			return lead ? lead : length;
		if (first != LAC_UNICODE_SPACE)
			return lead + run_length(text + lead, n_bytes - lead, first, SIZE_MAX);
	}
	space = find_space(text, n_bytes);
	return space_length(&space, space.length == n_bytes ||
		(ends_at_numbers && begins_with(text + space.length, n_bytes - space.length, LAC_UNICODE_NUMBER)));
}

/* llama-bpe and qwen2, which differ in how many digits go together. */
static size_t llama_length(const uint8_t *text, size_t n_bytes, size_t n_digits)
{
	const size_t lead = text[0] == ' ' ? 1 : 0;
	size_t length = contraction_length(text, n_bytes, true), n_others;
	enum lac_unicode_class first;
	struct space space;

	if (length)
		return length;
	first = lac_unicode_next(text, n_bytes, &length);
	if (first == LAC_UNICODE_NUMBER)
		return run_length(text, n_bytes, first, n_digits);
	if (first == LAC_UNICODE_LETTER)
		return run_length(text, n_bytes, first, SIZE_MAX);
	if (!ends_line(text[0]) && begins_with(text + length, n_bytes - length, LAC_UNICODE_LETTER))
		return length + run_length(text + length, n_bytes - length, LAC_UNICODE_LETTER, SIZE_MAX);
	n_others = run_length(text + lead, n_bytes - lead, LAC_UNICODE_OTHER, SIZE_MAX);
	if (n_others) {
		length = lead + n_others;
		while (length < n_bytes && ends_line(text[length]))
			length++;
		return length;
	}
	space = find_space(text, n_bytes);
	return space.lines ? space.lines : space_length(&space, space.length == n_bytes);
}

size_t lac_pretoken_gpt2(const uint8_t *text, size_t n_bytes)
{
	return gpt2_length(text, n_bytes, false);
}

size_t lac_pretoken_smollm(const uint8_t *text, size_t n_bytes)
{
	return gpt2_length(text, n_bytes, true);
}

size_t lac_pretoken_llama_bpe(const uint8_t *text, size_t n_bytes)
{
	return llama_length(text, n_bytes, 3);
}

size_t lac_pretoken_qwen2(const uint8_t *text, size_t n_bytes)
{
	return llama_length(text, n_bytes, 1);
}
