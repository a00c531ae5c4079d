#include "tokenizer/merging.h"
#include "tokenizer/unicode.h"

#define PLACES 1024u /* of a text */

_Static_assert(LAC_PRETOKEN_BYTES_MAX <= PLACES && LAC_RANK_MAX <= UINT32_MAX / PLACES, "rank and place share 32 bits");

/* ---- Heap ---------------------------------------------------------------------- */

static void push(struct lac_merging *m, uint32_t key)
{
	uint32_t at = m->n_heap++;

	for (; at && m->heap[(at - 1) / 2] > key; at = (at - 1) / 2)
		m->heap[at] = m->heap[(at - 1) / 2];
	m->heap[at] = key;
}

static uint32_t pop(struct lac_merging *m)
{
	const uint32_t least = m->heap[0], key = m->heap[--m->n_heap];
	uint32_t at = 0, child;

	while ((child = 2 * at + 1) < m->n_heap) {
		child += child + 1 < m->n_heap && m->heap[child + 1] < m->heap[child];
		if (m->heap[child] >= key)
			break;
		m->heap[at] = m->heap[child];
		at = child;
	}
	m->heap[at] = key;
	return least;
}

/* ---- Nodes --------------------------------------------------------------------- */

/* Byte-level: every byte. SentencePiece: every character. */
static void split(struct lac_merging *m, const struct lac_tokenizer *tokenizer, const uint8_t *text, size_t n_bytes)
{
	size_t previous = 0, length = 1;

	for (size_t at = 0; at < n_bytes; at += length) {
		struct lac_node *node = &m->nodes[at];
		uint32_t character, token;

		length = 1;
		node->id = tokenizer->begins_as[text[at]];
		if (!tokenizer->kind->pretoken && text[at] >= 0x80 && lac_utf8_decode(text + at, n_bytes - at, &character)) {
			length = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
			token = lac_token_of_text(tokenizer, text + at, length);
			node->id = token != LAC_NO_TOKEN ? token : lac_unknown_character(character);
		}
		node->previous = (uint16_t)previous;
		node->next = (uint16_t)(at + length);
		previous = at;
	}
	m->nodes[n_bytes].previous = (uint16_t)previous;
}

/* Finds the pair that begins at a node. */
static void look(struct lac_merging *m, const struct lac_tokenizer *tokenizer, uint32_t at)
{
	struct lac_node *node = &m->nodes[at];
	const struct lac_token_pair *pair;

	node->rank = LAC_NO_RANK;
	if (node->next == m->n_bytes)
		return;
	pair = lac_token_pair_place(tokenizer, node->id, m->nodes[node->next].id);
	if (pair->product == LAC_NO_TOKEN)
		return;
	node->rank = pair->rank;
	node->product = pair->product;
	push(m, node->rank * PLACES + at);
}

void lac_merge(struct lac_merging *m, const struct lac_tokenizer *tokenizer, const uint8_t *text, size_t n_bytes)
{
	m->n_bytes = (uint32_t)n_bytes;
	m->n_heap = 0;
	split(m, tokenizer, text, n_bytes);
	for (uint32_t at = 0; at < n_bytes; at = m->nodes[at].next)
		look(m, tokenizer, at);
	while (m->n_heap) {
		const uint32_t key = pop(m), at = key % PLACES;
		struct lac_node *node = &m->nodes[at], *eaten;

		if (node->rank != key / PLACES)
			continue; /* one of the two has changed */
		eaten = &m->nodes[node->next];
		eaten->rank = LAC_NO_RANK;
		node->id = node->product;
		node->next = eaten->next;
		m->nodes[node->next].previous = (uint16_t)at;
		look(m, tokenizer, at);
		if (at)
			look(m, tokenizer, node->previous);
	}
}
