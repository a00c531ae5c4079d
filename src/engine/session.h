/* session.h: evaluates the transformer for rows of many streams at once.
 *
 * A row is one token of one stream at one position. Its result depends only on the tokens before it
 * in its stream, never on which rows share a batch (arithmetic.md section 6.1), so callers batch as
 * they please.
 * Thread rule: one session, one thread, which is in the strict floating-point environment.
 */
#ifndef LAC_ENGINE_SESSION_H
#define LAC_ENGINE_SESSION_H

#include "model/model.h"

#define LAC_BATCH_ROWS_DEFAULT 64u

struct lac_row {
	uint32_t slot;     /* the stream's key and value cache */
	/* below n_positions; 0 begins anew, otherwise one more than the slot's row before */
	uint32_t position;
	uint32_t token;
	bool wants_logits;
};

/* Receives the logits of a row that wants them, in the order of the rows. `logits` has n_vocabulary
 * values and room up to LAC_ROUND_UP(n_vocabulary, 64), may be overwritten, and is gone after the
 * call. */
typedef void lac_logits_function(void *context, const struct lac_row *row, float *logits);

struct lac_session;

/* n_slots streams of up to n_positions at once, batches of at most max_rows rows (0: the default).
 * The model must outlive the session. */
LAC_MUST_CHECK enum lac_status lac_session_create(struct lac_session **out, const struct lac_model *model, uint32_t n_positions,
	uint32_t n_slots, uint32_t max_rows, struct lac_error *error);
void lac_session_free(struct lac_session **session);

/* Between streams: goes on with another model of the same base. */
void lac_session_turn_to(struct lac_session *session, const struct lac_model *model);

/* Evaluates rows in order. All memory was taken when the session was created: nothing can fail. */
void lac_session_evaluate(struct lac_session *session, const struct lac_row *rows, size_t n_rows, lac_logits_function *on_logits,
	void *context);

/* The same, but gives the last layer's output after its norm instead of logits: `dim` values. */
void lac_session_states(struct lac_session *session, const struct lac_row *rows, size_t n_rows, lac_logits_function *on_state,
	void *context);

/* Gives slot `to` the keys and values of the first n positions of slot `from`. */
void lac_session_copy_slot(struct lac_session *session, uint32_t from, uint32_t to, uint32_t n);

/* Bytes of one stream's keys and values. */
size_t lac_session_slot_bytes(const struct lac_model *model, uint32_t n_positions);

/* The memory a session takes. */
size_t lac_session_bytes(const struct lac_model *model, uint32_t n_positions, uint32_t n_slots, uint32_t max_rows);

#endif
