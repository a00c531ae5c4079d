/* error.h: one way to report a failure: a status, a place, and a sentence. */
#ifndef LAC_BASE_ERROR_H
#define LAC_BASE_ERROR_H

#include "laconic.h"

#if defined(__GNUC__)
#define LAC_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define LAC_PRINTF(text, first)
#endif

/* Fills `error` (may be NULL). Text that does not fit is cut. */
void lac_error_set(struct lac_error *error, enum lac_status status, uint64_t offset, const char *format, ...) LAC_PRINTF(4, 5);

/* The same, and is `status`, so that a failing function can end in `return lac_fail(error,
 * LAC_CORRUPT, offset, "block %u: ...", n);`. No function, so that compilers and analysers see that
 * a failure is never LAC_OK. */
#define lac_fail(error, status, ...) (lac_error_set(error, status, __VA_ARGS__), (enum lac_status)(status))

/* The commonest failure. */
static inline enum lac_status lac_fail_memory(struct lac_error *error, size_t n_bytes, const char *purpose)
{
	return lac_fail(error, LAC_NO_MEMORY, 0, "out of memory: %zu bytes for %s", n_bytes, purpose);
}

#endif
