/* textbook_pattern.h: the pattern of GPT-2 matched as it is written, one alternative after another, on the classes of unicode.h. */
#ifndef LAC_TEST_TEXTBOOK_PATTERN_H
#define LAC_TEST_TEXTBOOK_PATTERN_H

#include "test.h"

#include "model/unicode.h"

static inline enum lac_unicode_class class_at(const uint8_t *text, size_t n_bytes, size_t *length)
{
	*length = 1;
	return n_bytes ? lac_unicode_next(text, n_bytes, length) : LAC_UNICODE_OTHER;
}

/* ` ?X+` for a class X that no space is in. */
static inline size_t match_run(const uint8_t *text, size_t n_bytes, enum lac_unicode_class wanted)
{
	const size_t start = text[0] == ' ' ? 1 : 0;
	size_t end = start, length;

	while (end < n_bytes && class_at(text + end, n_bytes - end, &length) == wanted)
		end += length;
	return end > start ? end : 0;
}

/* `\s+(?!\S)`, or `\s+`: tries the longest first. */
static inline size_t match_space(const uint8_t *text, size_t n_bytes, bool looks_ahead)
{
	size_t found = 0, end = 0, length;

	while (end < n_bytes && class_at(text + end, n_bytes - end, &length) == LAC_UNICODE_SPACE) {
		end += length;
		if (!looks_ahead || end == n_bytes || class_at(text + end, n_bytes - end, &length) == LAC_UNICODE_SPACE)
			found = end;
	}
	return found;
}

/* 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+, one alternative after another. */
static inline size_t match_pattern(const uint8_t *text, size_t n_bytes)
{
	static const char *const endings[] = { "'s", "'t", "'re", "'ve", "'m", "'ll", "'d" };
	size_t n = 0;

	for (unsigned i = 0; i < 7; i++)
		if (n_bytes >= strlen(endings[i]) && memcmp(text, endings[i], strlen(endings[i])) == 0)
			return strlen(endings[i]);
	n = match_run(text, n_bytes, LAC_UNICODE_LETTER);
	n = n ? n : match_run(text, n_bytes, LAC_UNICODE_NUMBER);
	n = n ? n : match_run(text, n_bytes, LAC_UNICODE_OTHER);
	n = n ? n : match_space(text, n_bytes, true);
	return n ? n : match_space(text, n_bytes, false);
}

#endif
