/* workers.h: threads that share out streams, and blocks that come back in order.
 *
 * The calling thread pushes blocks and waits for the oldest; workers take streams one by one. The order in which streams are
 * worked on leaves no trace in their results. */
#ifndef LAC_CODEC_WORKERS_H
#define LAC_CODEC_WORKERS_H

#include "archive/models.h"
#include "codec/plan.h"
#include "codec/stream.h"

struct lac_block {
	struct lac_stream *streams; /* owned: [n_streams] */
	uint32_t n_streams;
	struct lac_stream *trials;  /* owned: [n_models][n_streams], or NULL: every stream has its model */
	uint32_t n_models, n_trials_left; /* n_trials_left: guarded by the workers' lock */
	bool is_group;              /* compression: every model that its streams have costs each of them bits */
	bool is_dropped[LAC_MODELS_MAX]; /* models that no stream gets, though it might be shortest */
	struct lac_stream probe;    /* compression: the whole text without the model; its `out` is kept until the block is written */
	uint32_t n_unfinished;      /* guarded by the workers' lock */
	struct lac_buffer bytes;    /* owned: the text, or the frame, that streams borrow from */
	struct lac_place place;     /* decompression: the frame's */
	_Atomic uint64_t n_text_left; /* decompression: bytes that the streams may still add to the text */
	struct lac_block *next;     /* the ring of blocks in flight, oldest first */
};

/* Allocates a block with zeroed streams that point back to it; NULL: out of memory. */
struct lac_block *lac_block_create(uint32_t n_streams);
void lac_block_free(struct lac_block **block);

/* Compression: says which models may code a block's streams: the only one, or which of them is decided by trials, which the workers
 * then do before (format.md section 5.8). False: no memory. */
bool lac_block_offer(struct lac_block *block, const struct lac_models *models);
/* When the trials are finished: decides which models a group names, then gives a stream its model. False: the trial coded all of it, or
 * failed: there is nothing left to do. */
void lac_block_drop_models(struct lac_block *block);
bool lac_stream_settle(struct lac_stream *stream);

typedef void lac_worker_function(struct lac_workers *workers, const struct lac_model *model, const struct lac_plan *plan);

/* Threads are started as work arrives, at most plan->n_threads. The plan is copied. */
LAC_MUST_CHECK enum lac_status lac_workers_create(struct lac_workers **out, lac_worker_function *function,
	const struct lac_model *model, const struct lac_plan *plan, struct lac_error *error);
/* For the calling thread: what the next call pushes is counted anew. All that was pushed is finished. */
void lac_workers_begin(struct lac_workers *workers);
/* Drops what was not begun, waits for the threads and frees. Blocks stay the caller's. */
void lac_workers_free(struct lac_workers **workers);

/* For the calling thread: hands streams of a block to the workers, when none of it are with them; waits until all of a block's that were
 * handed out are finished. */
LAC_MUST_CHECK enum lac_status lac_workers_push(struct lac_workers *workers, struct lac_block *block, struct lac_stream *streams,
	uint32_t n_streams, struct lac_error *error);
void lac_workers_wait(struct lac_workers *workers, struct lac_block *block);

/* For the calling thread: nothing more will be pushed in this call. */
void lac_workers_end(struct lac_workers *workers);

/* For a worker that holds n_own streams, all of them coded with `model`: the next one, of whatever model if n_own = 0. NULL: there is none that is not the share of the others (n_own > 0), or there
 * will be none (n_own = 0, which waits). */
struct lac_stream *lac_workers_take(struct lac_workers *workers, const struct lac_model *model, uint32_t n_own);
/* What is in work is not wanted any more. */
bool lac_workers_is_closed(struct lac_workers *workers);
void lac_workers_finish(struct lac_workers *workers, struct lac_stream *stream);

/* The next stream that the model codes; those that it does not are done on the way. */
struct lac_stream *lac_workers_take_modelled(struct lac_workers *workers, const struct lac_model *model, bool is_encoding, uint32_t n_own);

/* For the workers: counts a step of decoding in which n_busy of n_slots places held a stream. Not counted when places are free because
 * no more streams will come. For the calling thread: the sums. */
void lac_workers_count_step(struct lac_workers *workers, uint32_t n_slots, uint32_t n_busy);
void lac_workers_steps(struct lac_workers *workers, uint64_t *n_slots, uint64_t *n_busy);

#endif
