#include "train/pair_counts.h"

#include <stdlib.h>

static uint32_t *slot_of(const struct lac_pair_counts *pairs, uint32_t left, uint32_t right)
{
	const uint64_t key = ((uint64_t)left << 32 | right) * UINT64_C(0x9e3779b97f4a7c15);
	uint32_t slot = (uint32_t)(key >> 32) & pairs->slot_mask;

	while (pairs->slots[slot] && (pairs->at[pairs->slots[slot] - 1].left != left || pairs->at[pairs->slots[slot] - 1].right != right))
		slot = (slot + 1) & pairs->slot_mask;
	return &pairs->slots[slot];
}

static bool grow(struct lac_pair_counts *pairs)
{
	const uint32_t capacity = pairs->capacity ? 2 * pairs->capacity : 4096;
	struct lac_pair *at;
	uint32_t *slots;

	if (pairs->n < pairs->capacity)
		return true;
	at = capacity <= UINT32_MAX / 4 ? realloc(pairs->at, capacity * sizeof *at) : NULL;
	if (at)
		pairs->at = at;
	slots = calloc(2 * (size_t)capacity, sizeof *slots);
	if (!at || !slots) {
		free(slots);
		return false;
	}
	free(pairs->slots);
	pairs->slots = slots;
	pairs->capacity = capacity;
	pairs->slot_mask = 2 * capacity - 1;
	for (uint32_t i = 0; i < pairs->n; i++)
		*slot_of(pairs, at[i].left, at[i].right) = i + 1;
	return true;
}

static void add_word(struct lac_pair_counts *pairs, struct lac_pair *pair, uint32_t word)
{
	if (pair->n_words && pair->words[pair->n_words - 1] == word)
		return;
	if (pair->n_words == pair->words_capacity) {
		const uint32_t capacity = pair->words_capacity ? 2 * pair->words_capacity : 4;
		uint32_t *words = realloc(pair->words, capacity * sizeof *words);

		if (!words) {
			pairs->failed = true;
			return;
		}
		pair->words = words;
		pair->words_capacity = capacity;
	}
	pair->words[pair->n_words++] = word;
}

void lac_pair_add(struct lac_pair_counts *pairs, uint32_t left, uint32_t right, int64_t count, uint32_t word)
{
	struct lac_pair *pair;
	uint32_t *slot;

	if (pairs->failed || !grow(pairs)) {
		pairs->failed = true;
		return;
	}
	slot = slot_of(pairs, left, right);
	if (*slot == 0) {
		pairs->at[pairs->n] = (struct lac_pair){ .left = left, .right = right };
		*slot = ++pairs->n;
	}
	pair = &pairs->at[*slot - 1];
	pair->count += count;
	if (word != UINT32_MAX)
		add_word(pairs, pair, word);
}

/* ---- Ranks ----------------------------------------------------------------------- */

static bool is_before(const struct lac_pair_counts *pairs, struct lac_ranked a, struct lac_ranked b)
{
	const struct lac_pair *x = &pairs->at[a.pair], *y = &pairs->at[b.pair];

	if (a.count != b.count)
		return a.count > b.count;
	return x->left != y->left ? x->left < y->left : x->right < y->right;
}

static void push(struct lac_pair_counts *pairs, struct lac_ranked entry)
{
	size_t at = pairs->n_heap;

	if (at == pairs->heap_capacity) {
		const size_t capacity = at ? 2 * at : 4096;
		struct lac_ranked *heap = realloc(pairs->heap, capacity * sizeof *heap);

		if (!heap) {
			pairs->failed = true;
			return;
		}
		pairs->heap = heap;
		pairs->heap_capacity = capacity;
	}
	for (pairs->n_heap++; at && is_before(pairs, entry, pairs->heap[(at - 1) / 2]); at = (at - 1) / 2)
		pairs->heap[at] = pairs->heap[(at - 1) / 2];
	pairs->heap[at] = entry;
}

static struct lac_ranked pop(struct lac_pair_counts *pairs)
{
	const struct lac_ranked top = pairs->heap[0], last = pairs->heap[--pairs->n_heap];
	size_t at = 0;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < pairs->n_heap && is_before(pairs, pairs->heap[child + 1], pairs->heap[child]))
			child++;
		if (child >= pairs->n_heap || !is_before(pairs, pairs->heap[child], last))
			break;
		pairs->heap[at] = pairs->heap[child];
		at = child;
	}
	if (pairs->n_heap)
		pairs->heap[at] = last;
	return top;
}

void lac_pair_rank(struct lac_pair_counts *pairs, uint32_t first, uint32_t token)
{
	for (uint32_t i = first; i < pairs->n; i++)
		if (token == UINT32_MAX || pairs->at[i].left == token || pairs->at[i].right == token)
			push(pairs, (struct lac_ranked){ pairs->at[i].count, i });
}

const struct lac_pair *lac_pair_take(struct lac_pair_counts *pairs)
{
	while (pairs->n_heap && !pairs->failed) {
		struct lac_ranked top = pop(pairs);
		const struct lac_pair *pair = &pairs->at[top.pair];

		if (pair->count <= 0)
			continue;
		if (pair->count == top.count)
			return pair;
		top.count = pair->count; /* it has fallen since */
		push(pairs, top);
	}
	return NULL;
}

void lac_pair_counts_free(struct lac_pair_counts *pairs)
{
	for (uint32_t i = 0; i < pairs->n; i++)
		free(pairs->at[i].words);
	free(pairs->at);
	free(pairs->slots);
	free(pairs->heap);
	*pairs = (struct lac_pair_counts){ .n = 0 };
}
