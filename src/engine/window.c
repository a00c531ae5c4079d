#include "engine/window.h"
#include "base/memory.h"


void lac_row_list_free(struct lac_row_list *rows)
{
	lac_free(rows->at);
	*rows = (struct lac_row_list){ 0 };
}

static void append(struct lac_row_list *rows, struct lac_row row)
{
	if (rows->length == rows->capacity) {
		size_t capacity = rows->capacity ? rows->capacity * 2 : 256;
		struct lac_row *at = lac_realloc(rows->at, rows->capacity, capacity, sizeof *at);

		if (!at) {
			rows->failed = true;
			return;
		}
		rows->at = at;
		rows->capacity = capacity;
	}
	rows->at[rows->length++] = row;
}

static void feed_row(struct lac_window *window, uint32_t token, bool wants_logits, void *payload, struct lac_row_list *rows)
{
	append(rows, (struct lac_row){ window->slot, window->position++, token, wants_logits, payload });
}

bool lac_window_start(struct lac_window *window, const struct lac_model *model, uint32_t n_positions, uint32_t slot, void *payload,
	struct lac_row_list *rows)
{
	if (!window->recent || window->n_positions != n_positions) {
		lac_free(window->recent);
		window->recent = lac_calloc(n_positions / 2, sizeof *window->recent);
		if (!window->recent)
			return false;
	}
	window->model = model;
	window->n_positions = n_positions;
	window->slot = slot;
	window->position = 0;
	window->n_tokens = 0;
	feed_row(window, lac_tokenizer_bos(model->tokenizer), true, payload, rows);
	return true;
}

void lac_window_feed(struct lac_window *window, uint32_t token, void *payload, struct lac_row_list *rows)
{
	const uint32_t half = window->n_positions / 2;

	if (window->position == window->n_positions) {
		window->position = 0;
		feed_row(window, lac_tokenizer_bos(window->model->tokenizer), false, payload, rows);
		/* the new token is the last of the half: half - 1 older ones come before it */
		for (uint32_t back = half - 1; back >= 1; back--)
			feed_row(window, window->recent[(window->n_tokens - back) % half], false, payload, rows);
	}
	window->recent[window->n_tokens++ % half] = token;
	feed_row(window, token, true, payload, rows);
}

void lac_window_free(struct lac_window *window)
{
	lac_free(window->recent);
	*window = (struct lac_window){ 0 };
}
