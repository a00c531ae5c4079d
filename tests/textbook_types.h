/* textbook_types.h: section 3.4 of arithmetic.md once more, one number at a time, word by word. */
#ifndef LAC_TEST_TEXTBOOK_TYPES_H
#define LAC_TEST_TEXTBOOK_TYPES_H

#include "base/strict_float.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Of the types of tensors: what they are called in section 3.4, their numbers there, and the
 * numbers and bytes of a block. */
static const struct book_type {
	const char *name;
	uint32_t number;
	unsigned values, bytes;
} book_types[] = {
	{ "F32", 0, 1, 4 }, { "F16", 1, 1, 2 }, { "BF16", 30, 1, 2 }, { "Q8_0", 8, 32, 34 }, { "Q4_0", 2, 32, 18 }, { "Q4_1", 3, 32, 20 },
	{ "Q5_0", 6, 32, 22 }, { "Q5_1", 7, 32, 24 }, { "Q4_K", 12, 256, 144 }, { "Q5_K", 13, 256, 176 }, { "Q6_K", 14, 256, 210 },
};
enum { N_BOOK_TYPES = sizeof book_types / sizeof *book_types };

/* Infinities and NaNs come out as numbers, which are of no consequence here. */
static inline float book_half(const uint8_t *bytes)
{
	const unsigned half = bytes[0] | (unsigned)bytes[1] << 8, exponent = half >> 10 & 31, fraction = half & 1023;
	const float x = exponent ? ldexpf((float)(1024 + fraction), (int)exponent - 25) : ldexpf((float)fraction, -24);

	return half >> 15 ? -x : x;
}

static inline float book_pattern(uint32_t bits)
{
	float x;

	memcpy(&x, &bits, 4);
	return x;
}

/* n of Q4_0 to Q5_1: four bits of the sixteen bytes from `low` on. */
static inline int book_four(const uint8_t *low, unsigned i)
{
	return i < 16 ? low[i] % 16 : low[i - 16] / 16;
}

/* f of Q5_0 and Q5_1: bit i of the 32 from `high` on. */
static inline int book_fifth(const uint8_t *high, unsigned i)
{
	return high[i / 8] >> i % 8 & 1;
}

/* s and m of part p of a block of Q4_K or Q5_K. */
static inline int book_part_scale(const uint8_t *b, unsigned p)
{
	return p < 4 ? b[4 + p] % 64 : b[8 + p] % 16 + 16 * (b[p] / 64);
}

static inline int book_part_least(const uint8_t *b, unsigned p)
{
	return p < 4 ? b[8 + p] % 64 : b[8 + p] / 16 + 16 * (b[4 + p] / 64);
}

static inline float book_of_part(const uint8_t *b, unsigned p, int n)
{
	const float scale = book_half(b) * (float)book_part_scale(b, p), least = book_half(b + 2) * (float)book_part_least(b, p);
	const float product = scale * (float)n;

	return product - least;
}

static inline float book_of_q4_k(const uint8_t *b, unsigned i)
{
	const uint8_t pair = b[16 + 32 * (i / 64) + i % 32];

	return book_of_part(b, i / 32, i / 32 % 2 ? pair / 16 : pair % 16);
}

static inline float book_of_q5_k(const uint8_t *b, unsigned i)
{
	const uint8_t pair = b[48 + 32 * (i / 64) + i % 32];
	const int fifth = b[16 + i % 32] >> i / 32 & 1;

	return book_of_part(b, i / 32, (i / 32 % 2 ? pair / 16 : pair % 16) + 16 * fifth);
}

static inline float book_of_q6_k(const uint8_t *b, unsigned i)
{
	const unsigned half = i / 128, r = i % 128;
	const uint8_t pair = b[64 * half + r % 64], high = b[128 + 32 * half + r % 32];
	const int n = (r < 64 ? pair % 16 : pair / 16) + 16 * (high >> 2 * (r / 32) & 3);
	const float scale = book_half(b + 208) * (float)(int8_t)b[192 + i / 16];

	return scale * (float)(n - 32);
}

static inline float book_plus(float product, float least)
{
	return product + least;
}

/* Number i of a block. */
static inline float book_of_block(uint32_t type, const uint8_t *b, unsigned i)
{
	switch (type) {
	case 0: return book_pattern(b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24);
	case 1: return book_half(b);
	case 30: return book_pattern((uint32_t)b[0] << 16 | (uint32_t)b[1] << 24);
	case 8: return book_half(b) * (float)(int8_t)b[2 + i];
	case 2: return book_half(b) * (float)(book_four(b + 2, i) - 8);
	case 3: return book_plus(book_half(b) * (float)book_four(b + 4, i), book_half(b + 2));
	case 6: return book_half(b) * (float)(book_four(b + 6, i) + 16 * book_fifth(b + 2, i) - 16);
	case 7: return book_plus(book_half(b) * (float)(book_four(b + 8, i) + 16 * book_fifth(b + 4, i)), book_half(b + 2));
	case 12: return book_of_q4_k(b, i);
	case 13: return book_of_q5_k(b, i);
	default: return book_of_q6_k(b, i);
	}
}

static inline const struct book_type *book_type_of(uint32_t number)
{
	const struct book_type *type = book_types;

	while (type->number != number)
		type++;
	return type;
}

#endif
