#include "model/context.h"
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

static void feed_row(struct lac_context *context, uint32_t token, bool wants_logits, void *payload, struct lac_row_list *rows)
{
	append(rows, (struct lac_row){ context->slot, context->position++, token, wants_logits, payload });
}

bool lac_context_start(struct lac_context *context, const struct lac_model *model, uint32_t slot, void *payload,
	struct lac_row_list *rows)
{
	if (!context->recent || context->model != model) {
		lac_free(context->recent);
		context->recent = lac_calloc(model->window / 2, sizeof *context->recent);
		if (!context->recent)
			return false;
	}
	context->model = model;
	context->slot = slot;
	context->position = 0;
	context->n_tokens = 0;
	feed_row(context, lac_tokenizer_bos(model->tokenizer), true, payload, rows);
	return true;
}

void lac_context_feed(struct lac_context *context, uint32_t token, void *payload, struct lac_row_list *rows)
{
	const uint32_t half = context->model->window / 2;

	if (context->position == context->model->window) {
		context->position = 0;
		feed_row(context, lac_tokenizer_bos(context->model->tokenizer), false, payload, rows);
		/* the new token is the last of the half: half - 1 older ones come before it */
		for (uint32_t back = half - 1; back >= 1; back--)
			feed_row(context, context->recent[(context->n_tokens - back) % half], false, payload, rows);
	}
	context->recent[context->n_tokens++ % half] = token;
	feed_row(context, token, true, payload, rows);
}

void lac_context_free(struct lac_context *context)
{
	lac_free(context->recent);
	*context = (struct lac_context){ 0 };
}
