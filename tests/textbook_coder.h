/* textbook_coder.h: section 8 of arithmetic.md once more, word by word, with the number written so
 * far as a row of digits. */
#ifndef LAC_TEST_TEXTBOOK_CODER_H
#define LAC_TEST_TEXTBOOK_CODER_H

#include "test.h"

struct book_coder {
	uint64_t low, range;
	uint8_t *digits; /* owned */
	size_t n_digits, room;
};

static inline void book_write(struct book_coder *coder, uint64_t digit)
{
	if (coder->n_digits == coder->room)
		coder->digits = realloc(coder->digits, coder->room = 2 * coder->room + 64);
	coder->digits[coder->n_digits++] = (uint8_t)digit;
}

static inline void book_add_to_low(struct book_coder *coder, uint64_t distance)
{
	const unsigned __int128 sum = (unsigned __int128)coder->low + distance;

	coder->low = (uint64_t)sum;
	for (size_t i = coder->n_digits; sum >> 64 && i > 0; i--) /* 1 is added to the number */
		if (++coder->digits[i - 1])
			break;
}

/* 8.1 */
static inline struct book_coder book_coder_start(void)
{
	return (struct book_coder){ .range = UINT64_MAX };
}

static inline void book_code(struct book_coder *coder, uint64_t low, uint64_t size, uint64_t total)
{
	const uint64_t step = coder->range / total;

	book_add_to_low(coder, step * low);
	coder->range = step * size;
	while (coder->range < UINT64_C(1) << 56) {
		book_write(coder, coder->low >> 56);
		coder->low *= 256;
		coder->range *= 256;
	}
}

/* 8.2 */
static inline void book_coder_end(struct book_coder *coder)
{
	for (int z = 8; z >= 0; z--) {
		const unsigned __int128 unit = (unsigned __int128)1 << 8 * z, d = (unit - coder->low % unit) % unit;

		if (d < coder->range) {
			book_add_to_low(coder, (uint64_t)d);
			break;
		}
	}
	for (; coder->low; coder->low *= 256)
		book_write(coder, coder->low >> 56);
	while (coder->n_digits && coder->digits[coder->n_digits - 1] == 0)
		coder->n_digits--;
}

/* 8.3: the target of each of n symbols, of which low and size are known. */
static inline void book_targets(uint64_t *targets, const struct book_coder *coded, const uint64_t (*intervals)[3], size_t n)
{
	uint64_t code = 0, range = UINT64_MAX;
	size_t at = 0;

	for (; at < 8; at++)
		code = code * 256 + (at < coded->n_digits ? coded->digits[at] : 0);
	for (size_t i = 0; i < n; i++) {
		const uint64_t step = range / intervals[i][2];

		targets[i] = code / step;
		code -= step * intervals[i][0];
		range = step * intervals[i][1];
		for (; range < UINT64_C(1) << 56; range *= 256, at++)
			code = code * 256 + (at < coded->n_digits ? coded->digits[at] : 0);
	}
}

#endif
