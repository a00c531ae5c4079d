/* reporter.h: tells the caller how far a call is, and whether it is to go on. */
#ifndef LAC_ARCHIVE_REPORTER_H
#define LAC_ARCHIVE_REPORTER_H

#include "base/error.h"

struct lac_reporter {
	const struct lac_options *options;
	uint64_t bytes_in, bytes_out; /* told last: neither goes back */
};

/* LAC_CANCELLED: the caller wants no more. */
LAC_MUST_CHECK enum lac_status lac_report(struct lac_reporter *reporter, uint64_t bytes_in, uint64_t bytes_out, struct lac_error *error);

#endif
