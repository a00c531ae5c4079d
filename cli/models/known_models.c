#include "models/known_models.h"
#include "models/model_folders.h"
#include "io/report.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_gguf(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && dot && strcmp(dot, ".gguf") == 0;
}

static void describe(struct known_model *out, const struct lac_model_info *info)
{
	out->kind = info->is_adapted ? KIND_ADAPTER : KIND_MODEL;
	memcpy(out->identity, info->is_adapted ? info->adapter_identity : info->identity, sizeof out->identity);
	memcpy(out->name, info->name, sizeof out->name);
	snprintf(out->architecture, sizeof out->architecture, "%s", info->architecture);
}

/* What is in the file, as a model or, with a base, as an adapter. */
static void identify(struct known_model *out, const struct lac_model *base)
{
	struct lac_model *model = NULL;
	const enum lac_status s = base ? lac_model_adapt_file(&model, base, out->path, &out->error)
		: lac_model_open_file(&model, out->path, NULL, &out->error);

	if (!s)
		describe(out, lac_model_info(model));
	lac_model_close(&model);
}

static bool add_file(struct known_models *models, const struct known_models *cache, const char *folder, const char *name)
{
	struct known_model found = { .kind = KIND_BAD };
	const struct known_model *known;
	struct stat info;
	char *path = NULL;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return false;
	found.path = realpath(path, NULL); /* the cache knows files by absolute names */
	if (!found.path || stat(found.path, &info) != 0) {
		free(found.path);
		found.path = path;
		identify(&found, NULL); /* says why not */
		return known_models_add(models, &found);
	}
	free(path);
	known = identity_cache_find(cache, found.path, &info);
	if (known) {
		path = found.path;
		found = *known;
		found.path = path;
	} else {
		found.file_bytes = (uint64_t)info.st_size;
		found.seconds = info.st_mtim.tv_sec;
		found.nanoseconds = info.st_mtim.tv_nsec;
		identify(&found, NULL);
	}
	return known_models_add(models, &found);
}

static bool add_folder(struct known_models *models, const struct known_models *cache, const char *folder)
{
	struct dirent **entries = NULL;
	const int n = scandir(folder, &entries, is_gguf, alphasort); /* -1: no such folder, as usual */
	bool has_memory = true;

	for (int i = 0; i < n; i++) {
		has_memory = has_memory && add_file(models, cache, folder, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return has_memory;
}

/* A GGUF file that is no model may be an adapter of this one. */
static void try_as_adapters(struct known_models *models, const struct lac_model *base)
{
	for (size_t i = 0; base && i < models->n; i++)
		if (models->at[i].kind == KIND_BAD && models->at[i].error.status == LAC_UNSUPPORTED_MODEL) {
			const struct lac_error as_model = models->at[i].error;

			identify(&models->at[i], base);
			if (models->at[i].kind == KIND_BAD)
				models->at[i].error = as_model;
		}
}

static bool is_some_unsupported(const struct known_models *models)
{
	for (size_t i = 0; i < models->n; i++)
		if (models->at[i].kind == KIND_BAD && models->at[i].error.status == LAC_UNSUPPORTED_MODEL)
			return true;
	return false;
}

static void try_every_base(struct known_models *models)
{
	struct lac_model *base = NULL;

	if (is_some_unsupported(models) && lac_model_open_default(&base, NULL, NULL) == LAC_OK)
		try_as_adapters(models, base);
	lac_model_close(&base);
	for (size_t i = 0; i < models->n && is_some_unsupported(models); i++) {
		if (models->at[i].kind == KIND_MODEL && lac_model_open_file(&base, models->at[i].path, NULL, NULL) == LAC_OK)
			try_as_adapters(models, base);
		lac_model_close(&base);
	}
}

/* What is new of `models` goes into the cache; what it knew of other folders stays. */
static void remember(struct known_models *cache, const struct known_models *models)
{
	bool is_new = false;

	for (size_t i = 0; i < models->n; i++) {
		struct known_model one = models->at[i];
		const struct stat info = { .st_size = (off_t)one.file_bytes, .st_mtim = { (time_t)one.seconds, (long)one.nanoseconds } };
		const struct known_model *known = identity_cache_find(cache, one.path, &info);

		if (one.kind == KIND_BAD || (known && known->kind == one.kind && memcmp(known->identity, one.identity, 16) == 0))
			continue;
		one.path = strdup(one.path);
		if (!one.path || !known_models_add(cache, &one))
			return;
		is_new = true;
	}
	if (is_new)
		identity_cache_save(cache);
}

bool known_models_scan(struct known_models *models, const struct lac_model *base, bool use_cache)
{
	const struct known_models none = { NULL, 0 };
	struct known_models cache;
	char **folders = model_folders();
	bool has_memory = folders != NULL;

	*models = none;
	identity_cache_load(&cache);
	for (char **at = folders; at && *at; at++)
		has_memory = has_memory && add_folder(models, use_cache ? &cache : &none, *at);
	if (base)
		try_as_adapters(models, base);
	else
		try_every_base(models);
	remember(&cache, models);
	known_models_free(&cache);
	model_folders_free(&folders);
	if (!has_memory) {
		complain("out of memory");
		known_models_free(models);
	}
	return has_memory;
}

/* ---- By name --------------------------------------------------------------------- */

static char *find_file(const char *name)
{
	char **folders = model_folders(), *found = NULL;

	for (char **at = folders; at && *at && !found; at++)
		for (int suffix = 0; suffix < 2 && !found; suffix++)
			if (asprintf(&found, "%s/%s%s", *at, name, suffix ? ".gguf" : "") > 0 && access(found, F_OK) != 0) {
				free(found);
				found = NULL;
			}
	model_folders_free(&folders);
	return found;
}

char *find_named(const char *name, enum model_kind kind)
{
	struct known_models models;
	char *found = strchr(name, '/') || !name[0] || name[0] == '.' ? NULL : find_file(name);

	if (found || !known_models_scan(&models, NULL, true))
		return found;
	for (size_t i = 0; i < models.n && !found; i++)
		if (models.at[i].kind == kind &&
		    (strcmp(models.at[i].name, name) == 0 || strcmp(print_identity(models.at[i].identity).text, name) == 0))
			found = strdup(models.at[i].path);
	known_models_free(&models);
	return found;
}
