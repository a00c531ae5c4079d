/* models.h: the models that a call may use: the one it was given, and what adapters made of it. */
#ifndef LAC_ARCHIVE_MODELS_H
#define LAC_ARCHIVE_MODELS_H

#include "base/error.h"
#include "format/frame.h"
#include "model/model.h"

#define LAC_MODELS_MAX (LAC_ADAPTED_MAX + 1)

struct lac_models {
	const struct lac_model *at[LAC_MODELS_MAX]; /* the base, then the adapted ones in the order of the options */
	uint32_t n; /* 0: no base was given */
};

/* LAC_BAD_ARGUMENT if one that is offered is not made of `base`. `base` and `options` may be NULL. */
LAC_MUST_CHECK enum lac_status lac_models_set(struct lac_models *models, const struct lac_model *base,
	const struct lac_options *options, struct lac_error *error);

/* The adapted model of an adapter; NULL: it was not offered. */
const struct lac_model *lac_models_find(const struct lac_models *models, const uint8_t adapter_identity[16]);

/* How the archive speaks of a model that is no adapted one. */
struct lac_model_frame lac_models_frame(const struct lac_model *model);

/* Counts a block, and the records that end in it. */
void lac_stats_add_block(struct lac_stats *stats, const struct lac_frame *frame, enum lac_records records);

/* Counts a piece of a file. */
void lac_stats_add_piece(struct lac_stats *stats, const struct lac_frame *frame);

/* Notes what coding n_streams streams took. */
void lac_stats_add_model(struct lac_stats *stats, const struct lac_model_frame *model);
void lac_stats_add_adapter(struct lac_stats *stats, const uint8_t identity[16], const char *name, uint64_t n_streams);

#endif
