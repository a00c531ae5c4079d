/* models.c: which models are at work. */
#include "advice.h"
#include "command.h"
#include "io/files.h"
#include "models/finder.h"
#include "models/model_folders.h"
#include "io/report.h"
#include "io/used_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Owned: `name` itself if there is such a file; else the one of that name in the folders where
 * models are looked for; else NULL. */
static char *find_path(const struct command *command, const char *name, enum lac_found_kind kind)
{
	return access(name, F_OK) == 0 ? strdup(name) : find_named(command, name, kind);
}

/* `path` is what was found by that name. */
static bool names_embedded(const char *name, const char *path)
{
	return !name || (!path && is_embedded_model(name));
}

/* The text names the file. */
static void complain_of_model(const struct command *command, const char *path, const char *found, const struct lac_error *error)
{
	complain_of(command, path ? NULL : "the embedded model", error);
	if (path && !found && !strchr(path, '/'))
		complain_of_folders(path);
}

void tell_of_model(const struct command *command, const struct lac_model *model, const char *cache)
{
	const struct lac_model_info *info = lac_model_info(model);

	if (command->verbosity > 0)
		tell(stderr, "model %s (%s), kernels %s%s\n", info->name, print_identity(info->identity).text, info->kernels, cache);
}

bool open_model(const struct command *command, struct lac_model **model)
{
	char *path = command->model_path ? find_path(command, command->model_path, LAC_FOUND_MODEL) : NULL;
	struct lac_error error = { .status = LAC_OK };
	const bool is_used = used_files_add_input(path);
	enum lac_status s = LAC_OK;

	if (is_used)
		s = names_embedded(command->model_path, path) ? lac_model_open_default(model, &command->options, &error)
			: open_model_file(command, model, path ? path : command->model_path, &error);
	if (s)
		complain_of_model(command, command->model_path, path, &error);
	free(path);
	if (is_used && !s)
		tell_of_model(command, *model, command->model_path && command->cache_bytes ? lac_finder_told(the_finder(command)) : "");
	return is_used && !s;
}

bool open_models(const struct command *command, struct models *models)
{
	*models = (struct models){ .n_adapted = 0 };
	if (!open_model(command, &models->base))
		return false;
	for (; models->n_adapted < command->n_adapters; models->n_adapted++) {
		const char *name = command->adapters[models->n_adapted];
		char *path = find_path(command, name, LAC_FOUND_ADAPTER);
		struct lac_model **adapted = &models->adapted[models->n_adapted];
		struct lac_error error = { .status = LAC_OK };
		const bool is_used = used_files_add_input(path);
		enum lac_status s = is_used ? lac_model_adapt_file(adapted, models->base, path ? path : name, &error) : LAC_OK;

		if (s)
			complain_of_model(command, name, path, &error);
		free(path);
		if (!is_used || s) {
			close_models(models);
			return false;
		}
		if (command->verbosity > 0)
			tell(stderr, "adapter %s (%s), %s, needs %.1f MiB\n", lac_model_info(*adapted)->name,
				print_identity(lac_model_info(*adapted)->adapter_identity).text,
				count_of(lac_model_info(*adapted)->file_bytes, "byte").text,
				(double)lac_model_info(*adapted)->memory_bytes / (1 << 20));
	}
	return true;
}

/* ---- Their files, to be carried ----------------------------------------------------- */

static bool map_file(struct lac_file *out, const char *path)
{
	const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* not to hang on a pipe */
	struct stat info;
	void *bytes = MAP_FAILED;

	if (file >= 0 && fstat(file, &info) == 0)
		bytes = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, file, 0);
	if (bytes == MAP_FAILED)
		complain("%s: %s", path, strerror(errno));
	else
		*out = (struct lac_file){ bytes, (size_t)info.st_size };
	if (file >= 0)
		close(file);
	return bytes != MAP_FAILED;
}

static bool map_named(const struct command *command, struct lac_file *out, const char *name, enum lac_found_kind kind)
{
	char *path = name ? find_path(command, name, kind) : NULL;
	bool is_mapped = !name || (kind == LAC_FOUND_MODEL && names_embedded(name, path));

	if (is_mapped)
		out->bytes = lac_default_model_gguf(&out->n_bytes);
	else
		is_mapped = map_file(out, path ? path : name);
	free(path);
	return is_mapped;
}

bool map_models(const struct command *command, struct models *models)
{
	bool is_mapped = map_named(command, &models->files[0], command->model_path, LAC_FOUND_MODEL);

	for (uint32_t i = 0; is_mapped && i < command->n_adapters; i++)
		is_mapped = map_named(command, &models->files[1 + i], command->adapters[i], LAC_FOUND_ADAPTER);
	return is_mapped;
}

static void unmap_models(struct models *models)
{
	size_t n_embedded;

	for (size_t i = 0; i < sizeof models->files / sizeof *models->files; i++)
		if (models->files[i].bytes && models->files[i].bytes != lac_default_model_gguf(&n_embedded))
			munmap((void *)(uintptr_t)models->files[i].bytes, models->files[i].n_bytes);
}

/* ---- Which is which ----------------------------------------------------------------- */

static bool is_file(const struct command *command, const char *name, enum lac_found_kind kind, const struct stat *info)
{
	char *path = find_path(command, name, kind);
	struct stat found;
	bool is_same = path != NULL;

	if (is_same && stat(path, &found) == 0)
		is_same = is_one_file(&found, info);
	else if (is_same) /* for all that is known */
		complain("%s: %s", path, strerror(errno));
	free(path);
	return is_same;
}

bool is_model_at_work(const struct command *command, const struct stat *info)
{
	bool is_one = command->model_path && is_file(command, command->model_path, LAC_FOUND_MODEL, info);

	for (uint32_t i = 0; !is_one && i < command->n_adapters; i++)
		is_one = is_file(command, command->adapters[i], LAC_FOUND_ADAPTER, info);
	return is_one;
}

void close_models(struct models *models)
{
	while (models->n_adapted)
		lac_model_close(&models->adapted[--models->n_adapted]);
	lac_model_close(&models->base);
	unmap_models(models);
}

const struct lac_model *find_base(const struct models *models, const uint8_t identity[16])
{
	return models && models->base && memcmp(lac_model_info(models->base)->identity, identity, 16) == 0 ? models->base : NULL;
}

const struct lac_model_info *find_adapter(const struct models *models, const uint8_t identity[16])
{
	for (uint32_t i = 0; i < models->n_adapted; i++)
		if (memcmp(lac_model_info(models->adapted[i])->adapter_identity, identity, 16) == 0)
			return lac_model_info(models->adapted[i]);
	return NULL;
}
