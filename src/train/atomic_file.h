/* atomic_file.h: a file that takes its name when it is whole and on the disk; until then what had
 * the name stays. A device, a pipe or a folder is not replaced. */
#ifndef LAC_TRAIN_ATOMIC_FILE_H
#define LAC_TRAIN_ATOMIC_FILE_H

#include "base/error.h"

#include <stdio.h>

struct lac_atomic_file {
	const char *path; /* borrowed */
	char *temporary;  /* owned */
	FILE *stream;
	int error;        /* errno of the first write that failed */
};

LAC_MUST_CHECK enum lac_status lac_atomic_open(struct lac_atomic_file *out, const char *path, struct lac_error *error);
/* Failures are remembered for the commit. */
void lac_atomic_write(struct lac_atomic_file *file, const void *bytes, size_t n_bytes);
/* Makes it durable and gives it its name, or removes it. Either way the file is closed. */
LAC_MUST_CHECK enum lac_status lac_atomic_commit(struct lac_atomic_file *file, struct lac_error *error);
void lac_atomic_abandon(struct lac_atomic_file *file); /* harmless after a commit */

#endif
