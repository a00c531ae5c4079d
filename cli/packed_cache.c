#include "packed_cache.h"
#include "files.h"
#include "model_folders.h"
#include "report.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MOST_BYTES (UINT64_C(8) << 30)
#define LEAST_FILE_BYTES (128 << 20) /* opens in some tenths of a second */
#define NAME_BYTES 32u

/* ---- Names ----------------------------------------------------------------------- */

/* Of the folder, of what was kept of a file, and of the same while it is written. */
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
	const struct hexadecimal name = print_identity(file_hash);

	*place = (struct place){ .folder = user_path("XDG_CACHE_HOME", ".cache", "packed") };
	if (place->folder && asprintf(&place->packed, "%s/%s", place->folder, name.text) < 0)
		place->packed = NULL; /* what asprintf leaves there means nothing */
	if (place->packed && asprintf(&place->temporary, "%s.new", place->packed) < 0)
		place->temporary = NULL;
	if (place->temporary)
		return true;
	place_free(place);
	return false;
}

static int is_file_of_cache(const struct dirent *entry)
{
	const char *end = entry->d_name + strspn(entry->d_name, "0123456789abcdef");

	return end == entry->d_name + NAME_BYTES && (!*end || strcmp(end, ".new") == 0);
}

/* ---- Taking ---------------------------------------------------------------------- */

struct search {
	struct place place;
	struct input packed; /* its file -1: there is none */
};

/* What others may write is not the user's cache. */
static bool is_own(const struct stat *info)
{
	return S_ISREG(info->st_mode) && info->st_uid == geteuid() && !(info->st_mode & 022);
}

static bool find_packed(void *payload, const uint8_t file_hash[16], struct lac_source *packed)
{
	struct search *search = payload;
	struct input *input = &search->packed;

	if (!place_of(&search->place, file_hash))
		return false;
	input->file = open(search->place.packed, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	*packed = input_source(input);
	return input->file >= 0 && fstat(input->file, &input->info) == 0 && is_own(&input->info);
}

/* ---- Room ------------------------------------------------------------------------ */

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

/* No more than half of what is free. */
static bool has_room(const char *folder, uint64_t n_bytes)
{
	struct statvfs disk;

	return statvfs(folder, &disk) == 0 && n_bytes / 512 * 2 < disk.f_bavail * (disk.f_frsize / 512);
}

/* ---- Keeping --------------------------------------------------------------------- */

/* Of whoever locks it, until it has another name or is closed; what was left by one that was killed is written over. -1: another program's. */
static int open_temporary(const char *path)
{
	const int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat locked, named;

	if (file < 0)
		return -1;
	if (flock(file, LOCK_EX | LOCK_NB) == 0 && fstat(file, &locked) == 0 && stat(path, &named) == 0 && is_one_file(&locked, &named) &&
	    is_own(&locked) && ftruncate(file, 0) == 0)
		return file;
	close(file);
	return -1;
}

/* What a crash leaves of it is refused, so it need not be durable. */
static const char *keep(const struct lac_model *model, struct place *place, uint64_t most_bytes)
{
	const uint64_t n_bytes = lac_model_info(model)->packed_bytes;
	struct output output = { .file = -1 };
	struct stat info;
	bool is_done;

	if (n_bytes > most_bytes)
		return ", packed form not kept: it is larger than --cache allows";
	make_folders(place->temporary);
	if (stat(place->folder, &info) != 0 || info.st_uid != geteuid())
		return ", packed form not kept: there is no folder for it";
	make_room(place->folder, most_bytes - n_bytes);
	if (!has_room(place->folder, n_bytes))
		return ", packed form not kept: it would take more than half of what is free on the disk";
	output.file = open_temporary(place->temporary);
	if (output.file < 0)
		return ", packed form not kept: another program keeps it";
	remove_on_signals(place->temporary);
	is_done = lac_model_write_packed(model, output_sink(&output), NULL) == LAC_OK && rename(place->temporary, place->packed) == 0;
	if (!is_done)
		unlink(place->temporary);
	remove_on_signals(NULL);
	close(output.file);
	return is_done ? ", packed form kept in the cache" : ", packed form not kept: it could not be written";
}

/* ---- Both ------------------------------------------------------------------------ */

enum lac_status open_model_file(struct lac_model **model, const char *path, const struct lac_options *options, uint64_t most_bytes,
	const char **told, struct lac_error *error)
{
	const bool is_default = most_bytes == UINT64_MAX;
	struct search search = { .packed = { .name = "the cache", .file = -1, .n_left = UINT64_MAX } };
	struct lac_options finding = *options;
	struct stat info;
	enum lac_status s;

	*told = "";
	if (!most_bytes || (is_default && (stat(path, &info) != 0 || info.st_size < LEAST_FILE_BYTES)))
		return lac_model_open_file(model, path, options, error);
	if (is_default)
		most_bytes = MOST_BYTES;
	finding.find_packed = find_packed;
	finding.packed_payload = &search;
	s = lac_model_open_file(model, path, &finding, error);
	if (!s && lac_model_info(*model)->is_packed) {
		(void)!futimens(search.packed.file, NULL); /* used now */
		make_room(search.place.folder, most_bytes);
		*told = ", packed form from the cache";
	} else if (!s && search.place.packed) {
		*told = keep(*model, &search.place, most_bytes);
	}
	input_close(&search.packed);
	place_free(&search.place);
	return s;
}
