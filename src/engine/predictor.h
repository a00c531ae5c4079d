/* predictor.h: foretells what follows in many streams at once: tokens in, frequencies of the next
 * symbol out. Whoever codes, samples or measures text with a model does it through this.
 *
 * A stream lives in a slot. Tokens are fed to slots, then all that was fed is evaluated together;
 * what a slot foretells depends on its own tokens only (arithmetic.md section 6.1), so callers feed
 * and run as they please.
 * Thread rule: one predictor, one thread, which is in the strict floating-point environment. */
#ifndef LAC_ENGINE_PREDICTOR_H
#define LAC_ENGINE_PREDICTOR_H

#include "engine/frequencies.h"
#include "engine/session.h"

struct lac_predictor;

/* `window`: the most tokens of context of any stream. max_rows: how many tokens are evaluated
 * together, 0: the default. The model must outlive the predictor. LAC_NO_MEMORY. */
LAC_MUST_CHECK enum lac_status lac_predictor_create(struct lac_predictor **out, const struct lac_model *model,
	uint32_t window, uint32_t n_slots, uint32_t max_rows, struct lac_error *error);
void lac_predictor_free(struct lac_predictor **predictor);

/* The memory it takes, nearly: lists of a few rows are left out. */
size_t lac_predictor_bytes(const struct lac_model *model, uint32_t window, uint32_t n_slots, uint32_t max_rows);

/* Between streams: goes on with another model of the same base. */
void lac_predictor_turn_to(struct lac_predictor *predictor, const struct lac_model *model);

/* Begins a stream in a slot, with a window of its own: 2 to that of the predictor. `prefix` are n
 * tokens that come before it, at least 1 and at most half the window; NULL: the beginning-of-text
 * token. What follows them is foretold. */
void lac_predictor_start(struct lac_predictor *predictor, uint32_t slot, uint32_t window, const uint32_t *prefix,
	uint32_t n_prefix);

/* Feeds a token to a slot: what follows it is foretold. */
void lac_predictor_feed(struct lac_predictor *predictor, uint32_t slot, uint32_t token);

/* How many rows were fed since the last run: those of one token, or of a context that begins
 * anew. */
size_t lac_predictor_n_rows(const struct lac_predictor *predictor);

/* Both with nothing fed since the last run.
 * Rewind takes the last n tokens back. False, and nothing is done: there are not more than n, or
 * the context began anew since (arithmetic.md section 6.5).
 * Fork makes slot `to` a copy of slot `from`; what is evaluated is copied, not evaluated again.
 * What follows was foretold for `from`, and is not again. */
bool lac_predictor_rewind(struct lac_predictor *predictor, uint32_t slot, uint32_t n);
bool lac_predictor_fork(struct lac_predictor *predictor, uint32_t from, uint32_t to);

/* Receives what one slot foretells, which is gone after the call: slots in the order in which
 * tokens were fed, a slot once a token. */
typedef void lac_predicted_function(void *payload, uint32_t slot, const struct lac_frequencies *frequencies);

/* Evaluates what was fed. False: out of memory, when it was fed; all slots must be started anew. */
bool lac_predictor_run(struct lac_predictor *predictor, lac_predicted_function *on_predicted, void *payload);

#endif
