/* encode_streams.c: text -> symbols -> intervals -> payload, with rows of several streams in one batch. */
#include "base/strict_float.h"
#include "codec/workers.h"
#include "coder/range_coder.h"
#include "engine/window.h"
#include "engine/frequencies.h"

/* One stream in progress. */
struct slot {
	struct lac_stream *stream; /* NULL: free */
	struct lac_symbols symbols;
	size_t n_fed, n_coded;     /* symbols */
	bool is_started;
	struct lac_window window;
	struct lac_range_encoder coder;
};

struct encoder {
	struct lac_workers *workers;
	struct lac_stream *first; /* the one that the session was made for */
	const struct lac_model *model; /* of the streams in work */
	struct lac_session *session;
	struct lac_frequencies frequencies;
	struct lac_row_list rows;
	uint32_t n_slots, batch_rows;
	struct slot slots[LAC_ENCODE_SLOTS];
};

/* A trial that leaves symbols out leaves the end out too. */
static bool has_end(const struct lac_stream *stream)
{
	return stream->kind == LAC_STREAM_RECORD && !stream->is_cut;
}

static void encode_symbol(struct encoder *e, struct lac_range_encoder *coder, uint32_t symbol)
{
	struct lac_interval interval = lac_frequencies_interval(&e->frequencies, symbol);

	lac_range_encode(coder, interval.low, interval.size, e->frequencies.total);
}

/* Codes what one row predicts: raw bytes, which the model does not see, up to and including the next token, or the end. */
static void code_row(void *context, const struct lac_row *row, float *logits)
{
	struct encoder *e = context;
	struct slot *slot = row->payload;

	lac_frequencies_set(&e->frequencies, logits);
	while (slot->n_coded < slot->symbols.length) {
		lac_symbol symbol = slot->symbols.at[slot->n_coded++];

		if (!(symbol & LAC_SYMBOL_RAW)) {
			encode_symbol(e, &slot->coder, symbol);
			return;
		}
		encode_symbol(e, &slot->coder, lac_frequencies_escape(&e->frequencies));
		lac_range_encode(&slot->coder, symbol & 0xff, 1, 256);
	}
	if (has_end(slot->stream))
		encode_symbol(e, &slot->coder, e->frequencies.end);
}

/* Appends rows of the slot's stream, one at least, until the batch is full; true when the stream needs no more. */
static bool feed(struct encoder *e, struct slot *slot)
{
	const struct lac_symbols *symbols = &slot->symbols;

	if (!slot->is_started) {
		if (!lac_window_start(&slot->window, e->model, e->model->window, (uint32_t)(slot - e->slots), slot, &e->rows))
			e->rows.failed = true;
		slot->is_started = true;
	}
	for (;;) {
		while (slot->n_fed < symbols->length && symbols->at[slot->n_fed] & LAC_SYMBOL_RAW)
			slot->n_fed++;
		/* nothing follows the last token of a stream without end, so nothing need be predicted from it */
		if (slot->n_fed + (has_end(slot->stream) ? 0 : 1) >= symbols->length)
			return true;
		/* asked last, so that a stream left for the next batch has a row for it: a batch is never empty */
		if (e->rows.length >= e->batch_rows || e->rows.failed)
			return false;
		lac_window_feed(&slot->window, symbols->at[slot->n_fed++], slot, &e->rows);
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
	lac_workers_finish(e->workers, stream);
}

static struct lac_stream *take(struct encoder *e, uint32_t n_own)
{
	struct lac_stream *stream = e->first;

	e->first = NULL;
	return stream ? stream : lac_workers_take_modelled(e->workers, e->model, true, n_own);
}

static bool begin(struct encoder *e, struct slot *slot, uint32_t n_own)
{
	slot->stream = take(e, n_own);
	if (!slot->stream)
		return false;
	if (slot->stream->model != e->model) { /* then n_own is 0 */
		e->model = slot->stream->model;
		lac_session_turn_to(e->session, e->model);
	}
	slot->n_fed = slot->n_coded = 0;
	slot->is_started = false;
	lac_range_encoder_start(&slot->coder);
	/* a failure is in the stream's error, which run_batch() looks at */
	(void)!lac_tokenize(e->model->tokenizer, slot->stream->in, slot->stream->in_bytes, &slot->symbols, &slot->stream->error);
	if (slot->stream->trial_of && slot->symbols.length > LAC_TRIAL_SYMBOLS) {
		slot->symbols.length = LAC_TRIAL_SYMBOLS;
		slot->stream->is_cut = true;
	}
	return true;
}

static void fail_all(struct encoder *e, const struct lac_error *error)
{
	for (unsigned i = 0; i < e->n_slots; i++)
		if (e->slots[i].stream) {
			e->slots[i].stream->error = *error;
			finish(e, &e->slots[i]);
		}
}

/* One batch: the stream that did not fit the last one first, then new ones. False: no work is left. */
static bool run_batch(struct encoder *e, unsigned *current)
{
	struct slot *ended[LAC_ENCODE_SLOTS];
	unsigned n_ended = 0;
	struct lac_error error = { 0 };

	e->rows.length = 0;
	while (n_ended < e->n_slots && e->rows.length < e->batch_rows) {
		struct slot *slot = &e->slots[*current];

		if (!slot->stream && !begin(e, slot, n_ended))
			break;
		if (slot->stream->error.status) {
			finish(e, slot);
			continue;
		}
		if (!feed(e, slot))
			break;
		ended[n_ended++] = slot;
		*current = (*current + 1) % e->n_slots;
	}
	if ((e->rows.length == 0 && !e->rows.failed) || lac_workers_is_closed(e->workers))
		return false;
	if (e->rows.failed) {
		(void)lac_fail_memory(&error, e->rows.capacity * sizeof *e->rows.at, "a batch");
		e->rows.failed = false;
		fail_all(e, &error);
		return true;
	}
	lac_session_evaluate(e->session, e->rows.at, e->rows.length, code_row, e);
	for (unsigned i = 0; i < n_ended; i++)
		finish(e, ended[i]);
	return true;
}

void lac_encode_streams(struct lac_workers *workers, const struct lac_model *model, const struct lac_plan *plan)
{
	struct encoder e = { .workers = workers, .model = model, .n_slots = plan->n_slots, .batch_rows = plan->batch_rows };
	struct lac_error error = { 0 };
	struct lac_stream *stream;
	unsigned current = 0;

	e.first = lac_workers_take_modelled(workers, model, true, 0);
	if (!e.first)
		return;
	if (!lac_session_create(&e.session, model, e.n_slots, plan->batch_rows, &error)) {
		if (lac_frequencies_create(&e.frequencies, model))
			while (run_batch(&e, &current))
				;
		else
			(void)lac_fail_memory(&error, model->shape.n_vocabulary * sizeof(uint32_t), "frequencies");
	}
	while (error.status && (stream = take(&e, 0))) {
		stream->error = error;
		lac_workers_finish(workers, stream);
	}
	for (unsigned i = 0; i < e.n_slots; i++) {
		lac_symbols_free(&e.slots[i].symbols);
		lac_window_free(&e.slots[i].window);
		lac_range_encoder_free(&e.slots[i].coder);
	}
	lac_row_list_free(&e.rows);
	lac_frequencies_free(&e.frequencies);
	lac_session_free(&e.session);
}
