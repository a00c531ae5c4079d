/* worker.h: what both ways of coding have in common: a thread with a predictor, whose slots hold
 * streams.
 *
 * format.md section 6 and arithmetic.md sections 6.5 to 9. */
#ifndef LAC_CODEC_WORKER_H
#define LAC_CODEC_WORKER_H

#include "codec/workers.h"
#include "engine/predictor.h"

struct lac_worker {
	struct lac_workers *workers;
	struct lac_predictor *predictor;
	const struct lac_model *model; /* of the streams in its slots */
	void (*code_mixed)(struct lac_stream *stream);
	uint32_t n_slots, batch_rows;
	struct lac_stream *first; /* the one that the predictor was made for, until it is taken */
};

/* The bodies of a thread. */
void lac_encode_streams(struct lac_workers *workers, const struct lac_plan *plan);
void lac_decode_streams(struct lac_workers *workers, const struct lac_plan *plan);

#define LAC_ENCODE_SLOTS 8u  /* at most: streams that may share a batch */
/* at most: streams decoded in lockstep: each step gives every one of them a token */
#define LAC_DECODE_SLOTS 64u

/* Takes the first stream that needs a model and makes a predictor for it. False: there is none, or
 * no memory, and then every stream has that error. */
bool lac_worker_begin(struct lac_worker *worker, struct lac_workers *workers, const struct lac_plan *plan,
	void (*code_mixed)(struct lac_stream *stream));
void lac_worker_end(struct lac_worker *worker);

/* Next stream for a free slot, while n_own other slots hold streams; NULL as lac_workers_take() has
 * it. The predictor is turned to the stream's model. Streams that need no model are coded here, and
 * take no slot. */
struct lac_stream *lac_worker_take(struct lac_worker *worker, uint32_t n_own);

#endif
