#include "archives/missing_models.h"
#include "models/known_models.h"
#include "models/model_folders.h"
#include "models/packed_cache.h"
#include "io/report.h"
#include "io/used_files.h"

#include <string.h>

static bool is_model(const struct lac_model *model, const uint8_t identity[16])
{
	return model && memcmp(lac_model_info(model)->identity, identity, 16) == 0;
}

static bool try_model(struct lac_model **out, const char *path, const uint8_t identity[16], const struct command *command)
{
	const char *cache;

	if (open_model_file(out, path, &command->options, command->cache_bytes, &cache, NULL) == LAC_OK &&
	    (!is_model(*out, identity) || !used_files_add_input(path)))
		lac_model_close(out); /* what the cache said of it is not so, or it would be replaced */
	if (*out)
		tell_of_model(command, *out, cache);
	return *out != NULL;
}

static bool try_adapter(struct lac_model **out, const struct lac_model *base, const char *path, const uint8_t identity[16])
{
	if (lac_model_adapt_file(out, base, path, NULL) == LAC_OK &&
	    (memcmp(lac_model_info(*out)->adapter_identity, identity, 16) != 0 || !used_files_add_input(path)))
		lac_model_close(out);
	return *out != NULL;
}

/* base NULL: a model is looked for, else an adapter of it. First with the cache, which may be wrong, then without. */
static bool find(struct lac_model **out, const struct lac_model *base, const uint8_t identity[16], const struct command *command)
{
	const enum model_kind kind = base ? KIND_ADAPTER : KIND_MODEL;
	struct known_models known;

	*out = NULL;
	for (int pass = 0; pass < 2 && !*out; pass++) {
		if (!known_models_scan(&known, base, pass == 0))
			return false;
		for (size_t i = 0; i < known.n && !*out; i++)
			if (known.at[i].kind == kind && memcmp(known.at[i].identity, identity, 16) == 0)
				(void)(base ? try_adapter(out, base, known.at[i].path, identity)
					: try_model(out, known.at[i].path, identity, command));
		known_models_free(&known);
	}
	return *out != NULL;
}

static bool name_missing(struct missing *missing, const char *kind, const char *name, const uint8_t identity[16])
{
	snprintf(missing->text, sizeof missing->text, "%s \"%s\" (identity %s)", kind, name, print_identity(identity).text);
	return false;
}

/* Without one: it is what the archive carries. */
static bool open_base(const struct command *command, const struct models *open, const struct lac_stats *archive, struct models *found,
	struct missing *missing)
{
	bool is_open = !archive->n_models;

	for (uint32_t i = 0; i < archive->n_models; i++)
		is_open = is_open || is_model(open->base, archive->models[i].identity);
	if (is_open)
		return open_models(command, found);
	*found = (struct models){ .n_adapted = 0 };
	if (command->model_path) { /* another was asked for, and it was said which is needed */
		missing->is_misnamed = true;
		memcpy(missing->identity, archive->models->identity, sizeof missing->identity);
		return archive->n_carried > 0;
	}
	return find(&found->base, NULL, archive->models->identity, command) ||
		name_missing(missing, "model", archive->models->name, archive->models->identity) || archive->n_carried;
}

bool open_missing_models(const struct command *command, const struct models *open, const struct lac_stats *archive, struct models *found,
	struct missing *missing)
{
	*missing = (struct missing){ .is_misnamed = false };
	if (!open_base(command, open, archive, found, missing))
		return false;
	found->opens_carried = archive->n_carried > 0;
	for (uint32_t i = 0; found->base && i < archive->n_adapters; i++) {
		const struct lac_adapter_use *use = &archive->adapters[i];

		if (find_adapter(found, use->identity))
			continue;
		if (found->n_adapted < LAC_ADAPTED_MAX && find(&found->adapted[found->n_adapted], found->base, use->identity, command)) {
			found->n_adapted++;
			continue;
		}
		(void)name_missing(missing, "adapter", use->name, use->identity);
		if (!found->opens_carried) {
			close_models(found);
			return false;
		}
	}
	return true;
}

/* By what is in the files. */
static bool is_found(const uint8_t identity[16])
{
	struct known_models known;
	bool is_known = is_embedded_model(print_identity(identity).text);

	if (is_known || !known_models_scan(&known, NULL, true))
		return is_known;
	for (size_t i = 0; i < known.n; i++)
		is_known = is_known || (known.at[i].kind == KIND_MODEL && memcmp(known.at[i].identity, identity, 16) == 0);
	known_models_free(&known);
	return is_known;
}

void complain_of_missing(const struct missing *missing)
{
	if (missing->text[0])
		complain_of_folders(missing->text);
	if (missing->is_misnamed && is_found(missing->identity))
		complain("the model that is needed is found without --model");
}
