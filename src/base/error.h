/* error.h: one way to report a failure: a status, a place, and a sentence. */
#ifndef LAC_BASE_ERROR_H
#define LAC_BASE_ERROR_H

#include "laconic.h"

#if defined(__GNUC__)
#define LAC_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define LAC_PRINTF(text, first)
#endif

/* Fills `error` (may be NULL) and returns `status`, so that a failing function can end in
 * `return lac_fail(error, LAC_CORRUPT, offset, "block %u: ...", n);`. Text that does not fit is cut. */
enum lac_status lac_fail(struct lac_error *error, enum lac_status status, uint64_t offset,
	const char *format, ...) LAC_PRINTF(4, 5);

/* The commonest failure. */
enum lac_status lac_fail_memory(struct lac_error *error, size_t n_bytes, const char *purpose);

#endif
