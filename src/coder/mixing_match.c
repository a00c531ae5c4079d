#include "coder/mixing_match.h"

#define LENGTH_MIN 7
#define LENGTH_GOOD 16    /* from here on nothing better is looked for */
#define LENGTH_FOUND 32   /* a place is compared so far back; the length grows from there */
#define LENGTH_MAX 65535

/* The place is looked at when one more byte is known, so that it comes from memory while that byte
 * is coded. */
static void ask_for_last(struct lac_match *match)
{
	uint64_t bytes = 0, hash;

	for (unsigned i = 1; i < LENGTH_MIN; i++)
		bytes = bytes << 8 | match->text[match->position - i];
	hash = bytes * UINT64_C(0x9e3779b97f4a7c15);
	match->asked = &match->places[hash >> (64 - match->place_bits)];
	match->check = (uint32_t)(hash >> 8 & 0xff000000);
	__builtin_prefetch(match->asked);
}

static void try_place(struct lac_match *match, uint32_t place)
{
	uint32_t length = 0;
	const uint8_t *there = match->text + place, *here = match->text + match->position;

	while (length < LENGTH_FOUND && length < place && *--there == *--here)
		length++;
	if (length < LENGTH_MIN || length <= match->length)
		return;
	match->at = place;
	match->length = length;
}

void lac_match_advance(struct lac_match *match)
{
	if (match->length && match->text[match->at] == match->text[match->position]) {
		match->at++;
		match->length += match->length < LENGTH_MAX;
	} else {
		match->length = 0;
	}
	match->position++;
	if (match->asked) {
		if (match->length < LENGTH_GOOD && (*match->asked & 0xff000000) == match->check && *match->asked)
			try_place(match, (*match->asked & 0xffffff) + 1);
		*match->asked = match->check | (match->position - 1);
	}
	if (match->position >= LENGTH_MIN - 1)
		ask_for_last(match);
}

unsigned lac_match_length_class(uint32_t length)
{
	unsigned n_following = 0;

	while (length >> n_following > 7)
		n_following++;
	return 4 * n_following + (length >> n_following);
}
