/* states.h: a text as what the exact engine thinks of its beginning: the mean of its last layer's
 * normed output. */
#ifndef LAC_TRAIN_STATES_H
#define LAC_TRAIN_STATES_H

#include "engine/session.h"

#define LAC_STATE_TOKENS 256u /* of a text's beginning, if the model's window has room for them */

struct lac_states {
	const struct lac_model *model;
	struct lac_session *session; /* owned */
	struct lac_symbols symbols;
	struct lac_row rows[LAC_STATE_TOKENS + 1];
};

/* One a thread, which is in the strict floating-point environment. */
LAC_MUST_CHECK enum lac_status lac_states_create(struct lac_states *out, const struct lac_model *model, struct lac_error *error);
void lac_states_free(struct lac_states *states);

/* Sets the model's `dim` values of a text: zeros if it has no token. */
LAC_MUST_CHECK enum lac_status lac_states_embed(struct lac_states *states, float *out, const uint8_t *text, size_t n_bytes,
	struct lac_error *error);

#endif
