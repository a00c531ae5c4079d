#include "base/strict_float.h"
#include "train/embedder.h"
#include "base/memory.h"
#include "train/ngrams.h"
#include "train/states.h"
#include "train/vector.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

enum lac_status lac_embedder_open(struct lac_embedder *out, const struct lac_cluster_options *o, struct lac_error *error)
{
	*out = (struct lac_embedder){ .kind = o->embedding, .n_dims = LAC_NGRAM_DIMS,
		.n_threads = lac_threads_wanted(o->n_threads) };
	if (out->kind == LAC_STATES) {
		const enum lac_status s = o->model ? lac_model_open_file(&out->model, o->model, NULL, error) :
			lac_model_open_default(&out->model, NULL, error);

		if (s)
			return s;
		out->n_dims = out->model->shape.dim;
	}
	out->weights = out->kind == LAC_STATES ? NULL : calloc(LAC_NGRAM_WEIGHTS, sizeof *out->weights);
	out->mean = calloc(out->n_dims, sizeof *out->mean);
	if (!out->mean || (out->kind != LAC_STATES && !out->weights))
		return lac_fail_memory(error, LAC_NGRAM_WEIGHTS * sizeof *out->weights, "weights");
	return lac_threads_create(&out->threads, out->n_threads, error);
}

void lac_embedder_free(struct lac_embedder *embedder)
{
	lac_threads_free(&embedder->threads);
	lac_model_close(&embedder->model);
	free(embedder->weights);
	free(embedder->mean);
	*embedder = (struct lac_embedder){ .model = NULL };
}

/* ---- Texts shared out to the threads ---------------------------------------------- */

struct embedding {
	const struct lac_embedder *embedder;
	const struct lac_text_list *list;
	const struct lac_cluster_options *options;
	float *points;
	atomic_size_t next;     /* text to be taken; the list's end: no more */
	struct lac_error error; /* the first; under the lock */
	atomic_flag is_failed;
};

static void fail(struct embedding *e, const struct lac_error *error)
{
	if (!atomic_flag_test_and_set(&e->is_failed))
		e->error = *error;
	atomic_store(&e->next, e->list->n);
}

/* Texts one after another, as many as there are for this thread. The first thread is the caller's,
 * and tells it. */
static enum lac_status embed_texts(struct embedding *e, uint32_t thread, struct lac_states *states, struct lac_ngrams *grams,
	struct lac_error *error)
{
	const struct lac_cluster_options *o = e->options;
	enum lac_status s = LAC_OK;
	size_t i;

	while (!s && (i = atomic_fetch_add(&e->next, 1)) < e->list->n) {
		const struct lac_listed_text *text = &e->list->texts[i];
		float *out = e->points + i * e->embedder->n_dims;

		if (thread == 0 && o->on_progress && !o->on_progress(o->payload, i, e->list->n))
			return lac_fail(error, LAC_CANCELLED, 0, "cancelled; nothing was written");
		if (states)
			s = lac_states_embed(states, out, lac_listed_bytes(e->list, i), text->n_bytes, error);
		else if (!lac_ngrams_embed(out, e->embedder->weights, lac_listed_bytes(e->list, i), text->n_bytes, grams))
			s = lac_fail_memory(error, text->n_bytes, "n-grams");
	}
	return s;
}

static void embed_share(void *context, uint32_t thread, uint32_t n_threads)
{
	struct embedding *e = context;
	struct lac_ngrams grams = { .at = NULL };
	struct lac_states *states = NULL;
	struct lac_error error = { .status = LAC_OK };
	const uint64_t saved = lac_float_environment_enter();
	enum lac_status s = LAC_OK;

	(void)n_threads;
	if (e->embedder->kind == LAC_STATES) {
		states = malloc(sizeof *states);
		s = states ? lac_states_create(states, e->embedder->model, &error) : lac_fail_memory(&error, sizeof *states, "states");
	}
	if (!s)
		s = embed_texts(e, thread, states, &grams, &error);
	if (s)
		fail(e, &error);
	lac_ngrams_free(&grams);
	if (states)
		lac_states_free(states);
	free(states);
	lac_float_environment_restore(saved);
}

/* ---- Seen from the mean ----------------------------------------------------------- */

static bool set_mean(struct lac_embedder *embedder, const float *points, size_t n)
{
	const uint32_t n_dims = embedder->n_dims;
	double *sums = calloc(n_dims, sizeof *sums);

	for (size_t i = 0; sums && i < n; i++)
		for (uint32_t k = 0; k < n_dims; k++)
			sums[k] += points[i * n_dims + k];
	for (uint32_t k = 0; sums && k < n_dims; k++)
		embedder->mean[k] = (float)(sums[k] / (double)n);
	free(sums);
	return sums;
}

static void normalize(const struct lac_embedder *embedder, float *points, size_t n)
{
	const uint32_t n_dims = embedder->n_dims;

	for (size_t i = 0; i < n; i++) {
		float *p = points + i * n_dims, length;

		for (uint32_t k = 0; k < n_dims; k++)
			p[k] -= embedder->mean[k];
		length = sqrtf(lac_vector_dot(p, p, n_dims));
		if (length > 0.0f)
			lac_vector_scale(p, 1.0f / length, n_dims);
	}
}

enum lac_status lac_embed(struct lac_embedder *embedder, const struct lac_text_list *list, bool fits, float **points,
	const struct lac_cluster_options *options, struct lac_error *error)
{
	struct embedding e = { .embedder = embedder, .list = list, .options = options, .is_failed = ATOMIC_FLAG_INIT,
		.points = lac_aligned_calloc(list->n, embedder->n_dims * sizeof(float)) };
	enum lac_status s = LAC_OK;

	*points = e.points;
	if (!e.points)
		return lac_fail_memory(error, list->n * embedder->n_dims * sizeof(float), "the texts' points");
	if (fits && embedder->weights)
		s = lac_ngrams_weigh(embedder->weights, list, embedder->threads, embedder->n_threads, error);
	if (s)
		return s;
	lac_threads_run(embedder->threads, embed_share, &e);
	if (e.error.status) {
		if (error)
			*error = e.error;
		return e.error.status;
	}
	if (fits && !set_mean(embedder, e.points, list->n))
		return lac_fail_memory(error, embedder->n_dims * sizeof(double), "a mean");
	normalize(embedder, e.points, list->n);
	return LAC_OK;
}
