/* encode_streams.c: text -> symbols -> intervals -> payload, with rows of several streams in one
 * batch. */
#include "base/strict_float.h"
#include "codec/worker.h"
#include "coder/range_coder.h"

/* One stream in progress. */
struct slot {
	struct lac_stream *stream; /* NULL: free */
	struct lac_symbols symbols;
	size_t n_fed, n_coded;     /* symbols */
	bool is_started;
	struct lac_range_encoder coder;
};

struct encoder {
	struct lac_worker worker;
	struct slot slots[LAC_ENCODE_SLOTS];
	unsigned current; /* the slot that the next row is for */
};

/* A stream of which symbols are left out is left without an end too. */
static bool has_end(const struct lac_stream *stream)
{
	return stream->kind == LAC_STREAM_RECORD && !stream->is_cut;
}

static void encode_symbol(struct slot *slot, const struct lac_frequencies *frequencies, uint32_t symbol)
{
	struct lac_interval interval = lac_frequencies_interval(frequencies, symbol);

	lac_range_encode(&slot->coder, interval.low, interval.size, frequencies->total);
}

static void count_text(struct slot *slot, size_t n_bytes)
{
	atomic_fetch_add_explicit(&slot->stream->n_done, n_bytes, memory_order_relaxed);
}

/* Codes what is foretold: raw bytes, which the model does not see, up to and including the next
 * token, or the end. */
static void code_symbols(void *encoder, uint32_t number, const struct lac_frequencies *frequencies)
{
	struct slot *slot = &((struct encoder *)encoder)->slots[number];
	size_t n_bytes = 0;

	while (slot->n_coded < slot->symbols.length) {
		lac_symbol symbol = slot->symbols.at[slot->n_coded++];

		if (!(symbol & LAC_SYMBOL_RAW)) {
			encode_symbol(slot, frequencies, symbol);
			(void)lac_token_bytes(slot->stream->model->tokenizer, symbol, &n_bytes);
			count_text(slot, n_bytes);
			return;
		}
		encode_symbol(slot, frequencies, lac_frequencies_escape(frequencies));
		lac_range_encode(&slot->coder, symbol & 0xff, 1, 256);
		count_text(slot, 1);
	}
	if (has_end(slot->stream))
		encode_symbol(slot, frequencies, frequencies->end);
}

/* Feeds the slot's stream, one row at least, until the batch is full; true when the stream needs no
 * more. */
static bool feed(struct encoder *e, struct slot *slot)
{
	struct lac_predictor *predictor = e->worker.predictor;
	const struct lac_symbols *symbols = &slot->symbols;
	const uint32_t number = (uint32_t)(slot - e->slots);

	if (!slot->is_started)
		lac_predictor_start(predictor, number, slot->stream->window, NULL, 0);
	slot->is_started = true;
	for (;;) {
		while (slot->n_fed < symbols->length && symbols->at[slot->n_fed] & LAC_SYMBOL_RAW)
			slot->n_fed++;
		/* nothing follows the last token of a stream without end, so nothing need be
		 * foretold from it */
		if (slot->n_fed + (has_end(slot->stream) ? 0 : 1) >= symbols->length)
			return true;
		/* asked last, so that a stream left for the next batch has a row for it: a batch is
		 * never empty */
		if (lac_predictor_n_rows(predictor) >= e->worker.batch_rows)
			return false;
		lac_predictor_feed(predictor, number, symbols->at[slot->n_fed++]);
	}
}

static void finish(struct encoder *e, struct slot *slot)
{
	struct lac_stream *stream = slot->stream;

	if (!stream->error.status) {
		lac_range_encoder_finish(&slot->coder);
		stream->n_tokens = lac_symbols_with_text(stream->model->tokenizer, &slot->symbols);
		lac_buffer_append(&stream->out, slot->coder.out.bytes, slot->coder.out.length);
		if (slot->coder.out.failed || stream->out.failed)
			(void)lac_fail_memory(&stream->error, slot->coder.out.length, "a payload");
	}
	slot->stream = NULL;
	lac_workers_finish(e->worker.workers, stream);
}

static bool begin(struct encoder *e, struct slot *slot, uint32_t n_own)
{
	struct lac_stream *stream = lac_worker_take(&e->worker, n_own);

	slot->stream = stream;
	if (!stream)
		return false;
	slot->n_fed = slot->n_coded = 0;
	slot->is_started = false;
	lac_range_encoder_start(&slot->coder);
	/* a failure is in the stream's error, which fill_batch() looks at */
	(void)!lac_tokenize(stream->model->tokenizer, stream->in, stream->in_bytes, &slot->symbols, &stream->error);
	stream->is_cut = stream->most_symbols && slot->symbols.length > stream->most_symbols;
	if (stream->is_cut)
		slot->symbols.length = stream->most_symbols;
	return true;
}

static void fail_all(struct encoder *e)
{
	for (unsigned i = 0; i < e->worker.n_slots; i++)
		if (e->slots[i].stream) {
			(void)lac_fail_memory(&e->slots[i].stream->error, e->worker.batch_rows * sizeof(struct lac_row), "a batch");
			finish(e, &e->slots[i]);
		}
}

/* The stream that did not fit the last batch first, then new ones. Those that are fed whole are
 * `ended`. */
static unsigned fill_batch(struct encoder *e, struct slot *ended[LAC_ENCODE_SLOTS])
{
	const struct lac_worker *w = &e->worker;
	unsigned n_ended = 0;

	while (n_ended < w->n_slots && lac_predictor_n_rows(w->predictor) < w->batch_rows) {
		struct slot *slot = &e->slots[e->current];

		if (!slot->stream && !begin(e, slot, n_ended))
			break;
		if (slot->stream->error.status) {
			finish(e, slot);
			continue;
		}
		if (!feed(e, slot))
			break;
		ended[n_ended++] = slot;
		e->current = (e->current + 1) % w->n_slots;
	}
	return n_ended;
}

/* False: no work is left. */
static bool run_batch(struct encoder *e)
{
	struct slot *ended[LAC_ENCODE_SLOTS];
	const unsigned n_ended = fill_batch(e, ended);

	if ((n_ended == 0 && !e->slots[e->current].stream) || lac_workers_is_closed(e->worker.workers))
		return false;
	if (!lac_predictor_run(e->worker.predictor, code_symbols, e)) {
		fail_all(e);
		return true;
	}
	for (unsigned i = 0; i < n_ended; i++)
		finish(e, ended[i]);
	return true;
}

void lac_encode_streams(struct lac_workers *workers, const struct lac_plan *plan)
{
	struct encoder e = { .current = 0 };

	if (!lac_worker_begin(&e.worker, workers, plan, lac_encode_mixed_stream))
		return;
	while (run_batch(&e))
		;
	for (unsigned i = 0; i < e.worker.n_slots; i++) {
		lac_symbols_free(&e.slots[i].symbols);
		lac_range_encoder_free(&e.slots[i].coder);
	}
	lac_worker_end(&e.worker);
}
