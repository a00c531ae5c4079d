#include "train/word_counts.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

static uint32_t *slot_of(const struct lac_word_counts *words, const uint8_t *text, uint32_t length)
{
	uint32_t slot = (uint32_t)lac_hash64(text, length, 0) & words->slot_mask;

	for (;; slot = (slot + 1) & words->slot_mask) {
		const uint32_t entry = words->slots[slot];

		if (entry == 0 || (words->at[entry - 1].length == length &&
		    memcmp(words->bytes.bytes + words->at[entry - 1].first, text, length) == 0))
			return &words->slots[slot];
	}
}

/* Room for one more, with half of the slots empty. */
static bool grow(struct lac_word_counts *words)
{
	const uint32_t capacity = words->capacity ? 2 * words->capacity : 1024;
	struct lac_word *at;
	uint32_t *slots;

	if (words->n < words->capacity)
		return true;
	if (capacity > UINT32_MAX / 4)
		return false;
	at = realloc(words->at, capacity * sizeof *at);
	if (at)
		words->at = at;
	slots = calloc(2 * (size_t)capacity, sizeof *slots);
	if (!at || !slots) {
		free(slots);
		return false;
	}
	free(words->slots);
	words->slots = slots;
	words->capacity = capacity;
	words->slot_mask = 2 * capacity - 1;
	for (uint32_t i = 0; i < words->n; i++)
		*slot_of(words, words->bytes.bytes + at[i].first, at[i].length) = i + 1;
	return true;
}

uint32_t lac_word_find(struct lac_word_counts *words, const uint8_t *text, uint32_t length)
{
	uint32_t *slot;

	if (!grow(words))
		return UINT32_MAX;
	slot = slot_of(words, text, length);
	if (*slot == 0) {
		words->at[words->n] = (struct lac_word){ .first = words->bytes.length, .length = length };
		lac_buffer_append(&words->bytes, text, length);
		if (words->bytes.failed)
			return UINT32_MAX;
		*slot = ++words->n;
	}
	return *slot - 1;
}

void lac_word_counts_free(struct lac_word_counts *words)
{
	lac_buffer_free(&words->bytes);
	free(words->at);
	free(words->slots);
	*words = (struct lac_word_counts){ .n = 0 };
}
