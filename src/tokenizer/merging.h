/* merging.h: neighbours become one, always the pair of lowest rank, the leftmost of equals
 * (arithmetic.md section 9.3).
 *
 * The work is about n log n for n bytes, whatever the text. */
#ifndef LAC_TOKENIZER_MERGING_H
#define LAC_TOKENIZER_MERGING_H

#include "tokenizer/tokenizer_tables.h"

/* What stands at a byte of the text: a token, or what is none (lac_unknown_character()). Only where
 * `next` leads from 0 on. */
struct lac_node {
	uint32_t id;
	uint32_t rank, product; /* of the pair that begins here; LAC_NO_RANK: there is none */
	uint16_t next, previous;
};

#define LAC_NO_RANK UINT32_MAX

struct lac_merging {
	struct lac_node nodes[LAC_PRETOKEN_BYTES_MAX + 1]; /* [n_bytes] is the end */
	/* pairs: rank x 1024 + place; what is out of date stays until it is taken */
	uint32_t heap[3 * LAC_PRETOKEN_BYTES_MAX];
	uint32_t n_bytes, n_heap;
};

/* Merges 1 to LAC_PRETOKEN_BYTES_MAX bytes of text. */
void lac_merge(struct lac_merging *merging, const struct lac_tokenizer *tokenizer, const uint8_t *text, size_t n_bytes);

#endif
