/* workers.h: threads that share out streams, and blocks that come back in order.
 *
 * The calling thread pushes blocks and waits for the oldest; workers take streams one by one. The order in which streams are
 * worked on leaves no trace in their results. */
#ifndef LAC_CODEC_WORKERS_H
#define LAC_CODEC_WORKERS_H

#include "codec/stream.h"

struct lac_block {
	struct lac_stream *streams; /* owned: [n_streams] */
	uint32_t n_streams;
	uint32_t n_unfinished;      /* guarded by the workers' lock */
	struct lac_buffer bytes;    /* owned: the text, or the frame, that streams borrow from */
	uint64_t offset;            /* decompression: where the frame lies in the archive */
	struct lac_block *next;     /* the ring of blocks in flight, oldest first */
};

/* Allocates a block with zeroed streams that point back to it; NULL: out of memory. */
struct lac_block *lac_block_create(uint32_t n_streams);
void lac_block_free(struct lac_block **block);

typedef void lac_worker_function(struct lac_workers *workers, const struct lac_model *model);

/* Threads are started as work arrives, at most n_threads. */
LAC_MUST_CHECK enum lac_status lac_workers_create(struct lac_workers **out, lac_worker_function *function,
	const struct lac_model *model, unsigned n_threads, struct lac_error *error);
/* Drops what was not begun, waits for the threads and frees. Blocks stay the caller's. */
void lac_workers_free(struct lac_workers **workers);

/* For the calling thread: hands a block's streams to the workers; waits until all of a block's streams are finished. */
LAC_MUST_CHECK enum lac_status lac_workers_push(struct lac_workers *workers, struct lac_block *block, struct lac_error *error);
void lac_workers_wait(struct lac_workers *workers, struct lac_block *block);

/* For the workers: the next stream; NULL when there is none now (wait = false) or will be none (wait = true). */
struct lac_stream *lac_workers_take(struct lac_workers *workers, bool wait);
void lac_workers_finish(struct lac_workers *workers, struct lac_stream *stream);

/* options->n_threads, or one a CPU. */
unsigned lac_workers_count(const struct lac_options *options);

#endif
