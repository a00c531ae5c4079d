/* bytes.h: bounded cursors over little-endian bytes.
 *
 * A reader never moves past its end: each read either succeeds whole or returns
 * false and leaves the cursor where it was, so no length taken from a file can
 * reach memory unchecked. A buffer grows and remembers that memory ran out, so
 * a run of appends needs one look at `failed`.
 */
#ifndef LAC_BASE_BYTES_H
#define LAC_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lac_reader {
	const uint8_t *at;
	size_t left;
};

bool lac_read_u8(struct lac_reader *reader, uint8_t *value);
bool lac_read_u16(struct lac_reader *reader, uint16_t *value);
bool lac_read_u32(struct lac_reader *reader, uint32_t *value);
bool lac_read_u64(struct lac_reader *reader, uint64_t *value);

/* Binary32 numbers, of which there must be so many. */
void lac_floats_read(float *out, const void *bytes, size_t n);

/* Borrows the next n_bytes: *bytes points into the reader's memory. */
bool lac_read_bytes(struct lac_reader *reader, size_t n_bytes, const uint8_t **bytes);

/* Variable-length integer, format.md section 2.3: seven bits a byte, lowest first,
 * at most 63 bits, canonical only (a padded form is refused). */
bool lac_read_varint(struct lac_reader *reader, uint64_t *value);

#define LAC_VARINT_BYTES_MAX 9

size_t lac_varint_bytes(uint64_t value);

struct lac_buffer {
	uint8_t *bytes; /* owned; NULL while empty */
	size_t length, capacity;
	bool failed; /* an append did not fit into memory; the content is then useless */
};

void lac_buffer_append(struct lac_buffer *buffer, const void *bytes, size_t n_bytes);
void lac_buffer_u8(struct lac_buffer *buffer, uint8_t value);
void lac_buffer_u32(struct lac_buffer *buffer, uint32_t value);
void lac_buffer_u64(struct lac_buffer *buffer, uint64_t value);
void lac_buffer_varint(struct lac_buffer *buffer, uint64_t value); /* value < 2^63 */
/* room for so many in all; false, and failed: no memory */
bool lac_buffer_reserve(struct lac_buffer *buffer, size_t n_bytes);
void lac_buffer_clear(struct lac_buffer *buffer); /* keeps the memory */
void lac_buffer_free(struct lac_buffer *buffer);  /* leaves it empty and usable */

#endif
