/* carried.c: what arrives comes from whoever made the archive: nothing is taken that was not
 * allowed. */
#include "archive/carried.h"
#include "base/memory.h"
#include "shelf/opening.h"

#include <string.h>

void lac_arriving_free(struct lac_arriving *a)
{
	lac_free(a->bytes);
	*a = (struct lac_arriving){ .archive = a->archive };
}

/* A model that is on its way. */
struct arrival {
	struct lac_context *context;
	struct lac_declared_model model;
	struct lac_place place;
	struct lac_error *error;
};

static const char *kind_of(const struct arrival *arrival)
{
	return arrival->model.adapter ? "adapter" : "model";
}

static const char *name_of(const struct arrival *arrival)
{
	return arrival->model.adapter ? arrival->model.adapter->name : arrival->model.base->name;
}

static enum lac_status fail_allowed(const struct arrival *arrival, uint64_t n_bytes, const char *purpose)
{
	return lac_fail_at(arrival->error, LAC_NO_MEMORY, arrival->place, "%s \"%s\", which the archive carries, takes %llu bytes %s, more than the "
		"%llu that are allowed", kind_of(arrival), name_of(arrival), (unsigned long long)n_bytes, purpose,
		(unsigned long long)lac_context_memory_left(arrival->context));
}

static bool is_declared(const void *declared, const struct lac_shelf_entry *entry)
{
	return lac_declared_holds(declared, entry->model);
}

enum lac_status lac_arriving_begin(struct lac_arriving *a, struct lac_context *context, struct lac_declared_model model,
	const struct lac_frame *frame, const struct lac_declared *declared, struct lac_place place, struct lac_error *error)
{
	const struct arrival arrival = { context, model, place, error };
	const uint64_t n_bytes = frame->n_left + frame->stream_bytes[0];

	lac_context_stop(context);
	lac_context_let_go(context);
	if (a->archive != place.archive)
		lac_shelf_keep(&context->shelf, is_declared, declared);
	a->archive = place.archive;
	a->is_wanted = context->shelf.n < LAC_MODELS_MAX;
	if (a->is_wanted && (n_bytes > lac_context_memory_left(context) / 2 || n_bytes > SIZE_MAX / 4))
		return fail_allowed(&arrival, n_bytes > UINT64_MAX / 2 ? UINT64_MAX : 2 * n_bytes, "while its file arrives");
	return LAC_OK;
}

static enum lac_status append(struct lac_arriving *a, const struct lac_frame *frame, struct lac_error *error)
{
	const size_t n = frame->stream_bytes[0], total = a->length + n + (size_t)frame->n_left;

	if (a->capacity - a->length < n) {
		const size_t doubled = a->capacity ? 2 * a->capacity : n, capacity = doubled < total ? doubled : total;
		uint8_t *bytes = lac_realloc(a->bytes, a->length, capacity, 1);

		if (!bytes)
			return lac_fail_memory(error, capacity, "a model that is carried");
		a->bytes = bytes;
		a->capacity = capacity;
	}
	memcpy(a->bytes + a->length, frame->streams[0], n);
	a->length += n;
	return LAC_OK;
}

/* ---- Opening ------------------------------------------------------------------------ */

/* What a model file is refused for, as the archive's fault. */
static enum lac_status fail_opening(const struct arrival *arrival, enum lac_status s, const struct lac_error *why)
{
	if (s == LAC_BAD_MODEL || s == LAC_UNSUPPORTED_MODEL)
		return lac_fail_at(arrival->error, s == LAC_BAD_MODEL ? LAC_CORRUPT : LAC_UNSUPPORTED, arrival->place,
			"%s \"%s\", which the archive carries, cannot be opened: %s", kind_of(arrival), name_of(arrival), why->text);
	if (arrival->error)
		*arrival->error = *why;
	return s;
}

static enum lac_status check_identity(const struct arrival *arrival, const struct lac_model *model)
{
	const uint8_t *found = arrival->model.adapter ? model->info.adapter_identity : model->info.identity;
	const struct lac_model_frame *wanted = arrival->model.adapter ? arrival->model.adapter : arrival->model.base;

	if (memcmp(found, wanted->identity, sizeof wanted->identity) == 0)
		return LAC_OK;
	return lac_fail_at(arrival->error, LAC_CORRUPT, arrival->place, "the archive carries another file than that of %s \"%s\"", kind_of(arrival),
		name_of(arrival));
}

static enum lac_status open(const struct arrival *arrival, const struct lac_arriving *a)
{
	struct lac_context *context = arrival->context;
	const uint64_t most = lac_context_memory_left(context);
	struct lac_allowance allowance = { .most = most - a->length };
	struct lac_shelf_entry one = { .base = NULL };
	struct lac_error why = { .status = LAC_OK };
	uint64_t n_stream;
	enum lac_status s;

	if (arrival->model.adapter) {
		one.base = lac_shelf_find(&context->shelf, NULL, arrival->model.base->identity);
		s = lac_model_adapt_within(&one.model, one.base, a->bytes, a->length, &allowance, &why);
	} else {
		s = lac_model_open_within(&one.model, a->bytes, a->length, &context->options, &allowance, &why);
	}
	if (s == LAC_NO_MEMORY && allowance.taken > allowance.most)
		return fail_allowed(arrival, a->length + allowance.taken, "with its file");
	if (s)
		return fail_opening(arrival, s, &why);
	one.n_bytes = allowance.taken;
	n_stream = lac_model_stream_bytes(one.model, 0);
	s = check_identity(arrival, one.model);
	if (!s && (one.n_bytes > most || n_stream > most - one.n_bytes))
		s = fail_allowed(arrival, one.n_bytes + n_stream, "with one stream");
	if (s) {
		lac_model_close(&one.model);
		return s;
	}
	return lac_shelf_add(&context->shelf, one, arrival->error);
}

enum lac_status lac_arriving_add(struct lac_arriving *a, struct lac_context *context, struct lac_declared_model model,
	const struct lac_frame *frame, struct lac_place place, struct lac_error *error)
{
	const struct arrival arrival = { context, model, place, error };
	enum lac_status s = append(a, frame, error);

	if (s || frame->n_left)
		return s;
	s = open(&arrival, a);
	/* which has less memory for streams, and may have one adapter more */
	lac_context_let_go(context);
	return s;
}
