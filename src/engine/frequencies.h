/* frequencies.h: logits -> integer intervals for the coder (arithmetic.md section 7).
 *
 * The alphabet is the vocabulary and two more symbols: an escape, which one raw byte follows, and
 * the end of a record. */
#ifndef LAC_ENGINE_FREQUENCIES_H
#define LAC_ENGINE_FREQUENCIES_H

#include "model/model.h"

struct lac_frequencies {
	const struct lac_model *model;
	uint32_t *of_token;  /* owned: [n_vocabulary rounded up to 64] */
	uint64_t *of_block;  /* owned: sums of 64 consecutive tokens */
	uint32_t n_blocks, escape_size, end_size;
	/* the symbol that ends a record: the model's end-of-text token, or the symbol after the
	 * escape */
	uint32_t end;
	uint64_t tokens_total, total;
};

struct lac_interval {
	uint64_t low, size;
};

/* False: out of memory. */
bool lac_frequencies_create(struct lac_frequencies *frequencies, const struct lac_model *model);
void lac_frequencies_free(struct lac_frequencies *frequencies);

/* The escape is symbol n_vocabulary. */
static inline uint32_t lac_frequencies_escape(const struct lac_frequencies *frequencies)
{
	return frequencies->model->shape.n_vocabulary;
}

/* Takes a row's logits, which are overwritten past the vocabulary; then the two functions below may
 * be called. */
void lac_frequencies_set(struct lac_frequencies *frequencies, float *logits);

struct lac_interval lac_frequencies_interval(const struct lac_frequencies *frequencies, uint32_t symbol);

/* The symbol whose interval holds `target`, which is below total. */
uint32_t lac_frequencies_find(const struct lac_frequencies *frequencies, uint64_t target, struct lac_interval *interval);

#endif
