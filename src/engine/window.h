/* window.h: which rows the model must evaluate as a stream grows past its window (arithmetic.md section 6.5).
 *
 * When all positions are used, the context restarts with the beginning-of-text token and the last window/2 tokens,
 * evaluated anew from position 0. */
#ifndef LAC_ENGINE_WINDOW_H
#define LAC_ENGINE_WINDOW_H

#include "engine/session.h"

/* A growing list of rows, in order. */
struct lac_row_list {
	struct lac_row *at; /* owned */
	size_t length, capacity;
	bool failed; /* out of memory */
};

void lac_row_list_free(struct lac_row_list *rows);

/* One stream's place in its window. */
struct lac_window {
	const struct lac_model *model;
	uint32_t n_positions;    /* W */
	uint32_t slot, position; /* the next free position */
	uint32_t *recent;        /* owned: the last window/2 tokens, a ring */
	uint64_t n_tokens;       /* fed so far */
};

/* Zero-initialise the window before the first use. Starts a stream in `slot`: appends the row whose logits predict its first
 * symbol. n_positions: 2 to those that the session was made for. False: out of memory. */
bool lac_window_start(struct lac_window *window, const struct lac_model *model, uint32_t n_positions, uint32_t slot, void *payload,
	struct lac_row_list *rows);

/* Appends the rows that a token needs; the last of them wants logits, which predict the symbol after it. */
void lac_window_feed(struct lac_window *window, uint32_t token, void *payload, struct lac_row_list *rows);

void lac_window_free(struct lac_window *window);

#endif
