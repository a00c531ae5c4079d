/* mixing_match.h: where what was just seen was seen before (arithmetic.md section 12.5). */
#ifndef LAC_CODER_MIXING_MATCH_H
#define LAC_CODER_MIXING_MATCH_H

#include <stddef.h>
#include <stdint.h>

#define LAC_MATCH_LENGTHS 64

struct lac_match {
	const uint8_t *text; /* borrowed; read below position only */
	/* borrowed: by a hash of bytes, where they were seen last, below 8 bits of check; 0:
	 * nowhere */
	uint32_t *places;
	unsigned place_bits; /* 2^place_bits places */
	uint32_t *asked;     /* the place of the bytes before the newest; NULL at first */
	uint32_t check;      /* what it must hold to be of these bytes */
	uint32_t position;   /* bytes known */
	uint32_t at;         /* text[at] is foretold ... */
	/* ... because so many bytes before it are those before position; 0: nothing is */
	uint32_t length;
};

/* One more byte of the text is known: text[position]. */
void lac_match_advance(struct lac_match *match);

/* A length as a number below LAC_MATCH_LENGTHS, 0 for 0: the leading three bits and how many
 * follow. */
unsigned lac_match_length_class(uint32_t length);

#endif
