/* trials.c: which model codes a stream (format.md section 5.8): each codes its beginning, the shortest wins, the earlier of equals. In
 * a group, where naming one of k models costs every record bits, those that are not worth it are dropped first. */
#include "codec/workers.h"
#include "base/memory.h"
#include "format/group.h"

#include <string.h>

bool lac_block_offer(struct lac_block *block, const struct lac_models *models)
{
	for (uint32_t i = 0; models->n == 1 && i < block->n_streams; i++)
		block->streams[i].model = models->at[0];
	if (models->n == 1)
		return true;
	block->trials = lac_calloc((size_t)models->n * block->n_streams, sizeof *block->trials);
	if (!block->trials)
		return false;
	block->n_models = models->n;
	block->n_trials_left = models->n * block->n_streams;
	for (uint32_t m = 0; m < models->n; m++) /* those of one model side by side: they share a batch */
		for (uint32_t i = 0; i < block->n_streams; i++) {
			struct lac_stream *trial = &block->trials[m * block->n_streams + i];

			*trial = block->streams[i];
			trial->model = models->at[m];
			trial->trial_of = &block->streams[i];
		}
	return true;
}

static struct lac_stream *trial_of(const struct lac_block *block, uint32_t model, uint32_t stream)
{
	return &block->trials[model * block->n_streams + stream];
}

/* The model that is not dropped whose trial of the stream is shortest. */
static uint32_t best_model(const struct lac_block *block, uint32_t stream)
{
	uint32_t best = UINT32_MAX;

	for (uint32_t m = 0; m < block->n_models; m++)
		if (!block->is_dropped[m] && (best == UINT32_MAX ||
		    trial_of(block, m, stream)->out.length < trial_of(block, best, stream)->out.length))
			best = m;
	return best;
}

/* ---- Groups ----------------------------------------------------------------------- */

static uint32_t count_models(const struct lac_block *block)
{
	uint32_t n = 0;

	for (uint32_t m = 0; m < block->n_models; m++)
		n += !block->is_dropped[m];
	return n;
}

/* Bits of the trials and of naming the models that are left. */
static uint64_t cost_of(const struct lac_block *block)
{
	const uint32_t n_models = count_models(block);
	uint64_t n_bits = 8 * (uint64_t)n_models + (uint64_t)block->n_streams * lac_group_choice_bits(n_models);

	for (uint32_t i = 0; i < block->n_streams; i++)
		n_bits += 8 * (uint64_t)trial_of(block, best_model(block, i), i)->out.length;
	return n_bits;
}

static void drop_unused(struct lac_block *block)
{
	bool is_unused[LAC_MODELS_MAX];

	memset(is_unused, true, sizeof is_unused);
	for (uint32_t i = 0; i < block->n_streams; i++)
		is_unused[best_model(block, i)] = false;
	memcpy(block->is_dropped, is_unused, sizeof is_unused);
}

/* Drops the model whose loss costs least, of equals the latest. Returns the cost without it. */
static uint64_t drop_one(struct lac_block *block)
{
	uint64_t least = UINT64_MAX;
	uint32_t worst = 0;

	for (uint32_t m = 0; m < block->n_models; m++) {
		uint64_t cost;

		if (block->is_dropped[m])
			continue;
		block->is_dropped[m] = true;
		cost = cost_of(block);
		block->is_dropped[m] = false;
		if (cost <= least) {
			least = cost;
			worst = m;
		}
	}
	block->is_dropped[worst] = true;
	return least;
}

void lac_block_drop_models(struct lac_block *block)
{
	bool best[LAC_MODELS_MAX];
	uint64_t least;

	if (!block->is_group)
		return;
	drop_unused(block);
	memcpy(best, block->is_dropped, sizeof best);
	least = cost_of(block);
	while (count_models(block) > 1) {
		const uint64_t cost = drop_one(block);

		if (cost > least)
			continue;
		least = cost;
		memcpy(best, block->is_dropped, sizeof best);
	}
	memcpy(block->is_dropped, best, sizeof best);
}

/* ---- One stream ------------------------------------------------------------------- */

bool lac_stream_settle(struct lac_stream *stream)
{
	const struct lac_block *block = stream->block;
	const uint32_t number = (uint32_t)(stream - block->streams);
	struct lac_stream *best = trial_of(block, best_model(block, number), number);

	for (uint32_t m = 0; m < block->n_models; m++)
		if (trial_of(block, m, number)->error.status) {
			stream->error = trial_of(block, m, number)->error;
			return false;
		}
	stream->model = best->model;
	if (best->is_cut)
		return true;
	stream->out = best->out;
	stream->n_tokens = best->n_tokens;
	best->out = (struct lac_buffer){ 0 };
	return false;
}
