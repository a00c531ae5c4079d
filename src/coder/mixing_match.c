#include "coder/mixing_match.h"

#define LENGTH_MIN 7
#define LENGTH_GOOD 16    /* from here on nothing better is looked for */
#define LENGTH_FOUND 32   /* a place is compared so far back; the length grows from there */
#define LENGTH_MAX 65535

static uint32_t *place_of_last(const struct lac_match *match)
{
	uint64_t bytes = 0;

	for (unsigned i = 1; i <= LENGTH_MIN; i++)
		bytes = bytes << 8 | match->text[match->position - i];
	return &match->places[bytes * UINT64_C(0x9e3779b97f4a7c15) >> (64 - match->place_bits)];
}

static void try_place(struct lac_match *match, uint32_t place)
{
	uint32_t length = 0;

	while (length < LENGTH_FOUND && length < place && match->text[place - length - 1] == match->text[match->position - length - 1])
		length++;
	if (length < LENGTH_MIN || length <= match->length)
		return;
	match->at = place;
	match->length = length;
}

void lac_match_advance(struct lac_match *match)
{
	uint32_t *place;

	if (match->length && match->text[match->at] == match->text[match->position]) {
		match->at++;
		match->length += match->length < LENGTH_MAX;
	} else {
		match->length = 0;
	}
	match->position++;
	if (match->position < LENGTH_MIN)
		return;
	place = place_of_last(match);
	if (match->length < LENGTH_GOOD && *place)
		try_place(match, *place);
	*place = match->position;
}

unsigned lac_match_length_class(uint32_t length)
{
	unsigned n_following = 0;

	while (length >> n_following > 7)
		n_following++;
	return 4 * n_following + (length >> n_following);
}
