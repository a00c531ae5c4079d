/* workers.h: threads, and the queue of streams that they share out.
 *
 * The calling thread pushes streams and waits for those of a tally; workers take them one by one.
 * The order in which streams are worked on leaves no trace in their results. */
#ifndef LAC_CODEC_WORKERS_H
#define LAC_CODEC_WORKERS_H

#include "codec/plan.h"
#include "codec/stream.h"

struct lac_workers;

/* What a thread does: takes streams and finishes them, until there will be no more. */
typedef void lac_worker_function(struct lac_workers *workers, const struct lac_plan *plan);

/* Threads are started as work arrives, at most plan->n_threads. The plan is copied.
 * LAC_NO_MEMORY. */
LAC_MUST_CHECK enum lac_status lac_workers_create(struct lac_workers **out, lac_worker_function *function,
	const struct lac_plan *plan, struct lac_error *error);

/* Drops what was not begun, waits for the threads and frees. Streams stay the caller's. In a child
 * of the process that made them there are no threads: what they hold is left as it is. */
void lac_workers_free(struct lac_workers **workers);

/* False in a child of the process that made the workers: it has none of their threads. */
bool lac_workers_are_here(const struct lac_workers *workers);

/* ---- For the calling thread ---- */

/* Begins a new call: the counts begin at 0. Every stream pushed before is finished. */
void lac_workers_begin(struct lac_workers *workers);

/* Adds n streams to the queue. `tally` counts them until they are finished. LAC_NO_THREAD: no
 * thread could be started, and nothing was begun. */
LAC_MUST_CHECK enum lac_status lac_workers_push(struct lac_workers *workers, struct lac_tally *tally,
	struct lac_stream *streams, uint32_t n_streams, struct lac_error *error);

/* Waits for the streams of a tally. True: they are finished. False: a part of a second has passed,
 * so that the caller can report progress; it calls again. */
bool lac_workers_wait(struct lac_workers *workers, const struct lac_tally *tally);

/* Nothing more will be pushed in this call. */
void lac_workers_end(struct lac_workers *workers);

/* The sums of what the workers counted. */
void lac_workers_steps(struct lac_workers *workers, uint64_t *n_slots, uint64_t *n_busy);

/* ---- For the workers ---- */

/* Next stream of the queue; NULL if none is left for this worker. A worker without streams (n_own
 * 0) takes any stream and waits for one; NULL means that no more will come. A worker that holds
 * n_own streams of `model` takes another of that model, or one that needs no model; it does not
 * wait, and leaves streams to workers that hold fewer. */
struct lac_stream *lac_workers_take(struct lac_workers *workers, const struct lac_model *model, uint32_t n_own);

void lac_workers_finish(struct lac_workers *workers, struct lac_stream *stream);

/* Whether streams in work are to be dropped. */
bool lac_workers_is_closed(struct lac_workers *workers);

/* Counts a step of decoding in which n_busy of n_slots places held a stream, unless places are free
 * because no more streams will come. */
void lac_workers_count_step(struct lac_workers *workers, uint32_t n_slots, uint32_t n_busy);

#endif
