/* attention.h: causal attention within documents. Scores are never all in memory: a block of
 * queries at a time, and again on the way back from the logarithms of their sums (Dao et al. 2022,
 * arXiv 2205.14135). */
#ifndef LAC_TRAIN_ATTENTION_H
#define LAC_TRAIN_ATTENTION_H

#include "train/workspace.h"

/* Turns queries and keys of qkv by their positions (direction 1), or a gradient of them back
 * (-1). */
void lac_attention_rotate(const struct lac_network *network, const struct lac_passage *passage, float *qkv, float direction);

/* saved->qkv -> saved->attended, saved->log_sums. */
void lac_attention_forward(const struct lac_network *network, struct lac_workspace *workspace, const struct lac_passage *passage,
	struct lac_saved *saved);

/* d_attended: [n][q_dim]; sets d_qkv, [n][qkv_dim]. */
void lac_attention_backward(const struct lac_network *network, struct lac_workspace *workspace, const struct lac_passage *passage,
	const struct lac_saved *saved, const float *d_attended, float *d_qkv);

#endif
