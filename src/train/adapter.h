/* adapter.h: low-rank adapters (Hu et al. 2021, arXiv 2106.09685): a map W of the model becomes W +
 * scale B A, scale = alpha / rank. */
#ifndef LAC_TRAIN_ADAPTER_H
#define LAC_TRAIN_ADAPTER_H

#include "train/parameters.h"

#define LAC_ADAPTER_RANK_MAX 1024u

struct lac_adapter {
	uint32_t rank;
	float alpha;
	/* of each adapted map A (rank x in), then B (out x rank) */
	struct lac_parameters parameters;
	/* owned: [n_layers x LAC_PARTS] where A is in the table, or LAC_NO_ADAPTER */
	uint32_t *places;
};

#define LAC_NO_ADAPTER UINT32_MAX

static inline float lac_adapter_scale(const struct lac_adapter *adapter)
{
	return adapter->alpha / (float)adapter->rank;
}

/* "attn_q,ffn_down" or "all" -> a bit for every part. LAC_BAD_ARGUMENT names a word that is no map,
 * or that nothing is left. */
LAC_MUST_CHECK enum lac_status lac_adapter_targets(const char *words, uint32_t *targets, struct lac_error *error);

/* LAC_BAD_ARGUMENT if the rank is 0, or above what the narrowest of the maps can have. */
LAC_MUST_CHECK enum lac_status lac_adapter_create(struct lac_adapter *out, const struct lac_shape *shape, uint32_t rank, float alpha,
	uint32_t targets, struct lac_error *error);
void lac_adapter_free(struct lac_adapter *adapter);

#endif
