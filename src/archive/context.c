#include "archive/context.h"
#include "base/memory.h"
#include "codec/worker.h"

#include <string.h>

/* ---- Memory ------------------------------------------------------------------------ */

static uint64_t less(uint64_t a, uint64_t b)
{
	return a - (b < a ? b : a);
}

/* Without what the shelf took, and what adapters among `models` take. */
static uint64_t memory_for(const struct lac_context *context, const struct lac_models *models)
{
	const uint64_t most = context->options.memory_bytes ? context->options.memory_bytes : LAC_MEMORY_DEFAULT;

	return less(less(most, context->shelf.n_bytes), lac_models_adapted_bytes(models));
}

uint64_t lac_context_memory_left(const struct lac_context *context)
{
	return memory_for(context, &context->shelf.given);
}

/* A window that an archive names must not take what the caller did not allow, nor what stands on
 * the shelf. */
static enum lac_status check_stream(const struct lac_context *context, const struct lac_model *model, uint32_t window,
	struct lac_place place, struct lac_error *error)
{
	const unsigned long long most = lac_context_memory_left(context), n_bytes = lac_model_stream_bytes(model, window);
	static const char text[] = "a stream with a context of %u tokens takes %llu bytes, and %llu are allowed beside opened models";

	if (n_bytes <= most || (window <= LAC_WINDOW_DEFAULT && !context->shelf.n_bytes))
		return LAC_OK;
	return place.archive ? lac_fail_at(error, LAC_NO_MEMORY, place, text, (unsigned)window, n_bytes, most)
		: lac_fail(error, LAC_NO_MEMORY, 0, text, (unsigned)window, n_bytes, most);
}

/* ---- Threads ----------------------------------------------------------------------- */

static bool is_stranger(const struct lac_side *side)
{
	return side->workers && !lac_workers_are_here(side->workers);
}

enum lac_status lac_context_check(const struct lac_context *context, bool needs_base, struct lac_error *error)
{
	if (is_stranger(&context->encoding) || is_stranger(&context->decoding))
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "the context was used by the parent of this process, and its threads are there; open "
			"one in each process");
	if (needs_base && context->shelf.given.n && context->shelf.given.at[0]->base)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "the model given is one adapted by \"%s\"; give its base, and it as an option",
			context->shelf.given.at[0]->info.name);
	return LAC_OK;
}

void lac_context_stop(struct lac_context *context)
{
	if (!is_stranger(&context->encoding))
		lac_workers_free(&context->encoding.workers);
	if (!is_stranger(&context->decoding))
		lac_workers_free(&context->decoding.workers);
}

/* Threads keep the memory that their plan gives them: another plan, others. */
static void set_side(struct lac_context *context, struct lac_side *side, const struct lac_models *models, uint32_t window,
	uint32_t most_slots)
{
	lac_workers_free(&side->workers);
	side->models = *models;
	side->shelf_bytes = context->shelf.n_bytes;
	side->plan = lac_plan_make(models->n ? models->at[0] : NULL, window, &context->options, memory_for(context, &context->shelf.given),
		most_slots);
}

static bool is_set(const struct lac_context *context, const struct lac_side *side, const struct lac_models *models, uint32_t window)
{
	return side->plan.n_threads && side->plan.window == window && side->shelf_bytes == context->shelf.n_bytes &&
		lac_models_are_same(&side->models, models);
}

static enum lac_status ready(struct lac_side *side, lac_worker_function *function, struct lac_workers **out, struct lac_error *error)
{
	enum lac_status s = LAC_OK;

	if (side->workers)
		lac_workers_begin(side->workers);
	else
		s = lac_workers_create(&side->workers, function, &side->plan, error);
	*out = side->workers;
	return s;
}

uint32_t lac_context_window(const struct lac_context *context)
{
	if (context->options.window || !context->shelf.given.n)
		return context->options.window;
	return lac_model_window(context->shelf.given.at[0]);
}

enum lac_status lac_context_encoders(struct lac_context *context, struct lac_workers **out, struct lac_error *error)
{
	const struct lac_models *given = &context->shelf.given;
	const uint32_t window = lac_context_window(context);

	if (!is_set(context, &context->encoding, given, window))
		set_side(context, &context->encoding, given, window, LAC_ENCODE_SLOTS);
	return ready(&context->encoding, lac_encode_streams, out, error);
}

enum lac_status lac_context_decoders(struct lac_context *context, struct lac_workers **out, struct lac_error *error)
{
	return ready(&context->decoding, lac_decode_streams, out, error);
}

bool lac_context_works_with(const struct lac_context *context, const struct lac_model *base, uint32_t window)
{
	const struct lac_models models = lac_shelf_models(&context->shelf, base);

	return is_set(context, &context->decoding, &models, window);
}

enum lac_status lac_context_turn_to(struct lac_context *context, const struct lac_model *base, uint32_t window, struct lac_place place,
	struct lac_error *error)
{
	const struct lac_models models = lac_shelf_models(&context->shelf, base);
	const enum lac_status s = check_stream(context, base, window, place, error);

	if (!s && !is_set(context, &context->decoding, &models, window))
		set_side(context, &context->decoding, &models, window, LAC_DECODE_SLOTS);
	return s;
}

void lac_context_let_go(struct lac_context *context)
{
	set_side(context, &context->decoding, &context->shelf.given, lac_context_window(context), LAC_DECODE_SLOTS);
}

/* ---- Opening ----------------------------------------------------------------------- */

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

static enum lac_status check_window(const struct lac_context *context, struct lac_error *error)
{
	const struct lac_models *given = &context->shelf.given;
	const uint32_t window = context->options.window, trained = given->n ? given->at[0]->shape.context_length : UINT32_MAX;
	const uint32_t most = trained < LAC_CONTEXT_MAX ? trained : LAC_CONTEXT_MAX;

	if (window == 1 || window > most)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "a context of %u tokens is outside 2 to %u, for which the model was made",
			(unsigned)window, (unsigned)most);
	return given->n ? check_stream(context, given->at[0], lac_context_window(context), (struct lac_place){ 0 }, error) : LAC_OK;
}

/* The files are the very ones: to tell another with the same numbers in it, it would have to be
 * opened. */
static enum lac_status check_carried(const struct lac_context *context, struct lac_error *error)
{
	const struct lac_models *given = &context->shelf.given;

	for (uint32_t i = 0; context->options.carried && i < given->n; i++) {
		const struct lac_file *file = &context->options.carried[i];

		if (!lac_model_is_of_file(given->at[i], file->bytes, file->n_bytes))
			return lac_fail(error, LAC_BAD_ARGUMENT, 0, "file %u to be carried is not the one that \"%s\" was opened from", (unsigned)i,
				given->at[i]->info.name);
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
		s = lac_models_set(&context->shelf.given, model, &context->options, error);
	if (!s)
		s = check_window(context, error);
	if (!s)
		s = check_carried(context, error);
	if (!s) {
		/* the caller's array need not last */
		context->options.adapted = context->shelf.given.at + 1;
		lac_context_let_go(context);
	} else {
		lac_context_close(out);
	}
	return s;
}

void lac_context_close(struct lac_context **context)
{
	if (!*context)
		return;
	lac_workers_free(&(*context)->encoding.workers);
	lac_workers_free(&(*context)->decoding.workers);
	lac_shelf_free(&(*context)->shelf);
	lac_free(*context);
	*context = NULL;
}
