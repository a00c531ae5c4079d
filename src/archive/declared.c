#include "archive/declared.h"
#include "archive/stats.h"
#include "base/memory.h"
#include "format/published.h"

#include <string.h>

struct lac_declaration {
	bool is_adapted;
	struct lac_model_reference base; /* if so */
	struct lac_model_frame model;    /* if so, name and identity are the adapter's */
};

struct identity_text { char text[33]; };

static struct identity_text print_identity(const uint8_t identity[16])
{
	static const char digits[] = "0123456789abcdef";
	struct identity_text out;

	for (size_t i = 0; i < 16; i++) {
		out.text[2 * i] = digits[identity[i] >> 4];
		out.text[2 * i + 1] = digits[identity[i] & 15];
	}
	out.text[32] = 0;
	return out;
}

void lac_declared_clear(struct lac_declared *declared)
{
	declared->n = 0;
}

void lac_declared_free(struct lac_declared *declared)
{
	lac_free(declared->at);
	*declared = (struct lac_declared){ 0 };
}

enum lac_status lac_declared_add(struct lac_declared *declared, const struct lac_frame *frame, struct lac_error *error)
{
	if (declared->n == declared->capacity) {
		const uint32_t capacity = declared->capacity ? 2 * declared->capacity : 8;
		struct lac_declaration *at = lac_realloc(declared->at, declared->capacity, capacity, sizeof *at);

		if (!at)
			return lac_fail_memory(error, capacity * sizeof *at, "an archive's models");
		declared->at = at;
		declared->capacity = capacity;
	}
	declared->at[declared->n++] = (struct lac_declaration){ frame->type == LAC_FRAME_ADAPTED,
		{ frame->is_published, frame->model_index }, frame->model };
	return LAC_OK;
}

static bool is_adapted(const struct lac_declared *declared, struct lac_model_reference reference)
{
	return !reference.is_published && declared->at[reference.model_index].is_adapted;
}

struct lac_model_reference lac_declared_base(const struct lac_declared *declared, struct lac_model_reference reference)
{
	return is_adapted(declared, reference) ? declared->at[reference.model_index].base : reference;
}

struct lac_declared_model lac_declared_get(const struct lac_declared *declared, struct lac_model_reference reference)
{
	const struct lac_model_reference base = lac_declared_base(declared, reference);

	return (struct lac_declared_model){
		.base = base.is_published ? lac_published_model(base.model_index) : &declared->at[base.model_index].model,
		.adapter = is_adapted(declared, reference) ? &declared->at[reference.model_index].model : NULL,
	};
}

bool lac_declared_holds(const struct lac_declared *declared, const struct lac_model *model)
{
	for (uint32_t i = 0; i < declared->n; i++) {
		const struct lac_declared_model one = lac_declared_get(declared, (struct lac_model_reference){ false, i });

		if (one.base && memcmp(one.base->identity, model->info.identity, sizeof one.base->identity) == 0 &&
		    (!model->info.is_adapted ||
		     (one.adapter && memcmp(one.adapter->identity, model->info.adapter_identity, sizeof one.adapter->identity) == 0)))
			return true;
	}
	return false;
}

/* The same, known. */
static enum lac_status look_up(const struct lac_declared *declared, struct lac_model_reference reference, struct lac_declared_model *out,
	struct lac_place place, struct lac_error *error)
{
	*out = lac_declared_get(declared, reference);
	if (!out->base)
		return lac_fail_at(error, LAC_UNSUPPORTED, place, "coded with published model %u, which this build does not know; a newer laconic "
			"does", (unsigned)lac_declared_base(declared, reference).model_index);
	return LAC_OK;
}

enum lac_status lac_declared_count(const struct lac_declared *declared, struct lac_model_reference reference, uint64_t n_streams,
	struct lac_stats *stats, struct lac_place place, struct lac_error *error)
{
	struct lac_declared_model model;
	enum lac_status s = look_up(declared, reference, &model, place, error);

	if (s)
		return s;
	lac_stats_add_model(stats, model.base);
	if (model.adapter)
		lac_stats_add_adapter(stats, model.adapter->identity, model.adapter->name, n_streams);
	return LAC_OK;
}

static enum lac_status fail_base(const struct lac_models *models, const struct lac_model_frame *adapter,
	const struct lac_model_frame *base, struct lac_place place, struct lac_error *error)
{
	if (adapter)
		return lac_fail_at(error, LAC_OTHER_MODEL, place, "made with adapter \"%s\" (%s) of model \"%s\" (%s), which is not open", adapter->name, print_identity(adapter->identity).text, base->name,
			print_identity(base->identity).text);
	return lac_fail_at(error, LAC_OTHER_MODEL, place, "made with model \"%s\" (identity %s), but %s%s%s", base->name, print_identity(base->identity).text, models->n ? "\"" : "no model",
		models->n ? models->at[0]->info.name : " was opened", models->n ? "\" is open" : "");
}

uint32_t lac_declared_window(const struct lac_declared *declared, struct lac_model_reference reference, const struct lac_model *base)
{
	const struct lac_model_frame *named = lac_declared_get(declared, reference).base;

	return named && memcmp(named->identity, base->info.identity, sizeof named->identity) == 0 ? named->window : 0;
}

enum lac_status lac_declared_find(const struct lac_declared *declared, struct lac_model_reference reference,
	const struct lac_models *models, const struct lac_model **out, struct lac_place place, struct lac_error *error)
{
	struct lac_declared_model model;
	enum lac_status s = look_up(declared, reference, &model, place, error);
	const struct lac_model_frame *base = model.base, *adapter = model.adapter;

	if (s)
		return s;
	if (!models->n || memcmp(base->identity, models->at[0]->info.identity, sizeof base->identity) != 0)
		return fail_base(models, adapter, base, place, error);
	if (base->window > models->at[0]->shape.context_length)
		return lac_fail_at(error, LAC_UNSUPPORTED, place, "coded with a context of %u tokens, and the model is for %u",
			(unsigned)base->window, (unsigned)models->at[0]->shape.context_length);
	*out = adapter ? lac_models_find(models, adapter->identity) : models->at[0];
	if (!*out)
		return lac_fail_at(error, LAC_OTHER_ADAPTER, place, "made with adapter \"%s\" (identity %s) of model \"%s\", which is open; the adapter is "
			"not", adapter->name, print_identity(adapter->identity).text, base->name);
	return LAC_OK;
}
