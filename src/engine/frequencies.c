#include "base/strict_float.h"
#include "engine/frequencies.h"
#include "base/memory.h"

#define BLOCK 64u
/* section 7.2: when no token ends a record; about 1/4096 of a flat total */
#define END_SIZE (1u << 14)
#define ESCAPE_SIZE (1u << 8)  /* section 7.2: when some byte has no token */

_Static_assert(LAC_VOCABULARY_MAX <= UINT64_C(1) << 20, "totals stay below 2^48: 2^20 tokens of at most 2^26 + 1");

bool lac_frequencies_create(struct lac_frequencies *f, const struct lac_model *model)
{
	const uint32_t n = LAC_ROUND_UP(model->shape.n_vocabulary, BLOCK), eos = lac_tokenizer_eos(model->tokenizer);

	*f = (struct lac_frequencies){ .model = model, .n_blocks = n / BLOCK };
	f->escape_size = lac_tokenizer_has_all_bytes(model->tokenizer) ? 1 : ESCAPE_SIZE;
	f->end_size = eos != LAC_NO_TOKEN ? 1 : END_SIZE;
	f->end = eos != LAC_NO_TOKEN ? eos : model->shape.n_vocabulary + 1;
	f->of_token = lac_aligned_calloc(n, sizeof *f->of_token);
	f->of_block = lac_aligned_calloc(f->n_blocks, sizeof *f->of_block);
	if (f->of_token && f->of_block)
		return true;
	lac_frequencies_free(f);
	return false;
}

void lac_frequencies_free(struct lac_frequencies *f)
{
	lac_aligned_free(f->of_token);
	lac_aligned_free(f->of_block);
	*f = (struct lac_frequencies){ 0 };
}

void lac_frequencies_set(struct lac_frequencies *f, float *logits)
{
	f->model->kernels->frequencies(f->of_token, f->of_block, logits, f->model->shape.n_vocabulary, (size_t)f->n_blocks * BLOCK);
	f->tokens_total = 0;
	for (uint32_t block = 0; block < f->n_blocks; block++)
		f->tokens_total += f->of_block[block];
	f->total = f->tokens_total + f->escape_size + f->end_size;
}

struct lac_interval lac_frequencies_interval(const struct lac_frequencies *f, uint32_t symbol)
{
	const uint32_t n = f->model->shape.n_vocabulary;
	uint64_t low = 0;

	if (symbol == n)
		return (struct lac_interval){ f->tokens_total, f->escape_size };
	if (symbol > n)
		return (struct lac_interval){ f->tokens_total + f->escape_size, f->end_size };
	for (uint32_t block = 0; block < symbol / BLOCK; block++)
		low += f->of_block[block];
	for (uint32_t token = symbol / BLOCK * BLOCK; token < symbol; token++)
		low += f->of_token[token];
	return (struct lac_interval){ low, f->of_token[symbol] };
}

uint32_t lac_frequencies_find(const struct lac_frequencies *f, uint64_t target, struct lac_interval *interval)
{
	uint32_t block = 0, token;
	uint64_t low = 0;

	if (target >= f->tokens_total) {
		uint32_t symbol = f->model->shape.n_vocabulary + (target >= f->tokens_total + f->escape_size);

		*interval = lac_frequencies_interval(f, symbol);
		return symbol;
	}
	while (target - low >= f->of_block[block])
		low += f->of_block[block++];
	token = block * BLOCK;
	while (target - low >= f->of_token[token])
		low += f->of_token[token++];
	*interval = (struct lac_interval){ low, f->of_token[token] };
	return token;
}
