#include "base/strict_float.h"
#include "train/ngrams.h"
#include "base/hash.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GRAM_BYTES 4u
/* what fewer texts have in common is no group's mark, and has the greatest weights: left out */
#define COMMON_SHARE 500u

static int compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The hashes of a text's n-grams, sorted. ASCII's capitals are small ones. */
static bool collect(struct lac_ngrams *grams, const uint8_t *text, size_t n_bytes)
{
	uint8_t gram[GRAM_BYTES];

	if (grams->capacity < n_bytes) {
		uint64_t *grown = n_bytes <= SIZE_MAX / (2 * sizeof *grown) ? realloc(grams->at, 2 * n_bytes * sizeof *grown) : NULL;

		if (!grown)
			return false;
		grams->at = grown;
		grams->capacity = 2 * n_bytes;
	}
	grams->n = 0;
	for (size_t at = 0; at + GRAM_BYTES <= n_bytes; at++) {
		for (size_t i = 0; i < GRAM_BYTES; i++)
			gram[i] = text[at + i] >= 'A' && text[at + i] <= 'Z' ? text[at + i] | 0x20 : text[at + i];
		grams->at[grams->n++] = lac_hash64(gram, GRAM_BYTES, 0);
	}
	if (grams->n)
		qsort(grams->at, grams->n, sizeof *grams->at, compare);
	return true;
}

/* Where the next other n-gram begins. */
static size_t end_of_run(const struct lac_ngrams *grams, size_t first)
{
	size_t end = first + 1;

	while (end < grams->n && grams->at[end] == grams->at[first])
		end++;
	return end;
}

struct weighing {
	const struct lac_text_list *list;
	uint32_t *counts; /* [n_threads][LAC_NGRAM_WEIGHTS]: in how many texts */
	bool *failed;     /* [n_threads] */
};

static void count(void *context, uint32_t thread, uint32_t n_threads)
{
	struct weighing *w = context;
	uint32_t *counts = w->counts + (size_t)thread * LAC_NGRAM_WEIGHTS;
	struct lac_ngrams grams = { .n = 0 };

	for (size_t i = thread; i < w->list->n && !w->failed[thread]; i += n_threads) {
		w->failed[thread] = !collect(&grams, lac_listed_bytes(w->list, i), w->list->texts[i].n_bytes);
		for (size_t k = 0; !w->failed[thread] && k < grams.n; k = end_of_run(&grams, k))
			counts[grams.at[k] % LAC_NGRAM_WEIGHTS]++;
	}
	lac_ngrams_free(&grams);
}

enum lac_status lac_ngrams_weigh(float *weights, const struct lac_text_list *list, struct lac_threads *threads, uint32_t n_threads,
	struct lac_error *error)
{
	struct weighing w = { .list = list, .counts = calloc((size_t)n_threads * LAC_NGRAM_WEIGHTS, sizeof *w.counts),
		.failed = calloc(n_threads, sizeof *w.failed) };
	bool failed = !w.counts || !w.failed;

	if (!failed)
		lac_threads_run(threads, count, &w);
	for (uint32_t t = 0; !failed && t < n_threads; t++)
		failed = w.failed[t];
	for (size_t i = 0; !failed && i < LAC_NGRAM_WEIGHTS; i++) {
		uint64_t n = 0;

		for (uint32_t t = 0; t < n_threads; t++)
			n += w.counts[(size_t)t * LAC_NGRAM_WEIGHTS + i];
		weights[i] = n >= 2 && n >= list->n / COMMON_SHARE && n < list->n ? (float)log((double)list->n / (double)n) : 0.0f;
	}
	free(w.failed);
	free(w.counts);
	return failed ? lac_fail_memory(error, (size_t)n_threads * LAC_NGRAM_WEIGHTS * sizeof *w.counts, "counting n-grams") : LAC_OK;
}

bool lac_ngrams_embed(float *out, const float *weights, const uint8_t *text, size_t n_bytes, struct lac_ngrams *scratch)
{
	memset(out, 0, LAC_NGRAM_DIMS * sizeof *out);
	if (!collect(scratch, text, n_bytes))
		return false;
	for (size_t i = 0, end; i < scratch->n; i = end) {
		const uint64_t hash = scratch->at[i];

		end = end_of_run(scratch, i);
		out[(hash >> 32) % LAC_NGRAM_DIMS] += (hash >> 63 ? -1.0f : 1.0f) * weights[hash % LAC_NGRAM_WEIGHTS] *
			(1.0f + (float)log((double)(end - i)));
	}
	return true;
}

void lac_ngrams_free(struct lac_ngrams *scratch)
{
	free(scratch->at);
	*scratch = (struct lac_ngrams){ .at = NULL };
}
