/* frame_unpack.c: the check of a header or frame, before anything in it is believed (format.md
 * sections 3 and 4). */
#include "format/check.h"
#include "format/frame_parse.h"

enum lac_status lac_header_unpack(struct lac_header *header, const uint8_t *bytes, struct lac_place place, struct lac_error *error)
{
	struct lac_reader check = { bytes + LAC_HEADER_BYTES - 4, 4 };
	uint32_t value = 0;

	(void)lac_read_u32(&check, &value);
	if (value != lac_header_check(bytes))
		return lac_fail_at(error, LAC_CORRUPT, place, "the header is damaged");
	if (bytes[4] != LAC_FORMAT_VERSION || bytes[5] > LAC_RECORDS_NUL)
		return lac_fail_at(error, LAC_UNSUPPORTED, place, "format version %u, flags 0x%02x: this needs a newer laconic",
			(unsigned)bytes[4], (unsigned)bytes[5]);
	header->records = (enum lac_records)bytes[5];
	return LAC_OK;
}

static enum lac_status fail(struct lac_place place, size_t n_bytes, struct lac_error *error)
{
	return lac_fail_at(error, LAC_CORRUPT, place, "a frame of %zu bytes is damaged, or not in its place", n_bytes);
}

enum lac_status lac_frame_unpack(struct lac_frame *frame, const uint8_t *bytes, size_t n_bytes, uint64_t ordinal,
	const struct lac_frame_scope *scope, struct lac_place place, struct lac_error *error)
{
	struct lac_reader body = { bytes, n_bytes };
	uint64_t length, found = 0, expected;
	size_t n_check, n_hashed;
	uint8_t tag;

	if (!lac_read_u8(&body, &tag) || !lac_read_varint(&body, &length))
		return fail(place, n_bytes, error);
	n_check = lac_frame_check_bytes(tag);
	if (length > LAC_FRAME_BODY_MAX || body.left != length + n_check)
		return fail(place, n_bytes, error);
	body.left = (size_t)length;
	n_hashed = n_bytes - n_check;
	expected = lac_frame_check(bytes, n_hashed, ordinal);
	for (size_t i = 0; i < n_check; i++)
		found |= (uint64_t)bytes[n_hashed + i] << (8 * i);
	if (found != (n_check == 4 ? expected & UINT32_MAX : expected))
		return fail(place, n_bytes, error);
	return lac_frame_parse(frame, tag, body, scope, place, error);
}
