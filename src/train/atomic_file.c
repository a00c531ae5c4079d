#include "train/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* always the same, so that what a killed run left is written over by the next */
#define SUFFIX ".unfinished"

/* As /dev/stdout is one: a rename would replace the link. */
static bool is_link_to_standard_stream(const char *path, const struct stat *there)
{
	struct stat link, stream;
	bool is_one = false;

	if (lstat(path, &link) != 0 || !S_ISLNK(link.st_mode))
		return false;
	for (int number = STDIN_FILENO; !is_one && number <= STDERR_FILENO; number++)
		is_one = fstat(number, &stream) == 0 && stream.st_dev == there->st_dev && stream.st_ino == there->st_ino;
	return is_one;
}

enum lac_status lac_atomic_open(struct lac_atomic_file *out, const char *path, struct lac_error *error)
{
	const size_t length = strlen(path);
	struct stat there;

	if (stat(path, &there) == 0 && (!S_ISREG(there.st_mode) || is_link_to_standard_stream(path, &there))) {
		*out = (struct lac_atomic_file){ .path = NULL };
		return lac_fail(error, LAC_WRITE_FAILED, 0, "cannot write %.150s: it is no regular file, and would be replaced by one", path);
	}
	*out = (struct lac_atomic_file){ .path = path, .temporary = malloc(length + sizeof SUFFIX) };
	if (!out->temporary)
		return lac_fail_memory(error, length, "a name");
	memcpy(out->temporary, path, length);
	memcpy(out->temporary + length, SUFFIX, sizeof SUFFIX);
	out->stream = fopen(out->temporary, "wbe");
	if (!out->stream) {
		const int reason = errno;

		free(out->temporary);
		out->temporary = NULL;
		return lac_fail(error, LAC_WRITE_FAILED, 0, "cannot write %.150s: %s", path, strerror(reason));
	}
	return LAC_OK;
}

void lac_atomic_write(struct lac_atomic_file *file, const void *bytes, size_t n_bytes)
{
	if (!file->error && n_bytes && fwrite(bytes, 1, n_bytes, file->stream) != n_bytes)
		file->error = errno ? errno : EIO;
}

/* File systems that cannot do it are no reason to fail. */
static int sync_file(int file)
{
	return fsync(file) == 0 || errno == EINVAL || errno == ENOTSUP ? 0 : errno;
}

/* So that the name survives a crash too. A folder that may not be read cannot be flushed. Returns
 * errno's number. */
static int sync_folder(const char *path)
{
	char *copy = strdup(path), *slash = copy ? strrchr(copy, '/') : NULL;
	int folder, error = copy ? 0 : ENOMEM;

	if (slash)
		slash[slash == copy] = '\0';
	folder = copy ? open(slash ? copy : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (folder >= 0) {
		error = sync_file(folder);
		close(folder);
	}
	free(copy);
	return error;
}

enum lac_status lac_atomic_commit(struct lac_atomic_file *file, struct lac_error *error)
{
	enum lac_status s = LAC_OK;

	errno = 0;
	if (!file->error && fflush(file->stream) != 0)
		file->error = errno ? errno : EIO;
	if (!file->error)
		file->error = sync_file(fileno(file->stream));
	if (fclose(file->stream) != 0 && !file->error)
		file->error = errno ? errno : EIO;
	file->stream = NULL;
	if (!file->error && rename(file->temporary, file->path) != 0)
		file->error = errno;
	if (file->error)
		s = lac_fail(error, LAC_WRITE_FAILED, 0, "cannot write %.120s: %s; what was there before is kept", file->path,
			strerror(file->error));
	if (s)
		unlink(file->temporary);
	else if ((file->error = sync_folder(file->path)))
		s = lac_fail(error, LAC_WRITE_FAILED, 0, "%.120s is written, but its folder cannot be flushed: %s", file->path, strerror(file->error));
	free(file->temporary);
	file->temporary = NULL;
	return s;
}

void lac_atomic_abandon(struct lac_atomic_file *file)
{
	if (file->stream)
		fclose(file->stream);
	if (file->temporary)
		unlink(file->temporary);
	free(file->temporary);
	*file = (struct lac_atomic_file){ .path = NULL };
}
