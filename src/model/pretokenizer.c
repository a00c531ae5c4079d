#include "model/pretokenizer.h"
#include "model/unicode.h"

#include <string.h>

/* Length of the run of characters of one class. */
static size_t run_length(const uint8_t *text, size_t n_bytes, enum lac_unicode_class wanted)
{
	size_t at = 0, length;

	while (at < n_bytes && lac_unicode_next(text + at, n_bytes - at, &length) == wanted)
		at += length;
	return at;
}

static size_t contraction_length(const uint8_t *text, size_t n_bytes)
{
	static const char endings[][3] = { "s", "t", "re", "ve", "m", "ll", "d" };

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		size_t length = strlen(endings[i]);

		if (n_bytes > length && memcmp(text + 1, endings[i], length) == 0)
			return 1 + length;
	}
	return 0;
}

/* White space before something else leaves its last character to that. */
static size_t space_length(const uint8_t *text, size_t n_bytes)
{
	size_t at = 0, last = 0, length;

	while (at < n_bytes && lac_unicode_next(text + at, n_bytes - at, &length) == LAC_UNICODE_SPACE) {
		last = at;
		at += length;
	}
	return at < n_bytes && last > 0 ? last : at;
}

size_t lac_pretoken_gpt2(const uint8_t *text, size_t n_bytes)
{
	const size_t lead = text[0] == ' ' ? 1 : 0; /* one space goes with what follows it */
	enum lac_unicode_class first;
	size_t length;

	if (text[0] == '\'') {
		length = contraction_length(text, n_bytes);
		if (length)
			return length;
	}
	if (lead < n_bytes) {
		first = lac_unicode_next(text + lead, n_bytes - lead, &length);
		if (first != LAC_UNICODE_SPACE)
			return lead + run_length(text + lead, n_bytes - lead, first);
	}
	return space_length(text, n_bytes);
}
