#include "models/finder.h"
#include "io/files.h"
#include "io/used_files.h"
#include "models/model_folders.h"

#include <stdlib.h>
#include <string.h>

static struct lac_finder *finder; /* of the program */

/* A model that the call would replace is not used. */
static bool found(void *payload, const struct lac_model_wanted *wanted, const struct lac_model *model, const char *path)
{
	if (!used_files_add_input(path))
		return false;
	if (!wanted->base)
		tell_of_model(payload, model, lac_finder_told(finder));
	return true;
}

static void writing(void *payload, const char *path)
{
	(void)payload;
	remove_on_signals((char *)(uintptr_t)path);
}

/* The command lasts as long as the program. */
static void open_finder(const struct command *command, char **folders)
{
	char *identities = user_path("XDG_CACHE_HOME", ".cache", "identities");
	char *packed = command->cache_bytes ? user_path("XDG_CACHE_HOME", ".cache", "packed") : NULL;
	struct lac_finder_options options = { .folders = (const char *const *)folders, .identities = identities, .packed = packed,
		.packed_bytes = command->cache_bytes == UINT64_MAX ? 0 : command->cache_bytes, .kernels = command->options.kernels,
		.n_threads = command->options.n_threads, .found = found, .writing = writing, .payload = (void *)(uintptr_t)command };

	while (folders[options.n_folders])
		options.n_folders++;
	if (lac_finder_open(&finder, &options, NULL))
		finder = NULL;
	free(identities);
	free(packed);
}

struct lac_finder *the_finder(const struct command *command)
{
	char **folders = finder ? NULL : model_folders();

	if (folders)
		open_finder(command, folders);
	model_folders_free(&folders);
	return finder;
}

char *find_named(const struct command *command, const char *name, enum lac_found_kind kind)
{
	struct lac_finder *f = the_finder(command);
	const char *path = f ? lac_finder_named(f, name, kind) : NULL;

	return path ? strdup(path) : NULL;
}

const struct lac_found *find_known(const struct command *command, const uint8_t identity[16], enum lac_found_kind kind)
{
	static bool is_read;
	struct lac_finder *f = the_finder(command);
	const struct lac_found *file;
	size_t n;

	is_read = f && (is_read || !lac_finder_list(f, &n, NULL));
	for (size_t i = 0; is_read && (file = lac_finder_file(f, i)) != NULL; i++)
		if (file->kind == kind && memcmp(file->identity, identity, sizeof file->identity) == 0)
			return file;
	return NULL;
}

enum lac_status open_model_file(const struct command *command, struct lac_model **model, const char *path, struct lac_error *error)
{
	struct lac_finder *f = command->cache_bytes ? the_finder(command) : NULL;

	return f ? lac_finder_open_file(f, model, path, &command->options, error)
		: lac_model_open_file(model, path, &command->options, error);
}
