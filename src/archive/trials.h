/* trials.h: which model codes a stream (format.md section 5.8): each of them codes its beginning,
 * and the shortest wins. */
#ifndef LAC_ARCHIVE_TRIALS_H
#define LAC_ARCHIVE_TRIALS_H

#include "archive/block.h"

#define LAC_TRIAL_SYMBOLS 128u

/* Says which models may code a block's streams. One: they have it. More: block->trials are to be
 * coded, n_models for each stream, and then one of the models is chosen. False: no memory. */
bool lac_block_offer(struct lac_block *block, const struct lac_models *models);

/* The trials are coded: gives every stream its model, and what its trial found if that coded all of
 * it. is_group: every model that the block's streams have costs each of them bits. The error of a
 * trial is its stream's. */
void lac_block_choose(struct lac_block *block, bool is_group);

/* Whether a stream is still to be coded after its model was chosen. */
bool lac_stream_is_left(const struct lac_stream *stream);

#endif
