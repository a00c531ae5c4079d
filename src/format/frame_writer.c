/* frame_writer.c: fields -> bytes (format.md sections 3 to 5). */
#include "format/check.h"
#include "format/frame_types.h"

#include <string.h>

void lac_header_write(struct lac_buffer *out, const struct lac_header *header)
{
	uint8_t bytes[LAC_HEADER_BYTES - 4] = { 0 };

	memcpy(bytes, LAC_MAGIC, LAC_MAGIC_BYTES);
	bytes[4] = LAC_FORMAT_VERSION;
	bytes[5] = (uint8_t)header->records;
	lac_buffer_append(out, bytes, sizeof bytes);
	lac_buffer_u32(out, lac_header_check(bytes));
}

/* Writes the fields, or, where out is NULL, only counts them: how many bytes they are. */
static size_t write_body(struct lac_buffer *out, const struct lac_frame *frame)
{
	struct lac_frame copy = *frame; /* reading would fill it in */
	struct lac_fields fields = { .out = out };

	(void)lac_frame_fields[frame->type](&fields, &copy);
	return fields.n_bytes;
}

size_t lac_frame_bytes(const struct lac_frame *frame)
{
	const size_t n = write_body(NULL, frame);

	return 1 + lac_varint_bytes(n) + n + lac_frame_check_bytes((uint8_t)frame->type);
}

void lac_frame_write(struct lac_buffer *out, const struct lac_frame *frame, uint64_t ordinal)
{
	const size_t start = out->length;
	const uint8_t tag = (uint8_t)(frame->type | (frame->is_open ? LAC_TAG_OPEN : 0) | (frame->is_last ? LAC_TAG_LAST : 0));
	uint64_t check;

	lac_buffer_u8(out, tag);
	lac_buffer_varint(out, write_body(NULL, frame));
	(void)write_body(out, frame);
	if (out->failed)
		return;
	check = lac_frame_check(out->bytes + start, out->length - start, ordinal);
	if (lac_frame_check_bytes(tag) == 8)
		lac_buffer_u64(out, check);
	else
		lac_buffer_u32(out, (uint32_t)check);
}
