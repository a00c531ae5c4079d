#include "base/strict_float.h"
#include "train/ngrams.h"
#include "base/hash.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WORD_BYTES_MAX 12u /* so that scripts without spaces have words too */

enum kind { SPACE, LETTER, MARK };

static enum kind kind_of(uint8_t c)
{
	const uint8_t lower = c | 0x20;

	if (c <= ' ')
		return SPACE;
	return c >= 0x80 || (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ? LETTER : MARK;
}

/* A run of letters, small ones whatever they are, or of marks: "###" and "**" tell of a text what it looks like. */
static size_t next_word(const uint8_t *text, size_t n_bytes, size_t *at, uint8_t *word)
{
	size_t n = 0;
	enum kind kind;

	while (*at < n_bytes && kind_of(text[*at]) == SPACE)
		++*at;
	kind = *at < n_bytes ? kind_of(text[*at]) : SPACE;
	for (; *at < n_bytes && n < WORD_BYTES_MAX && kind_of(text[*at]) == kind; ++*at)
		word[n++] = text[*at] >= 'A' && text[*at] <= 'Z' ? text[*at] | 0x20 : text[*at];
	return n;
}

static int compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The hashes of a text's n-grams, sorted. */
static bool collect(struct lac_ngrams *grams, const uint8_t *text, size_t n_bytes)
{
	uint8_t word[WORD_BYTES_MAX];
	uint64_t before = 0;
	size_t at = 0, n;

	if (grams->capacity < 2 * n_bytes) { /* at most a word a byte */
		uint64_t *grown = n_bytes <= SIZE_MAX / (4 * sizeof *grown) ? realloc(grams->at, 4 * n_bytes * sizeof *grown) : NULL;

		if (!grown)
			return false;
		grams->at = grown;
		grams->capacity = 4 * n_bytes;
	}
	grams->n = 0;
	while ((n = next_word(text, n_bytes, &at, word)) > 0) {
		const uint64_t hash = lac_hash64(word, n, 1);

		grams->at[grams->n++] = hash;
		if (before)
			grams->at[grams->n++] = lac_hash64(&hash, sizeof hash, before);
		before = hash;
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
		/* what is in one text only says nothing of groups */
		weights[i] = n >= 2 && n < list->n ? (float)log((double)list->n / (double)n) : 0.0f;
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
