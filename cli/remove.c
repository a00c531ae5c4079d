/* remove.c: --rm. The source is the only copy until the output is on the disk under its name. */
#include "files.h"
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The name of a new file is in its folder, which reaches the disk on its own. */
static bool settle_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash == path ? strdup("/") : slash ? strndup(path, (size_t)(slash - path)) : strdup(".");
	const int file = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	const bool is_settled = file >= 0 && (fsync(file) == 0 || errno == EINVAL || errno == ENOTSUP);
	const int why = errno;

	if (file >= 0)
		close(file);
	free(folder);
	errno = why;
	return is_settled;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
		a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

bool remove_source(const struct input *input, const struct output *output)
{
	struct stat now, written;

	if (!S_ISREG(input->info.st_mode)) {
		complain("%s: kept, as it is not a regular file", input->name);
		return false;
	}
	if (stat(output->path, &written) != 0 || !S_ISREG(written.st_mode)) {
		complain("%s: kept, as %s is not a regular file", input->name, output->name);
		return false;
	}
	if (!settle_name(output->path)) {
		complain("%s: kept, as the folder of %s could not be written to the disk: %s", input->name, output->name, strerror(errno));
		return false;
	}
	if (lstat(input->name, &now) != 0 || !is_same_file(&now, &input->info)) {
		complain("%s: kept, as it is a symbolic link or was changed meanwhile", input->name);
		return false;
	}
	if (unlink(input->name) != 0) {
		complain("%s: cannot be removed: %s", input->name, strerror(errno));
		return false;
	}
	return true;
}
