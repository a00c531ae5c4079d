/* golden_types.h: the file of tests/golden/arithmetic on the types of tensors (section 3.4 of
 * arithmetic.md). */
#ifndef LAC_GOLDEN_TYPES_H
#define LAC_GOLDEN_TYPES_H

#include "golden_maker.h"
#include "textbook_types.h"

#include "gguf/gguf.h"
#include "gguf/tensor_types.h"

enum { GOLDEN_BLOCK_BYTES_MAX = 210, GOLDEN_BLOCK_VALUES_MAX = 256 };

/* Random bits, but for binary16 and binary32 numbers an exponent that is not the largest: what
 * follows would be refused. */
static void golden_fill_block(uint8_t *block, const struct book_type *type, uint64_t *state)
{
	static const uint8_t halves[][2] = { { 1, 0 }, { 8, 0 }, { 2, 0 }, { 6, 0 }, { 3, 2 }, { 7, 2 }, { 12, 2 }, { 13, 2 } };

	for (unsigned i = 0; i < type->bytes; i++)
		block[i] = (uint8_t)(test_random(state) >> 32);
	for (unsigned i = 0; i < sizeof halves / sizeof *halves; i++)
		if (halves[i][0] == type->number) {
			block[1] &= 0xbb;
			block[halves[i][1] + 1] &= 0xbb;
		}
	if (type->number == 14)
		block[209] &= 0xbb;
	if (type->values == 1)
		block[type->bytes - 1] &= 0xbf;
}

static void golden_expand(struct golden_maker *maker, const struct book_type *type, const uint8_t *block, float *out)
{
	if (maker->is_textbook)
		for (unsigned i = 0; i < type->values; i++)
			out[i] = book_of_block(type->number, block, i);
	else
		lac_tensor_form(type->number)->read(out, block, type->values);
}

static void golden_types(struct golden_maker *maker)
{
	for (unsigned i = 0; i < N_BOOK_TYPES; i++)
		for (unsigned round = 0; round < (book_types[i].values == 1 ? 16u : 2u); round++) {
			uint8_t block[GOLDEN_BLOCK_BYTES_MAX];
			float out[GOLDEN_BLOCK_VALUES_MAX];

			golden_fill_block(block, &book_types[i], &maker->state);
			golden_expand(maker, &book_types[i], block, out);
			golden_case(maker, "%s", book_types[i].name);
			golden_hex(maker, "block", block, book_types[i].bytes);
			golden_floats(maker, "out", out, book_types[i].values);
		}
}

#endif
