#include "packed_cache.h"
#include "files.h"
#include "model_folders.h"
#include "report.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define MOST_BYTES (UINT64_C(8) << 30)
#define LEAST_FILE_BYTES (128 << 20) /* opens in some tenths of a second */
#define ABANDONED_SECONDS 3600

/* Names in the cache: of the folder, of what was kept of a file, and of the same while it is written, by one program at a time. */
struct place {
	char *folder, *packed, *temporary; /* owned */
};

static void place_free(struct place *place)
{
	free(place->folder);
	free(place->packed);
	free(place->temporary);
	*place = (struct place){ NULL, NULL, NULL };
}

/* False, and none: there is no such place, or no memory. */
static bool place_of(struct place *place, const uint8_t file_hash[16])
{
	const char *name = print_identity(file_hash).text;

	*place = (struct place){ .folder = user_path("XDG_CACHE_HOME", ".cache", "packed") };
	if (place->folder && asprintf(&place->packed, "%s/%s", place->folder, name) > 0 &&
	    asprintf(&place->temporary, "%s.new", place->packed) > 0)
		return true;
	place->temporary = NULL; /* what asprintf left there means nothing */
	place_free(place);
	return false;
}

/* ---- Taking ---------------------------------------------------------------------- */

/* What others may write is not the user's cache. */
static bool is_own(const struct stat *info)
{
	return info->st_uid == geteuid() && !(info->st_mode & 022);
}

struct search {
	struct place place;
	struct lac_file packed; /* mapped */
};

static bool find_packed(void *payload, const uint8_t file_hash[16], struct lac_file *packed)
{
	struct search *search = payload;
	struct stat info;

	if (!place_of(&search->place, file_hash) || !map_whole(&search->packed, search->place.packed, &info))
		return false;
	*packed = search->packed;
	return is_own(&info);
}

/* ---- Keeping --------------------------------------------------------------------- */

struct kept {
	char *path; /* owned */
	uint64_t n_bytes;
	struct timespec used;
};

static int by_use(const void *a, const void *b)
{
	const struct timespec *x = &((const struct kept *)a)->used, *y = &((const struct kept *)b)->used;

	return x->tv_sec != y->tv_sec ? (x->tv_sec > y->tv_sec) - (x->tv_sec < y->tv_sec) : (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

static int is_file_of_cache(const struct dirent *entry)
{
	return strspn(entry->d_name, "0123456789abcdef") == 32;
}

/* Removes the least recently used until the others take at most most_bytes. */
static void make_room(const char *folder, uint64_t most_bytes)
{
	struct dirent **entries = NULL;
	const int n_entries = scandir(folder, &entries, is_file_of_cache, NULL);
	struct kept *kept = n_entries > 0 ? calloc((size_t)n_entries, sizeof *kept) : NULL;
	uint64_t n_bytes = 0;
	size_t n = 0;

	for (int i = 0; i < n_entries; i++) {
		struct stat info;

		if (kept && asprintf(&kept[n].path, "%s/%s", folder, entries[i]->d_name) > 0) {
			if (lstat(kept[n].path, &info) == 0) {
				kept[n].n_bytes = (uint64_t)info.st_size;
				kept[n].used = info.st_mtim;
			}
			n_bytes += kept[n++].n_bytes;
		}
		free(entries[i]);
	}
	free(entries);
	if (n)
		qsort(kept, n, sizeof *kept, by_use);
	for (size_t i = 0; i < n; i++) {
		if (n_bytes > most_bytes && unlink(kept[i].path) == 0)
			n_bytes -= kept[i].n_bytes;
		free(kept[i].path);
	}
	free(kept);
}

static bool is_abandoned(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && info.st_mtim.tv_sec < time(NULL) - ABANDONED_SECONDS;
}

/* Not more than what is allowed, nor than half of what is free. The size is that of weights: a byte each, and eight a group of 64. */
static bool is_affordable(const char *folder, const struct lac_model *model, uint64_t most_bytes)
{
	const uint64_t n_bytes = lac_model_info(model)->n_parameters / 8 * 9;
	struct statvfs disk;

	return n_bytes <= most_bytes && statvfs(folder, &disk) == 0 && n_bytes / disk.f_frsize < disk.f_bavail / 2;
}

/* What a crash leaves of it would be refused, so it need not be durable. */
static bool keep(const struct lac_model *model, const struct place *place, uint64_t most_bytes)
{
	struct output output = { .file = -1 };
	bool is_done;

	make_folders(place->temporary);
	if (!is_affordable(place->folder, model, most_bytes))
		return false;
	output.file = open(place->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (output.file < 0) { /* another program writes it, or has left it */
		if (is_abandoned(place->temporary))
			unlink(place->temporary);
		return false;
	}
	remove_on_signals(place->temporary);
	is_done = lac_model_write_packed(model, output_sink(&output), NULL) == LAC_OK;
	is_done = close(output.file) == 0 && is_done && rename(place->temporary, place->packed) == 0;
	remove_on_signals(NULL);
	if (is_done)
		make_room(place->folder, most_bytes);
	else
		unlink(place->temporary);
	return is_done;
}

/* ---- Both ------------------------------------------------------------------------ */

enum lac_status open_model_file(struct lac_model **model, const char *path, const struct lac_options *options, uint64_t most_bytes,
	enum packed_use *use, struct lac_error *error)
{
	const bool is_default = most_bytes == UINT64_MAX;
	struct search search = { .packed = { NULL, 0 } };
	struct lac_options finding = *options;
	struct stat info;
	enum lac_status s;

	*use = PACKED_UNUSED;
	if (!most_bytes || (is_default && (stat(path, &info) != 0 || info.st_size < LEAST_FILE_BYTES)))
		return lac_model_open_file(model, path, options, error);
	finding.find_packed = find_packed;
	finding.packed_payload = &search;
	s = lac_model_open_file(model, path, &finding, error);
	unmap_whole(&search.packed);
	if (!s && lac_model_info(*model)->is_packed) {
		(void)!utimensat(AT_FDCWD, search.place.packed, NULL, 0); /* used now */
		*use = PACKED_TAKEN;
	} else if (!s && search.place.packed && keep(*model, &search.place, is_default ? MOST_BYTES : most_bytes)) {
		*use = PACKED_KEPT;
	}
	place_free(&search.place);
	return s;
}
