/* decode_streams.c: payload -> intervals -> symbols -> text, many streams in lockstep: one evaluation gives each of them a token. */
#include "base/strict_float.h"
#include "codec/workers.h"
#include "coder/range_coder.h"
#include "engine/window.h"
#include "engine/frequencies.h"

#include <stdatomic.h>

struct slot {
	struct lac_stream *stream; /* NULL: free */
	struct lac_window window;
	struct lac_range_decoder coder;
	uint32_t token;                 /* to be fed next */
	bool has_symbols;               /* the first was decoded */
	bool is_done;
};

struct decoder {
	struct lac_workers *workers;
	struct lac_stream *first; /* the one that the session was made for */
	const struct lac_model *model; /* of the streams in work */
	struct lac_session *session;
	struct lac_frequencies frequencies;
	struct lac_row_list rows;
	uint32_t n_slots;
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
	    atomic_fetch_sub_explicit(&stream->block->n_text_left, n_bytes, memory_order_relaxed) < n_bytes) {
		fail_length(slot);
		return;
	}
	lac_buffer_append(&stream->out, bytes, n_bytes);
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

/* Decodes what one row predicts: raw bytes up to and including the next token, or the end. */
static void decode_row(void *context, const struct lac_row *row, float *logits)
{
	struct decoder *d = context;
	struct slot *slot = row->payload;

	lac_frequencies_set(&d->frequencies, logits);
	while (!slot->is_done) {
		uint64_t target = lac_range_decoder_target(&slot->coder, d->frequencies.total);
		struct lac_interval interval;
		const uint8_t *bytes;
		uint32_t symbol;
		size_t n_bytes;

		if (target >= d->frequencies.total) {
			fail(slot, "the payload holds no symbol");
			return;
		}
		symbol = lac_frequencies_find(&d->frequencies, target, &interval);
		lac_range_decoder_advance(&slot->coder, interval.low, interval.size);
		if (symbol == lac_frequencies_escape(&d->frequencies)) {
			decode_raw_byte(slot);
			continue;
		}
		if (slot->stream->kind == LAC_STREAM_RECORD && symbol == d->frequencies.end) {
			slot->is_done = true;
			return;
		}
		bytes = symbol < d->model->shape.n_vocabulary ? lac_token_bytes(d->model->tokenizer, symbol, &n_bytes) : NULL;
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

	if (!stream->error.status && !lac_range_decoder_finish(&slot->coder)) /* format.md section 6 */
		(void)lac_fail(&stream->error, LAC_CORRUPT, 0, "the payload is not what an encoder writes for its text");
	slot->stream = NULL;
	lac_workers_finish(d->workers, stream);
}

static struct lac_stream *take(struct decoder *d, uint32_t n_own)
{
	struct lac_stream *stream = d->first;

	d->first = NULL;
	return stream ? stream : lac_workers_take_modelled(d->workers, d->model, false, n_own);
}

static void begin(struct decoder *d, struct slot *slot, struct lac_stream *stream)
{
	if (stream->model != d->model) { /* then no other stream is in work */
		d->model = stream->model;
		lac_session_turn_to(d->session, d->model);
	}
	slot->stream = stream;
	slot->is_done = slot->has_symbols = false;
	lac_range_decoder_start(&slot->coder, stream->in, stream->in_bytes);
	if (!lac_window_start(&slot->window, d->model, stream->window ? stream->window : d->model->window, (uint32_t)(slot - d->slots), slot, &d->rows))
		d->rows.failed = true;
}

/* One step of all slots, free ones filled first. False: no work is left. */
static bool run_step(struct decoder *d)
{
	struct lac_error error = { 0 };
	uint32_t n_busy = 0;

	d->rows.length = 0;
	for (unsigned i = 0; i < d->n_slots; i++)
		if (d->slots[i].stream) {
			lac_window_feed(&d->slots[i].window, d->slots[i].token, &d->slots[i], &d->rows);
			n_busy++;
		}
	for (unsigned i = 0; i < d->n_slots; i++)
		if (!d->slots[i].stream) {
			struct lac_stream *stream = take(d, n_busy);

			if (!stream)
				break;
			begin(d, &d->slots[i], stream);
			n_busy++;
		}
	if (n_busy == 0 || lac_workers_is_closed(d->workers))
		return false;
	lac_workers_count_step(d->workers, d->n_slots, n_busy);
	if (d->rows.failed)
		(void)lac_fail_memory(&error, d->rows.capacity * sizeof *d->rows.at, "a batch");
	else
		lac_session_evaluate(d->session, d->rows.at, d->rows.length, decode_row, d);
	d->rows.failed = false;
	for (unsigned i = 0; i < d->n_slots; i++) {
		struct slot *slot = &d->slots[i];

		if (slot->stream && error.status)
			slot->stream->error = error;
		if (slot->stream && (slot->is_done || error.status))
			finish(d, slot);
	}
	return true;
}

void lac_decode_streams(struct lac_workers *workers, const struct lac_model *model, const struct lac_plan *plan)
{
	struct decoder d = { .workers = workers, .model = model, .n_slots = plan->n_slots };
	struct lac_error error = { 0 };
	struct lac_stream *stream;

	d.first = lac_workers_take_modelled(workers, model, false, 0);
	if (!d.first)
		return;
	if (!lac_session_create(&d.session, model, d.n_slots, plan->batch_rows, &error)) {
		if (lac_frequencies_create(&d.frequencies, model))
			while (run_step(&d))
				;
		else
			(void)lac_fail_memory(&error, model->shape.n_vocabulary * sizeof(uint32_t), "frequencies");
	}
	while (error.status && (stream = take(&d, 0))) {
		stream->error = error;
		lac_workers_finish(workers, stream);
	}
	for (unsigned i = 0; i < d.n_slots; i++)
		lac_window_free(&d.slots[i].window);
	lac_row_list_free(&d.rows);
	lac_frequencies_free(&d.frequencies);
	lac_session_free(&d.session);
}
