#include "archive/context.h"
#include "base/memory.h"
#include "engine/session.h"

#include <string.h>

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
	const uint32_t most = context->given.n ? context->given.at[0]->shape.context_length : UINT32_MAX;

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

/* What the caller allows, without what is carried. */
static uint64_t memory_of(const struct lac_context *context)
{
	const uint64_t most = context->options.memory_bytes ? context->options.memory_bytes : LAC_MEMORY_DEFAULT;

	return most - (context->carried.n_bytes < most ? context->carried.n_bytes : most);
}

uint64_t lac_context_memory_left(const struct lac_context *context)
{
	uint64_t left = memory_of(context);

	for (uint32_t i = 1; i < context->given.n; i++) {
		const uint64_t adapted = context->given.at[i]->info.memory_bytes;

		left -= adapted < left ? adapted : left;
	}
	return left;
}

static void plan(struct lac_context *context)
{
	const struct lac_model *model = context->models.n ? context->models.at[0] : NULL;
	struct lac_options options = context->options;

	options.memory_bytes = memory_of(context);
	options.memory_bytes += !options.memory_bytes; /* 0 is another number */
	context->planned_beside = context->carried.n_bytes;
	context->encoding = lac_plan_make(model, &options, LAC_ENCODE_SLOTS);
	context->decoding = lac_plan_make(model, &options, LAC_DECODE_SLOTS);
}

/* A window that an archive names must not take what the caller did not allow. */
static enum lac_status check_memory(const struct lac_context *context, struct lac_error *error)
{
	const uint64_t most = memory_of(context);
	const uint32_t window = context->models.at[0]->window;
	const size_t n_bytes = lac_session_bytes(context->models.at[0], 1, 1);

	if (window <= LAC_WINDOW_MAX || n_bytes <= most)
		return LAC_OK;
	return lac_fail(error, LAC_NO_MEMORY, 0, "a context of %u tokens takes %zu bytes, more than the %llu that are allowed; allow more with "
		"--memory", (unsigned)window, n_bytes, (unsigned long long)most);
}

/* The models as they were opened. Sessions are made for a window. */
static void take_opened(struct lac_context *context)
{
	lac_context_stop(context);
	lac_free(context->views);
	context->views = NULL;
	context->models = context->opened;
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
	take_opened(context);
	if (window != context->opened.at[0]->window)
		s = create_views(context, window, error);
	if (!s)
		s = check_memory(context, error);
	if (s) /* and the next time again */
		take_opened(context);
	plan(context);
	return s;
}

/* ---- Models ------------------------------------------------------------------------- */

static bool is_of(const struct lac_model *model, const struct lac_model_frame *frame)
{
	return memcmp(model->info.identity, frame->identity, sizeof frame->identity) == 0;
}

const struct lac_model *lac_context_find(const struct lac_context *context, struct lac_declared_model model)
{
	const bool is_given = context->given.n && is_of(context->given.at[0], model.base);
	const struct lac_model *base = is_given ? context->given.at[0] : lac_carried_find(&context->carried, NULL, model.base->identity);
	const struct lac_model *adapted = NULL;

	if (!base || !model.adapter)
		return base;
	if (is_given)
		adapted = lac_models_find(&context->given, model.adapter->identity);
	return adapted ? adapted : lac_carried_find(&context->carried, base, model.adapter->identity);
}

static bool are_same(const struct lac_models *a, const struct lac_models *b)
{
	bool is_same = a->n == b->n;

	for (uint32_t i = 0; is_same && i < a->n; i++)
		is_same = a->at[i] == b->at[i];
	return is_same;
}

/* A base, with what was given and what was carried to adapt it. */
static struct lac_models models_of(const struct lac_context *context, const struct lac_model *base)
{
	struct lac_models wanted = { .n = 0 };

	if (context->given.n && base == context->given.at[0])
		wanted = context->given;
	else if (base)
		wanted.at[wanted.n++] = base;
	for (size_t i = 0; base && i < context->carried.n && wanted.n < LAC_MODELS_MAX; i++)
		if (context->carried.at[i].base == base)
			wanted.at[wanted.n++] = context->carried.at[i].model;
	return wanted;
}

static bool is_at_work(const struct lac_context *context, const struct lac_models *wanted)
{
	return are_same(wanted, &context->opened) && context->planned_beside == context->carried.n_bytes;
}

static void put_to_work(struct lac_context *context, const struct lac_models *wanted)
{
	if (is_at_work(context, wanted))
		return;
	context->opened = *wanted;
	take_opened(context);
	plan(context);
}

bool lac_context_works_with(const struct lac_context *context, const struct lac_model *base)
{
	const struct lac_models wanted = models_of(context, base);

	return is_at_work(context, &wanted);
}

void lac_context_turn_to(struct lac_context *context, const struct lac_model *base)
{
	const struct lac_models wanted = models_of(context, base);

	put_to_work(context, &wanted);
}

void lac_context_turn_to_given(struct lac_context *context)
{
	put_to_work(context, &context->given);
}

enum lac_status lac_context_check_stream(const struct lac_context *context, struct lac_place place, struct lac_error *error)
{
	const uint64_t most = lac_context_memory_left(context), n_bytes = lac_session_bytes(context->models.at[0], 1, 1);

	if (!context->carried.n || n_bytes <= most)
		return LAC_OK;
	return lac_fail_at(error, LAC_NO_MEMORY, place, "a stream takes %llu bytes, and beside what archives carry %llu are allowed; allow more "
		"with --memory", (unsigned long long)n_bytes, (unsigned long long)most);
}

/* ---- Opening ------------------------------------------------------------------------- */

/* The files are the very ones: to tell another with the same numbers in it, it would have to be opened. */
static enum lac_status check_carried(const struct lac_context *context, struct lac_error *error)
{
	for (uint32_t i = 0; context->options.carried && i < context->given.n; i++) {
		const struct lac_file *file = &context->options.carried[i];

		if (!lac_model_is_of_file(context->given.at[i], file->bytes, file->n_bytes))
			return lac_fail(error, LAC_BAD_ARGUMENT, 0, "file %u to be carried is not the one that \"%s\" was opened from", (unsigned)i,
				context->given.at[i]->info.name);
	}
	return LAC_OK;
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
		s = lac_models_set(&context->given, model, &context->options, error);
	if (!s)
		s = check_window(context, context->options.window, error);
	if (!s)
		s = check_carried(context, error);
	if (!s) {
		context->options.adapted = context->given.at + 1; /* the caller's array need not last */
		context->models = context->opened = context->given;
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
	lac_carried_free(&(*context)->carried);
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
	enum lac_status s;

	lac_context_turn_to_given(context);
	s = lac_context_set_window(context, 0, error);
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
	if (context->given.n && context->given.at[0]->base)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "the model given is one adapted by \"%s\"; give its base, and it as an option",
			context->given.at[0]->info.name);
	return LAC_OK;
}
