#include "archive/models.h"
#include "format/records.h"

#include <string.h>

_Static_assert(LAC_ARITHMETIC_VERSION == LAC_FRAME_ARITHMETIC, "what is evaluated is what frames speak of");

enum lac_status lac_models_set(struct lac_models *models, const struct lac_model *base, const struct lac_options *options,
	struct lac_error *error)
{
	const uint32_t n_adapted = options ? options->n_adapted : 0;

	*models = (struct lac_models){ .n = 0 };
	if (n_adapted > LAC_ADAPTED_MAX)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "%u adapters are more than %u", (unsigned)n_adapted, LAC_ADAPTED_MAX);
	if (base)
		models->at[models->n++] = base;
	for (uint32_t i = 0; i < n_adapted; i++) {
		if (!base || !options->adapted[i] || options->adapted[i]->base != base)
			return lac_fail(error, LAC_BAD_ARGUMENT, 0, "adapted model %u, \"%s\", is not made of the model given", (unsigned)i,
				options->adapted[i] ? options->adapted[i]->info.name : "");
		models->at[models->n++] = options->adapted[i];
	}
	return LAC_OK;
}

const struct lac_model *lac_models_find(const struct lac_models *models, const uint8_t adapter_identity[16])
{
	for (uint32_t i = 1; i < models->n; i++)
		if (memcmp(models->at[i]->info.adapter_identity, adapter_identity, 16) == 0)
			return models->at[i];
	return NULL;
}

struct lac_model_frame lac_models_frame(const struct lac_model *model)
{
	struct lac_model_frame frame = { .arithmetic_version = LAC_ARITHMETIC_VERSION, .window = model->window };

	memcpy(frame.identity, model->info.identity, sizeof frame.identity);
	memcpy(frame.name, model->info.name, sizeof frame.name);
	return frame;
}

void lac_stats_add_block(struct lac_stats *stats, const struct lac_frame *frame, enum lac_records records)
{
	stats->n_blocks++;
	stats->n_mixed_blocks += frame->type == LAC_FRAME_MIXED;
	stats->n_stored_blocks += frame->type == LAC_FRAME_STORED;
	stats->n_records += lac_records_ended(frame, records);
}

void lac_stats_add_piece(struct lac_stats *stats, const struct lac_frame *frame)
{
	stats->n_carried += frame->n_left == 0;
	stats->carried_bytes += frame->stream_bytes[0];
}

void lac_stats_add_model(struct lac_stats *stats, const struct lac_model_frame *model)
{
	struct lac_model_use *use = stats->models, *const end = use + stats->n_models;

	while (use < end && memcmp(use->identity, model->identity, sizeof use->identity) != 0)
		use++;
	if (use == stats->models + LAC_MODELS_TOLD)
		return;
	if (use == end) {
		stats->n_models++;
		memcpy(use->identity, model->identity, sizeof use->identity);
		memcpy(use->name, model->name, sizeof use->name);
	}
	if (model->window > use->window)
		use->window = model->window;
}

void lac_stats_add_adapter(struct lac_stats *stats, const uint8_t identity[16], const char *name, uint64_t n_streams)
{
	struct lac_adapter_use *use = stats->adapters;

	while (use < stats->adapters + LAC_ADAPTED_MAX && use < stats->adapters + stats->n_adapters &&
	       memcmp(use->identity, identity, sizeof use->identity) != 0)
		use++;
	if (use == stats->adapters + LAC_ADAPTED_MAX)
		return;
	if (use == stats->adapters + stats->n_adapters) {
		stats->n_adapters++;
		memcpy(use->identity, identity, sizeof use->identity);
		memcpy(use->name, name, sizeof use->name);
	}
	use->n_streams += n_streams;
}
