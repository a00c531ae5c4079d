/* golden_close.h: the files of tests/golden/arithmetic whose results lie so close to those of
 * another order of operations, or of a constant beside the right one, that those drawn at random
 * (golden_kernels.h) let it pass. */
#ifndef LAC_GOLDEN_CLOSE_H
#define LAC_GOLDEN_CLOSE_H

#include "golden_kernels.h"
#include "kernels_textbook.h"
#include "textbook_engine.h"

#include "kernels/square_root.h"
#include "engine/cache.h"

/* Of kernels only what a frequency tells: from 2^-3 to 1 it is exp times 2^26, exactly, and 1. */
static float golden_exp_of(struct golden_maker *maker, float x)
{
	float logits[64] = { 0.0f, x };
	uint32_t frequencies[64];
	uint64_t sum;

	if (maker->is_textbook)
		return book_exp(x);
	maker->kernels->frequencies(frequencies, &sum, logits, 2, 64);
	return (float)(frequencies[1] - 1) * 0x1p-26f;
}

/* Found by trying four million: the nearest neighbours of the constants, fused operations and
 * Estrin's order each give another result for at least three of these. */
static void golden_exp(struct golden_maker *maker)
{
	static const float at[] = { -0x1.2bdfap-2f, -0x1.a22e7p-1f, -0x1.c9d8e4p-1f, -0x1.df162p-1f, -0x1.f958e8p-1f, -0x1.a01f46p+0f, 0.0f };

	for (unsigned i = 0; i < sizeof at / sizeof *at; i++) {
		const float exponential = golden_exp_of(maker, at[i]);

		golden_case(maker, "%u", i);
		golden_floats(maker, "x", &at[i], 1);
		golden_floats(maker, "exp", &exponential, 1);
	}
}

/* Seeds found by trying some hundred: sums in other orders, fused or in binary64, a product with 1
 * / n, and a quotient by the root, or the root of a quotient, in place of a product with 1 / root,
 * each give another result for at least two of these rows. */
static void golden_norm_long(struct golden_maker *maker)
{
	static const struct { size_t n; uint64_t seed; } rows[] = { { 203, 18 }, { 249, 118 }, { 333, 115 } };
	static const float epsilon = 1e-5f;

	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
		const size_t n = rows[i].n;
		float x[BOOK_MAX] = { 0 }, weight[BOOK_MAX] = { 0 }, y[BOOK_MAX];

		maker->state = rows[i].seed;
		fill_floats(x, n, &maker->state, FILL_NORMAL);
		fill_floats(weight, n, &maker->state, FILL_NORMAL);
		maker->kernels->norm(y, x, weight, n, epsilon);
		golden_case(maker, "%zu", n);
		golden_floats(maker, "epsilon", &epsilon, 1);
		golden_floats(maker, "x", x, n);
		golden_floats(maker, "w", weight, n);
		golden_floats(maker, "y", y, n);
	}
}

#define GOLDEN_POSITIONS 5

/* One head over a few positions, nothing rotated any more. */
struct golden_head {
	uint32_t dim;
	float q[BOOK_MAX], k[GOLDEN_POSITIONS][BOOK_MAX], v[GOLDEN_POSITIONS][BOOK_MAX];
};

static void golden_attend_by_book(float *out, struct golden_head *head)
{
	const struct lac_shape shape = { .head_dim = head->dim };
	const struct book_model model = { .shape = &shape };
	struct book_cache *cache = calloc(1, sizeof *cache); /* it is large */

	for (uint32_t i = 0; i < GOLDEN_POSITIONS; i++)
		book_keep(cache, &model, i, head->k[i], head->v[i]);
	book_attend(out, cache, &model, GOLDEN_POSITIONS - 1, head->q);
	free(cache);
}

/* What a session does with its cache. */
static void golden_attend(float *out, const struct lac_kernels *k, const struct golden_head *head)
{
	const struct lac_model model = { .shape = { .head_dim = head->dim, .n_kv_heads = 1, .n_layers = 1 } };
	const struct lac_cache_layout layout = lac_cache_layout(&model, GOLDEN_POSITIONS);
	uint8_t *cache = lac_aligned_calloc(layout.bytes, 1);
	struct lac_packed keys;
	struct lac_value_cache values;
	int8_t q[BOOK_MAX], m[64];
	float q_scales[BOOK_MAX / 64], scores[64], m_scale, factor;
	const struct lac_rows queries = { q, q_scales, BOOK_MAX, BOOK_MAX / 64 };
	const struct lac_weight_rows weights = { m, &m_scale, &factor, 64, 1, 1 };

	for (uint32_t i = 0; i < GOLDEN_POSITIONS; i++)
		lac_cache_store(cache, &layout, k, 0, 0, i, head->k[i], head->v[i]);
	lac_cache_view(cache, &layout, 0, 0, &keys, &values);
	k->quantize_activations(q, q_scales, head->q, head->dim);
	for (uint32_t group = 0; group < keys.n_groups; group++)
		q_scales[group] *= 1.0f / lac_square_root((float)head->dim);
	k->matmul(scores, 64, &queries, 1, &keys, 0, keys.n_tiles);
	factor = k->softmax(m, &m_scale, scores, 0, GOLDEN_POSITIONS, 64, values.scales);
	k->mix(out, BOOK_MAX, &weights, 1, &values);
	lac_aligned_free(cache);
}

static void golden_head_draw(struct golden_head *head, uint64_t seed)
{
	fill_floats(head->q, head->dim, &seed, FILL_NORMAL);
	for (uint32_t d = 0; d < head->dim; d++) /* no position outweighs the others */
		head->q[d] *= 0.125f;
	for (unsigned i = 0; i < GOLDEN_POSITIONS; i++) {
		fill_floats(head->k[i], head->dim, &seed, FILL_NORMAL);
		fill_floats(head->v[i], head->dim, &seed, FILL_NORMAL);
	}
}

/* Heads of two and three groups beside one of less than one. Seeds found by trying: a quotient by
 * the root of head_dim in place of the product with 1 / root, or either of them after the product
 * with the key, gives another result for each. */
static void golden_attention(struct golden_maker *maker)
{
	static const struct { uint32_t dim; uint64_t seed; } heads[] = { { 20, 71 }, { 74, 11 }, { 130, 14 } };

	for (unsigned i = 0; i < sizeof heads / sizeof *heads; i++) {
		struct golden_head head = { .dim = heads[i].dim };
		float out[BOOK_MAX];

		golden_head_draw(&head, heads[i].seed);
		golden_case(maker, "a head of %u", (unsigned)head.dim);
		golden_floats(maker, "q", head.q, head.dim);
		for (unsigned j = 0; j < GOLDEN_POSITIONS; j++) {
			golden_floats(maker, "k", head.k[j], head.dim);
			golden_floats(maker, "v", head.v[j], head.dim);
		}
		if (maker->is_textbook)
			golden_attend_by_book(out, &head);
		else
			golden_attend(out, maker->kernels, &head);
		golden_floats(maker, "out", out, head.dim);
	}
}

#endif
