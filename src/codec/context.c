#include "codec/context.h"
#include "base/memory.h"
#include "model/session.h"

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

/* ---- Windows ------------------------------------------------------------------------ */

static enum lac_status check_window(const struct lac_context *context, uint32_t window, struct lac_error *error)
{
	const uint32_t most = context->opened.n ? context->opened.at[0]->shape.context_length : UINT32_MAX;

	if (window && (window < 2 || window > most || window > LAC_CONTEXT_MAX))
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "a context of %u tokens is outside 2 to %u, for which the model was made",
			(unsigned)window, (unsigned)(most < LAC_CONTEXT_MAX ? most : LAC_CONTEXT_MAX));
	return LAC_OK;
}

static enum lac_status create_views(struct lac_context *context, uint32_t window, struct lac_error *error)
{
	context->views = lac_malloc(context->opened.n, sizeof *context->views);
	if (!context->views)
		return lac_fail_memory(error, context->opened.n * sizeof *context->views, "a window");
	for (uint32_t i = 0; i < context->opened.n; i++) {
		context->views[i] = *context->opened.at[i];
		context->views[i].window = window;
		context->models.at[i] = &context->views[i];
	}
	return LAC_OK;
}

static void plan(struct lac_context *context)
{
	const struct lac_model *model = context->models.n ? context->models.at[0] : NULL;

	context->encoding = lac_plan_make(model, &context->options, LAC_ENCODE_SLOTS);
	context->decoding = lac_plan_make(model, &context->options, LAC_DECODE_SLOTS);
}

/* A window that an archive names must not take what the caller did not allow. */
static enum lac_status check_memory(const struct lac_context *context, struct lac_error *error)
{
	const uint64_t most = context->options.memory_bytes ? context->options.memory_bytes : LAC_MEMORY_DEFAULT;
	const uint32_t window = context->models.at[0]->window;
	const size_t n_bytes = lac_session_bytes(context->models.at[0], 1, 1);

	if (window <= LAC_WINDOW_MAX || n_bytes <= most)
		return LAC_OK;
	return lac_fail(error, LAC_NO_MEMORY, 0, "a context of %u tokens takes %zu bytes, more than the %llu that are allowed; allow more with "
		"--memory", (unsigned)window, n_bytes, (unsigned long long)most);
}

enum lac_status lac_context_set_window(struct lac_context *context, uint32_t window, struct lac_error *error)
{
	enum lac_status s = LAC_OK;

	if (!window)
		window = context->options.window;
	if (context->opened.n && !window)
		window = context->opened.at[0]->window;
	if (!context->opened.n || window == context->models.at[0]->window)
		return LAC_OK;
	lac_context_stop(context); /* sessions are made for a window */
	lac_free(context->views);
	context->views = NULL;
	context->models = context->opened;
	if (window != context->opened.at[0]->window)
		s = create_views(context, window, error);
	plan(context);
	return s ? s : check_memory(context, error);
}

/* ---- Opening ------------------------------------------------------------------------- */

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
		s = lac_models_set(&context->opened, model, &context->options, error);
	if (!s)
		s = check_window(context, context->options.window, error);
	if (!s) {
		context->options.adapted = context->opened.at + 1; /* the caller's array need not last */
		context->models = context->opened;
		plan(context);
		s = lac_context_set_window(context, 0, error);
	}
	if (s)
		lac_context_close(out);
	return s;
}

void lac_context_close(struct lac_context **context)
{
	if (!*context)
		return;
	lac_context_stop(*context);
	lac_free((*context)->views);
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
	enum lac_status s = lac_context_set_window(context, 0, error);

	if (!s)
		s = ready(&context->encoders, lac_encode_streams, &context->models, &context->encoding, error);
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
