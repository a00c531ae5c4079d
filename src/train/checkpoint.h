/* checkpoint.h: a training in the middle, to go on from. For the machine and the build that wrote
 * it: floats are as in memory. */
#ifndef LAC_TRAIN_CHECKPOINT_H
#define LAC_TRAIN_CHECKPOINT_H

#include "base/error.h"

/* What must be the same for the result to be the same, by name, so that an error can say what is
 * not. */
struct lac_setting {
	const char *name;
	uint64_t value;
};

struct lac_progress_state {
	uint64_t step, n_tokens;          /* done */
	uint64_t epoch, next, position;   /* of the packer */
};

/* What learns, and its moments: [n_floats] each. */
struct lac_checkpoint_arrays {
	float *values, *first, *second;
	size_t n_floats;
};

/* An existing file is replaced only when the new one is whole and on the disk. */
LAC_MUST_CHECK enum lac_status lac_checkpoint_write(const char *path, const struct lac_setting *settings, size_t n_settings,
	const struct lac_progress_state *state, const struct lac_checkpoint_arrays *arrays, struct lac_error *error);

/* LAC_CORRUPT if the file is damaged, LAC_NOT_ARCHIVE if it is no checkpoint, LAC_BAD_ARGUMENT
 * naming the setting that differs. The arrays are changed only by success. */
LAC_MUST_CHECK enum lac_status lac_checkpoint_read(const char *path, const struct lac_setting *settings, size_t n_settings,
	struct lac_progress_state *state, const struct lac_checkpoint_arrays *arrays, struct lac_error *error);

#endif
