/* ngrams.h: a text as the runs of four bytes that it has, whatever its script: hashed into signed
 * dimensions (Weinberger et al. 2009, arXiv 0902.2206), each weighted by how rare it is (Sparck
 * Jones 1972). */
#ifndef LAC_TRAIN_NGRAMS_H
#define LAC_TRAIN_NGRAMS_H

#include "base/threads.h"
#include "train/text_list.h"

#define LAC_NGRAM_DIMS 1024u
#define LAC_NGRAM_WEIGHTS (1u << 18) /* rarities; n-grams share one by chance */

/* Fills weights[LAC_NGRAM_WEIGHTS] from a corpus. */
LAC_MUST_CHECK enum lac_status lac_ngrams_weigh(float *weights, const struct lac_text_list *list, struct lac_threads *threads,
	uint32_t n_threads, struct lac_error *error);

/* Sets the LAC_NGRAM_DIMS values of one text; false: no memory. The scratch is the caller's to keep
 * for the next text and to free. */
struct lac_ngrams {
	uint64_t *at; /* owned */
	size_t n, capacity;
};
bool lac_ngrams_embed(float *out, const float *weights, const uint8_t *text, size_t n_bytes, struct lac_ngrams *scratch);
void lac_ngrams_free(struct lac_ngrams *scratch);

#endif
