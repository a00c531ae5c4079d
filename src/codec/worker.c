#include "base/strict_float.h"
#include "codec/worker.h"

static struct lac_stream *take_modelled(struct lac_worker *w, uint32_t n_own)
{
	struct lac_stream *stream;

	while ((stream = lac_workers_take(w->workers, w->model, n_own)) && !lac_stream_is_modelled(stream)) {
		w->code_mixed(stream);
		lac_workers_finish(w->workers, stream);
	}
	return stream;
}

struct lac_stream *lac_worker_take(struct lac_worker *w, uint32_t n_own)
{
	struct lac_stream *stream = w->first;

	w->first = NULL;
	if (!stream)
		stream = take_modelled(w, n_own);
	if (stream && stream->model != w->model) { /* then n_own is 0 */
		w->model = stream->model;
		lac_predictor_turn_to(w->predictor, w->model);
	}
	return stream;
}

/* Every stream that comes fails, until there will be none. */
static void fail_all(struct lac_worker *w, const struct lac_error *error)
{
	for (struct lac_stream *stream = w->first; stream; stream = take_modelled(w, 0)) {
		stream->error = *error;
		lac_workers_finish(w->workers, stream);
	}
	w->first = NULL;
}

bool lac_worker_begin(struct lac_worker *w, struct lac_workers *workers, const struct lac_plan *plan,
	void (*code_mixed)(struct lac_stream *stream))
{
	struct lac_error error = { 0 };

	*w = (struct lac_worker){ .workers = workers, .code_mixed = code_mixed, .n_slots = plan->n_slots, .batch_rows = plan->batch_rows };
	w->first = take_modelled(w, 0);
	if (!w->first)
		return false;
	w->model = w->first->model;
	if (!lac_predictor_create(&w->predictor, w->model, plan->window, w->n_slots, w->batch_rows, &error))
		return true;
	fail_all(w, &error);
	return false;
}

void lac_worker_end(struct lac_worker *w)
{
	lac_predictor_free(&w->predictor);
}
