#include "archive/block.h"
#include "base/memory.h"

struct lac_block *lac_block_create(uint32_t n_streams)
{
	struct lac_block *block = lac_calloc(1, sizeof *block);

	if (!block)
		return NULL;
	block->n_streams = n_streams;
	block->streams = lac_calloc(n_streams ? n_streams : 1, sizeof *block->streams);
	if (!block->streams) {
		lac_free(block);
		return NULL;
	}
	for (uint32_t i = 0; i < n_streams; i++)
		block->streams[i].text_left = &block->text_left;
	return block;
}

void lac_block_free(struct lac_block **block)
{
	if (!*block)
		return;
	for (uint32_t i = 0; i < (*block)->n_streams; i++)
		lac_buffer_free(&(*block)->streams[i].out);
	for (uint32_t i = 0; (*block)->trials && i < (*block)->n_models * (*block)->n_streams; i++)
		lac_buffer_free(&(*block)->trials[i].out);
	for (uint32_t i = 0; i < (*block)->n_probes; i++)
		lac_buffer_free(&(*block)->probes[i].stream.out);
	lac_free((*block)->probes);
	lac_buffer_free(&(*block)->mixed.out);
	lac_buffer_free(&(*block)->bytes);
	lac_free((*block)->trials);
	lac_free((*block)->streams);
	lac_free(*block);
	*block = NULL;
}

uint64_t lac_block_done(const struct lac_block *block)
{
	uint64_t n_bytes = 0;

	for (uint32_t i = 0; i < block->n_streams; i++)
		n_bytes += atomic_load_explicit(&block->streams[i].n_done, memory_order_relaxed);
	return n_bytes;
}
