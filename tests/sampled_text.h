/* sampled_text.h: text that a model of random weights foretells well, because it is drawn from what
 * the model foretells. Other text such a model does not win, and its blocks are mixed (format.md
 * section 5.6): tests with it would not test the model. */
#ifndef LAC_TESTS_SAMPLED_TEXT_H
#define LAC_TESTS_SAMPLED_TEXT_H

#include "test.h"

#include "engine/predictor.h"

#define SAMPLED_BYTES_MAX 65536

struct sampler {
	const struct lac_model *model;
	struct lac_predictor *predictor;
	uint32_t window;
	const struct lac_frequencies *frequencies; /* of what follows */
	struct lac_symbols symbols;
	uint64_t state;
	uint8_t *text; /* of one stream: [n_bytes] of SAMPLED_BYTES_MAX */
	size_t n_bytes;
};

/* Draws with a context of so many tokens. */
static inline struct sampler sampler_create_narrow(const struct lac_model *model, uint64_t seed, uint32_t window)
{
	struct sampler s = { .model = model, .window = window, .state = seed, .text = malloc(SAMPLED_BYTES_MAX) };

	if (!s.text || lac_predictor_create(&s.predictor, model, window, 1, 0, NULL))
		abort();
	return s;
}

static inline struct sampler sampler_create(const struct lac_model *model, uint64_t seed)
{
	return sampler_create_narrow(model, seed, lac_model_window(model));
}

static inline void sampler_free(struct sampler *s)
{
	lac_symbols_free(&s->symbols);
	lac_predictor_free(&s->predictor);
	free(s->text);
}

/* There is one slot, so that what it foretells stays until the next run. */
static inline void sampler_see(void *sampler, uint32_t slot, const struct lac_frequencies *frequencies)
{
	(void)slot;
	((struct sampler *)sampler)->frequencies = frequencies;
}

static inline void sampler_start(struct sampler *s)
{
	s->n_bytes = s->symbols.length = 0;
	lac_predictor_start(s->predictor, 0, s->window, NULL, 0);
	if (!lac_predictor_run(s->predictor, sampler_see, s))
		abort();
}

static inline void sampler_feed(struct sampler *s, uint32_t token)
{
	lac_predictor_feed(s->predictor, 0, token);
	if (!lac_predictor_run(s->predictor, sampler_see, s))
		abort();
}

/* Whether the bytes may follow, and the whole is then cut into the symbols so far and this one. */
static inline bool sampler_append(struct sampler *s, const uint8_t *bytes, size_t n, lac_symbol symbol)
{
	const size_t n_symbols = s->symbols.length, n_added = n_symbols ? 0 : lac_tokenizer_prefix(s->model->tokenizer, bytes);

	if (n <= n_added)
		return false;
	bytes += n_added;
	n -= n_added;
	for (size_t i = 0; i < n; i++)
		if (bytes[i] == '\n' || bytes[i] == 0) /* separators, and where blocks are cut */
			return false;
	if (s->n_bytes + n > SAMPLED_BYTES_MAX)
		return false;
	memcpy(s->text + s->n_bytes, bytes, n);
	if (lac_tokenize(s->model->tokenizer, s->text, s->n_bytes + n, &s->symbols, NULL))
		abort();
	if (s->symbols.length == n_symbols + 1 && s->symbols.at[n_symbols] == symbol) {
		s->n_bytes += n;
		return true;
	}
	if (lac_tokenize(s->model->tokenizer, s->text, s->n_bytes, &s->symbols, NULL))
		abort();
	return false;
}

/* One stream's text of at least n_bytes, in s->text; of each 32 symbols one is an escape, if the
 * model knows any. */
static inline void sample_stream(struct sampler *s, size_t n_bytes)
{
	sampler_start(s);
	while (s->n_bytes < n_bytes) {
		struct lac_interval interval;
		const uint32_t symbol = lac_frequencies_find(s->frequencies, test_random(&s->state) % s->frequencies->tokens_total, &interval);
		const uint8_t byte = (uint8_t)test_random(&s->state);
		size_t n;
		const uint8_t *bytes = lac_token_bytes(s->model->tokenizer, symbol, &n);

		if (!lac_tokenizer_has_all_bytes(s->model->tokenizer) && byte % 32 == 7)
			(void)sampler_append(s, &byte, 1, LAC_SYMBOL_RAW | byte);
		if (sampler_append(s, bytes, n, symbol))
			sampler_feed(s, symbol);
	}
}

#endif
