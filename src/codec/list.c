/* list.c: what an archive says of itself, every frame's check verified, nothing decoded. */
#include "codec/records.h"
#include "format/published.h"

#include <string.h>

static enum lac_status count_frame(struct lac_stats *stats, const struct lac_frame *frame, enum lac_records records, uint64_t offset,
	struct lac_error *error)
{
	const struct lac_model_frame *model = frame->type == LAC_FRAME_MODEL ? &frame->model :
		frame->is_published ? lac_published_model(frame->model_index) : NULL;

	if (frame->is_published && !model)
		return lac_fail_published(error, offset, frame->model_index);
	if (model) {
		stats->has_model = true;
		memcpy(stats->model_identity, model->identity, sizeof stats->model_identity);
		memcpy(stats->model_name, model->name, sizeof stats->model_name);
	}
	if (!lac_frame_is_block(frame->type))
		return LAC_OK;
	stats->n_blocks++;
	stats->n_stored_blocks += frame->type == LAC_FRAME_STORED;
	stats->bytes_out += frame->n_text_bytes;
	if (frame->type == LAC_FRAME_RECORDS) /* its separators are not among the records' bytes */
		stats->bytes_out += frame->n_streams - (frame->is_open ? 1 : 0);
	stats->n_mixed_blocks += frame->type == LAC_FRAME_MIXED;
	stats->n_tokens += frame->n_tokens;
	stats->n_records += lac_records_count(frame, records);
	return LAC_OK;
}

enum lac_status lac_list(struct lac_source source, struct lac_stats *stats, struct lac_error *error)
{
	struct lac_frame_reader *reader = NULL;
	struct lac_buffer bytes = { 0 };
	struct lac_stats found = { 0 };
	struct lac_header header;
	bool at_end = false;
	enum lac_status s = lac_frame_reader_create(&reader, source, error);

	while (!s) {
		struct lac_frame frame = { .is_last = false };

		s = lac_frame_reader_header(reader, &header, &at_end, error);
		if (s || at_end)
			break;
		found.n_archives++;
		while (!s && !frame.is_last) {
			const uint64_t offset = lac_frame_reader_offset(reader);

			s = lac_frame_reader_next(reader, &bytes, &frame, error);
			if (!s)
				s = count_frame(&found, &frame, header.records, offset, error);
		}
	}
	if (reader)
		found.bytes_in = lac_frame_reader_offset(reader);
	lac_frame_reader_free(&reader);
	lac_buffer_free(&bytes);
	if (!s && stats)
		*stats = found;
	return s;
}
