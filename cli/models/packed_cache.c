#include "models/packed_cache.h"
#include "command.h"
#include "io/files.h"
#include "models/model_folders.h"
#include "io/report.h"

#include <dirent.h>
#include <errno.h>
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
	if (place->packed && place->temporary)
		return true;
	place_free(place);
	return false;
}

/* What is being written is let be: it has another name. */
static int is_kept(const struct dirent *entry)
{
	return strlen(entry->d_name) == NAME_BYTES && strspn(entry->d_name, "0123456789abcdef") == NAME_BYTES;
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

/* ---- One writer ------------------------------------------------------------------- */

/* Of whoever locks it, until it has another name or is closed; what was left by one that was killed is written over. -1, and errno: it cannot be had;
 * EWOULDBLOCK: another program has it. */
static int lock_temporary(const char *path)
{
	const int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	struct stat info;
	int error;

	if (file < 0)
		return -1;
	if (flock(file, LOCK_EX | LOCK_NB) == 0 && fstat(file, &info) == 0) {
		if (is_own(&info))
			return file;
		errno = EACCES;
	}
	error = errno;
	close(file);
	errno = error;
	return -1;
}

/* That which is locked is still what has the name. */
static bool has_name(int file, const char *path)
{
	struct stat locked, named;

	return fstat(file, &locked) == 0 && lstat(path, &named) == 0 && is_one_file(&locked, &named);
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
	const int n_entries = scandir(folder, &entries, is_kept, NULL);
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

/* To the end of a sentence on the model. */
static const char *not_kept(const char *why)
{
	static char text[320];

	snprintf(text, sizeof text, ", packed form not kept: %s", why);
	return text;
}

/* By other kernels, so that a fault in one conversion is not kept; and the file may have changed. */
static enum lac_status check_file(const struct lac_model *model, const char *path, const struct lac_options *options, struct lac_error *error)
{
	struct lac_options other = *options;

	other.kernels = other_kernels(lac_model_info(model)->kernels);
	return lac_model_check_file(model, path, &other, error);
}

/* What a crash leaves of it is refused, so it need not be durable. */
static bool write_packed(const struct lac_model *model, const struct place *place, int file)
{
	struct output output = { .file = file };

	return ftruncate(file, 0) == 0 && lac_model_write_packed(model, output_sink(&output), NULL) == LAC_OK && has_name(file, place->temporary) &&
		rename(place->temporary, place->packed) == 0;
}

static enum lac_status keep_locked(const struct lac_model *model, const struct place *place, const char *path, const struct lac_options *options,
	uint64_t most_bytes, int file, const char **told, struct lac_error *error)
{
	const uint64_t n_bytes = lac_model_info(model)->packed_bytes;
	struct lac_error failure = { .status = LAC_OK };
	enum lac_status s;

	make_room(place->folder, most_bytes - n_bytes);
	if (!has_room(place->folder, n_bytes)) {
		*told = not_kept("it would take more than half of what is free on the disk");
		return LAC_OK;
	}
	s = check_file(model, path, options, &failure);
	if (s == LAC_SELF_TEST_FAILED) {
		*error = failure;
		return s;
	}
	if (s) {
		*told = not_kept(failure.text);
		return LAC_OK;
	}
	*told = write_packed(model, place, file) ? ", packed form kept in the cache" : not_kept("it could not be written");
	return LAC_OK;
}

static enum lac_status keep(const struct lac_model *model, const struct place *place, const char *path, const struct lac_options *options,
	uint64_t most_bytes, const char **told, struct lac_error *error)
{
	enum lac_status s;
	struct stat info;
	int file;

	if (lac_model_info(model)->packed_bytes > most_bytes) {
		*told = not_kept("it is larger than --cache allows");
		return LAC_OK;
	}
	make_folders(place->temporary);
	if (stat(place->folder, &info) != 0 || info.st_uid != geteuid()) {
		*told = not_kept("there is no folder for it");
		return LAC_OK;
	}
	file = lock_temporary(place->temporary);
	if (file < 0 || !has_name(file, place->temporary)) {
		*told = not_kept(file < 0 && errno != EWOULDBLOCK ? strerror(errno) : "another program keeps it");
		if (file >= 0)
			close(file);
		return LAC_OK;
	}
	remove_on_signals(place->temporary);
	s = keep_locked(model, place, path, options, most_bytes, file, told, error);
	if (has_name(file, place->temporary))
		unlink(place->temporary);
	remove_on_signals(NULL);
	close(file);
	return s;
}

/* ---- Both ------------------------------------------------------------------------ */

enum lac_status open_model_file(struct lac_model **model, const char *path, const struct lac_options *options, uint64_t most_bytes,
	const char **told, struct lac_error *error)
{
	const bool is_default = most_bytes == UINT64_MAX;
	struct search search = { .packed = { .name = "the cache", .file = -1, } };
	struct lac_options finding = *options;
	struct lac_error unread;
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
		s = keep(*model, &search.place, path, options, most_bytes, told, error ? error : &unread);
		if (s)
			lac_model_close(model);
	}
	input_close(&search.packed);
	place_free(&search.place);
	return s;
}
