/* list.c: what an archive says of itself, every frame's check verified, nothing decoded. */
#include "archive/declared.h"
#include "archive/stats.h"
#include "format/records.h"

/* A stored block's text is there to be looked at. */
static enum lac_status check_stored(const struct lac_frame *frame, enum lac_records records, struct lac_place place, struct lac_error *error)
{
	const char *why = frame->type == LAC_FRAME_STORED ? lac_records_check(frame, records, frame->streams[0], frame->stream_bytes[0]) : NULL;

	return why ? lac_fail_at(error, LAC_CORRUPT, place, "%s", why) : LAC_OK;
}

static enum lac_status count_frame(struct lac_stats *stats, struct lac_declared *declared, const struct lac_frame *frame,
	enum lac_records records, struct lac_place place, struct lac_error *error)
{
	enum lac_status s = check_stored(frame, records, place, error);

	if (s)
		return s;
	if (frame->type == LAC_FRAME_FILE)
		lac_stats_add_piece(stats, frame);
	if (!lac_frame_is_block(frame->type))
		return !lac_frame_declares_model(frame->type) ? LAC_OK : lac_declared_add(declared, frame, error);
	for (uint32_t i = 0; !s && lac_frame_is_modelled(frame->type) && i < frame->n_streams; i++)
		s = lac_declared_count(declared, lac_frame_route(frame, i), 1, stats, place, error);
	if (s)
		return s;
	stats->bytes_out += lac_frame_text_bytes(frame);
	stats->n_tokens += frame->n_tokens;
	lac_stats_add_block(stats, frame, records);
	return LAC_OK;
}

static enum lac_status list(struct lac_source source, uint64_t most_archives, struct lac_stats *stats, struct lac_error *error)
{
	struct lac_frame_reader *reader = NULL;
	struct lac_buffer bytes = { 0 };
	struct lac_stats found = { 0 };
	struct lac_declared declared = { 0 };
	struct lac_header header;
	bool at_end = false;
	enum lac_status s = lac_frame_reader_create(&reader, source, error);

	while (!s && found.n_archives < most_archives) {
		struct lac_frame frame = { .is_last = false };
		bool is_open = false;

		s = lac_frame_reader_header(reader, &header, &at_end, error);
		if (s || at_end)
			break;
		found.n_archives++;
		lac_declared_clear(&declared);
		while (!s && !frame.is_last) {
			s = lac_frame_reader_next(reader, &bytes, &frame, error);
			if (!s)
				s = count_frame(&found, &declared, &frame, header.records, lac_frame_reader_place(reader), error);
			if (!s && lac_frame_is_block(frame.type))
				is_open = frame.is_open;
		}
		found.n_records += is_open;
		found.n_indexed += header.records && (frame.type == LAC_FRAME_INDEX || frame.type == LAC_FRAME_END);
	}
	if (reader)
		found.bytes_in = lac_frame_reader_offset(reader);
	lac_declared_free(&declared);
	lac_frame_reader_free(&reader);
	lac_buffer_free(&bytes);
	if (!s && stats)
		*stats = found;
	return s;
}

enum lac_status lac_list(struct lac_source source, struct lac_stats *stats, struct lac_error *error)
{
	return list(source, UINT64_MAX, stats, error);
}

enum lac_status lac_list_first(struct lac_source source, struct lac_stats *stats, struct lac_error *error)
{
	return list(source, 1, stats, error);
}
