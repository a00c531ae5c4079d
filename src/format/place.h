/* place.h: where a reader of archives found something wrong. */
#ifndef LAC_FORMAT_PLACE_H
#define LAC_FORMAT_PLACE_H

#include "base/error.h"

struct lac_place {
	uint64_t archive; /* of those concatenated in the input, from 1; 0: not known yet */
	/* of its archive, from 1: the frame is its, or stands before it; 0: the archive's header,
	 * or not known */
	uint64_t block;
	uint64_t offset;  /* of the frame or header, in the input */
};

/* lac_fail() with a sentence that begins with the place. */
#define lac_fail_at(error, status, ...) (lac_error_set_at(error, status, __VA_ARGS__), (enum lac_status)(status))

void lac_error_set_at(struct lac_error *error, enum lac_status status, struct lac_place place, const char *format, ...)
	LAC_PRINTF(4, 5);

#endif
