#include "base/strict_float.h"
#include "engine/predictor.h"
#include "base/memory.h"
#include "engine/window.h"

struct lac_predictor {
	const struct lac_model *model;
	struct lac_session *session;
	struct lac_frequencies frequencies;
	struct lac_row_list rows;
	struct lac_window *windows; /* [n_slots] */
	uint32_t n_slots;
	lac_predicted_function *on_predicted; /* of the run under way */
	void *payload;
};

enum lac_status lac_predictor_create(struct lac_predictor **out, const struct lac_model *model, uint32_t window, uint32_t n_slots,
	uint32_t max_rows, struct lac_error *error)
{
	struct lac_predictor *p = lac_calloc(1, sizeof *p);
	enum lac_status s;

	*out = p;
	if (!p)
		return lac_fail_memory(error, sizeof *p, "a predictor");
	p->model = model;
	p->n_slots = n_slots;
	p->windows = lac_calloc(n_slots, sizeof *p->windows);
	s = p->windows ? lac_session_create(&p->session, model, window, n_slots, max_rows, error)
		: lac_fail_memory(error, n_slots * sizeof *p->windows, "a predictor");
	if (!s && !lac_frequencies_create(&p->frequencies, model))
		s = lac_fail_memory(error, model->shape.n_vocabulary * sizeof(uint32_t), "frequencies");
	if (s)
		lac_predictor_free(out);
	return s;
}

void lac_predictor_free(struct lac_predictor **predictor)
{
	struct lac_predictor *p = *predictor;

	if (!p)
		return;
	for (uint32_t i = 0; p->windows && i < p->n_slots; i++)
		lac_window_free(&p->windows[i]);
	lac_free(p->windows);
	lac_row_list_free(&p->rows);
	lac_frequencies_free(&p->frequencies);
	lac_session_free(&p->session);
	lac_free(p);
	*predictor = NULL;
}

size_t lac_predictor_bytes(const struct lac_model *model, uint32_t window, uint32_t n_slots, uint32_t max_rows)
{
	return lac_session_bytes(model, window, n_slots, max_rows);
}

void lac_predictor_turn_to(struct lac_predictor *p, const struct lac_model *model)
{
	p->model = model; /* frequencies are made for the vocabulary, which is the base's */
	lac_session_turn_to(p->session, model);
}

void lac_predictor_start(struct lac_predictor *p, uint32_t slot, uint32_t window, const uint32_t *prefix, uint32_t n_prefix)
{
	const uint32_t bos = lac_tokenizer_bos(p->model->tokenizer);

	if (!prefix) {
		prefix = &bos;
		n_prefix = 1;
	}
	if (!lac_window_begin(&p->windows[slot], slot, window)) {
		p->rows.failed = true;
		return;
	}
	for (uint32_t i = 0; i < n_prefix; i++)
		lac_window_feed(&p->windows[slot], prefix[i], i + 1 == n_prefix, &p->rows);
}

void lac_predictor_feed(struct lac_predictor *p, uint32_t slot, uint32_t token)
{
	if (!p->rows.failed)
		lac_window_feed(&p->windows[slot], token, true, &p->rows);
}

size_t lac_predictor_n_rows(const struct lac_predictor *p)
{
	return p->rows.length;
}

bool lac_predictor_rewind(struct lac_predictor *p, uint32_t slot, uint32_t n)
{
	return lac_window_rewind(&p->windows[slot], n);
}

bool lac_predictor_fork(struct lac_predictor *p, uint32_t from, uint32_t to)
{
	if (!lac_window_copy(&p->windows[to], &p->windows[from], to))
		return false;
	lac_session_copy_slot(p->session, from, to, p->windows[from].position);
	return true;
}

static void foretell(void *context, const struct lac_row *row, float *logits)
{
	struct lac_predictor *p = context;

	lac_frequencies_set(&p->frequencies, logits);
	p->on_predicted(p->payload, row->slot, &p->frequencies);
}

bool lac_predictor_run(struct lac_predictor *p, lac_predicted_function *on_predicted, void *payload)
{
	const bool failed = p->rows.failed;

	p->on_predicted = on_predicted;
	p->payload = payload;
	if (!failed)
		lac_session_evaluate(p->session, p->rows.at, p->rows.length, foretell, p);
	p->rows.length = 0;
	p->rows.failed = false;
	return !failed;
}
