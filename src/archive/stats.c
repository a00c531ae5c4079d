#include "archive/stats.h"
#include "format/records.h"

#include <string.h>

void lac_stats_add_block(struct lac_stats *stats, const struct lac_frame *frame, enum lac_records records)
{
	stats->n_blocks++;
	stats->n_mixed_blocks += lac_frame_is_mixed(frame->type);
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
