/* tokenizer_tables.h: what a byte-level BPE tokenizer knows, shared by its reader and its user. */
#ifndef LAC_MODEL_TOKENIZER_TABLES_H
#define LAC_MODEL_TOKENIZER_TABLES_H

#include "model/tokenizer.h"

struct lac_merge {
	uint32_t left, right, product; /* token ids */
};

struct lac_tokenizer {
	uint32_t n_tokens, n_merges, bos, eos; /* eos: LAC_NO_TOKEN if there is none */
	uint8_t *text;              /* owned: the bytes of all tokens */
	uint32_t *text_starts;      /* owned: [n_tokens + 1]; an empty one stands for no text */
	struct lac_merge *merges;   /* owned: in the order of the file, which is their rank */
	uint32_t *merge_slots;      /* owned: [slot_mask + 1], open addressing: rank + 1, or 0 */
	uint32_t slot_mask;
	uint32_t of_byte[256];      /* the token that is this byte alone, or LAC_NO_TOKEN */
	bool has_all_bytes;
};

/* Where the search for a merge begins; the multiplier is 2^64 over the golden ratio. */
static inline uint32_t lac_merge_slot(const struct lac_tokenizer *tokenizer, uint32_t left, uint32_t right)
{
	const uint64_t key = ((uint64_t)left << 32 | right) * UINT64_C(0x9e3779b97f4a7c15);

	return (uint32_t)(key >> 32) & tokenizer->slot_mask;
}

/* The rank of a pair's merge, or LAC_NO_TOKEN. */
static inline uint32_t lac_merge_rank(const struct lac_tokenizer *tokenizer, uint32_t left, uint32_t right)
{
	for (uint32_t slot = lac_merge_slot(tokenizer, left, right);; slot = (slot + 1) & tokenizer->slot_mask) {
		const uint32_t entry = tokenizer->merge_slots[slot];

		if (entry == 0)
			return LAC_NO_TOKEN;
		if (tokenizer->merges[entry - 1].left == left && tokenizer->merges[entry - 1].right == right)
			return entry - 1;
	}
}

#endif
