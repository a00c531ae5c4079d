#include "finder/finder.h"
#include "base/error.h"
#include "base/memory.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- What its files share -------------------------------------------------------------------- */

char *lac_text_join(const char *first, const char *second, const char *third)
{
	const size_t n = strlen(first) + strlen(second) + strlen(third) + 1;
	char *text = lac_malloc(n, 1);

	if (text)
		snprintf(text, n, "%s%s%s", first, second, third);
	return text;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool add_name(struct lac_names *names, const char *name)
{
	char **at = names->at;

	if ((names->n & (names->n - 1)) == 0) /* full at the powers of two */
		at = lac_realloc(names->at, names->n, names->n ? 2 * names->n : 1, sizeof *at);
	if (at)
		names->at = at;
	if (!at || !(at[names->n] = lac_text_join(name, "", "")))
		return false;
	names->n++;
	return true;
}

bool lac_names_read(struct lac_names *names, const char *folder, bool (*is_wanted)(const char *name))
{
	DIR *open = opendir(folder);
	const struct dirent *entry;
	bool has_memory = true;

	*names = (struct lac_names){ NULL, 0 };
	while (open && has_memory && (entry = readdir(open)) != NULL)
		if (is_wanted(entry->d_name))
			has_memory = add_name(names, entry->d_name);
	if (open)
		closedir(open);
	if (names->n)
		qsort(names->at, names->n, sizeof *names->at, by_bytes);
	if (!has_memory)
		lac_names_free(names);
	return has_memory;
}

void lac_names_free(struct lac_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		lac_free(names->at[i]);
	lac_free(names->at);
	*names = (struct lac_names){ NULL, 0 };
}

struct lac_identity_text lac_identity_print(const uint8_t identity[16])
{
	struct lac_identity_text out;

	for (size_t i = 0; i < 16; i++)
		snprintf(out.text + 2 * i, 3, "%02x", identity[i]);
	return out;
}

void lac_make_folders(char *path)
{
	bool is_others = false; /* the last that is there */

	for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
		struct stat info;

		*at = 0;
		if (stat(path, &info) == 0)
			is_others = info.st_uid != geteuid() && geteuid() == 0;
		else if (!is_others)
			(void)!mkdir(path, 0777);
		*at = '/';
	}
}

/* The paths and folders are the finder's own, and constant to others. */
static void free_text(const char *text)
{
	lac_free((void *)(uintptr_t)text);
}

bool lac_known_add(struct lac_known_list *list, struct lac_known *known)
{
	struct lac_known *at = list->at;

	if ((list->n & (list->n - 1)) == 0) /* full at the powers of two */
		at = lac_realloc(list->at, list->n, list->n ? 2 * list->n : 1, sizeof *at);
	if (!at) {
		free_text(known->found.path);
		known->found.path = NULL;
		return false;
	}
	list->at = at;
	list->at[list->n++] = *known;
	return true;
}

void lac_known_free(struct lac_known_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free_text(list->at[i].found.path);
	lac_free(list->at);
	*list = (struct lac_known_list){ NULL, 0 };
}

/* ---- Opening and closing --------------------------------------------------------------------- */

static bool copy_folders(struct lac_finder_options *options, const char *const *folders, uint32_t n)
{
	const char **copies = lac_calloc(n, sizeof *copies);

	options->folders = copies;
	if (!copies)
		return false;
	for (; options->n_folders < n; options->n_folders++) {
		copies[options->n_folders] = lac_text_join(folders[options->n_folders], "", "");
		if (!copies[options->n_folders])
			return false;
	}
	return true;
}

static bool copy_text(const char **text)
{
	return !*text || (*text = lac_text_join(*text, "", "")) != NULL;
}

enum lac_status lac_finder_open(struct lac_finder **out, const struct lac_finder_options *options, struct lac_error *error)
{
	struct lac_finder *finder = lac_calloc(1, sizeof *finder);
	bool is_copied;

	*out = finder;
	if (!finder)
		return lac_fail_memory(error, sizeof *finder, "a finder of models");
	finder->options = *options;
	finder->options.folders = NULL;
	finder->options.n_folders = 0;
	is_copied = copy_text(&finder->options.identities);
	is_copied = copy_text(&finder->options.packed) && is_copied;
	is_copied = copy_text(&finder->options.kernels) && is_copied;
	if (!is_copied || !copy_folders(&finder->options, options->folders, options->n_folders)) {
		lac_finder_close(out);
		return lac_fail_memory(error, sizeof *finder, "a finder of models");
	}
	return LAC_OK;
}

void lac_finder_close(struct lac_finder **out)
{
	struct lac_finder *finder = *out;

	if (!finder)
		return;
	for (uint32_t i = 0; i < finder->options.n_folders; i++)
		free_text(finder->options.folders[i]);
	lac_free((void *)(uintptr_t)finder->options.folders);
	free_text(finder->options.identities);
	free_text(finder->options.packed);
	free_text(finder->options.kernels);
	lac_known_free(&finder->listed);
	lac_free(finder->named);
	lac_free(finder);
	*out = NULL;
}

/* ---- Files ----------------------------------------------------------------------------------- */

enum lac_status lac_finder_list(struct lac_finder *finder, size_t *n, struct lac_error *error)
{
	const enum lac_status s = lac_finder_scan(finder, NULL, true, error);

	*n = finder->listed.n;
	return s;
}

const struct lac_found *lac_finder_file(const struct lac_finder *finder, size_t index)
{
	return index < finder->listed.n ? &finder->listed.at[index].found : NULL;
}

/* A file of the folders called NAME or NAME.gguf. */
static char *find_file(const struct lac_finder *finder, const char *name)
{
	char *found = NULL;

	for (uint32_t i = 0; i < finder->options.n_folders && !found; i++)
		for (unsigned suffix = 0; suffix < 2 && !found; suffix++) {
			char *base = lac_text_join(finder->options.folders[i], "/", name);

			found = base ? lac_text_join(base, suffix ? ".gguf" : "", "") : NULL;
			lac_free(base);
			if (found && access(found, F_OK) != 0) {
				lac_free(found);
				found = NULL;
			}
		}
	return found;
}

static bool is_called(const struct lac_found *found, const char *name)
{
	return strcmp(found->name, name) == 0 || strcmp(lac_identity_print(found->identity).text, name) == 0;
}

const char *lac_finder_named(struct lac_finder *finder, const char *name, enum lac_found_kind kind)
{
	const bool is_path = strchr(name, '/') || !name[0] || name[0] == '.';

	lac_free(finder->named);
	finder->named = is_path ? NULL : find_file(finder, name);
	if (finder->named || lac_finder_scan(finder, NULL, true, NULL))
		return finder->named;
	for (size_t i = 0; i < finder->listed.n && !finder->named; i++)
		if (finder->listed.at[i].found.kind == kind && is_called(&finder->listed.at[i].found, name))
			finder->named = lac_text_join(finder->listed.at[i].found.path, "", "");
	return finder->named;
}

/* ---- Models ---------------------------------------------------------------------------------- */

enum lac_status lac_finder_open_file(struct lac_finder *finder, struct lac_model **out, const char *path, const struct lac_options *options,
	struct lac_error *error)
{
	static const struct lac_options defaults = LAC_OPTIONS_DEFAULT;

	return lac_packed_open(finder, out, path, options ? options : &defaults, error);
}

const char *lac_finder_told(const struct lac_finder *finder)
{
	return finder->told;
}

/* What is remembered of files may be wrong: what was opened decides. */
static bool is_wanted(const struct lac_model *model, const struct lac_model_wanted *wanted)
{
	const struct lac_model_info *info = lac_model_info(model);

	return memcmp(wanted->base ? info->adapter_identity : info->identity, wanted->identity, sizeof wanted->identity) == 0;
}

/* path NULL: the embedded model. */
static struct lac_model *open_wanted(struct lac_finder *finder, const struct lac_model_wanted *wanted, const char *path)
{
	const struct lac_finder_options *options = &finder->options;
	struct lac_options opening = LAC_OPTIONS_DEFAULT;
	struct lac_model *model = NULL;
	enum lac_status s;

	opening.kernels = options->kernels;
	opening.n_threads = options->n_threads;
	finder->told[0] = 0;
	if (wanted->base)
		s = lac_model_adapt_file(&model, wanted->base, path, NULL);
	else
		s = path ? lac_packed_open(finder, &model, path, &opening, NULL) : lac_model_open_default(&model, &opening, NULL);
	if (!s && (!is_wanted(model, wanted) || (options->found && !options->found(options->payload, wanted, model, path))))
		lac_model_close(&model);
	return model;
}

/* First as it is remembered, which may be wrong, then as it is. */
bool lac_finder_find(void *payload, const struct lac_model_wanted *wanted, struct lac_model **out)
{
	const enum lac_found_kind kind = wanted->base ? LAC_FOUND_ADAPTER : LAC_FOUND_MODEL;
	struct lac_finder *finder = payload;

	*out = NULL;
	for (unsigned pass = 0; pass < 2 && !*out; pass++) {
		if (lac_finder_scan(finder, wanted->base, pass == 0, NULL))
			return false;
		for (size_t i = 0; i < finder->listed.n && !*out; i++)
			if (finder->listed.at[i].found.kind == kind && memcmp(finder->listed.at[i].found.identity, wanted->identity, 16) == 0)
				*out = open_wanted(finder, wanted, finder->listed.at[i].found.path);
	}
	if (!*out && !wanted->base)
		*out = open_wanted(finder, wanted, NULL);
	return *out != NULL;
}
