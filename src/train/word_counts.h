/* word_counts.h: how often each byte string occurs. */
#ifndef LAC_TRAIN_WORD_COUNTS_H
#define LAC_TRAIN_WORD_COUNTS_H

#include "base/bytes.h"

struct lac_word {
	size_t first;    /* in the bytes */
	uint32_t length;
	uint64_t count;
};

struct lac_word_counts {
	struct lac_buffer bytes;
	struct lac_word *at; /* owned: in the order in which they first came */
	uint32_t n, capacity;
	uint32_t *slots;     /* owned: open addressing: index + 1, or 0 */
	uint32_t slot_mask;
};

/* The index of a word, which is added with count 0 if it is new; UINT32_MAX: out of memory, or 2^31
 * words. */
uint32_t lac_word_find(struct lac_word_counts *words, const uint8_t *text, uint32_t length);
void lac_word_counts_free(struct lac_word_counts *words);

#endif
