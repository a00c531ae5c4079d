/* embedder.h: texts as points: those of like texts lie in like directions, seen from the mean of a
 * corpus. */
#ifndef LAC_TRAIN_EMBEDDER_H
#define LAC_TRAIN_EMBEDDER_H

#include "base/threads.h"
#include "model/model.h"
#include "train/text_list.h"

struct lac_embedder {
	enum lac_embedding kind;
	struct lac_model *model; /* owned: of states */
	float *weights;          /* owned: of n-grams */
	float *mean;             /* owned: [n_dims] */
	uint32_t n_dims;
	struct lac_threads *threads; /* owned */
	uint32_t n_threads;
};

/* Takes kind, model and number of threads; weights and mean are zeros, to be filled by
 * lac_embedder_fit() or from a file. Freed also after a failure. */
LAC_MUST_CHECK enum lac_status lac_embedder_open(struct lac_embedder *out, const struct lac_cluster_options *options, struct lac_error *error);
void lac_embedder_free(struct lac_embedder *embedder);

/* Points of texts, [list->n][n_dims], of length 1 or, for a text at the mean, 0. What a text gives
 * depends on no other, once the embedder is fitted; with `fits` it is fitted to these first.
 * lac_aligned_free() them. LAC_CANCELLED if on_progress says so. */
LAC_MUST_CHECK enum lac_status lac_embed(struct lac_embedder *embedder, const struct lac_text_list *list, bool fits, float **points,
	const struct lac_cluster_options *options, struct lac_error *error);

#endif
