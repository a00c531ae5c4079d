#include "base/strict_float.h"
#include "train/states.h"
#include "train/vector.h"

#include <string.h>

enum lac_status lac_states_create(struct lac_states *out, const struct lac_model *model, struct lac_error *error)
{
	*out = (struct lac_states){ .model = model };
	return lac_session_create(&out->session, model, lac_model_window(model), 1, 0, error);
}

void lac_states_free(struct lac_states *states)
{
	lac_session_free(&states->session);
	lac_symbols_free(&states->symbols);
}

struct mean {
	float *sum;
	uint32_t n_dims;
};

static void add_state(void *context, const struct lac_row *row, float *state)
{
	const struct mean *mean = context;

	(void)row;
	lac_vector_add(mean->sum, state, mean->n_dims);
}

enum lac_status lac_states_embed(struct lac_states *states, float *out, const uint8_t *text, size_t n_bytes, struct lac_error *error)
{
	const struct lac_model *model = states->model;
	const uint32_t window = lac_model_window(model), most = window - 1 < LAC_STATE_TOKENS ? window - 1 : LAC_STATE_TOKENS;
	const size_t n_read = n_bytes < (size_t)most * LAC_TOKEN_BYTES_MAX ? n_bytes : (size_t)most * LAC_TOKEN_BYTES_MAX;
	struct mean mean = { out, model->shape.dim };
	uint32_t n = 0;
	enum lac_status s = lac_tokenize(model->tokenizer, text, n_read, &states->symbols, error);

	if (s)
		return s;
	states->rows[0] = (struct lac_row){ .token = lac_tokenizer_bos(model->tokenizer) };
	for (size_t i = 0; n < most && i < states->symbols.length; i++)
		if (!(states->symbols.at[i] & LAC_SYMBOL_RAW)) { /* the model never sees it */
			n++;
			states->rows[n] = (struct lac_row){ .position = n, .token = states->symbols.at[i], .wants_logits = true };
		}
	memset(out, 0, mean.n_dims * sizeof *out);
	if (n == 0)
		return LAC_OK;
	lac_session_states(states->session, states->rows, n + 1, add_state, &mean);
	lac_vector_scale(out, 1.0f / (float)n, mean.n_dims);
	return LAC_OK;
}
