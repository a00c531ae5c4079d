/* trials.c: which model codes a stream (format.md section 5.8): each codes its beginning, the shortest wins, the earlier of equals. */
#include "base/memory.h"
#include "codec/workers.h"

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
	for (uint32_t i = 0; i < block->n_streams; i++)
		block->streams[i].n_trials_left = models->n;
	for (uint32_t m = 0; m < models->n; m++) /* those of one model side by side: they share a batch */
		for (uint32_t i = 0; i < block->n_streams; i++) {
			struct lac_stream *trial = &block->trials[m * block->n_streams + i];

			*trial = block->streams[i];
			trial->model = models->at[m];
			trial->trial_of = &block->streams[i];
		}
	return true;
}

bool lac_stream_settle(struct lac_stream *stream)
{
	const struct lac_block *block = stream->block;
	struct lac_stream *best = &block->trials[stream - block->streams];

	for (uint32_t m = 0; m < block->n_models; m++) {
		struct lac_stream *trial = &block->trials[m * block->n_streams + (uint32_t)(stream - block->streams)];

		if (trial->error.status) {
			stream->error = trial->error;
			return false;
		}
		if (trial->out.length < best->out.length)
			best = trial;
	}
	stream->model = best->model;
	if (best->is_cut)
		return true;
	stream->out = best->out;
	stream->n_tokens = best->n_tokens;
	best->out = (struct lac_buffer){ 0 };
	return false;
}
