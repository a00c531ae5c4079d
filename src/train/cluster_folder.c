#include "train/cluster_folder.h"
#include "base/file_map.h"
#include "train/atomic_file.h"
#include "train/centroids_file.h"
#include "train/json.h"

#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXAMPLES 3u
#define EXAMPLE_BYTES 160u

char *lac_path_join(const char *path, const char *name)
{
	const size_t n = strlen(path) + strlen(name) + 2;
	char *joined = malloc(n);

	if (joined)
		snprintf(joined, n, "%s/%s", path, name);
	return joined;
}

/* ---- The folder ------------------------------------------------------------------- */

enum lac_status lac_cluster_folder_open(struct lac_cluster_folder *out, const char *path, struct lac_error *error)
{
	size_t n = strlen(path);
	struct stat there;

	while (n > 1 && path[n - 1] == '/')
		n--;
	*out = (struct lac_cluster_folder){ .path = strndup(path, n), .temporary = malloc(n + sizeof ".unfinished") };
	if (!out->path || !out->temporary)
		return lac_fail_memory(error, 2 * n, "a name");
	memcpy(out->temporary, path, n);
	memcpy(out->temporary + n, ".unfinished", sizeof ".unfinished");
	if (lstat(out->path, &there) == 0)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "%.150s exists already; name a folder that is to be made", out->path);
	if (mkdir(out->temporary, 0777) != 0)
		return lac_fail(error, LAC_WRITE_FAILED, 0, "cannot make %.120s: %s%s", out->temporary, strerror(errno), errno == EEXIST ?
			"; it is left from a run that was killed, or another is at work: remove it" : "");
	out->is_open = true;
	return LAC_OK;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *place)
{
	(void)info;
	(void)kind;
	(void)place;
	(void)remove(path);
	return 0;
}

void lac_cluster_folder_close(struct lac_cluster_folder *folder)
{
	if (folder->is_open)
		(void)nftw(folder->temporary, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(folder->path);
	free(folder->temporary);
	*folder = (struct lac_cluster_folder){ .path = NULL };
}

/* ---- Texts ------------------------------------------------------------------------ */

static enum lac_status map_sources(struct lac_file_map *maps, const struct lac_cluster_options *o, const struct lac_text_list *list,
	struct lac_error *error)
{
	enum lac_status s = LAC_OK;

	for (size_t i = 0; !s && o->texts.field && i < o->texts.n_files; i++)
		s = lac_file_map(&maps[i], o->texts.files[i], error);
	for (size_t i = 0; !s && o->texts.field && i < list->n; i++) {
		const struct lac_listed_text *text = &list->texts[i];

		if (text->first > maps[text->file].n_bytes || text->n_source > maps[text->file].n_bytes - text->first)
			s = lac_fail(error, LAC_READ_FAILED, 0, "%.150s became shorter while it was read", lac_text_file_name(&o->texts, text->file));
	}
	return s;
}

/* Lines as they were, or names of files. */
static enum lac_status write_texts(const char *path, const struct lac_cluster_options *o, const struct lac_file_map *maps,
	const struct lac_text_list *list, const struct lac_groups *groups, uint32_t group, struct lac_error *error)
{
	struct lac_atomic_file file;
	enum lac_status s = lac_atomic_open(&file, path, error);

	if (s)
		return s;
	for (size_t i = 0; i < list->n; i++) {
		const struct lac_listed_text *text = &list->texts[i];

		if (groups->of[i] != group)
			continue;
		if (o->texts.field)
			lac_atomic_write(&file, (const uint8_t *)maps[text->file].bytes + text->first, text->n_source);
		else
			lac_atomic_write(&file, lac_text_file_name(&o->texts, text->file), strlen(lac_text_file_name(&o->texts, text->file)));
		lac_atomic_write(&file, "\n", 1);
	}
	return lac_atomic_commit(&file, error);
}

static enum lac_status write_cluster(const struct lac_cluster_folder *folder, const struct lac_cluster_options *o,
	const struct lac_file_map *maps, const struct lac_text_list *list, const struct lac_groups *groups, uint32_t group,
	struct lac_error *error)
{
	char number[12], *path, *file = NULL;
	enum lac_status s = LAC_OK;

	snprintf(number, sizeof number, "%03" PRIu32, group);
	path = lac_path_join(folder->temporary, number);
	if (path)
		file = lac_path_join(path, o->texts.field ? "texts.jsonl" : "files");
	if (!file)
		s = lac_fail_memory(error, strlen(folder->temporary), "a name");
	else if (mkdir(path, 0777) != 0)
		s = lac_fail(error, LAC_WRITE_FAILED, 0, "cannot make %.150s: %s", path, strerror(errno));
	if (!s)
		s = write_texts(file, o, maps, list, groups, group, error);
	free(file);
	free(path);
	return s;
}

/* ---- clusters.json ---------------------------------------------------------------- */

/* null if it is no UTF-8. */
static json_t *string_of(const void *bytes, size_t n)
{
	json_t *string = json_stringn(bytes, n);

	return string ? string : json_null();
}

static json_t *example_of(const struct lac_cluster_options *o, const struct lac_text_list *list, size_t i)
{
	const struct lac_listed_text *text = &list->texts[i];
	const char *name = lac_text_file_name(&o->texts, text->file);
	const uint8_t *bytes = lac_listed_bytes(list, i);
	size_t n = text->n_bytes < EXAMPLE_BYTES ? text->n_bytes : EXAMPLE_BYTES;

	while (n < text->n_bytes && n > 0 && (bytes[n] & 0xc0) == 0x80) /* a character is not cut */
		n--;
	return json_pack("{s:o, s:I, s:o}", "file", string_of(name, strlen(name)), "line",
		(json_int_t)text->line, "text", n ? string_of(bytes, n) : json_string(""));
}

/* The texts nearest to the centre. */
static json_t *examples_of(const struct lac_cluster_options *o, const struct lac_text_list *list, const struct lac_groups *groups,
	uint32_t group)
{
	size_t nearest[EXAMPLES], n = 0;
	json_t *examples = json_array();

	for (size_t i = 0; i < list->n; i++) {
		size_t at = n;

		if (groups->of[i] != group)
			continue;
		while (at > 0 && groups->nearness[nearest[at - 1]] < groups->nearness[i])
			at--;
		if (at == EXAMPLES)
			continue;
		n += n < EXAMPLES;
		memmove(nearest + at + 1, nearest + at, (n - 1 - at) * sizeof *nearest);
		nearest[at] = i;
	}
	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(examples, example_of(o, list, nearest[i])) != 0)
			break; /* no memory: json_dumps() will say so of the whole */
	return examples;
}

static json_t *describe(const struct lac_cluster_options *o, const struct lac_text_list *list, const struct lac_embedder *embedder,
	const struct lac_groups *groups, const struct lac_cluster *clusters)
{
	json_t *array = json_array();

	for (uint32_t g = 0; g < groups->n; g++) {
		char number[12];

		snprintf(number, sizeof number, "%03" PRIu32, g);
		if (json_array_append_new(array, json_pack("{s:s, s:I, s:I, s:f, s:o}", "folder", number, "texts", (json_int_t)clusters[g].n_texts,
				"bytes", (json_int_t)clusters[g].n_bytes, "nearness", clusters[g].nearness, "nearest",
				examples_of(o, list, groups, g))) != 0) {
			json_decref(array);
			return NULL;
		}
	}
	return json_pack("{s:s, s:s*, s:I, s:I, s:o}", "embedding", embedder->kind == LAC_STATES ? "states" : "ngrams", "model",
		embedder->model ? embedder->model->info.name : NULL, "texts", (json_int_t)list->n, "bytes", (json_int_t)list->bytes.length,
		"clusters", array);
}

static enum lac_status write_description(const char *path, json_t *description, struct lac_error *error)
{
	char *text = description ? json_dumps(description, JSON_INDENT(1) | JSON_REAL_PRECISION(6)) : NULL;
	struct lac_atomic_file file;
	enum lac_status s = text ? lac_atomic_open(&file, path, error) : lac_fail_memory(error, 0, "clusters.json");

	if (!s) {
		lac_atomic_write(&file, text, strlen(text));
		lac_atomic_write(&file, "\n", 1);
		s = lac_atomic_commit(&file, error);
	}
	free(text);
	return s;
}

/* ---- All of it -------------------------------------------------------------------- */

enum lac_status lac_cluster_folder_write(struct lac_cluster_folder *folder, const struct lac_cluster_options *o,
	const struct lac_text_list *list, const struct lac_embedder *embedder, const struct lac_groups *groups,
	const struct lac_cluster *clusters, struct lac_error *error)
{
	struct lac_file_map *maps = calloc(o->texts.n_files, sizeof *maps);
	char *description = lac_path_join(folder->temporary, "clusters.json"), *centroids = lac_path_join(folder->temporary, LAC_CENTROIDS_NAME);
	json_t *json = describe(o, list, embedder, groups, clusters);
	enum lac_status s = maps && description && centroids ? map_sources(maps, o, list, error) :
		lac_fail_memory(error, o->texts.n_files * sizeof *maps, "files");

	for (uint32_t g = 0; !s && g < groups->n; g++)
		s = write_cluster(folder, o, maps, list, groups, g, error);
	if (!s)
		s = write_description(description, json, error);
	if (!s)
		s = lac_centroids_write(centroids, embedder, groups, error);
	if (!s && rename(folder->temporary, folder->path) != 0)
		s = lac_fail(error, LAC_WRITE_FAILED, 0, "cannot write %.150s: %s", folder->path, strerror(errno));
	if (!s)
		folder->is_open = false;
	for (size_t i = 0; maps && i < o->texts.n_files; i++)
		lac_file_unmap(&maps[i]);
	json_decref(json);
	free(centroids);
	free(description);
	free(maps);
	return s;
}
