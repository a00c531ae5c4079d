/* workspace.h: what a thread keeps of a forward pass for the way back, and what it needs for a
 * moment. */
#ifndef LAC_TRAIN_WORKSPACE_H
#define LAC_TRAIN_WORKSPACE_H

#include "train/network.h"

#define LAC_ATTENTION_ROWS 128u /* queries whose scores are in memory at once */
#define LAC_VOCABULARY_ROWS 128u /* positions whose logits are */

/* Kept of each layer; what is cheap to compute again is not. */
struct lac_saved {
	/* [n][dim], [n]: the residual before attention, and its norm's factors */
	float *input, *input_factors;
	float *qkv;                     /* [n][qkv_dim], rotated */
	float *attended, *log_sums;     /* [n][q_dim], [n_heads][n] */
	float *middle, *middle_factors; /* as input: before the feed-forward part */
	float *gate_up;                 /* [n][2 ffn_dim] */
};

struct lac_workspace {
	struct lac_saved *layers;       /* owned */
	void *memory;                   /* owned: everything below and what layers point to */
	float *output, *output_factors; /* the residual after the last layer */
	float *normed;                  /* [n][dim] */
	float *hidden, *d_hidden;       /* [n][ffn_dim or q_dim] */
	float *d_residual, *d_normed;   /* [n][dim] */
	float *d_wide;                  /* [n][qkv_dim or 2 ffn_dim] */
	float *scores, *d_scores;       /* [LAC_ATTENTION_ROWS][n] */
	float *logits;                  /* [LAC_VOCABULARY_ROWS][n_vocabulary] */
	float *low, *d_low;             /* [n][rank] */
};

static inline uint32_t lac_q_dim(const struct lac_shape *shape)
{
	return shape->n_heads * shape->head_dim;
}

static inline uint32_t lac_qkv_dim(const struct lac_shape *shape)
{
	return (shape->n_heads + 2 * shape->n_kv_heads) * shape->head_dim;
}

#endif
