/* index_frame.c: the body of an index <-> bytes (format.md section 5.10). */
#include "format/check.h"
#include "format/index.h"

static size_t body_bytes(const struct lac_frame *frame)
{
	return lac_varint_bytes(frame->level) + lac_varint_bytes(frame->n_entries) + frame->stream_bytes[0] + 4;
}

/* Tag to check. */
static size_t whole_bytes(size_t n_body)
{
	return 1 + lac_varint_bytes(n_body) + n_body + lac_frame_check_bytes(LAC_FRAME_INDEX);
}

size_t lac_index_bytes(const struct lac_frame *frame)
{
	return body_bytes(frame);
}

void lac_index_write(struct lac_buffer *out, const struct lac_frame *frame)
{
	lac_buffer_varint(out, frame->level);
	lac_buffer_varint(out, frame->n_entries);
	lac_buffer_append(out, frame->streams[0], frame->stream_bytes[0]);
	lac_buffer_u32(out, (uint32_t)whole_bytes(body_bytes(frame)));
}

bool lac_index_next(struct lac_reader *entries, uint32_t level, struct lac_index_entry *entry)
{
	uint64_t models;

	entry->n_frames = 1;
	if (!lac_read_varint(entries, &entry->n_bytes) || (level > 1 && !lac_read_varint(entries, &entry->n_frames)) ||
	    !lac_read_varint(entries, &entry->n_records) || !lac_read_varint(entries, &models))
		return false;
	entry->n_models = models / 2;
	entry->is_open = models % 2;
	/* nothing has more of them than bytes, and these were added up when the index was parsed:
	 * sums cannot overflow */
	return entry->n_frames && entry->n_frames <= entry->n_bytes && entry->n_records <= entry->n_bytes && entry->n_models <= entry->n_bytes;
}

lac_complaint lac_index_parse(struct lac_frame *frame, struct lac_reader *body)
{
	const size_t n_whole = whole_bytes(body->left);
	struct lac_index_entry entry;
	uint64_t level, n_entries, sum = 0;
	const uint8_t *first;
	uint32_t claimed;

	if (!lac_read_varint(body, &level) || level < 1 || level > LAC_INDEX_LEVELS_MAX)
		return "an index has an impossible level";
	if (!lac_read_varint(body, &n_entries) || n_entries < 1 || n_entries > LAC_INDEX_ENTRIES_MAX)
		return "an index has no entry or more than 256";
	first = body->at;
	for (uint64_t i = 0; i < n_entries; i++, sum += entry.n_bytes)
		if (!lac_index_next(body, (uint32_t)level, &entry) || entry.n_bytes > INT64_MAX - sum)
			return "an index has an impossible entry";
	frame->level = (uint32_t)level;
	frame->n_entries = (uint32_t)n_entries;
	frame->n_streams = 1;
	frame->streams[0] = first;
	frame->stream_bytes[0] = (size_t)(body->at - first);
	return lac_read_u32(body, &claimed) && claimed == n_whole ? NULL : "an index has another length than it says";
}
