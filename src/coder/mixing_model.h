/* mixing_model.h: how likely the next bit of a text is a 1, and what is learnt from it
 * (arithmetic.md section 12). */
#ifndef LAC_CODER_MIXING_MODEL_H
#define LAC_CODER_MIXING_MODEL_H

#include "coder/mixing_match.h"
#include "coder/mixing_slots.h"
#include "coder/mixing_tables.h"

#define LAC_INPUTS (LAC_CONTEXTS + 1) /* the last is the match's */
#define LAC_WEIGHT_SETS (4 * 256)

struct lac_mixing_model {
	uint32_t one;           /* the probability of a 1, in parts of 65536, 1 to 65535 */
	unsigned partial;       /* the bits known of this byte, after a leading 1 */
	unsigned node;          /* the same of this half byte */
	unsigned n_bits;        /* known of this byte */
	unsigned foretold;      /* the match's byte with a leading 1 */
	unsigned length_class;  /* of the match; 0: there is none, or it was wrong in this byte */
	unsigned weights_level; /* the weights depend on it and on partial */
	int32_t *weights_used;
	uint8_t histories[LAC_CONTEXTS]; /* what the inputs come from */
	int16_t inputs[LAC_INPUTS];

	_Alignas(64) int32_t weights[LAC_WEIGHT_SETS][LAC_INPUTS]; /* in parts of 65536 */
	/* after this history, how often a 1 followed, in parts of 2^32 */
	uint32_t counters[LAC_CONTEXTS][LAC_HISTORIES];
	/* how often a match of this length was right */
	uint32_t match_counters[LAC_MATCH_LENGTHS];
	struct lac_mixing_tables tables;
	struct lac_match match;
	struct lac_slots slots;
};

/* For a text of n_bytes that is written before it is learnt, byte by byte. NULL: no memory. */
struct lac_mixing_model *lac_mixing_model_new(const uint8_t *text, size_t n_bytes);
void lac_mixing_model_free(struct lac_mixing_model *model); /* or NULL */

/* The next bit was `bit`. When it is a byte's last, that byte already stands in the text. */
void lac_mixing_model_learn(struct lac_mixing_model *model, unsigned bit);

#endif
