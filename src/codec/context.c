#include "codec/context.h"
#include "base/memory.h"


static enum lac_status check_options(const struct lac_options *options, struct lac_error *error)
{
	if ((unsigned)options->records > LAC_RECORDS_NUL)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "unknown kind of records %d", (int)options->records);
	if (options->is_indexed && options->records == LAC_RECORDS_NONE)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "an index is of records; say which with options.records");
	if (options->block_bytes && (options->block_bytes < LAC_BLOCK_BYTES_MIN || options->block_bytes > LAC_BLOCK_BYTES_MAX))
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "a block of %u bytes is outside %u to %u",
			(unsigned)options->block_bytes, LAC_BLOCK_BYTES_MIN, LAC_BLOCK_BYTES_MAX);
	return lac_plan_check(options, error);
}

enum lac_status lac_context_open(struct lac_context **out, const struct lac_model *model, const struct lac_options *options,
	struct lac_error *error)
{
	static const struct lac_options defaults = LAC_OPTIONS_DEFAULT;
	struct lac_context *context = lac_calloc(1, sizeof *context);
	enum lac_status s;

	*out = context;
	if (!context)
		return lac_fail_memory(error, sizeof *context, "a context");
	context->options = options ? *options : defaults;
	s = check_options(&context->options, error);
	if (!s)
		s = lac_models_set(&context->models, model, &context->options, error);
	if (s) {
		lac_context_close(out);
		return s;
	}
	context->encoding = lac_plan_make(model, &context->options, LAC_ENCODE_SLOTS);
	context->decoding = lac_plan_make(model, &context->options, LAC_DECODE_SLOTS);
	context->options.adapted = NULL; /* the caller's array need not last: models has it */
	context->options.n_adapted = 0;
	return LAC_OK;
}

void lac_context_close(struct lac_context **context)
{
	if (!*context)
		return;
	lac_context_stop(*context);
	lac_free(*context);
	*context = NULL;
}

void lac_context_stop(struct lac_context *context)
{
	lac_workers_free(&context->encoders);
	lac_workers_free(&context->decoders);
}

static enum lac_status ready(struct lac_workers **workers, lac_worker_function *function, const struct lac_models *models,
	const struct lac_plan *plan, struct lac_error *error)
{
	if (!*workers)
		return lac_workers_create(workers, function, models->n ? models->at[0] : NULL, plan, error);
	lac_workers_begin(*workers);
	return LAC_OK;
}

enum lac_status lac_context_encoders(struct lac_context *context, struct lac_workers **out, struct lac_error *error)
{
	enum lac_status s = ready(&context->encoders, lac_encode_streams, &context->models, &context->encoding, error);

	*out = context->encoders;
	return s;
}

enum lac_status lac_context_decoders(struct lac_context *context, struct lac_workers **out, struct lac_error *error)
{
	enum lac_status s = ready(&context->decoders, lac_decode_streams, &context->models, &context->decoding, error);

	*out = context->decoders;
	return s;
}

enum lac_status lac_context_check_base(const struct lac_context *context, struct lac_error *error)
{
	if (context->models.n && context->models.at[0]->base)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "the model given is one adapted by \"%s\"; give its base, and it as an option",
			context->models.at[0]->info.name);
	return LAC_OK;
}
