/* extract.c: a file that an archive carries, as it is (format.md section 4.5). */
#include "format/frame.h"

#include <string.h>

struct extraction {
	struct lac_frame_reader *reader;
	struct lac_sink sink;
	uint64_t n_before, n_written; /* files that come before it; bytes of it */
	struct lac_carried_info info; /* of the model declared last */
	struct lac_error *error;
};

static void note(struct extraction *x, const struct lac_frame *frame)
{
	if (!lac_frame_declares_model(frame->type))
		return;
	memcpy(x->info.name, frame->model.name, sizeof x->info.name);
	memcpy(x->info.identity, frame->model.identity, sizeof x->info.identity);
	x->info.is_adapter = frame->type == LAC_FRAME_ADAPTED;
}

/* *is_done: the file is whole. */
static enum lac_status take(struct extraction *x, const struct lac_frame *frame, bool *is_done)
{
	if (frame->type != LAC_FRAME_FILE)
		return LAC_OK;
	if (x->n_before) {
		x->n_before -= frame->n_left == 0;
		return LAC_OK;
	}
	if (!x->sink.write(x->sink.payload, frame->streams[0], frame->stream_bytes[0]))
		return lac_fail(x->error, LAC_WRITE_FAILED, x->n_written, "writing a carried file failed at byte %llu", (unsigned long long)x->n_written);
	x->n_written += frame->stream_bytes[0];
	*is_done = frame->n_left == 0;
	return LAC_OK;
}

static enum lac_status read_archive(struct extraction *x, struct lac_buffer *bytes, bool *is_done)
{
	struct lac_frame frame = { .is_last = false };
	enum lac_status s = LAC_OK;

	while (!s && !frame.is_last && !*is_done) {
		s = lac_frame_reader_next(x->reader, bytes, &frame, x->error);
		if (s)
			break;
		note(x, &frame);
		s = take(x, &frame, is_done);
	}
	return s;
}

enum lac_status lac_carried_file(struct lac_source source, uint64_t number, struct lac_sink sink, struct lac_carried_info *info,
	struct lac_error *error)
{
	struct extraction x = { .sink = sink, .n_before = number, .error = error };
	struct lac_buffer bytes = { 0 };
	struct lac_header header;
	bool at_end = false, is_done = false;
	enum lac_status s = lac_frame_reader_create(&x.reader, source, error);

	while (!s && !at_end && !is_done) {
		s = lac_frame_reader_header(x.reader, &header, &at_end, error);
		if (!s && !at_end)
			s = read_archive(&x, &bytes, &is_done);
	}
	if (!s && !is_done)
		s = lac_fail(error, LAC_BAD_ARGUMENT, 0, "file %llu is asked for, counted from 0, and %llu are carried", (unsigned long long)number,
			(unsigned long long)(number - x.n_before));
	lac_frame_reader_free(&x.reader);
	lac_buffer_free(&bytes);
	if (!s && info)
		*info = x.info;
	return s;
}
