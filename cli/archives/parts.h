/* parts.h: concatenated archives, in parts that need one model each. */
#ifndef CLI_PARTS_H
#define CLI_PARTS_H

#include "io/files.h"

struct part {
	uint64_t begin, n_bytes; /* counted from where the input began */
	struct lac_stats stats;  /* as lac_list() has them */
};

/* The longest part that begins there, which is what is read next. False: no archive begins there. */
bool find_part(struct input *input, uint64_t begin, struct part *part);

#endif
