#include "base/file_map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum lac_status lac_file_map(struct lac_file_map *out, const char *path, struct lac_error *error)
{
	enum lac_status s = LAC_OK;
	struct stat info;
	void *bytes;
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* not to hang on a pipe */

	*out = (struct lac_file_map){ 0 };
	if (file < 0)
		return lac_fail(error, LAC_READ_FAILED, 0, "cannot open %.150s: %s", path, strerror(errno));
	if (fstat(file, &info) != 0)
		s = lac_fail(error, LAC_READ_FAILED, 0, "cannot read %.150s: %s", path, strerror(errno));
	else if (!S_ISREG(info.st_mode))
		s = lac_fail(error, LAC_READ_FAILED, 0, "cannot read %.150s: not a regular file", path);
	else if (info.st_size <= 0 || (uint64_t)info.st_size > SIZE_MAX)
		s = lac_fail(error, LAC_READ_FAILED, 0, "cannot read %.150s: the file is %s", path,
			info.st_size ? "too large" : "empty");
	if (!s) {
		bytes = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, file, 0);
		if (bytes == MAP_FAILED)
			s = lac_fail(error, LAC_READ_FAILED, 0, "cannot map %.150s: %s", path, strerror(errno));
		else
			*out = (struct lac_file_map){ bytes, (size_t)info.st_size };
	}
	close(file);
	return s;
}

enum lac_status lac_file_blame(enum lac_status s, const char *path, struct lac_error *error)
{
	char text[sizeof error->text];

	if (!path || !error || (s != LAC_BAD_MODEL && s != LAC_UNSUPPORTED_MODEL))
		return s;
	memcpy(text, error->text, sizeof text);
	return lac_fail(error, s, error->offset, "%.120s: %s", path, text);
}

void lac_file_unmap(struct lac_file_map *map)
{
	if (map->bytes)
		munmap((void *)(uintptr_t)map->bytes, map->n_bytes);
	*map = (struct lac_file_map){ 0 };
}
