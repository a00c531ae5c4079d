/* threads.h: how many threads there may be; the same function on every one, and a wait until all
 * have done it. */
#ifndef LAC_BASE_THREADS_H
#define LAC_BASE_THREADS_H

#include "base/error.h"

struct lac_threads;

/* The threads of a call: n_threads, or one for each CPU that the process may use if that is 0;
 * between 1 and LAC_THREADS_MAX. */
uint32_t lac_threads_wanted(uint32_t n_threads);

/* Starts n_threads - 1 threads beside the calling one; n_threads >= 1. LAC_NO_THREAD: one could not
 * be started, and none is left running. */
LAC_MUST_CHECK enum lac_status lac_threads_create(struct lac_threads **out, uint32_t n_threads, struct lac_error *error);
void lac_threads_free(struct lac_threads **threads);

typedef void lac_thread_function(void *context, uint32_t thread, uint32_t n_threads);
void lac_threads_run(struct lac_threads *threads, lac_thread_function *function, void *context);

#endif
