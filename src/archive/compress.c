/* compress.c: input -> blocks -> workers -> archive.
 *
 * Blocks pass three queues, in order, and what each waits for in one is with the workers meanwhile:
 * probing: a block is coded without the model, a part at a time, which tells whether the model
 *   could win (format.md sections 5.6 and 5.12). Text that it could not joins what comes before it
 *   in a span, for that coder gains by length.
 * trying: where adapters are offered, each model codes the beginning of the block's streams.
 * writing: its streams are coded. */
#include "base/hash.h"
#include "archive/archive_writer.h"
#include "archive/context.h"
#include "archive/probes.h"
#include "archive/splitter.h"
#include "archive/trials.h"
#include "format/frame.h"

#define IN_FLIGHT_BYTES_MAX (64u << 20) /* of text; at least one block whatever its size */
#define SPAN_BYTES_MAX (8u << 20)

struct queue {
	struct lac_block *oldest, **newest;
	uint64_t n;
};

struct compressor {
	struct lac_archive_writer writer;
	struct lac_splitter splitter;
	struct lac_reporter reporter;
	struct lac_workers *workers;
	const struct lac_models *models;
	struct queue probing, trying, writing;
	struct lac_block *span; /* being joined; NULL: none */
	uint64_t span_records, span_payload; /* of its parts: how many records, bytes of payload */
	uint64_t bytes_in_flight;
	bool at_end;            /* of the input */
	struct lac_error *error;
};

static void enqueue(struct queue *queue, struct lac_block *block)
{
	block->next = NULL;
	*(queue->oldest ? queue->newest : &queue->oldest) = block;
	queue->newest = &block->next;
	queue->n++;
}

static struct lac_block *dequeue(struct queue *queue)
{
	struct lac_block *block = queue->oldest;

	queue->oldest = block->next;
	queue->n--;
	return block;
}

static void free_queue(struct queue *queue)
{
	while (queue->oldest) {
		struct lac_block *block = dequeue(queue);

		lac_block_free(&block);
	}
}

/* ---- Waiting ------------------------------------------------------------------------ */

static enum lac_status fail_with(struct compressor *c, const struct lac_error *error)
{
	if (c->error)
		*c->error = *error;
	return error->status;
}

static enum lac_status report(struct compressor *c)
{
	uint64_t n_bytes = c->writer.stats.bytes_in;

	for (const struct lac_block *block = c->writing.oldest; block; block = block->next)
		n_bytes += lac_block_done(block);
	return lac_report(&c->reporter, n_bytes, c->writer.stats.bytes_out, c->error);
}

static enum lac_status wait_for(struct compressor *c, const struct lac_block *block)
{
	enum lac_status s = LAC_OK;

	while (!s && !lac_workers_wait(c->workers, &block->tally))
		s = report(c);
	for (uint32_t i = 0; !s && i < block->n_probes; i++)
		if (block->probes[i].stream.error.status)
			s = fail_with(c, &block->probes[i].stream.error);
	if (!s && block->mixed.error.status)
		s = fail_with(c, &block->mixed.error);
	return s;
}

/* ---- Reading and probing --------------------------------------------------------- */

/* Takes the block over. */
static enum lac_status push_streams(struct compressor *c, struct lac_block *block)
{
	enqueue(&c->trying, block);
	for (uint32_t i = 0; i < block->n_streams; i++)
		block->streams[i].window = c->writer.window;
	if (!lac_block_offer(block, c->models))
		return lac_fail_memory(c->error, c->models->n * (size_t)block->n_streams * sizeof *block->trials, "trials of adapters");
	if (block->trials)
		return lac_workers_push(c->workers, &block->tally, block->trials, block->n_models * block->n_streams, c->error);
	return lac_workers_push(c->workers, &block->tally, block->streams, block->n_streams, c->error);
}

static enum lac_status start_probes(struct compressor *c, struct lac_block *block)
{
	enum lac_status s = LAC_OK;

	if (!lac_block_set_probes(block, c->splitter.records != LAC_RECORDS_NONE, c->models->at[0]))
		return lac_fail_memory(c->error, block->n_streams * sizeof *block->probes, "the probes of a block");
	for (uint32_t i = 0; !s && i < block->n_probes; i++)
		s = lac_workers_push(c->workers, &block->tally, &block->probes[i].stream, 1, c->error);
	return s;
}

static enum lac_status read_block(struct compressor *c)
{
	struct lac_piece piece;
	enum lac_status s = lac_splitter_next(&c->splitter, &piece, c->error);

	c->at_end = !piece.block;
	if (!piece.block)
		return s;
	c->bytes_in_flight += piece.block->bytes.length;
	enqueue(&c->probing, piece.block);
	return s ? s : start_probes(c, piece.block);
}

/* ---- Spans ------------------------------------------------------------------------ */

/* With an index a span is no longer than a block, as single records are read of it, and its payload
 * must not become shorter than the number of its records (format.md section 5.12). */
static bool has_room(const struct compressor *c, const struct lac_block *block, uint64_t n_records, uint64_t n_payload)
{
	const uint64_t n_bytes = c->span->bytes.length + block->bytes.length;

	if (!c->writer.options->is_indexed)
		return n_bytes <= SPAN_BYTES_MAX;
	return n_bytes <= c->splitter.block_bytes && 4 * (c->span_records + n_records) <= c->span_payload + n_payload;
}

/* A span of one block may have been coded as its probe. */
static enum lac_status close_span(struct compressor *c)
{
	struct lac_block *span = c->span;

	if (!span)
		return LAC_OK;
	c->span = NULL;
	enqueue(&c->trying, span);
	if (span->mixed.kind == LAC_STREAM_MIXED)
		return LAC_OK;
	span->mixed.kind = LAC_STREAM_MIXED;
	span->mixed.in = span->bytes.bytes;
	span->mixed.in_bytes = span->bytes.length;
	return lac_workers_push(c->workers, &span->tally, &span->mixed, 1, c->error);
}

/* Takes the block over, of so many records and with so many bytes of payload in its probes. */
static enum lac_status join_span(struct compressor *c, struct lac_block *block, uint64_t n_records, uint64_t n_payload)
{
	enum lac_status s = LAC_OK;

	if (c->span && !has_room(c, block, n_records, n_payload))
		s = close_span(c);
	if (!c->span) {
		block->n_streams = 0; /* none for the model */
		c->span = block;
		c->span_records = n_records;
		c->span_payload = n_payload;
		return s;
	}
	c->span_records += n_records;
	c->span_payload += n_payload;
	lac_buffer_append(&c->span->bytes, block->bytes.bytes, block->bytes.length);
	if (c->span->bytes.failed)
		s = lac_fail_memory(c->error, c->span->bytes.length + block->bytes.length, "a span of text");
	lac_buffer_free(&c->span->mixed.out);
	c->span->mixed.kind = LAC_STREAM_TEXT; /* it is to be coded anew */
	lac_block_free(&block);
	return s;
}

/* ---- The line ---------------------------------------------------------------------- */

/* Neighbouring probes of a block that go the same way. */
struct run {
	uint32_t first, end;
	bool is_for_the_model;
	uint64_t n_records, n_payload;
};

/* An index cannot tell of more records in a block than it has bytes (format.md section 5.10). */
static bool is_for_the_model(const struct compressor *c, const struct lac_block *block, uint32_t i, bool follows)
{
	const struct lac_probe *probe = &block->probes[i];
	const uint32_t n_records = lac_block_probe_records(block, i);

	if (c->writer.options->is_indexed && n_records > probe->stream.out.length)
		return true;
	if (c->splitter.records && n_records == 1 && lac_probe_is_noise(probe))
		return false;
	return lac_probe_is_for_the_model(probe, follows);
}

/* The run that comes after `before`; NULL: the block's first. */
static struct run next_run(const struct compressor *c, const struct lac_block *block, const struct run *before)
{
	struct run run = { .first = before ? before->end : 0 };

	run.is_for_the_model = is_for_the_model(c, block, run.first, before ? !before->is_for_the_model : c->span != NULL);
	run.end = run.first;
	do {
		run.n_records += lac_block_probe_records(block, run.end);
		run.n_payload += block->probes[run.end++].stream.out.length;
	} while (run.end < block->n_probes && is_for_the_model(c, block, run.end, !run.is_for_the_model) == run.is_for_the_model);
	return run;
}

/* Takes the block over, which is of all the run. */
static enum lac_status place(struct compressor *c, struct lac_block *block, const struct run *run)
{
	enum lac_status s;

	if (!run->is_for_the_model)
		return join_span(c, block, run->n_records, run->n_payload);
	s = close_span(c);
	if (s) {
		lac_block_free(&block);
		return s;
	}
	return push_streams(c, block);
}

/* A block of which one part is for the model and another is not. Frees it. */
static enum lac_status place_parts(struct compressor *c, struct lac_block *block, struct run run)
{
	enum lac_status s = LAC_OK;

	while (!s) {
		struct lac_block *part = lac_block_part(block, run.first, run.end);

		s = part ? place(c, part, &run) : lac_fail_memory(c->error, block->bytes.length, "a part of a block");
		if (run.end == block->n_probes)
			break;
		run = next_run(c, block, &run);
	}
	lac_block_free(&block);
	return s;
}

/* Waits for the oldest block's probes and sends its text where it belongs. */
static enum lac_status place_oldest(struct compressor *c)
{
	struct lac_block *block = c->probing.oldest;
	enum lac_status s = wait_for(c, block);
	struct run run;

	if (s)
		return s;
	(void)dequeue(&c->probing);
	run = next_run(c, block, NULL);
	if (run.end < block->n_probes)
		return place_parts(c, block, run);
	/* what the model was asked for in vain may be mixed all the same; of records, what it codes
	 * stays */
	if (block->n_probes == 1 && !(c->splitter.records && run.is_for_the_model))
		lac_block_take_probe(block, &block->probes[0]);
	return place(c, block, &run);
}

/* Waits for the oldest block's trials, if it has any, and chooses its models. */
static enum lac_status choose_oldest(struct compressor *c)
{
	struct lac_block *block = c->trying.oldest;
	enum lac_status s = block->trials ? wait_for(c, block) : LAC_OK;

	if (s)
		return s;
	enqueue(&c->writing, dequeue(&c->trying));
	if (!block->trials)
		return LAC_OK;
	lac_block_choose(block, c->writer.options->is_indexed);
	for (uint32_t i = 0; !s && i < block->n_streams; i++)
		if (lac_stream_is_left(&block->streams[i]))
			s = lac_workers_push(c->workers, &block->tally, &block->streams[i], 1, c->error);
	return s;
}

static enum lac_status write_oldest(struct compressor *c)
{
	struct lac_block *block = c->writing.oldest;
	enum lac_status s = wait_for(c, block);

	for (uint32_t i = 0; !s && i < block->n_streams; i++)
		if (block->streams[i].error.status)
			s = fail_with(c, &block->streams[i].error);
	if (s)
		return s;
	(void)dequeue(&c->writing);
	/* the last block is known as such only when the input is known to have ended */
	s = lac_archive_write_block(&c->writer, block, c->at_end && !c->probing.n && !c->span && !c->trying.n && !c->writing.n);
	c->bytes_in_flight -= block->bytes.length;
	lac_block_free(&block);
	return s;
}

static enum lac_status move_blocks(struct compressor *c, const struct lac_plan *plan)
{
	const uint64_t most = (c->splitter.records ? 3 : plan->n_slots + 2) * (uint64_t)plan->n_threads;
	enum lac_status s = LAC_OK;

	while (!s) {
		const bool is_full = c->bytes_in_flight >= IN_FLIGHT_BYTES_MAX;
		const uint64_t n_behind = c->probing.n + (c->span != NULL) + c->trying.n;

		/* something must be left behind what is written, unless the input ended: the last
		 * block says so */
		if (c->writing.n >= most || (c->writing.n && is_full && n_behind + c->writing.n > 1))
			/* NOLINTNEXTLINE(bugprone-branch-clone): and below, at the end */
			s = write_oldest(c);
		else if (c->trying.n && !c->trying.oldest->trials)
			s = choose_oldest(c); /* NOLINT(bugprone-branch-clone) */
		else if (!c->at_end && c->probing.n + c->trying.n < most && (!is_full || !(c->probing.n + c->trying.n)))
			s = read_block(c);
		else if (c->trying.n)
			s = choose_oldest(c);
		else if (c->probing.n)
			s = place_oldest(c);
		else if (c->span)
			s = close_span(c);
		else if (c->writing.n)
			s = write_oldest(c);
		else
			break;
	}
	return s || c->writer.stats.n_blocks ? s : lac_archive_write_end(&c->writer);
}

static enum lac_status compress(struct compressor *c, struct lac_context *context, struct lac_source source, struct lac_sink sink)
{
	const struct lac_options *options = &context->options;
	const uint32_t default_bytes = options->is_indexed ? LAC_BLOCK_BYTES_INDEXED : LAC_BLOCK_BYTES_DEFAULT;
	enum lac_status s;

	s = lac_splitter_create(&c->splitter, source, options->records, options->block_bytes ? options->block_bytes : default_bytes, c->error);
	if (!s)
		s = lac_context_encoders(context, &c->workers, c->error);
	if (!s)
		s = lac_archive_writer_open(&c->writer, c->models, context->encoding.plan.window, sink, &c->reporter, c->error);
	if (!s)
		s = move_blocks(c, &context->encoding.plan);
	if (!s)
		lac_hash128_finish(&c->splitter.hash, c->writer.stats.text_hash);
	return s;
}

enum lac_status lac_context_compress(struct lac_context *context, struct lac_source source, struct lac_sink sink,
	struct lac_stats *stats, struct lac_error *error)
{
	struct compressor c = { .models = &context->shelf.given, .reporter = { .options = &context->options }, .error = error };
	enum lac_status s = lac_context_check(context, true, error);

	if (!s && !context->shelf.given.n)
		s = lac_fail(error, LAC_BAD_ARGUMENT, 0, "no model was given to compress with");
	if (s)
		return s;
	s = compress(&c, context, source, sink);
	if (s)
		lac_context_stop(context);
	free_queue(&c.probing);
	free_queue(&c.trying);
	free_queue(&c.writing);
	lac_block_free(&c.span);
	lac_splitter_free(&c.splitter);
	lac_archive_writer_free(&c.writer);
	if (!s && stats)
		*stats = c.writer.stats;
	return s;
}

enum lac_status lac_compress(const struct lac_model *model, struct lac_source source, struct lac_sink sink,
	const struct lac_options *options, struct lac_stats *stats, struct lac_error *error)
{
	struct lac_context *context;
	enum lac_status s = lac_context_open(&context, model, options, error);

	if (!s)
		s = lac_context_compress(context, source, sink, stats, error);
	lac_context_close(&context);
	return s;
}
