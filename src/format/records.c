#include "format/records.h"

uint64_t lac_records_count(const uint8_t *text, size_t n_bytes, enum lac_records records)
{
	const uint8_t separator = lac_records_separator(records);
	uint64_t n = 0;

	for (size_t i = 0; i < n_bytes; i++)
		n += text[i] == separator;
	return n;
}

uint64_t lac_records_ended(const struct lac_frame *frame, enum lac_records records)
{
	if (records == LAC_RECORDS_NONE)
		return 0;
	if (frame->type == LAC_FRAME_STORED)
		return lac_records_count(frame->streams[0], frame->stream_bytes[0], records);
	if (frame->type == LAC_FRAME_MIXED_RECORDS)
		return frame->n_ended;
	return frame->n_streams - (frame->is_open ? 1u : 0u);
}

const char *lac_records_check(const struct lac_frame *frame, enum lac_records records, const uint8_t *text, size_t n_bytes)
{
	const uint8_t separator = lac_records_separator(records);

	if (records == LAC_RECORDS_NONE)
		return NULL;
	if (n_bytes == 0 || (text[n_bytes - 1] == separator) == frame->is_open)
		return "the last record's separator contradicts the open flag";
	if (frame->type != LAC_FRAME_STORED && lac_records_count(text, n_bytes, records) != lac_records_ended(frame, records))
		return frame->type == LAC_FRAME_MIXED_RECORDS ? "another number of records ends in a mixed block than it says" :
			"a record holds a separator";
	return NULL;
}
