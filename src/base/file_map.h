/* file_map.h: a whole file as read-only memory. */
#ifndef LAC_BASE_FILE_MAP_H
#define LAC_BASE_FILE_MAP_H

#include "base/error.h"

struct lac_file_map {
	const void *bytes;
	size_t n_bytes;
};

/* Maps a regular, non-empty file. LAC_READ_FAILED says why it cannot. Changing the file while it is
 * mapped is the caller's risk. */
LAC_MUST_CHECK enum lac_status lac_file_map(struct lac_file_map *out, const char *path, struct lac_error *error);
/* `s`, a failure with what a model's file holds: begins the sentence with its name, as those of
 * lac_file_map() have it. Others, LAC_OK among them, and errors without a file (path NULL) are left
 * alone. */
enum lac_status lac_file_blame(enum lac_status s, const char *path, struct lac_error *error);

void lac_file_unmap(struct lac_file_map *map); /* leaves it empty; harmless when empty */

#endif
