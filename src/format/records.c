#include "format/records.h"

static uint64_t count_separators(const uint8_t *text, size_t n_bytes, uint8_t separator)
{
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
		return count_separators(frame->streams[0], frame->stream_bytes[0], lac_records_separator(records));
	return frame->n_streams - (frame->is_open ? 1u : 0u);
}

const char *lac_records_check(const struct lac_frame *frame, enum lac_records records, const uint8_t *text, size_t n_bytes)
{
	const uint8_t separator = lac_records_separator(records);

	if (records == LAC_RECORDS_NONE)
		return NULL;
	if (n_bytes == 0 || (text[n_bytes - 1] == separator) == frame->is_open)
		return "the last record's separator contradicts the open flag";
	if (lac_frame_holds_records(frame->type) &&
	    count_separators(text, n_bytes, separator) != frame->n_streams - (frame->is_open ? 1u : 0u))
		return "a record holds a separator";
	return NULL;
}
