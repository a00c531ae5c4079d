/* compress.c: input -> blocks -> workers -> frames -> sink. */
#include "codec/splitter.h"
#include "base/hash.h"
#include "format/frame.h"
#include "format/published.h"

#include <string.h>

#define IN_FLIGHT_BYTES_MAX (64u << 20) /* of text; at least one block whatever its size */

struct compressor {
	const struct lac_model *model;
	const struct lac_options *options;
	struct lac_sink sink;
	struct lac_splitter splitter;
	struct lac_workers *workers;
	struct lac_block *oldest, **newest; /* in flight */
	uint64_t n_in_flight, bytes_in_flight;
	bool declared;          /* the model's frame is written, or need not be */
	bool is_published;      /* the model has a number of its own */
	uint32_t model_index;
	uint64_t ordinal;       /* of the next frame */
	struct lac_buffer out;
	struct lac_stats stats;
	struct lac_error *error;
};

static enum lac_status flush(struct compressor *c)
{
	if (c->out.failed)
		return lac_fail_memory(c->error, c->out.capacity, "compressed bytes");
	if (!c->sink.write(c->sink.payload, c->out.bytes, c->out.length))
		return lac_fail(c->error, LAC_WRITE_FAILED, c->stats.bytes_out, "writing the archive failed at byte %llu",
			(unsigned long long)c->stats.bytes_out);
	c->stats.bytes_out += c->out.length;
	lac_buffer_clear(&c->out);
	if (c->options && c->options->progress &&
	    !c->options->progress(c->options->progress_payload, c->stats.bytes_in, c->stats.bytes_out))
		return lac_fail(c->error, LAC_CANCELLED, 0, "cancelled");
	return LAC_OK;
}

static struct lac_frame model_frame(const struct compressor *c)
{
	struct lac_frame frame = { .type = LAC_FRAME_MODEL };

	frame.model.arithmetic_version = LAC_ARITHMETIC_VERSION;
	frame.model.window = c->model->window;
	memcpy(frame.model.identity, c->model->info.identity, sizeof frame.model.identity);
	memcpy(frame.model.name, c->model->info.name, sizeof frame.model.name);
	return frame;
}

/* A published model is named by its number, another is declared once: number 0 of this archive's. */
static void name_model(struct compressor *c)
{
	const struct lac_frame frame = model_frame(c);

	c->declared = c->is_published = lac_published_number(&frame.model, &c->model_index);
	if (!c->is_published)
		c->model_index = 0;
}

static struct lac_frame coded_frame(const struct compressor *c, const struct lac_block *block, bool is_open, bool is_last)
{
	struct lac_frame frame = {
		.type = c->splitter.records ? LAC_FRAME_RECORDS : LAC_FRAME_TEXT,
		.is_last = is_last, .is_open = is_open, .n_streams = block->n_streams,
		.is_published = c->is_published, .model_index = c->model_index,
		.text_hash = lac_hash64(block->bytes.bytes, block->bytes.length, 0),
	};

	for (uint32_t i = 0; i < block->n_streams; i++) {
		frame.n_text_bytes += block->streams[i].in_bytes;
		frame.n_tokens += block->streams[i].n_tokens;
		frame.streams[i] = block->streams[i].out.bytes;
		frame.stream_bytes[i] = block->streams[i].out.length;
	}
	return frame;
}

static void count_records(struct compressor *c, const struct lac_block *block, bool is_open, bool is_last)
{
	/* an open block's last record goes on in the next block and is counted there */
	if (c->splitter.records)
		c->stats.n_records += block->n_streams - (is_open && !is_last);
}

/* Writes the block in the smaller of its two forms; the coded form also pays for the model's frame, once. */
static enum lac_status write_block(struct compressor *c, const struct lac_block *block, bool is_last)
{
	const bool is_open = c->splitter.records && block->bytes.bytes[block->bytes.length - 1] !=
		lac_records_separator(c->splitter.records);
	const struct lac_frame declaration = model_frame(c), coded = coded_frame(c, block, is_open, is_last);
	const struct lac_frame stored = {
		.type = LAC_FRAME_STORED, .is_last = is_last, .is_open = is_open, .n_text_bytes = block->bytes.length,
		.n_streams = 1, .streams = { block->bytes.bytes }, .stream_bytes = { block->bytes.length },
	};
	const size_t declaration_bytes = c->declared ? 0 : lac_frame_bytes(&declaration);

	if (declaration_bytes + lac_frame_bytes(&coded) < lac_frame_bytes(&stored)) {
		if (!c->declared)
			lac_frame_write(&c->out, &declaration, c->ordinal++);
		c->declared = true;
		lac_frame_write(&c->out, &coded, c->ordinal++);
		c->stats.has_model = true;
		c->stats.n_tokens += coded.n_tokens;
	} else {
		lac_frame_write(&c->out, &stored, c->ordinal++);
		c->stats.n_stored_blocks++;
	}
	c->stats.n_blocks++;
	c->stats.bytes_in += block->bytes.length;
	count_records(c, block, is_open, is_last);
	return flush(c);
}

static enum lac_status write_oldest(struct compressor *c, bool is_last)
{
	struct lac_block *block = c->oldest;
	enum lac_status s = LAC_OK;

	lac_workers_wait(c->workers, block);
	for (uint32_t i = 0; !s && i < block->n_streams; i++)
		if (block->streams[i].error.status) {
			if (c->error)
				*c->error = block->streams[i].error;
			s = block->streams[i].error.status;
		}
	if (!s)
		s = write_block(c, block, is_last);
	c->oldest = block->next;
	if (!c->oldest)
		c->newest = &c->oldest;
	c->n_in_flight--;
	c->bytes_in_flight -= block->bytes.length;
	lac_block_free(&block);
	return s;
}

static enum lac_status run(struct compressor *c, const struct lac_plan *plan)
{
	const uint64_t most = (c->splitter.records ? 3 : plan->n_slots + 2) * (uint64_t)plan->n_threads;
	const struct lac_header header = { .records = c->splitter.records };
	bool at_end = false;
	enum lac_status s;

	lac_header_write(&c->out, &header);
	s = flush(c);
	while (!s) {
		if (!at_end && c->n_in_flight < most && (c->bytes_in_flight < IN_FLIGHT_BYTES_MAX || !c->oldest)) {
			struct lac_piece piece;

			s = lac_splitter_next(&c->splitter, &piece, c->error);
			if (piece.block) {
				*c->newest = piece.block;
				c->newest = &piece.block->next;
				c->n_in_flight++;
				c->bytes_in_flight += piece.block->bytes.length;
				if (!s)
					s = lac_workers_push(c->workers, piece.block, c->error);
			}
			at_end = !piece.block;
		} else if (c->oldest) {
			/* the last block is known as such only when the input is known to have ended */
			s = write_oldest(c, at_end && !c->oldest->next);
		} else {
			break;
		}
	}
	if (!s && c->stats.n_blocks == 0) {
		const struct lac_frame end = { .type = LAC_FRAME_END, .is_last = true };

		lac_frame_write(&c->out, &end, c->ordinal++);
		s = flush(c);
	}
	return s;
}

static enum lac_status check_options(const struct lac_options *options, struct lac_error *error)
{
	if (options && (unsigned)options->records > LAC_RECORDS_NUL)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "unknown kind of records %d", (int)options->records);
	if (options && options->block_bytes &&
	    (options->block_bytes < LAC_BLOCK_BYTES_MIN || options->block_bytes > LAC_BLOCK_BYTES_MAX))
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "a block of %u bytes is outside %u to %u",
			(unsigned)options->block_bytes, LAC_BLOCK_BYTES_MIN, LAC_BLOCK_BYTES_MAX);
	return lac_plan_check(options, error);
}

enum lac_status lac_compress(const struct lac_model *model, struct lac_source source, struct lac_sink sink,
	const struct lac_options *options, struct lac_stats *stats, struct lac_error *error)
{
	struct compressor c = { .model = model, .options = options, .sink = sink, .error = error, .stats.n_archives = 1 };
	enum lac_status s = check_options(options, error);
	struct lac_plan plan;
	uint32_t block_bytes;

	if (s)
		return s;
	plan = lac_plan_make(model, options, LAC_ENCODE_SLOTS);
	name_model(&c);
	block_bytes = options && options->block_bytes ? options->block_bytes : LAC_BLOCK_BYTES_DEFAULT;
	c.newest = &c.oldest;
	s = lac_splitter_create(&c.splitter, source, options ? options->records : LAC_RECORDS_NONE, block_bytes, error);
	if (!s)
		s = lac_workers_create(&c.workers, lac_encode_streams, model, &plan, error);
	if (!s)
		s = run(&c, &plan);
	lac_workers_free(&c.workers);
	while (c.oldest) {
		struct lac_block *block = c.oldest;

		c.oldest = block->next;
		lac_block_free(&block);
	}
	lac_splitter_free(&c.splitter);
	lac_buffer_free(&c.out);
	memcpy(c.stats.model_identity, model->info.identity, sizeof c.stats.model_identity);
	memcpy(c.stats.model_name, model->info.name, sizeof c.stats.model_name);
	if (!s && stats)
		*stats = c.stats;
	return s;
}
