#include "base/bits.h"

void lac_bits_write(struct lac_bit_writer *writer, uint64_t value, unsigned n_bits)
{
	for (unsigned i = 0; i < n_bits; i++) {
		if (writer->n_free == 0) {
			lac_buffer_u8(writer->out, 0);
			writer->n_free = 8;
		}
		if (!writer->out->failed)
			writer->out->bytes[writer->out->length - 1] |= (uint8_t)((value >> i & 1) << (8 - writer->n_free));
		writer->n_free--;
	}
}

bool lac_bits_read(struct lac_bit_reader *reader, unsigned n_bits, uint64_t *value)
{
	*value = 0;
	for (unsigned i = 0; i < n_bits; i++) {
		if (reader->n_left == 0) {
			if (!lac_read_u8(reader->in, &reader->byte))
				return false;
			reader->n_left = 8;
		}
		*value |= (uint64_t)(reader->byte & 1) << i;
		reader->byte >>= 1;
		reader->n_left--;
	}
	return true;
}
