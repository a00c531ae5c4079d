#include "archives/chosen.h"
#include "io/report.h"

#include <string.h>

bool is_chosen(const struct lac_model *adapted, const struct lac_stats *stats)
{
	const uint8_t *identity = lac_model_info(adapted)->adapter_identity;

	for (uint32_t i = 0; i < stats->n_adapters; i++)
		if (memcmp(stats->adapters[i].identity, identity, sizeof stats->adapters[i].identity) == 0)
			return true;
	return stats->n_adapters == LAC_ADAPTED_MAX; /* no more are told */
}

void note_chosen(const struct models *models, const struct lac_stats *stats)
{
	struct chosen *chosen = models->chosen;

	if (!chosen)
		return;
	chosen->is_any_done = true;
	chosen->base = chosen->base || stats->n_models;
	for (uint32_t i = 0; i < models->n_adapted; i++)
		chosen->adapted[i] = chosen->adapted[i] || is_chosen(models->adapted[i], stats);
}

void tell_of_unchosen(const struct command *command, const struct chosen *chosen)
{
	if (!chosen->is_any_done || command->verbosity < 0)
		return;
	if (command->model_path && !chosen->base)
		tell(stderr, "--model %s: no block took it\n", command->model_path);
	for (uint32_t i = 0; i < command->n_adapters; i++)
		if (!chosen->adapted[i])
			tell(stderr, "--adapter %s: no block took it\n", command->adapters[i]);
}
