/* progress.h: a bar on the terminal while the work lasts. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "laconic.h"

#include <time.h>

struct progress {
	const char *name;   /* of the input */
	uint64_t n_bytes;   /* of it; 0: unknown */
	struct timespec start, last;
	bool is_shown;
};

/* Sets options->progress if the standard error is a terminal; nothing is shown in the first half
 * second. */
void progress_begin(struct progress *progress, struct lac_options *options, const char *name, uint64_t n_bytes);
/* Takes it off the terminal. */
void progress_end(const struct progress *progress);

#endif
