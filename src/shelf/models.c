#include "shelf/models.h"

#include <string.h>

enum lac_status lac_models_set(struct lac_models *models, const struct lac_model *base, const struct lac_options *options,
	struct lac_error *error)
{
	*models = (struct lac_models){ .n = 0 };
	if (options->n_adapted > LAC_ADAPTED_MAX)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "%u adapters are more than %u", (unsigned)options->n_adapted, LAC_ADAPTED_MAX);
	if (options->n_adapted && !options->adapted)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "%u adapted models are promised, and none is given", (unsigned)options->n_adapted);
	if (base)
		models->at[models->n++] = base;
	for (uint32_t i = 0; i < options->n_adapted; i++) {
		if (!options->adapted[i])
			return lac_fail(error, LAC_BAD_ARGUMENT, 0, "adapted model %u is missing: its pointer is NULL", (unsigned)i);
		if (!base || options->adapted[i]->base != base)
			return lac_fail(error, LAC_BAD_ARGUMENT, 0, "adapted model %u, \"%s\", is not made of the model given", (unsigned)i,
				options->adapted[i]->info.name);
		models->at[models->n++] = options->adapted[i];
	}
	return LAC_OK;
}

bool lac_models_are_same(const struct lac_models *a, const struct lac_models *b)
{
	bool is_same = a->n == b->n;

	for (uint32_t i = 0; is_same && i < a->n; i++)
		is_same = a->at[i] == b->at[i];
	return is_same;
}

const struct lac_model *lac_models_find(const struct lac_models *models, const uint8_t adapter_identity[16])
{
	for (uint32_t i = 1; i < models->n; i++)
		if (memcmp(models->at[i]->info.adapter_identity, adapter_identity, 16) == 0)
			return models->at[i];
	return NULL;
}

uint64_t lac_models_adapted_bytes(const struct lac_models *models)
{
	uint64_t n_bytes = 0;

	for (uint32_t i = 1; i < models->n; i++)
		n_bytes += models->at[i]->info.memory_bytes;
	return n_bytes;
}
