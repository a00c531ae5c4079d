/* textbook_pattern.h: the patterns of pre-tokenizers matched as they are written, one alternative
 * after another, on the classes of unicode.h. */
#ifndef LAC_TEST_TEXTBOOK_PATTERN_H
#define LAC_TEST_TEXTBOOK_PATTERN_H

#include "test.h"

#include "tokenizer/unicode.h"

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

/* 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+, one alternative after
 * another. */
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

/* The same in a text that is first cut before and after every \p{N}. */
static inline size_t match_smollm(const uint8_t *text, size_t n_bytes)
{
	size_t end = 0, length;

	while (end < n_bytes && class_at(text + end, n_bytes - end, &length) != LAC_UNICODE_NUMBER)
		end += length;
	return end ? match_pattern(text, end) : length;
}

/* `X*`, of at most so many. */
static inline size_t match_class(const uint8_t *text, size_t n_bytes, enum lac_unicode_class wanted, size_t n_max)
{
	size_t end = 0, length;

	for (size_t n = 0; n < n_max && end < n_bytes && class_at(text + end, n_bytes - end, &length) == wanted; n++)
		end += length;
	return end;
}

/* `[\r\n]*` */
static inline size_t match_lines(const uint8_t *text, size_t n_bytes)
{
	size_t end = 0;

	while (end < n_bytes && strchr("\r\n", text[end]) && text[end])
		end++;
	return end;
}

/* `(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])` */
static inline size_t match_ending(const uint8_t *text, size_t n_bytes)
{
	static const char *const endings[] = { "s", "t", "re", "ve", "m", "ll", "d", "S", "T", "RE", "Re", "rE", "VE", "Ve", "vE", "M",
		"LL", "Ll", "lL", "D" };

	for (unsigned i = 0; text[0] == '\'' && i < sizeof endings / sizeof *endings; i++)
		if (n_bytes > strlen(endings[i]) && memcmp(text + 1, endings[i], strlen(endings[i])) == 0)
			return 1 + strlen(endings[i]);
	return 0;
}

/* `[^\r\n\p{L}\p{N}]?\p{L}+` */
static inline size_t match_word(const uint8_t *text, size_t n_bytes)
{
	size_t length, n = 0;
	const enum lac_unicode_class first = class_at(text, n_bytes, &length);

	if (first != LAC_UNICODE_LETTER && first != LAC_UNICODE_NUMBER && match_lines(text, 1) == 0)
		n = match_class(text + length, n_bytes - length, LAC_UNICODE_LETTER, n_bytes);
	return n ? length + n : match_class(text, n_bytes, LAC_UNICODE_LETTER, n_bytes);
}

/* ` ?[^\s\p{L}\p{N}]+[\r\n]*` */
static inline size_t match_others(const uint8_t *text, size_t n_bytes)
{
	const size_t n = match_run(text, n_bytes, LAC_UNICODE_OTHER);

	return n ? n + match_lines(text + n, n_bytes - n) : 0;
}

/* `\s*[\r\n]+`: of `\s*` as much as leaves one. */
static inline size_t match_space_and_lines(const uint8_t *text, size_t n_bytes)
{
	for (size_t n = match_space(text, n_bytes, false); n-- > 0;)
		if (match_lines(text + n, n_bytes - n))
			return n + match_lines(text + n, n_bytes - n);
	return 0;
}

/* The pattern of Llama 3, and with one digit that of Qwen 2:
 * ENDING|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*| \s*[\r\n]+|\s+(?!\S)|\s+ */
static inline size_t match_digits(const uint8_t *text, size_t n_bytes, size_t n_digits)
{
	size_t n = match_ending(text, n_bytes);

	n = n ? n : match_word(text, n_bytes);
	n = n ? n : match_class(text, n_bytes, LAC_UNICODE_NUMBER, n_digits);
	n = n ? n : match_others(text, n_bytes);
	n = n ? n : match_space_and_lines(text, n_bytes);
	n = n ? n : match_space(text, n_bytes, true);
	return n ? n : match_space(text, n_bytes, false);
}

static inline size_t match_llama_bpe(const uint8_t *text, size_t n_bytes)
{
	return match_digits(text, n_bytes, 3);
}

static inline size_t match_qwen2(const uint8_t *text, size_t n_bytes)
{
	return match_digits(text, n_bytes, 1);
}

#endif
