/* bits.h: numbers of a few bits in bytes: bytes are filled from bit 0, a number's lowest bit comes
 * first, and what is left of the last byte is zero (format.md section 5.9). */
#ifndef LAC_BASE_BITS_H
#define LAC_BASE_BITS_H

#include "base/bytes.h"

struct lac_bit_writer {
	struct lac_buffer *out;
	unsigned n_free; /* bits of its last byte */
};

void lac_bits_write(struct lac_bit_writer *writer, uint64_t value, unsigned n_bits);

struct lac_bit_reader {
	struct lac_reader *in;
	uint8_t byte;    /* what is left of the last one read */
	unsigned n_left; /* bits of it */
};

/* False: the bytes do not suffice. */
bool lac_bits_read(struct lac_bit_reader *reader, unsigned n_bits, uint64_t *value);

/* Whether what is left of the last byte is zero. */
static inline bool lac_bits_end(const struct lac_bit_reader *reader)
{
	return reader->byte == 0;
}

#endif
