/* mixing_slots.h: the contexts, and where each keeps what followed it (arithmetic.md section 12.4).
 * A slot is 16 bytes: a check and the histories of the 15 bits that the next half byte may ask
 * for. */
#ifndef LAC_CODER_MIXING_SLOTS_H
#define LAC_CODER_MIXING_SLOTS_H

#include <stddef.h>
#include <stdint.h>

#define LAC_CONTEXTS 7
#define LAC_HASHED 5 /* of them, the last */
#define LAC_SLOT_BYTES 16
#define LAC_HALVES 17 /* slots of a byte: one of its first half, one of its second for each first */

struct lac_slots {
	uint8_t *at[LAC_CONTEXTS]; /* every context's slot for this half byte */
	const uint8_t *n_seen;     /* borrowed: of each history */
	uint64_t last_bytes;       /* the newest lowest */
	uint64_t word;             /* the word so far, 0 outside of words */
	uint64_t hashes[LAC_HASHED];
	uint8_t *tables[LAC_HASHED]; /* borrowed: 2^slot_bits slots each */
	unsigned slot_bits;
	size_t places[LAC_HASHED]; /* where the slot of this half byte is, or beside it */
	uint8_t checks[LAC_HASHED];
	_Alignas(64) uint8_t order0[LAC_HALVES * LAC_SLOT_BYTES];
	uint8_t order1[256 * LAC_HALVES * LAC_SLOT_BYTES];
};

/* Before the first byte: asks for the slots of no byte at all. The rest of the object is set and
 * otherwise zero. */
void lac_slots_start(struct lac_slots *slots);
/* A byte is known: computes what the contexts are now, and asks for the memory of their slots. */
void lac_slots_advance(struct lac_slots *slots, unsigned byte);
/* Finds the slots of the half byte before which `partial`, 0 or 4 bits after a leading 1, is known
 * of its byte. */
void lac_slots_find(struct lac_slots *slots, unsigned partial);

#endif
