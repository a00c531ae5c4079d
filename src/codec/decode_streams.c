/* decode_streams.c: payload -> intervals -> symbols -> text, many streams in lockstep: one
 * evaluation gives each of them a token. */
#include "base/strict_float.h"
#include "codec/worker.h"
#include "coder/range_coder.h"

struct slot {
	struct lac_stream *stream; /* NULL: free */
	struct lac_range_decoder coder;
	uint32_t token;                 /* to be fed next */
	bool has_symbols;               /* the first was decoded */
	bool is_done;
};

struct decoder {
	struct lac_worker worker;
	struct slot slots[LAC_DECODE_SLOTS];
};

static void fail(struct slot *slot, const char *why)
{
	(void)lac_fail(&slot->stream->error, LAC_CORRUPT, 0, "%s", why);
	slot->is_done = true;
}

static void fail_length(struct slot *slot)
{
	struct lac_stream *stream = slot->stream;

	if (stream->is_limited)
		(void)lac_fail(&stream->error, LAC_OVER_LIMIT, 0, "the text is longer than the limit of %llu bytes",
			(unsigned long long)stream->text_bytes);
	else
		(void)lac_fail(&stream->error, LAC_CORRUPT, 0, "the text is longer than the frame says");
	slot->is_done = true;
}

static void append(struct slot *slot, const uint8_t *bytes, size_t n_bytes)
{
	struct lac_stream *stream = slot->stream;
	const size_t n_added = slot->has_symbols ? 0 : lac_tokenizer_prefix(stream->model->tokenizer, bytes);

	slot->has_symbols = true;
	bytes += n_added;
	n_bytes -= n_added;
	if (n_bytes > stream->text_bytes - stream->out.length ||
	    atomic_fetch_sub_explicit(stream->text_left, n_bytes, memory_order_relaxed) < n_bytes) {
		fail_length(slot);
		return;
	}
	lac_buffer_append(&stream->out, bytes, n_bytes);
	atomic_store_explicit(&stream->n_done, stream->out.length, memory_order_relaxed);
	stream->n_tokens += n_bytes > 0;
	if (stream->out.failed) {
		(void)lac_fail_memory(&stream->error, stream->text_bytes, "decoded text");
		slot->is_done = true;
	}
	if (stream->kind == LAC_STREAM_TEXT && stream->out.length == stream->text_bytes)
		slot->is_done = true;
}

static void decode_raw_byte(struct slot *slot)
{
	uint64_t target = lac_range_decoder_target(&slot->coder, 256);
	uint8_t byte = (uint8_t)target;

	if (target >= 256) {
		fail(slot, "the payload holds no raw byte after an escape");
		return;
	}
	lac_range_decoder_advance(&slot->coder, target, 1);
	append(slot, &byte, 1);
}

/* Decodes what is foretold: raw bytes up to and including the next token, or the end. */
static void decode_symbols(void *decoder, uint32_t number, const struct lac_frequencies *frequencies)
{
	struct decoder *d = decoder;
	struct slot *slot = &d->slots[number];
	const struct lac_model *model = d->worker.model;

	while (!slot->is_done) {
		uint64_t target = lac_range_decoder_target(&slot->coder, frequencies->total);
		struct lac_interval interval;
		const uint8_t *bytes;
		uint32_t symbol;
		size_t n_bytes;

		if (target >= frequencies->total) {
			fail(slot, "the payload holds no symbol");
			return;
		}
		symbol = lac_frequencies_find(frequencies, target, &interval);
		lac_range_decoder_advance(&slot->coder, interval.low, interval.size);
		if (symbol == lac_frequencies_escape(frequencies)) {
			decode_raw_byte(slot);
			continue;
		}
		if (slot->stream->kind == LAC_STREAM_RECORD && symbol == frequencies->end) {
			slot->is_done = true;
			return;
		}
		bytes = symbol < model->shape.n_vocabulary ? lac_token_bytes(model->tokenizer, symbol, &n_bytes) : NULL;
		if (!bytes) {
			fail(slot, "the payload holds a symbol that stands for no text");
			return;
		}
		append(slot, bytes, n_bytes);
		slot->token = symbol;
		return;
	}
}

static void finish(struct decoder *d, struct slot *slot)
{
	struct lac_stream *stream = slot->stream;

	/* format.md section 6 */
	if (!stream->error.status && !lac_range_decoder_finish(&slot->coder))
		(void)lac_fail(&stream->error, LAC_CORRUPT, 0, "the payload is not what an encoder writes for its text");
	slot->stream = NULL;
	lac_workers_finish(d->worker.workers, stream);
}

/* False: there is no stream for it. */
static bool begin(struct decoder *d, struct slot *slot, uint32_t n_own)
{
	struct lac_stream *stream = lac_worker_take(&d->worker, n_own);

	slot->stream = stream;
	if (!stream)
		return false;
	slot->is_done = slot->has_symbols = false;
	lac_range_decoder_start(&slot->coder, stream->in, stream->in_bytes);
	lac_predictor_start(d->worker.predictor, (uint32_t)(slot - d->slots), stream->window, NULL, 0);
	return true;
}

/* Feeds what was decoded last, then begins streams in the free slots. Returns how many hold one. */
static uint32_t fill_slots(struct decoder *d)
{
	uint32_t n_busy = 0;

	for (unsigned i = 0; i < d->worker.n_slots; i++)
		if (d->slots[i].stream) {
			lac_predictor_feed(d->worker.predictor, i, d->slots[i].token);
			n_busy++;
		}
	for (unsigned i = 0; i < d->worker.n_slots; i++)
		if (!d->slots[i].stream) {
			if (!begin(d, &d->slots[i], n_busy))
				break;
			n_busy++;
		}
	return n_busy;
}

/* One step of all slots. False: no work is left. */
static bool run_step(struct decoder *d)
{
	const uint32_t n_busy = fill_slots(d);
	bool is_run;

	if (n_busy == 0 || lac_workers_is_closed(d->worker.workers))
		return false;
	lac_workers_count_step(d->worker.workers, d->worker.n_slots, n_busy);
	is_run = lac_predictor_run(d->worker.predictor, decode_symbols, d);
	for (unsigned i = 0; i < d->worker.n_slots; i++) {
		struct slot *slot = &d->slots[i];

		if (slot->stream && !is_run)
			(void)lac_fail_memory(&slot->stream->error, d->worker.n_slots * sizeof(struct lac_row), "a batch");
		if (slot->stream && (slot->is_done || !is_run))
			finish(d, slot);
	}
	return true;
}

void lac_decode_streams(struct lac_workers *workers, const struct lac_plan *plan)
{
	struct decoder d = { 0 };

	if (!lac_worker_begin(&d.worker, workers, plan, lac_decode_mixed_stream))
		return;
	while (run_step(&d))
		;
	lac_worker_end(&d.worker);
}
