#include "models/identity_cache.h"
#include "models/model_folders.h"
#include "io/report.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEADER "laconic identities 1\n"
#define LINES_MAX 4096u
#define LINE_BYTES_MAX 8192

bool known_models_add(struct known_models *models, struct known_model *model)
{
	struct known_model *at = models->at;

	if ((models->n & (models->n - 1)) == 0) /* full at the powers of two */
		at = reallocarray(models->at, models->n ? 2 * models->n : 1, sizeof *at);
	if (!at) {
		free(model->path);
		model->path = NULL;
		return false;
	}
	models->at = at;
	models->at[models->n++] = *model;
	return true;
}

void known_models_free(struct known_models *models)
{
	for (size_t i = 0; i < models->n; i++)
		free(models->at[i].path);
	free(models->at);
	*models = (struct known_models){ NULL, 0 };
}

/* ---- A line: kind, identity, size, time, architecture; then name and path behind tabs ---- */

static bool parse_identity(const char *text, uint8_t identity[16])
{
	for (size_t i = 0; i < 16; i++) {
		unsigned value;

		if (strspn(text + 2 * i, "0123456789abcdef") < 2 || sscanf(text + 2 * i, "%2x", &value) != 1) /* NOLINT(cert-err34-c): it fits */
			return false;
		identity[i] = (uint8_t)value;
	}
	return true;
}

static bool parse_line(char *line, struct known_model *model)
{
	char *name = strchr(line, '\t'), *path = name ? strchr(name + 1, '\t') : NULL, identity[33], kind;

	*model = (struct known_model){ .kind = KIND_BAD };
	if (!path || line[strlen(line) - 1] != '\n')
		return false;
	path[strlen(path) - 1] = 0;
	*path++ = 0;
	*name++ = 0;
	/* NOLINTNEXTLINE(cert-err34-c): a number that does not fit is that of no file, whatever it is read as */
	if (sscanf(line, "%c %32s %" SCNu64 " %" SCNd64 " %" SCNd64 " %15s", &kind, identity, &model->file_bytes, &model->seconds,
	        &model->nanoseconds, model->architecture) != 6 || !parse_identity(identity, model->identity))
		return false;
	if ((kind != 'm' && kind != 'a') || path[0] != '/' || path - name > LAC_MODEL_NAME_MAX + 1)
		return false;
	memcpy(model->name, name, (size_t)(path - name));
	for (char *c = model->name; *c; c++)
		if (*c < ' ' || *c > '~')
			return false;
	model->kind = kind == 'm' ? KIND_MODEL : KIND_ADAPTER;
	model->path = strdup(path);
	return model->path != NULL;
}

void identity_cache_load(struct known_models *cache)
{
	char *path = user_path("XDG_CACHE_HOME", ".cache", "identities"), line[LINE_BYTES_MAX];
	const int descriptor = path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1; /* not to hang on a pipe */
	FILE *file = descriptor >= 0 ? fdopen(descriptor, "r") : NULL;
	struct known_model model;

	*cache = (struct known_models){ NULL, 0 };
	if (file && fgets(line, sizeof line, file) && strcmp(line, HEADER) == 0)
		for (unsigned n = 0; n < LINES_MAX && fgets(line, sizeof line, file); n++)
			if (parse_line(line, &model) && !known_models_add(cache, &model))
				break;
	if (file)
		fclose(file);
	else if (descriptor >= 0)
		close(descriptor);
	free(path);
}

static void write_lines(FILE *file, const struct known_models *cache)
{
	const size_t first = cache->n > LINES_MAX ? cache->n - LINES_MAX : 0;

	fputs(HEADER, file);
	for (size_t i = first; i < cache->n; i++) {
		const struct known_model *m = &cache->at[i];

		if (m->kind == KIND_BAD || strpbrk(m->path, "\t\n") || strlen(m->path) > LINE_BYTES_MAX - 256)
			continue;
		fprintf(file, "%c %s %" PRIu64 " %" PRId64 " %" PRId64 " %s\t%s\t%s\n", m->kind == KIND_MODEL ? 'm' : 'a',
			print_identity(m->identity).text, m->file_bytes, m->seconds, m->nanoseconds, m->architecture, m->name, m->path);
	}
}

void identity_cache_save(const struct known_models *cache)
{
	char *path = user_path("XDG_CACHE_HOME", ".cache", "identities"), *temporary = NULL;
	FILE *file = NULL;
	int descriptor = -1;

	if (path)
		make_folders(path);
	if (path && asprintf(&temporary, "%s-XXXXXX", path) > 0)
		descriptor = mkostemp(temporary, O_CLOEXEC);
	if (descriptor >= 0)
		file = fdopen(descriptor, "w");
	if (file) {
		write_lines(file, cache);
		if ((fclose(file) != 0 || rename(temporary, path) != 0))
			unlink(temporary);
	} else if (descriptor >= 0) {
		close(descriptor);
		unlink(temporary);
	}
	free(temporary);
	free(path);
}

const struct known_model *identity_cache_find(const struct known_models *cache, const char *path, const struct stat *info)
{
	for (size_t i = cache->n; i-- > 0;) {
		const struct known_model *m = &cache->at[i];

		if (strcmp(m->path, path) == 0 && m->file_bytes == (uint64_t)info->st_size && m->seconds == info->st_mtim.tv_sec &&
		    m->nanoseconds == info->st_mtim.tv_nsec)
			return m;
	}
	return NULL;
}
