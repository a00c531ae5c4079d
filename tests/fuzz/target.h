/* target.h: what every fuzz target is, and how it says that an input broke a law.
 *
 * A target's entry is libFuzzer's (https://llvm.org/docs/LibFuzzer.html): it keeps nothing from one
 * input to the next, returns 0, and ends the program when a law is broken, so that the fuzzer keeps
 * the input, or replay.c names its file. */
#ifndef LAC_FUZZ_TARGET_H
#define LAC_FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A printf-style note says which values broke it. */
#define MUST(condition, ...) do { \
	if (!(condition)) { \
		fprintf(stderr, "BROKEN %s:%d: %s: ", __FILE__, __LINE__, #condition); \
		fprintf(stderr, __VA_ARGS__); \
		fputc('\n', stderr); \
		abort(); \
	} \
} while (0)

/* An input that begins with choices: 0 past its end. */
struct choices {
	const uint8_t *at;
	size_t left;
};

static inline unsigned choose(struct choices *choices)
{
	if (!choices->left)
		return 0;
	choices->left--;
	return *choices->at++;
}

#endif
