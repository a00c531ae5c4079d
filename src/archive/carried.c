/* carried.c: pieces of files -> opened models. They come from whoever made the archive: nothing is taken that was not allowed. */
#include "archive/unpacker.h"
#include "base/memory.h"
#include "engine/session.h"

#include <string.h>

/* ---- What is open ----------------------------------------------------------------- */

static void drop(struct lac_carried *carried, size_t i)
{
	carried->n_bytes -= carried->at[i].n_bytes;
	lac_model_close(&carried->at[i].model);
	memmove(&carried->at[i], &carried->at[i + 1], (--carried->n - i) * sizeof *carried->at);
}

void lac_carried_free(struct lac_carried *carried)
{
	while (carried->n)
		drop(carried, carried->n - 1);
	lac_free(carried->at);
	*carried = (struct lac_carried){ .n = 0 };
}

const struct lac_model *lac_carried_find(const struct lac_carried *carried, const struct lac_model *base, const uint8_t identity[16])
{
	for (size_t i = 0; i < carried->n; i++) {
		const struct lac_model_info *info = &carried->at[i].model->info;

		if (carried->at[i].base == base && memcmp(base ? info->adapter_identity : info->identity, identity, 16) == 0)
			return carried->at[i].model;
	}
	return NULL;
}

/* Takes the model over, also when it fails. */
static enum lac_status add(struct lac_carried *carried, struct lac_carried_model one, struct lac_error *error)
{
	if (carried->n == carried->capacity) {
		const size_t capacity = carried->capacity ? 2 * carried->capacity : 4;
		struct lac_carried_model *at = lac_realloc(carried->at, carried->capacity, capacity, sizeof *at);

		if (!at) {
			lac_model_close(&one.model);
			return lac_fail_memory(error, capacity * sizeof *at, "the list of carried models");
		}
		carried->at = at;
		carried->capacity = capacity;
	}
	carried->at[carried->n++] = one;
	carried->n_bytes += one.n_bytes;
	return LAC_OK;
}

/* What the archive that is read does not declare, others that came before may have brought. */
static void drop_others(struct lac_context *context, const struct lac_declared *declared)
{
	lac_context_turn_to_given(context);
	for (size_t i = context->carried.n; i > 0; i--)
		if (!lac_declared_holds(declared, context->carried.at[i - 1].model))
			drop(&context->carried, i - 1);
	lac_context_turn_to_given(context);
}

/* ---- Pieces ------------------------------------------------------------------------ */

void lac_arriving_free(struct lac_arriving *a)
{
	lac_free(a->bytes);
	*a = (struct lac_arriving){ .is_begun = false };
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
		"%llu that are allowed; allow more with --memory, or give its file with --%s", kind_of(arrival), name_of(arrival),
		(unsigned long long)n_bytes, purpose, (unsigned long long)lac_context_memory_left(arrival->context), kind_of(arrival));
}

/* Only what was asked for, and is not there. An adapter alone makes no model. */
static bool is_wanted(const struct arrival *arrival)
{
	const struct lac_context *context = arrival->context;

	return context->options.opens_carried && arrival->model.base && !lac_context_find(context, arrival->model) &&
		(!arrival->model.adapter || lac_context_find(context, (struct lac_declared_model){ arrival->model.base, NULL }));
}

/* Sessions and what other archives brought make room, before the first byte is kept. Of one archive no more are opened than a call can be given. */
static enum lac_status begin(struct lac_unpacker *u, const struct arrival *arrival, const struct lac_frame *frame,
	const struct lac_declared *declared)
{
	const uint64_t n_bytes = frame->n_left + frame->stream_bytes[0];
	enum lac_status s;

	u->arriving.is_begun = true;
	u->arriving.is_wanted = is_wanted(arrival);
	if (!u->arriving.is_wanted)
		return LAC_OK;
	s = lac_unpacker_settle(u, arrival->error);
	if (s)
		return s;
	lac_context_stop(u->context);
	if (u->n_carrying != arrival->place.archive)
		drop_others(u->context, declared);
	u->n_carrying = arrival->place.archive;
	u->arriving.is_wanted = u->context->carried.n < LAC_MODELS_MAX;
	if (!u->arriving.is_wanted)
		return LAC_OK;
	if (n_bytes > lac_context_memory_left(u->context) / 2 || n_bytes > SIZE_MAX / 4)
		return fail_allowed(arrival, n_bytes > UINT64_MAX / 2 ? UINT64_MAX : 2 * n_bytes, "while its file arrives");
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
	struct lac_carried_model one = { .base = NULL };
	struct lac_error why = { .status = LAC_OK };
	uint64_t n_stream;
	enum lac_status s;

	if (arrival->model.adapter) {
		one.base = lac_context_find(context, (struct lac_declared_model){ arrival->model.base, NULL });
		s = lac_model_adapt_within(&one.model, one.base, a->bytes, a->length, &allowance, &why);
	} else {
		s = lac_model_open_within(&one.model, a->bytes, a->length, &context->options, &allowance, &why);
	}
	if (s == LAC_NO_MEMORY && allowance.taken > allowance.most)
		return fail_allowed(arrival, a->length + allowance.taken, "with its file");
	if (s)
		return fail_opening(arrival, s, &why);
	one.n_bytes = allowance.taken;
	n_stream = lac_session_bytes(one.model, 1, 1);
	s = check_identity(arrival, one.model);
	if (!s && (one.n_bytes > most || n_stream > most - one.n_bytes))
		s = fail_allowed(arrival, one.n_bytes + n_stream, "with one stream");
	if (s) {
		lac_model_close(&one.model);
		return s;
	}
	return add(&context->carried, one, arrival->error);
}

enum lac_status lac_unpacker_carry(struct lac_unpacker *u, const struct lac_frame *frame, const struct lac_declared *declared, uint32_t number,
	struct lac_place place, uint64_t n_read, struct lac_error *error)
{
	const struct lac_options *options = &u->context->options;
	const struct arrival arrival = { u->context, lac_declared_get(declared, (struct lac_model_reference){ false, number }), place, error };
	struct lac_arriving *a = &u->arriving;
	enum lac_status s = LAC_OK;

	if (!a->is_begun)
		s = begin(u, &arrival, frame, declared);
	if (!s && a->is_wanted)
		s = append(a, frame, error);
	if (!s && a->is_wanted && !frame->n_left)
		s = open(&arrival, a);
	if (!s && a->is_wanted && !frame->n_left)
		lac_context_turn_to_given(u->context); /* which may have one adapter more */
	if (s || !frame->n_left)
		lac_arriving_free(a);
	if (!s && options->progress && !options->progress(options->progress_payload, n_read, u->stats.bytes_out))
		s = lac_fail(error, LAC_CANCELLED, 0, "cancelled");
	return s;
}
