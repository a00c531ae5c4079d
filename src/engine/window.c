#include "engine/window.h"
#include "base/memory.h"

#include <string.h>

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

bool lac_window_begin(struct lac_window *window, uint32_t slot, uint32_t n_positions)
{
	if (window->n_positions != n_positions) {
		lac_window_free(window);
		window->tokens = lac_calloc(n_positions, sizeof *window->tokens);
		if (!window->tokens)
			return false;
	}
	window->slot = slot;
	window->n_positions = n_positions;
	window->position = 0;
	window->began_anew = false;
	return true;
}

void lac_window_free(struct lac_window *window)
{
	lac_free(window->tokens);
	*window = (struct lac_window){ 0 };
}

static void feed_row(struct lac_window *window, uint32_t token, bool foretells, struct lac_row_list *rows)
{
	append(rows, (struct lac_row){ window->slot, window->position, token, foretells });
	window->tokens[window->position++] = token;
}

/* The new token is the last of the half: half - 1 older ones come before it. */
static void begin_anew(struct lac_window *window, struct lac_row_list *rows)
{
	const uint32_t half = window->n_positions / 2, first = window->n_positions - (half - 1);

	window->position = 0;
	window->began_anew = true;
	feed_row(window, window->tokens[0], false, rows);
	for (uint32_t i = 0; i < half - 1; i++)
		feed_row(window, window->tokens[first + i], false, rows);
}

void lac_window_feed(struct lac_window *window, uint32_t token, bool foretells, struct lac_row_list *rows)
{
	if (window->position == window->n_positions)
		begin_anew(window, rows);
	feed_row(window, token, foretells, rows);
}

bool lac_window_rewind(struct lac_window *window, uint32_t n)
{
	const uint32_t kept = window->began_anew ? window->n_positions / 2 : 0;

	if (window->position <= n || window->position - n <= kept)
		return false;
	window->position -= n;
	return true;
}

bool lac_window_copy(struct lac_window *to, const struct lac_window *from, uint32_t slot)
{
	if (!lac_window_begin(to, slot, from->n_positions))
		return false;
	memcpy(to->tokens, from->tokens, from->position * sizeof *to->tokens);
	to->position = from->position;
	to->began_anew = from->began_anew;
	return true;
}
