/* listing.c: the GGUF files of the folders, and what each of them is. */
#include "finder/finder.h"
#include "base/error.h"
#include "base/memory.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- One file -------------------------------------------------------------------------------- */

static bool is_gguf(const char *name)
{
	const size_t n = strlen(name);

	return name[0] != '.' && n > 5 && strcmp(name + n - 5, ".gguf") == 0;
}

static void describe(struct lac_found *out, const struct lac_model_info *info)
{
	out->kind = info->is_adapted ? LAC_FOUND_ADAPTER : LAC_FOUND_MODEL;
	memcpy(out->identity, info->is_adapted ? info->adapter_identity : info->identity, sizeof out->identity);
	memcpy(out->name, info->name, sizeof out->name);
	snprintf(out->architecture, sizeof out->architecture, "%s", info->architecture);
}

/* What is in the file, as a model or, with a base, as an adapter. */
static void identify(struct lac_found *out, const struct lac_model *base)
{
	struct lac_model *model = NULL;
	const enum lac_status s = base ? lac_model_adapt_file(&model, base, out->path, &out->error)
		: lac_model_open_file(&model, out->path, NULL, &out->error);

	if (!s)
		describe(out, lac_model_info(model));
	lac_model_close(&model);
}

/* `path`, which is owned, is the name that was found. */
static bool add_file(struct lac_known_list *list, const struct lac_known_list *remembered, char *path)
{
	struct lac_known file = { .found.path = path };
	const struct lac_known *known;
	char absolute[PATH_MAX];
	struct stat info;

	if (!path)
		return false;
	if (!realpath(path, absolute) || stat(absolute, &info) != 0) {
		identify(&file.found, NULL); /* says why not */
		return lac_known_add(list, &file);
	}
	lac_free(path);
	/* files are remembered by their absolute names */
	file.found.path = lac_text_join(absolute, "", "");
	file.found.file_bytes = (uint64_t)info.st_size;
	file.seconds = info.st_mtim.tv_sec;
	file.nanoseconds = info.st_mtim.tv_nsec;
	if (!file.found.path)
		return false;
	known = lac_identities_find(remembered, absolute, &info);
	if (known) {
		const char *own = file.found.path;

		file = *known;
		file.found.path = own;
	} else {
		identify(&file.found, NULL);
	}
	return lac_known_add(list, &file);
}

static bool add_folder(struct lac_known_list *list, const struct lac_known_list *remembered, const char *folder)
{
	struct lac_names names;
	bool has_memory = lac_names_read(&names, folder, is_gguf);

	for (size_t i = 0; i < names.n && has_memory; i++)
		has_memory = add_file(list, remembered, lac_text_join(folder, "/", names.at[i]));
	lac_names_free(&names);
	return has_memory;
}

/* ---- Adapters -------------------------------------------------------------------------------- */

static bool may_be_adapter(const struct lac_known *file)
{
	return file->found.kind == LAC_FOUND_BAD && file->found.error.status == LAC_UNSUPPORTED_MODEL;
}

/* A GGUF file that is no model may be an adapter of this one. */
static void try_as_adapters(struct lac_known_list *list, const struct lac_model *base)
{
	for (size_t i = 0; i < list->n; i++)
		if (may_be_adapter(&list->at[i])) {
			const struct lac_error as_model = list->at[i].found.error;

			identify(&list->at[i].found, base);
			if (list->at[i].found.kind == LAC_FOUND_BAD)
				list->at[i].found.error = as_model;
		}
}

static bool may_any_be_adapter(const struct lac_known_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (may_be_adapter(&list->at[i]))
			return true;
	return false;
}

static void try_every_base(struct lac_known_list *list)
{
	struct lac_model *base = NULL;

	if (may_any_be_adapter(list) && lac_model_open_default(&base, NULL, NULL) == LAC_OK)
		try_as_adapters(list, base);
	lac_model_close(&base);
	for (size_t i = 0; i < list->n && may_any_be_adapter(list); i++) {
		if (list->at[i].found.kind == LAC_FOUND_MODEL && lac_model_open_file(&base, list->at[i].found.path, NULL, NULL) == LAC_OK)
			try_as_adapters(list, base);
		lac_model_close(&base);
	}
}

/* ---- All files ------------------------------------------------------------------------------- */

/* What is new of `list` is remembered beside what was of other folders. */
static void remember(struct lac_known_list *remembered, const struct lac_known_list *list, char *path)
{
	bool is_new = false;

	for (size_t i = 0; i < list->n; i++) {
		struct lac_known one = list->at[i];
		const struct stat info = { .st_size = (off_t)one.found.file_bytes, .st_mtim = { (time_t)one.seconds, (long)one.nanoseconds } };
		const struct lac_known *known = lac_identities_find(remembered, one.found.path, &info);

		if (one.found.kind == LAC_FOUND_BAD ||
		    (known && known->found.kind == one.found.kind && memcmp(known->found.identity, one.found.identity, 16) == 0))
			continue;
		one.found.path = lac_text_join(one.found.path, "", "");
		if (!one.found.path || !lac_known_add(remembered, &one))
			return;
		is_new = true;
	}
	if (is_new)
		lac_identities_save(remembered, path);
}

enum lac_status lac_finder_scan(struct lac_finder *finder, const struct lac_model *base, bool remembers, struct lac_error *error)
{
	const struct lac_known_list none = { NULL, 0 };
	struct lac_known_list remembered = none;
	char *path = (char *)(uintptr_t)finder->options.identities; /* owned */
	bool has_memory = true;

	lac_known_free(&finder->listed);
	if (path)
		lac_identities_load(&remembered, path);
	for (uint32_t i = 0; i < finder->options.n_folders; i++)
		has_memory = has_memory && add_folder(&finder->listed, remembers ? &remembered : &none, finder->options.folders[i]);
	if (base)
		try_as_adapters(&finder->listed, base);
	else
		try_every_base(&finder->listed);
	if (path)
		remember(&remembered, &finder->listed, path);
	lac_known_free(&remembered);
	if (has_memory)
		return LAC_OK;
	lac_known_free(&finder->listed);
	return lac_fail_memory(error, 1, "the list of model files");
}
