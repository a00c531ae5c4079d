/* models.h: a base and what adapters made of it: the models that streams of one call may be coded
 * with. */
#ifndef LAC_SHELF_MODELS_H
#define LAC_SHELF_MODELS_H

#include "base/error.h"
#include "model/model.h"

#define LAC_MODELS_MAX (LAC_ADAPTED_MAX + 1)

struct lac_models {
	/* the base, then the adapted ones in the order of the options */
	const struct lac_model *at[LAC_MODELS_MAX];
	uint32_t n; /* 0: there is no base */
};

/* LAC_BAD_ARGUMENT: one of options->adapted is not made of `base`, or is missing. `base` may be
 * NULL. */
LAC_MUST_CHECK enum lac_status lac_models_set(struct lac_models *models, const struct lac_model *base,
	const struct lac_options *options, struct lac_error *error);

bool lac_models_are_same(const struct lac_models *a, const struct lac_models *b);

/* The adapted model of an adapter; NULL: it is not among them. */
const struct lac_model *lac_models_find(const struct lac_models *models, const uint8_t adapter_identity[16]);

/* The memory of what the adapters do not share with the base. */
uint64_t lac_models_adapted_bytes(const struct lac_models *models);

#endif
