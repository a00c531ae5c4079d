/* plan.h: how many threads, and how many streams each of them evaluates together, within the memory
 * that the caller allows. Nothing in a plan leaves a trace in the bytes. */
#ifndef LAC_CODEC_PLAN_H
#define LAC_CODEC_PLAN_H

#include "base/error.h"
#include "model/model.h"

struct lac_plan {
	unsigned n_threads;
	uint32_t window;     /* the most tokens of context of a stream; 0: no stream is modelled */
	uint32_t n_slots;    /* streams a thread, at least 1 */
	uint32_t batch_rows; /* rows that are evaluated together, at least 1 */
};

/* LAC_BAD_ARGUMENT for what is outside its bounds. */
LAC_MUST_CHECK enum lac_status lac_plan_check(const struct lac_options *options, struct lac_error *error);

/* `model` NULL: no stream will need one. memory_bytes: for streams. `most_slots`: more would not
 * help. Where the memory is not enough for one stream a thread, there are fewer threads, and then
 * fewer rows; one thread with one stream is always planned. */
struct lac_plan lac_plan_make(const struct lac_model *model, uint32_t window, const struct lac_options *options,
	uint64_t memory_bytes, uint32_t most_slots);

#endif
