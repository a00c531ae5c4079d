/* vocabulary.h: learns a byte-level BPE tokenizer (Sennrich et al. 2016, arXiv 1508.07909; on
 * bytes, Radford et al. 2019). */
#ifndef LAC_TRAIN_VOCABULARY_H
#define LAC_TRAIN_VOCABULARY_H

#include "base/bytes.h"
#include "train/texts.h"

#define LAC_VOCABULARY_MIN 257u

/* Counts the pre-tokens of the texts, and merges the commonest pair of neighbours until there are
 * n_tokens: the 256 bytes by their value, merges in their order, and "<|endoftext|>" last. There
 * are fewer if no pair occurs twice. Of pairs as common, the one with the lower left token, then
 * right, comes first, so that the same texts give the same tokenizer. Appends a GGUF file without
 * tensors. */
LAC_MUST_CHECK enum lac_status lac_vocabulary_learn(struct lac_buffer *gguf, const struct lac_train_texts *texts, uint32_t n_tokens,
	uint64_t seed, struct lac_error *error);

#endif
