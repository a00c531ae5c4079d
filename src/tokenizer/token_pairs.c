/* token_pairs.c: a table of which two neighbours become one. */
#include "base/memory.h"
#include "tokenizer/tokenizer_tables.h"

#include <string.h>

static bool create(struct lac_tokenizer *tokenizer, size_t n_places)
{
	struct lac_token_pair *pairs = lac_malloc(n_places, sizeof *pairs);

	if (!pairs)
		return false;
	memset(pairs, 0xff, n_places * sizeof *pairs); /* products: LAC_NO_TOKEN */
	tokenizer->pairs = pairs;
	tokenizer->pair_mask = (uint32_t)n_places - 1;
	return true;
}

bool lac_token_pairs_create(struct lac_tokenizer *tokenizer)
{
	return create(tokenizer, 1024);
}

static bool grow(struct lac_tokenizer *tokenizer)
{
	struct lac_token_pair *old = tokenizer->pairs;
	const size_t n_old = (size_t)tokenizer->pair_mask + 1;

	if (!create(tokenizer, 2 * n_old))
		return false;
	for (size_t i = 0; i < n_old; i++)
		if (old[i].product != LAC_NO_TOKEN)
			*lac_token_pair_place(tokenizer, old[i].left, old[i].right) = old[i];
	lac_free(old);
	return true;
}

bool lac_token_pairs_add(struct lac_tokenizer *tokenizer, struct lac_token_pair pair)
{
	struct lac_token_pair *place;

	if (tokenizer->n_pairs > tokenizer->pair_mask / 2 && !grow(tokenizer))
		return false;
	place = lac_token_pair_place(tokenizer, pair.left, pair.right);
	if (place->product == LAC_NO_TOKEN) {
		*place = pair;
		tokenizer->n_pairs++;
	}
	return true;
}
