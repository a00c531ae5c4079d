/* pair_counts.h: how often each pair of neighbouring tokens occurs, where, and which is the
 * commonest. */
#ifndef LAC_TRAIN_PAIR_COUNTS_H
#define LAC_TRAIN_PAIR_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lac_pair {
	uint32_t left, right;
	int64_t count;
	uint32_t *words; /* owned: where it occurs, or did */
	uint32_t n_words, words_capacity;
};

struct lac_ranked {
	int64_t count; /* when it was put here: at least what it is now */
	uint32_t pair;
};

struct lac_pair_counts {
	struct lac_pair *at; /* owned */
	uint32_t n, capacity;
	uint32_t *slots;     /* owned: open addressing: index + 1, or 0 */
	uint32_t slot_mask;
	struct lac_ranked *heap; /* owned: the commonest first */
	size_t n_heap, heap_capacity;
	bool failed;         /* out of memory */
};

/* Adds to a pair's count; a word that is not UINT32_MAX is one more place where it occurs. */
void lac_pair_add(struct lac_pair_counts *pairs, uint32_t left, uint32_t right, int64_t count, uint32_t word);

/* Ranks the pairs from index `first` on that hold `token` (UINT32_MAX: all), once their counts are
 * complete. A pair whose count grows must be ranked again; one that falls need not. */
void lac_pair_rank(struct lac_pair_counts *pairs, uint32_t first, uint32_t token);

/* Takes the commonest pair off the ranks; NULL if none occurs. Valid until pairs are added. */
const struct lac_pair *lac_pair_take(struct lac_pair_counts *pairs);

void lac_pair_counts_free(struct lac_pair_counts *pairs);

#endif
