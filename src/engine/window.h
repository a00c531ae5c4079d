/* window.h: which rows the model must evaluate as a stream grows past its window
 * (arithmetic.md section 6.5).
 *
 * When all positions are used, the context begins anew: with the token it began with and the last
 * window/2 tokens, evaluated again from position 0. */
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
	uint32_t slot, n_positions;
	uint32_t position; /* the next free one */
	uint32_t *tokens;  /* owned: [n_positions], of the positions that are used */
	bool began_anew;
};

/* Zero-initialised before the first use. Empties the window for a stream in `slot`, of n_positions:
 * 2 to those that the session has. False: out of memory. */
bool lac_window_begin(struct lac_window *window, uint32_t slot, uint32_t n_positions);
void lac_window_free(struct lac_window *window);

/* Appends the rows that a token needs. The last of them is the token's; if it is to foretell the
 * symbol after it, it wants logits. */
void lac_window_feed(struct lac_window *window, uint32_t token, bool foretells, struct lac_row_list *rows);

/* Takes the last n tokens back. False, and nothing is done: there are not more than n, or the
 * context began anew since the first of them was fed. */
bool lac_window_rewind(struct lac_window *window, uint32_t n);

/* Makes `to`, in slot `slot`, what `from` is. False: out of memory. */
bool lac_window_copy(struct lac_window *to, const struct lac_window *from, uint32_t slot);

#endif
