/* remove.c: --rm. The source is the only copy until the output is on the disk under its name. */
#include "io/files.h"
#include "io/report.h"
#include "io/streams.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool is_unchanged(const struct stat *a, const struct stat *b)
{
	return is_one_file(a, b) && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
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
	if (find_open_file(output->path) >= 0) {
		complain("%s: kept, as %s was open already and written directly, and what is written so may not outlast a crash", input->name,
			output->name);
		return false;
	}
	if (output->folder < 0) { /* else the commit has made the new name durable */
		complain("%s: kept, as the folder of %s may not be read, and so its name may not outlast a crash", input->name, output->name);
		return false;
	}
	if (lstat(input->name, &now) != 0 || !is_unchanged(&now, &input->info)) {
		complain("%s: kept, as it is a symbolic link or was changed meanwhile", input->name);
		return false;
	}
	if (unlink(input->name) != 0) {
		complain("%s: cannot be removed: %s", input->name, strerror(errno));
		return false;
	}
	return true;
}
