#include "shelf/shelf.h"
#include "base/memory.h"

#include <string.h>

static void drop(struct lac_shelf *shelf, size_t i)
{
	shelf->n_bytes -= shelf->at[i].n_bytes;
	lac_model_close(&shelf->at[i].model);
	memmove(&shelf->at[i], &shelf->at[i + 1], (--shelf->n - i) * sizeof *shelf->at);
}

void lac_shelf_free(struct lac_shelf *shelf)
{
	while (shelf->n)
		drop(shelf, shelf->n - 1);
	lac_free(shelf->at);
	*shelf = (struct lac_shelf){ .n = 0 };
}

static bool is_of(const struct lac_model *model, const struct lac_model *base, const uint8_t identity[16])
{
	return memcmp(base ? model->info.adapter_identity : model->info.identity, identity, 16) == 0;
}

const struct lac_model *lac_shelf_find(const struct lac_shelf *shelf, const struct lac_model *base, const uint8_t identity[16])
{
	const struct lac_model *given = shelf->given.n ? shelf->given.at[0] : NULL;
	const struct lac_model *found = NULL;

	if (given && !base && is_of(given, NULL, identity))
		return given;
	if (given && base == given)
		found = lac_models_find(&shelf->given, identity);
	for (size_t i = 0; i < shelf->n && !found; i++)
		if (shelf->at[i].base == base && is_of(shelf->at[i].model, base, identity))
			found = shelf->at[i].model;
	return found;
}

struct lac_models lac_shelf_models(const struct lac_shelf *shelf, const struct lac_model *base)
{
	struct lac_models models = { .n = 0 };

	if (shelf->given.n && base == shelf->given.at[0])
		models = shelf->given;
	else if (base)
		models.at[models.n++] = base;
	for (size_t i = 0; base && i < shelf->n && models.n < LAC_MODELS_MAX; i++)
		if (shelf->at[i].base == base)
			models.at[models.n++] = shelf->at[i].model;
	return models;
}

enum lac_status lac_shelf_add(struct lac_shelf *shelf, struct lac_shelf_entry entry, struct lac_error *error)
{
	if (shelf->n == shelf->capacity) {
		const size_t capacity = shelf->capacity ? 2 * shelf->capacity : 4;
		struct lac_shelf_entry *at = lac_realloc(shelf->at, shelf->capacity, capacity, sizeof *at);

		if (!at) {
			lac_model_close(&entry.model);
			return lac_fail_memory(error, capacity * sizeof *at, "the list of opened models");
		}
		shelf->at = at;
		shelf->capacity = capacity;
	}
	shelf->at[shelf->n++] = entry;
	shelf->n_bytes += entry.n_bytes;
	return LAC_OK;
}

/* The last first: what adapters made of a base goes before it. */
void lac_shelf_keep(struct lac_shelf *shelf, bool (*is_wanted)(const void *payload, const struct lac_shelf_entry *entry), const void *payload)
{
	for (size_t i = shelf->n; i > 0; i--)
		if (!is_wanted(payload, &shelf->at[i - 1]))
			drop(shelf, i - 1);
}

/* ---- Asking ------------------------------------------------------------------------ */

static const struct lac_model *base_of(const struct lac_shelf_entry *entry)
{
	return entry->base ? entry->base : entry->model;
}

/* Whether an entry is no found base, nor made of one. */
static bool is_not_of_found(const void *payload, const struct lac_shelf_entry *entry)
{
	const struct lac_shelf *shelf = payload;

	for (size_t i = 0; i < shelf->n; i++)
		if (shelf->at[i].is_found && !shelf->at[i].base && shelf->at[i].model == base_of(entry))
			return false;
	return true;
}

enum lac_status lac_shelf_ask(struct lac_shelf *shelf, const struct lac_options *options, const struct lac_model_wanted *wanted,
	const struct lac_model **out, struct lac_error *error)
{
	struct lac_model *model = NULL;
	enum lac_status s;

	*out = NULL;
	if (!options->find_model)
		return LAC_OK;
	if (!wanted->base)
		lac_shelf_keep(shelf, is_not_of_found, shelf);
	if (!options->find_model(options->find_payload, wanted, &model) || !model)
		return LAC_OK;
	if (model->base != wanted->base || !is_of(model, wanted->base, wanted->identity)) {
		lac_model_close(&model);
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "find_model gave another model than \"%s\", which it was asked for", wanted->name);
	}
	s = lac_shelf_add(shelf, (struct lac_shelf_entry){ .model = model, .base = wanted->base, .is_found = true,
		.n_bytes = wanted->base ? model->info.memory_bytes : 0 }, error);
	if (!s)
		*out = model;
	return s;
}
