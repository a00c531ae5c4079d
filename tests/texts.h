/* texts.h: texts on which reading bytes goes wrong most easily. */
#ifndef LAC_TEST_TEXTS_H
#define LAC_TEST_TEXTS_H

#include "test.h"

/* Exactly as long as it says, so that the sanitizers see a read past it. */
static inline uint8_t *exact_copy(const void *text, size_t n_bytes)
{
	uint8_t *copy = malloc(n_bytes + !n_bytes);

	if (!copy)
		abort();
	if (n_bytes)
		memcpy(copy, text, n_bytes);
	return copy;
}

static const char *const snippets[] = {
	"'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'", "''", "'S", " ", "  ", "   ", "\n", "\n\n", "\r\n", "\t", " \n ", "a", "b",
	"the", " the", "The answer", " question", "ing", " information", "Hello", " world", "0", "1", "42", " 1000", "3.14", "!", "?!",
	"...", " =", "==", " {", "}\n", "_", "\\", "<|endoftext|>", "<|begin|>", "<|im_start|>", "<s>", "</s>", "<unk>", "[INST]",
	"<0x0A>", "\xc3\xa9", "\xc3\x9f", "\xce\xa9", " \xd0\xbf\xd1\x80\xd0\xb8", "\xd7\xa9", "\xd8\xb9", "\xe0\xa4\x95",
	"\xe0\xa5\x8d", "\xe4\xbd\xa0\xe5\xa5\xbd", "\xea\xb0\x80", "\xe3\x80\x80", "\xc2\xa0", "\xe2\x80\x83", "\xe2\x80\xa8",
	"\xc2\x85", "\xe2\x80\x8b", "\xe2\x80\x99s", "\xcc\x81", "\xf0\x9f\x98\x80", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb",
	"\xf0\xa0\x80\x80", "\xd9\xa3", "\xe2\x85\xa7", "\xc2\xbd", "\xef\xbb\xbf", "\xff", "\xfe", "\x80", "\xc3", "\xe3\x80",
	"\xf0\x9f\x98", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x7f", "\x1c", "\xc2\xad", "\xc4\xa0",
};

#define N_SNIPPETS (sizeof snippets / sizeof *snippets)
#define RANDOM_TEXT_MAX 400

/* Bytes alike; bytes that often stand in UTF-8, at a border; or snippets. */
static inline size_t random_text(uint64_t *state, uint8_t *out)
{
	static const char nasty[] = "  ''sStdrevml a1!\n\xc2\xa0\x85\xe3\x80\x80\xf0\x9f\x98\xbf\xff\xed\xa0\xe4\xc3\xa9\xcc\x81\0";
	const unsigned kind = (unsigned)(test_random(state) % 4);
	const size_t wanted = test_random(state) % 200;
	size_t n = 0;

	while (n < wanted) {
		const char *snippet = snippets[test_random(state) % N_SNIPPETS];

		if (kind == 0)
			out[n++] = (uint8_t)test_random(state);
		else if (kind == 1)
			out[n++] = (uint8_t)nasty[test_random(state) % sizeof nasty];
		else {
			memcpy(out + n, snippet, strlen(snippet));
			n += strlen(snippet);
		}
	}
	return n;
}

#endif
