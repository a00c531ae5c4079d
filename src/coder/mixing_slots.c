#include "coder/mixing_slots.h"

#include <string.h>

#define MULTIPLIER UINT64_C(0x9e3779b97f4a7c15)
#define FIRST_NEAR 2 /* of the hashed contexts */
#define NEAR (size_t)15

static uint64_t hash_context(uint64_t context)
{
	context *= UINT64_C(0xd6e8feb86659fd93);
	return context ^ context >> 31;
}

/* The tables are larger than caches; asked for together, their lines arrive together. */
static void ask(struct lac_slots *slots, unsigned partial)
{
	for (unsigned i = 0; i < LAC_HASHED; i++) {
		const uint64_t hash = (slots->hashes[i] + partial) * MULTIPLIER;
		const size_t place = (size_t)(hash >> (64 - slots->slot_bits));

		slots->checks[i] = (uint8_t)(hash >> 36);
		if (i < FIRST_NEAR || partial == 1)
			slots->places[i] = place;
		else
			/* of long contexts, a byte's two slots lie near each other, on one page of
			 * memory at least */
			slots->places[i] = (slots->places[i] & ~NEAR) | (place & NEAR);
		__builtin_prefetch(slots->tables[i] + slots->places[i] * LAC_SLOT_BYTES);
	}
}

void lac_slots_start(struct lac_slots *slots)
{
	ask(slots, 1);
}

static int is_in_word(unsigned byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || byte >= 128;
}

void lac_slots_advance(struct lac_slots *slots, unsigned byte)
{
	const uint64_t last = slots->last_bytes << 8 | byte;

	slots->last_bytes = last;
	slots->word = is_in_word(byte) ? (slots->word + byte + 1) * MULTIPLIER : 0;
	slots->hashes[0] = hash_context(last & 0xffff);
	slots->hashes[1] = hash_context(last >> 8 & 0xffff);
	slots->hashes[2] = hash_context(last & 0xffffffff);
	slots->hashes[3] = hash_context(last & 0xffffffffffff);
	slots->hashes[4] = hash_context(slots->word + byte);
	ask(slots, 1);
}

/* A slot is known by its check, in one of two places. If it is in neither, the one whose first bit
 * was seen less is given up. */
static uint8_t *find(const struct lac_slots *slots, unsigned i)
{
	const size_t place = slots->places[i];
	const uint8_t check = slots->checks[i];
	uint8_t *slot = slots->tables[i] + place * LAC_SLOT_BYTES, *other = slots->tables[i] + (place ^ 1) * LAC_SLOT_BYTES;

	if (slot[0] == check)
		return slot;
	if (other[0] == check)
		return other;
	if (slots->n_seen[other[1]] < slots->n_seen[slot[1]])
		slot = other;
	memset(slot, 0, LAC_SLOT_BYTES);
	slot[0] = check;
	return slot;
}

void lac_slots_find(struct lac_slots *slots, unsigned partial)
{
	const size_t half = partial == 1 ? 0 : partial - 15;

	if (half)
		ask(slots, partial);
	slots->at[0] = slots->order0 + half * LAC_SLOT_BYTES;
	slots->at[1] = slots->order1 + ((slots->last_bytes & 255) * LAC_HALVES + half) * LAC_SLOT_BYTES;
	for (unsigned i = 0; i < LAC_HASHED; i++)
		slots->at[2 + i] = find(slots, i);
}
