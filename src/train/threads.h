/* threads.h: the same function on every thread, and a wait until all have done it. */
#ifndef LAC_TRAIN_THREADS_H
#define LAC_TRAIN_THREADS_H

#include "base/error.h"

struct lac_threads;

/* n_threads >= 1, the calling one among them. Tells BLAS to leave threads to us. */
LAC_MUST_CHECK enum lac_status lac_threads_create(struct lac_threads **out, uint32_t n_threads, struct lac_error *error);
void lac_threads_free(struct lac_threads **threads);

typedef void lac_thread_function(void *context, uint32_t thread, uint32_t n_threads);
void lac_threads_run(struct lac_threads *threads, lac_thread_function *function, void *context);

#endif
