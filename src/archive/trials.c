/* trials.c: which model codes a stream (format.md section 5.8): each codes its beginning, the
 * shortest wins, the earlier of equals. In a group, where naming one of k models costs every record
 * bits, those that are not worth it are dropped first. */
#include "archive/trials.h"
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
	/* those of one model side by side: they share a batch */
	for (uint32_t m = 0; m < models->n; m++)
		for (uint32_t i = 0; i < block->n_streams; i++) {
			struct lac_stream *trial = &block->trials[m * block->n_streams + i];

			trial->kind = block->streams[i].kind;
			trial->model = models->at[m];
			trial->in = block->streams[i].in;
			trial->in_bytes = block->streams[i].in_bytes;
			trial->window = block->streams[i].window;
			trial->most_symbols = LAC_TRIAL_SYMBOLS;
		}
	return true;
}

static struct lac_stream *trial_of(const struct lac_block *block, uint32_t model, uint32_t stream)
{
	return &block->trials[model * block->n_streams + stream];
}

/* Models that no stream gets, though they might be shortest. */
struct dropped { bool is[LAC_MODELS_MAX]; };

/* The model that is not dropped whose trial of the stream is shortest. */
static uint32_t best_model(const struct lac_block *block, const struct dropped *dropped, uint32_t stream)
{
	uint32_t best = UINT32_MAX;

	for (uint32_t m = 0; m < block->n_models; m++)
		if (!dropped->is[m] && (best == UINT32_MAX ||
		    trial_of(block, m, stream)->out.length < trial_of(block, best, stream)->out.length))
			best = m;
	return best;
}

/* ---- Groups ----------------------------------------------------------------------- */

static uint32_t count_models(const struct lac_block *block, const struct dropped *dropped)
{
	uint32_t n = 0;

	for (uint32_t m = 0; m < block->n_models; m++)
		n += !dropped->is[m];
	return n;
}

/* Bits of the trials and of naming the models that are left. */
static uint64_t cost_of(const struct lac_block *block, const struct dropped *dropped)
{
	const uint32_t n_models = count_models(block, dropped);
	uint64_t n_bits = 8 * (uint64_t)n_models + (uint64_t)block->n_streams * lac_group_choice_bits(n_models);

	for (uint32_t i = 0; i < block->n_streams; i++)
		n_bits += 8 * (uint64_t)trial_of(block, best_model(block, dropped, i), i)->out.length;
	return n_bits;
}

static void drop_unused(const struct lac_block *block, struct dropped *dropped)
{
	struct dropped unused;

	memset(unused.is, true, sizeof unused.is);
	for (uint32_t i = 0; i < block->n_streams; i++)
		unused.is[best_model(block, dropped, i)] = false;
	*dropped = unused;
}

/* Drops the model whose loss costs least, of equals the latest. Returns the cost without it. */
static uint64_t drop_one(const struct lac_block *block, struct dropped *dropped)
{
	uint64_t least = UINT64_MAX;
	uint32_t worst = 0;

	for (uint32_t m = 0; m < block->n_models; m++) {
		uint64_t cost;

		if (dropped->is[m])
			continue;
		dropped->is[m] = true;
		cost = cost_of(block, dropped);
		dropped->is[m] = false;
		if (cost <= least) {
			least = cost;
			worst = m;
		}
	}
	dropped->is[worst] = true;
	return least;
}

/* Which models a group names. */
static struct dropped drop_for_group(const struct lac_block *block)
{
	struct dropped best, dropped = { .is = { false } };
	uint64_t least;

	drop_unused(block, &dropped);
	best = dropped;
	least = cost_of(block, &dropped);
	while (count_models(block, &dropped) > 1) {
		const uint64_t cost = drop_one(block, &dropped);

		if (cost > least)
			continue;
		least = cost;
		best = dropped;
	}
	return best;
}

/* ---- One stream ------------------------------------------------------------------- */

static void choose(struct lac_block *block, const struct dropped *dropped, uint32_t number)
{
	struct lac_stream *stream = &block->streams[number];
	struct lac_stream *best = trial_of(block, best_model(block, dropped, number), number);

	for (uint32_t m = 0; m < block->n_models && !stream->error.status; m++)
		stream->error = trial_of(block, m, number)->error;
	stream->model = best->model;
	stream->is_cut = best->is_cut; /* until it is coded whole */
	if (stream->is_cut || stream->error.status)
		return;
	stream->out = best->out;
	stream->n_tokens = best->n_tokens;
	best->out = (struct lac_buffer){ 0 };
	stream->n_done = stream->in_bytes;
}

bool lac_stream_is_left(const struct lac_stream *stream)
{
	return stream->is_cut && !stream->error.status;
}

void lac_block_choose(struct lac_block *block, bool is_group)
{
	struct dropped dropped = { .is = { false } };

	if (is_group)
		dropped = drop_for_group(block);
	for (uint32_t i = 0; i < block->n_streams; i++)
		choose(block, &dropped, i);
}
