#include "finder/finder.h"
#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define QUICK_FILE_BYTES (128 << 20) /* what is smaller opens in some tenths of a second */
#define NAME_BYTES 32u

/* ---- Names ----------------------------------------------------------------------------------- */

/* Of what is kept of a file, and of the same while it is written. */
struct place {
	char *packed, *temporary; /* owned */
};

static void place_free(struct place *place)
{
	lac_free(place->packed);
	lac_free(place->temporary);
	*place = (struct place){ NULL, NULL };
}

/* False, and none: no memory. */
static bool place_of(struct place *place, const char *folder, const uint8_t file_hash[16])
{
	place->packed = lac_text_join(folder, "/", lac_identity_print(file_hash).text);
	place->temporary = place->packed ? lac_text_join(place->packed, ".new", "") : NULL;
	if (!place->temporary)
		place_free(place);
	return place->temporary != NULL;
}

/* What is being written is let be: it has another name. */
static bool is_kept(const char *name)
{
	return strlen(name) == NAME_BYTES && strspn(name, "0123456789abcdef") == NAME_BYTES;
}

/* What others may write is not the user's. */
static bool is_own(const struct stat *info)
{
	return S_ISREG(info->st_mode) && info->st_uid == geteuid() && !(info->st_mode & 022);
}

/* ---- Taking ---------------------------------------------------------------------------------- */

struct search {
	const char *folder;
	struct place place;
	int packed; /* a file; -1: there is none */
};

static bool read_packed(void *payload, void *buffer, size_t capacity, size_t *n_read)
{
	const struct search *search = payload;
	const ssize_t n = read(search->packed, buffer, capacity);

	*n_read = n > 0 ? (size_t)n : 0;
	return n >= 0;
}

static bool find_packed(void *payload, const uint8_t file_hash[16], struct lac_source *packed)
{
	struct search *search = payload;
	struct stat info;

	if (!place_of(&search->place, search->folder, file_hash))
		return false;
	search->packed = open(search->place.packed, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	*packed = (struct lac_source){ read_packed, search };
	return search->packed >= 0 && fstat(search->packed, &info) == 0 && is_own(&info);
}

/* ---- One writer ------------------------------------------------------------------------------ */

/* A file of whoever locks it, until it has another name or is closed. What a writer that was killed
 * left is written over. -1, and errno: it cannot be had; EWOULDBLOCK: another program has it. */
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

/* What is locked still has the name. */
static bool has_name(int file, const char *path)
{
	struct stat locked, named;

	return fstat(file, &locked) == 0 && lstat(path, &named) == 0 && locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
}

/* ---- Room ------------------------------------------------------------------------------------ */

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
	struct lac_names names;
	struct kept *kept = lac_names_read(&names, folder, is_kept) ? lac_calloc(names.n, sizeof *kept) : NULL;
	uint64_t n_bytes = 0;
	size_t n = 0;

	for (size_t i = 0; kept && i < names.n; i++) {
		struct stat info;

		kept[n].path = lac_text_join(folder, "/", names.at[i]);
		if (!kept[n].path || lstat(kept[n].path, &info) != 0) {
			lac_free(kept[n].path);
			continue;
		}
		kept[n].n_bytes = (uint64_t)info.st_size;
		kept[n].used = info.st_mtim;
		n_bytes += kept[n++].n_bytes;
	}
	lac_names_free(&names);
	if (n)
		qsort(kept, n, sizeof *kept, by_use);
	for (size_t i = 0; i < n; i++) {
		if (n_bytes > most_bytes && unlink(kept[i].path) == 0)
			n_bytes -= kept[i].n_bytes;
		lac_free(kept[i].path);
	}
	lac_free(kept);
}

/* No more than half of what is free. */
static bool has_room(const char *folder, uint64_t n_bytes)
{
	struct statvfs disk;

	return statvfs(folder, &disk) == 0 && n_bytes / 512 * 2 < disk.f_bavail * (disk.f_frsize / 512);
}

/* ---- Keeping --------------------------------------------------------------------------------- */

struct keeping {
	struct lac_finder *finder;
	const struct lac_model *model;
	const struct place *place;
	const char *path;                  /* the model's */
	const struct lac_options *options; /* it was opened with */
	int file;
};

static enum lac_status tell_not_kept(const struct keeping *k, const char *why)
{
	snprintf(k->finder->told, sizeof k->finder->told, ", packed form not kept: %s", why);
	return LAC_OK;
}

static const char *other_kernels(const char *name)
{
	const char *other = name;

	for (unsigned i = 0; other == name && lac_kernels_name(i); i++)
		if (strcmp(lac_kernels_name(i), name) != 0)
			other = lac_kernels_name(i);
	return other;
}

/* By other kernels, so that a fault of one conversion is not kept. The file may have changed,
 * too. */
static enum lac_status check_file(const struct keeping *k, struct lac_error *error)
{
	struct lac_options other = *k->options;

	other.kernels = other_kernels(lac_model_info(k->model)->kernels);
	return lac_model_check_file(k->model, k->path, &other, error);
}

static bool write_packed(void *payload, const void *bytes, size_t n_bytes)
{
	const int file = *(const int *)payload;
	const char *at = bytes;

	while (n_bytes) {
		const ssize_t n = write(file, at, n_bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		n_bytes -= (size_t)n;
	}
	return true;
}

/* What a crash leaves of it is refused, so it need not be durable. */
static bool write_model(struct keeping *k)
{
	return ftruncate(k->file, 0) == 0 &&
		lac_model_write_packed(k->model, (struct lac_sink){ write_packed, &k->file }, NULL) == LAC_OK &&
		has_name(k->file, k->place->temporary) && rename(k->place->temporary, k->place->packed) == 0;
}

static enum lac_status keep_locked(struct keeping *k, uint64_t most_bytes, struct lac_error *error)
{
	const uint64_t n_bytes = lac_model_info(k->model)->packed_bytes;
	const char *folder = k->finder->options.packed;
	struct lac_error failure = { .status = LAC_OK };
	enum lac_status s;

	make_room(folder, most_bytes - n_bytes);
	if (!has_room(folder, n_bytes))
		return tell_not_kept(k, "it would take more than half of what is free on the disk");
	s = check_file(k, &failure);
	if (s == LAC_SELF_TEST_FAILED)
		return lac_fail(error, s, failure.offset, "%s", failure.text);
	if (s)
		return tell_not_kept(k, failure.text);
	if (!write_model(k))
		return tell_not_kept(k, "it could not be written");
	snprintf(k->finder->told, sizeof k->finder->told, ", packed form kept in the cache");
	return LAC_OK;
}

static void tell_writing(const struct lac_finder_options *options, const char *path)
{
	if (options->writing)
		options->writing(options->payload, path);
}

static enum lac_status keep(struct keeping *k, uint64_t most_bytes, struct lac_error *error)
{
	const struct lac_finder_options *options = &k->finder->options;
	enum lac_status s;
	struct stat info;

	if (lac_model_info(k->model)->packed_bytes > most_bytes)
		return tell_not_kept(k, "it is larger than the cache may be");
	lac_make_folders(k->place->temporary);
	if (stat(options->packed, &info) != 0 || info.st_uid != geteuid())
		return tell_not_kept(k, "there is no folder for it");
	k->file = lock_temporary(k->place->temporary);
	if (k->file < 0)
		return tell_not_kept(k, errno == EWOULDBLOCK ? "another program keeps it" : strerror(errno));
	if (!has_name(k->file, k->place->temporary)) {
		close(k->file);
		return tell_not_kept(k, "another program keeps it");
	}
	tell_writing(options, k->place->temporary);
	s = keep_locked(k, most_bytes, error);
	if (has_name(k->file, k->place->temporary))
		unlink(k->place->temporary);
	tell_writing(options, NULL);
	close(k->file);
	return s;
}

/* ---- Both ------------------------------------------------------------------------------------ */

enum lac_status lac_packed_open(struct lac_finder *finder, struct lac_model **out, const char *path, const struct lac_options *options,
	struct lac_error *error)
{
	const uint64_t allowed = finder->options.packed_bytes, most_bytes = allowed ? allowed : LAC_PACKED_BYTES_DEFAULT;
	struct search search = { .folder = finder->options.packed, .packed = -1 };
	struct lac_options finding = *options;
	struct stat info;
	enum lac_status s;

	finder->told[0] = 0;
	if (!search.folder || (!allowed && (stat(path, &info) != 0 || info.st_size < QUICK_FILE_BYTES)))
		return lac_model_open_file(out, path, options, error);
	finding.find_packed = find_packed;
	finding.packed_payload = &search;
	s = lac_model_open_file(out, path, &finding, error);
	if (!s && lac_model_info(*out)->is_packed) {
		(void)!futimens(search.packed, NULL); /* used now */
		make_room(search.folder, most_bytes);
		snprintf(finder->told, sizeof finder->told, ", packed form from the cache");
	} else if (!s && search.place.packed) {
		struct keeping keeping = { finder, *out, &search.place, path, options, -1 };

		s = keep(&keeping, most_bytes, error);
		if (s)
			lac_model_close(out);
	}
	if (search.packed >= 0)
		close(search.packed);
	place_free(&search.place);
	return s;
}
