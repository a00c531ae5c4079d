/* decompress.c: frames -> workers -> text -> sink. A block's hash is compared before a byte of it reaches the sink. */
#include "base/hash.h"
#include "base/memory.h"
#include "codec/declared.h"
#include "codec/records.h"
#include "codec/workers.h"

#include <string.h>

#define IN_FLIGHT_BYTES_MAX (64u << 20) /* of text, payload and what we keep of blocks; at least one block whatever its size */

/* A block in flight: what its frame said. */
struct item {
	struct lac_frame frame; /* borrows block->bytes */
	struct lac_block *block;
	enum lac_records records;
	struct item *next;
};

/* Many small blocks are mostly what is kept of them. */
static uint64_t bytes_of(const struct item *item)
{
	return sizeof *item + sizeof *item->block + item->block->n_streams * sizeof *item->block->streams + item->block->bytes.length +
		lac_frame_text_bytes(&item->frame);
}

struct decompressor {
	struct lac_models models;
	struct lac_declared declared; /* by the archive being read */
	const struct lac_options *options;
	struct lac_plan plan;
	struct lac_sink sink;
	struct lac_frame_reader *reader;
	struct lac_workers *workers; /* NULL until a block needs the model */
	struct lac_header header;
	bool in_archive;
	struct item *oldest, **newest;
	uint64_t n_in_flight, bytes_in_flight;
	uint64_t text_bytes; /* of all blocks read */
	struct lac_buffer text;
	struct lac_hash128 *hash; /* of what was written */
	struct lac_stats stats;
	struct lac_error *error;
};

/* Finds the models of a block's streams. */
static enum lac_status find_models(struct decompressor *d, const struct lac_frame *frame, struct lac_stream *streams, struct lac_place place)
{
	const struct lac_model_reference one = { frame->is_published, frame->model_index };
	enum lac_status s = LAC_OK;

	if (frame->type != LAC_FRAME_TEXT && !lac_frame_holds_records(frame->type))
		return LAC_OK;
	for (uint32_t i = 0; !s && i < frame->n_streams; i++) {
		const struct lac_model_reference reference = frame->type == LAC_FRAME_ROUTED ? frame->routes[i] : one;

		s = lac_declared_find(&d->declared, reference, &d->models, &streams[i].model, place, d->error);
		if (!s)
			s = lac_declared_count(&d->declared, reference, 1, &d->stats, place, d->error);
	}
	return s;
}

/* Sets up the streams of a coded block. */
static enum lac_status begin_block(struct decompressor *d, struct item *item)
{
	const struct lac_frame *frame = &item->frame;
	struct lac_block *block = item->block;

	if (frame->type == LAC_FRAME_STORED)
		return LAC_OK;
	block->n_text_left = frame->n_text_bytes;
	for (uint32_t i = 0; i < frame->n_streams; i++) {
		block->streams[i].in = frame->streams[i];
		block->streams[i].in_bytes = frame->stream_bytes[i];
		block->streams[i].text_bytes = frame->n_text_bytes;
		block->streams[i].kind = frame->type == LAC_FRAME_MIXED ? LAC_STREAM_MIXED :
			lac_frame_holds_records(frame->type) ? LAC_STREAM_RECORD : LAC_STREAM_TEXT;
	}
	return lac_workers_push(d->workers, block, block->streams, block->n_streams, d->error);
}

/* The caller's limit, before the block costs anything. */
static enum lac_status count_text(struct decompressor *d, const struct lac_frame *frame, struct lac_place place)
{
	const uint64_t limit = d->options && d->options->limit_bytes ? d->options->limit_bytes : UINT64_MAX;

	if (lac_frame_text_bytes(frame) > limit - d->text_bytes)
		return lac_fail_at(d->error, LAC_OVER_LIMIT, place, "%llu bytes of text come before this block and %llu in it, more than the "
			"limit of %llu; raise it with --limit", (unsigned long long)d->text_bytes,
			(unsigned long long)lac_frame_text_bytes(frame), (unsigned long long)limit);
	d->text_bytes += lac_frame_text_bytes(frame);
	return LAC_OK;
}

/* Reads one frame and, if it is a block, puts it in flight. *at_end: the input is finished. */
static enum lac_status read_frame(struct decompressor *d, bool *at_end)
{
	struct lac_buffer bytes = { 0 };
	struct lac_frame frame;
	struct item *item = NULL;
	struct lac_place place;
	enum lac_status s;

	if (!d->in_archive) {
		s = lac_frame_reader_header(d->reader, &d->header, at_end, d->error);
		if (s || *at_end)
			return s;
		d->in_archive = true;
		d->stats.n_archives++;
		lac_declared_clear(&d->declared);
	}
	s = lac_frame_reader_next(d->reader, &bytes, &frame, d->error);
	place = lac_frame_reader_place(d->reader);
	if (!s && (frame.type == LAC_FRAME_MODEL || frame.type == LAC_FRAME_ADAPTED))
		s = lac_declared_add(&d->declared, &frame, d->error);
	if (!s && lac_frame_is_block(frame.type))
		s = count_text(d, &frame, place);
	if (!s && lac_frame_is_block(frame.type) && frame.type != LAC_FRAME_STORED && !d->workers)
		s = lac_workers_create(&d->workers, lac_decode_streams, d->models.n ? d->models.at[0] : NULL, &d->plan, d->error);
	if (!s)
		d->in_archive = !frame.is_last;
	if (!s && lac_frame_is_block(frame.type)) {
		item = lac_calloc(1, sizeof *item);
		if (item)
			item->block = lac_block_create(frame.type == LAC_FRAME_STORED ? 0 : frame.n_streams);
		if (!item || !item->block)
			s = lac_fail_memory(d->error, sizeof *item, "a block");
		if (!s)
			s = find_models(d, &frame, item->block->streams, place);
		if (s) {
			if (item)
				lac_block_free(&item->block);
			lac_free(item);
			lac_buffer_free(&bytes);
			return s;
		}
		item->frame = frame;
		item->records = d->header.records;
		item->block->bytes = bytes;
		item->block->place = place;
		*d->newest = item;
		d->newest = &item->next;
		d->n_in_flight++;
		d->bytes_in_flight += bytes_of(item);
		return begin_block(d, item);
	}
	lac_buffer_free(&bytes);
	return s;
}

static enum lac_status fail_block(struct decompressor *d, const struct item *item, const char *why)
{
	return lac_fail_at(d->error, LAC_CORRUPT, item->block->place, "%s", why);
}

static enum lac_status check_streams(struct decompressor *d, const struct item *item)
{
	uint64_t n_tokens = 0, n_bytes = 0;

	for (uint32_t i = 0; i < item->block->n_streams; i++) {
		const struct lac_stream *stream = &item->block->streams[i];

		if (stream->error.status == LAC_CORRUPT)
			return fail_block(d, item, stream->error.text);
		if (stream->error.status) {
			if (d->error)
				*d->error = stream->error;
			return stream->error.status;
		}
		n_tokens += stream->n_tokens;
		n_bytes += stream->out.length;
	}
	if (n_tokens != item->frame.n_tokens || n_bytes != item->frame.n_text_bytes)
		return fail_block(d, item, "the number of tokens or bytes is not what the frame says");
	d->stats.n_tokens += n_tokens;
	return LAC_OK;
}

/* Collects the block's text in d->text and checks it. */
static enum lac_status collect(struct decompressor *d, const struct item *item)
{
	const struct lac_frame *frame = &item->frame;
	const char *why;
	enum lac_status s;

	lac_buffer_clear(&d->text);
	if (frame->type == LAC_FRAME_STORED) {
		lac_buffer_append(&d->text, frame->streams[0], frame->stream_bytes[0]);
	} else {
		s = check_streams(d, item);
		if (s)
			return s;
		for (uint32_t i = 0; i < item->block->n_streams; i++) {
			const struct lac_buffer *out = &item->block->streams[i].out;

			lac_buffer_append(&d->text, out->bytes, out->length);
			if (lac_frame_holds_records(frame->type) && (i + 1 < item->block->n_streams || !frame->is_open))
				lac_buffer_u8(&d->text, lac_records_separator(item->records));
		}
	}
	if (d->text.failed)
		return lac_fail_memory(d->error, frame->n_text_bytes, "a block of text");
	if (frame->type != LAC_FRAME_STORED && lac_hash64(d->text.bytes, d->text.length, 0) != frame->text_hash)
		return fail_block(d, item, "the decoded text does not have the hash it was stored with");
	why = lac_records_check(frame, item->records, d->text.bytes, d->text.length);
	return why ? fail_block(d, item, why) : LAC_OK;
}

static enum lac_status write_oldest(struct decompressor *d)
{
	struct item *item = d->oldest;
	enum lac_status s;

	if (item->block->n_streams)
		lac_workers_wait(d->workers, item->block);
	s = collect(d, item);
	if (!s && d->sink.write && d->text.length && !d->sink.write(d->sink.payload, d->text.bytes, d->text.length))
		s = lac_fail(d->error, LAC_WRITE_FAILED, d->stats.bytes_out, "writing the text failed at byte %llu",
			(unsigned long long)d->stats.bytes_out);
	if (!s) {
		lac_hash128_update(d->hash, d->text.bytes, d->text.length);
		d->stats.bytes_out += d->text.length;
		d->stats.n_blocks++;
		d->stats.n_mixed_blocks += item->frame.type == LAC_FRAME_MIXED;
		d->stats.n_stored_blocks += item->frame.type == LAC_FRAME_STORED;
		d->stats.n_records += lac_records_count(&item->frame, item->records);
		if (d->options && d->options->progress && !d->options->progress(d->options->progress_payload,
		    lac_frame_reader_offset(d->reader), d->stats.bytes_out))
			s = lac_fail(d->error, LAC_CANCELLED, 0, "cancelled");
	}
	d->oldest = item->next;
	if (!d->oldest)
		d->newest = &d->oldest;
	d->n_in_flight--;
	d->bytes_in_flight -= bytes_of(item);
	lac_block_free(&item->block);
	lac_free(item);
	return s;
}

/* Reads ahead while there is room and writes in order. A frame that cannot be read does not keep the blocks before it from
 * being written, and an error in one of those is the one reported. */
static enum lac_status run(struct decompressor *d)
{
	const uint64_t most = (d->plan.n_slots + 2) * (uint64_t)d->plan.n_threads;
	struct lac_error *const error = d->error;
	struct lac_error reading = { 0 };
	enum lac_status s = LAC_OK, read_status = LAC_OK;
	bool at_end = false;

	while (!s) {
		if (!at_end && !read_status && d->n_in_flight < most && (d->bytes_in_flight < IN_FLIGHT_BYTES_MAX || !d->oldest)) {
			d->error = &reading;
			read_status = read_frame(d, &at_end);
			d->error = error;
			if ((at_end || read_status) && d->workers)
				lac_workers_end(d->workers);
		} else if (d->oldest && !(read_status == LAC_NO_THREAD)) {
			s = write_oldest(d);
		} else {
			break;
		}
	}
	if (!s && read_status) {
		if (error)
			*error = reading;
		s = read_status;
	}
	return s;
}

enum lac_status lac_decompress(const struct lac_model *model, struct lac_source source, struct lac_sink sink,
	const struct lac_options *options, struct lac_stats *stats, struct lac_error *error)
{
	struct decompressor d = { .options = options, .sink = sink, .error = error };
	enum lac_status s;

	d.newest = &d.oldest;
	s = lac_plan_check(options, error);
	if (!s)
		s = lac_models_set(&d.models, model, options, error);
	if (s)
		return s;
	d.plan = lac_plan_make(model, options, LAC_DECODE_SLOTS);
	s = lac_frame_reader_create(&d.reader, source, error);
	d.hash = lac_hash128_create();
	if (!s && !d.hash)
		s = lac_fail_memory(error, 1024, "the text's hash");
	if (!s)
		s = run(&d);
	lac_hash128_finish(&d.hash, d.stats.text_hash);
	if (d.workers)
		lac_workers_steps(d.workers, &d.stats.n_slots_offered, &d.stats.n_slots_busy);
	lac_workers_free(&d.workers);
	while (d.oldest) {
		struct item *item = d.oldest;

		d.oldest = item->next;
		lac_block_free(&item->block);
		lac_free(item);
	}
	if (d.reader)
		d.stats.bytes_in = lac_frame_reader_offset(d.reader);
	lac_declared_free(&d.declared);
	lac_frame_reader_free(&d.reader);
	lac_buffer_free(&d.text);
	if (!s && stats)
		*stats = d.stats;
	return s;
}
