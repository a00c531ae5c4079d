/* golden_kernels.h: the files of tests/golden/arithmetic on operations of kernels.h, as a table of
 * kernels makes them. Inputs are drawn from fixed seeds, so that whoever writes a file writes the
 * same if, and only if, his results are the same. */
#ifndef LAC_GOLDEN_KERNELS_H
#define LAC_GOLDEN_KERNELS_H

#include "golden_maker.h"
#include "kernels_fills.h"
#include "kernels/packed.h"
#include "base/memory.h"

#define GOLDEN_MAX 256

static void golden_quantize(struct golden_maker *maker)
{
	static const size_t lengths[] = { 1, 7, 64, 80 };
	float x[GOLDEN_MAX], scales[4];
	int8_t values[GOLDEN_MAX];

	for (enum fill fill = 0; fill < N_FILLS; fill++)
		for (unsigned i = fill % 2; i < 4; i += 2) {
			const size_t n = lengths[i];

			golden_case(maker, "%s of %zu", fill_names[fill], n);
			fill_floats(x, n, &maker->state, fill);
			maker->kernels->quantize(values, scales, x, n);
			golden_floats(maker, "x", x, n);
			golden_bytes(maker, "q", values, n);
			golden_floats(maker, "scales", scales, (n + 63) / 64);
		}
}

static void golden_product(struct golden_maker *maker)
{
	static const uint32_t lengths[] = { 1, 5, 64, 67, 150 };
	static const enum fill fills[] = { FILL_NORMAL, FILL_WIDE, FILL_TINY };
	int8_t w[GOLDEN_MAX] = { 0 }, q[GOLDEN_MAX] = { 0 }, in_form[GOLDEN_MAX];
	float s[4], t[4], y[16];

	for (unsigned i = 0; i < N_BYTES * N_BYTES; i++) {
		const uint32_t n = lengths[i % 5], n_groups = (n + 63) / 64;
		const struct lac_rows rows = { in_form, t, GOLDEN_MAX, 4 };
		struct lac_arena arena = { NULL, 0 };
		struct lac_packed packed;

		if (!lac_packed_create(&packed, &arena, 1, n))
			abort();
		memset(w, 0, sizeof w);
		memset(q, 0, sizeof q);
		fill_bytes(w, n, &maker->state, i / N_BYTES, -127);
		fill_bytes(q, n, &maker->state, i % N_BYTES, -127);
		fill_floats(s, n_groups, &maker->state, fills[i % 3]);
		fill_floats(t, n_groups, &maker->state, fills[i % 2]);
		lac_packed_set_row(&packed, 0, w, s);
		for (uint32_t j = 0; j < GOLDEN_MAX; j++)
			in_form[j] = (int8_t)((uint8_t)q[j] + maker->kernels->activation_zero);
		maker->kernels->matmul(y, 16, &rows, 1, &packed, 0, 1);
		golden_case(maker, "%s x %s, scales %s x %s", bytes_names[i / N_BYTES], bytes_names[i % N_BYTES], fill_names[fills[i % 3]],
			fill_names[fills[i % 2]]);
		golden_bytes(maker, "w", w, n);
		golden_floats(maker, "s", s, n_groups);
		golden_bytes(maker, "q", q, n);
		golden_floats(maker, "t", t, n_groups);
		golden_floats(maker, "y", y, 1);
		lac_arena_free(&arena);
	}
}

static void golden_norm(struct golden_maker *maker)
{
	static const struct { size_t n; enum fill fill; float epsilon; } cases[] = { { 1, FILL_NORMAL, 1e-5f }, { 16, FILL_ZERO, 1e-12f },
		{ 17, FILL_WIDE, 1e-5f }, { 40, FILL_MIN_MAX, 1e-6f }, { 31, FILL_SUBNORMAL, 1e-12f }, { 100, FILL_NORMAL, 1.0f } };

	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const size_t n = cases[i].n;
		float x[GOLDEN_MAX] = { 0 }, weight[GOLDEN_MAX] = { 0 }, y[GOLDEN_MAX];

		fill_floats(x, n, &maker->state, cases[i].fill);
		for (size_t j = 0; j < n; j++)
			x[j] = x[j] < -LAC_CLAMP ? -LAC_CLAMP : x[j] > LAC_CLAMP ? LAC_CLAMP : x[j];
		fill_floats(weight, n, &maker->state, FILL_NORMAL);
		maker->kernels->norm(y, x, weight, n, cases[i].epsilon);
		golden_case(maker, "%s of %zu", fill_names[cases[i].fill], n);
		golden_floats(maker, "epsilon", &cases[i].epsilon, 1);
		golden_floats(maker, "x", x, n);
		golden_floats(maker, "w", weight, n);
		golden_floats(maker, "y", y, n);
	}
}

static void golden_rotation(struct golden_maker *maker)
{
	static const enum fill fills[] = { FILL_NORMAL, FILL_WIDE, FILL_SUBNORMAL, FILL_ZERO };
	float x[GOLDEN_MAX], cosines[GOLDEN_MAX], sines[GOLDEN_MAX];

	for (unsigned i = 0; i < 4; i++) {
		const size_t half = 15 + i;

		fill_floats(x, 2 * half, &maker->state, fills[i]);
		fill_floats(cosines, half, &maker->state, FILL_NORMAL);
		fill_floats(sines, half, &maker->state, FILL_NORMAL);
		golden_case(maker, "%s", fill_names[fills[i]]);
		golden_floats(maker, "cos", cosines, half);
		golden_floats(maker, "sin", sines, half);
		golden_floats(maker, "x", x, 2 * half);
		maker->kernels->rotate(x, cosines, sines, half);
		golden_floats(maker, "rotated", x, 2 * half);
	}
}

struct golden_positions {
	size_t first, n;
	enum fill scores, scales;
};

/* Scores and scales of n positions, of which those from `first` on are seen. */
static void golden_softmax_of(struct golden_maker *maker, struct golden_positions c)
{
	float scores[GOLDEN_MAX] = { 0 }, scales[GOLDEN_MAX] = { 0 }, group_scales[3], factor;
	int8_t weights[192];

	fill_floats(scores, c.n, &maker->state, c.scores);
	fill_floats(scales, c.n, &maker->state, c.scales);
	for (size_t j = 0; j < c.n; j++)
		scales[j] = fabsf(scales[j]) < LAC_CLAMP ? fabsf(scales[j]) : LAC_CLAMP;
	if (c.first)
		golden_case(maker, "scores %s, scales %s, positions %zu to %zu of %zu", fill_names[c.scores], fill_names[c.scales], c.first,
			c.n - 1, c.n);
	else
		golden_case(maker, "scores %s, scales %s, %zu positions", fill_names[c.scores], fill_names[c.scales], c.n);
	golden_floats(maker, "scores", scores, c.n);
	golden_floats(maker, "value_scales", scales, c.n);
	factor = maker->kernels->softmax(weights, group_scales, scores, c.first, c.n, LAC_ROUND_UP(c.n, 64), scales);
	golden_bytes(maker, "m", weights, c.n);
	golden_floats(maker, "scales", group_scales, (c.n + 63) / 64);
	golden_floats(maker, "f", &factor, 1);
}

static void golden_softmax(struct golden_maker *maker)
{
	static const struct golden_positions cases[] = { { 0, 1, FILL_NORMAL, FILL_NORMAL }, { 0, 70, FILL_NORMAL, FILL_NORMAL },
		{ 0, 16, FILL_WIDE, FILL_TIES }, { 0, 17, FILL_MIN_MAX, FILL_WIDE }, { 0, 64, FILL_ZERO, FILL_TIES },
		{ 0, 31, FILL_NORMAL, FILL_TINY }, { 0, 5, FILL_SUBNORMAL, FILL_MAX }, { 0, 9, FILL_NORMAL, FILL_THRESHOLD } };

	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		golden_softmax_of(maker, cases[i]);
}

/* The last alone; a group left out; the first of one; within one; what is not seen above all that
 * is. */
static void golden_sliding(struct golden_maker *maker)
{
	static const struct golden_positions cases[] = { { 9, 10, FILL_NORMAL, FILL_NORMAL }, { 64, 66, FILL_NORMAL, FILL_NORMAL },
		{ 63, 70, FILL_NORMAL, FILL_TIES }, { 17, 50, FILL_NORMAL, FILL_NORMAL }, { 3, 20, FILL_MIN_MAX, FILL_WIDE },
		{ 1, 65, FILL_WIDE, FILL_NORMAL }, { 71, 80, FILL_NORMAL, FILL_TINY } };

	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		golden_softmax_of(maker, cases[i]);
}

static void golden_mixture(struct golden_maker *maker)
{
	enum { DIMS = 3, POSITIONS = 128 };
	int8_t *cache = lac_aligned_calloc(POSITIONS, 16), m[POSITIONS], v[POSITIONS];

	for (unsigned i = 0; i < N_BYTES; i++) {
		const size_t n = i % 2 ? 64 : 75, n_groups = (n + 63) / 64;
		const struct lac_value_cache view = { cache, NULL, POSITIONS * 16, 1 };
		float scales[2], factor, out[16];
		const struct lac_weight_rows rows = { m, scales, &factor, POSITIONS, 2, (uint32_t)n_groups };

		memset(m, 0, sizeof m);
		fill_bytes(m, n, &maker->state, (enum byte_fill)i, 0);
		fill_floats(scales, n_groups, &maker->state, i == 3 ? FILL_WIDE : FILL_NORMAL);
		fill_floats(&factor, 1, &maker->state, FILL_NORMAL);
		golden_case(maker, "weights %s, %zu positions", bytes_names[i], n);
		golden_bytes(maker, "m", m, n);
		golden_floats(maker, "scales", scales, n_groups);
		golden_floats(maker, "f", &factor, 1);
		for (unsigned d = 0; d < DIMS; d++) {
			fill_bytes(v, n, &maker->state, (enum byte_fill)((i + d) % N_BYTES), -127);
			for (size_t position = 0; position < n; position++)
				cache[position / 4 * 64 + d * 4 + position % 4] = v[position];
			golden_bytes(maker, "v", v, n); /* of one dimension */
		}
		maker->kernels->mix(out, 16, &rows, 1, &view);
		golden_floats(maker, "out", out, DIMS);
	}
	lac_aligned_free(cache);
}

static void golden_value(struct golden_maker *maker)
{
	static const size_t lengths[] = { 1, 16, 40, 64, 100 };
	enum { ROOM = 64, TILES = 7 };
	int8_t *cache = lac_aligned_calloc(TILES * ROOM, 16), values[GOLDEN_MAX];
	float x[GOLDEN_MAX], scales[ROOM];

	for (enum fill fill = 0; fill < N_FILLS; fill++) {
		const size_t n = lengths[fill % 5];
		const uint32_t position = fill * 5;
		const struct lac_value_cache view = { cache, scales, ROOM * 16, (uint32_t)(n + 15) / 16 };

		fill_floats(x, n, &maker->state, fill);
		maker->kernels->store_value(&view, position, x, n);
		for (size_t d = 0; d < n; d++)
			values[d] = cache[d / 16 * ROOM * 16 + position / 4 * 64 + d % 16 * 4 + position % 4];
		golden_case(maker, "%s of %zu", fill_names[fill], n);
		golden_floats(maker, "x", x, n);
		golden_bytes(maker, "v", values, n);
		golden_floats(maker, "scale", &scales[position], 1);
	}
	lac_aligned_free(cache);
}

static void golden_pairs(struct golden_maker *maker, void (*operation)(float *, const float *, size_t), const char *const *names)
{
	float x[16], y[16];

	for (unsigned i = 0; i < 2 * N_FILLS; i++) {
		const enum fill fill = i / 2, other = (fill * 3 + i % 2 * 5) % N_FILLS;

		fill_floats(x, 16, &maker->state, fill);
		fill_floats(y, 16, &maker->state, other);
		golden_case(maker, "%s, %s", fill_names[fill], fill_names[other]);
		golden_floats(maker, names[0], x, 16);
		golden_floats(maker, names[1], y, 16);
		operation(x, y, 16);
		golden_floats(maker, names[2], x, 16);
	}
}

/* Each result is another if one of the constants of exp (section 2.4) is one unit in its last place
 * larger or smaller. */
static void golden_gate(struct golden_maker *maker)
{
	static const char *const names[] = { "g", "u", "y" };
	float g[16] = { -0x1.2c76dp+3f, -0x1.543feap+6f, -0x1.bb9d4p+0f, -0x1.791274p+2f, -0x1.8f3252p+5f, -0x1.1538b2p+6f,
		-0x1.01d21cp+5f, -0x1.5f8ad8p+5f, -0x1.791276p+2f, -0x1.d1cb8p+2f, -0x1.cc4efcp+5f, -0x1.2e34f2p+6f, 0.0f, -0.0f, -86.0f, 87.0f };
	float u[16];

	for (unsigned i = 0; i < 16; i++)
		u[i] = 1.0f;
	golden_case(maker, "the constants of exp");
	golden_floats(maker, "g", g, 16);
	golden_floats(maker, "u", u, 16);
	maker->kernels->gate(g, u, 16);
	golden_floats(maker, "y", g, 16);
	golden_pairs(maker, maker->kernels->gate, names);
}

static void golden_add(struct golden_maker *maker)
{
	static const char *const names[] = { "x", "y", "sum" };

	golden_pairs(maker, maker->kernels->add, names);
}

static void golden_frequencies(struct golden_maker *maker)
{
	static const size_t lengths[] = { 1, 7, 64, 100 };
	float logits[GOLDEN_MAX];
	uint32_t frequencies[GOLDEN_MAX];
	uint64_t sums[2], sizes[GOLDEN_MAX];

	for (enum fill fill = 0; fill < N_FILLS; fill++) {
		const size_t n = lengths[(fill + 3) % 4];

		fill_floats(logits, n, &maker->state, fill);
		golden_case(maker, "%s of %zu", fill_names[fill], n);
		golden_floats(maker, "logits", logits, n);
		maker->kernels->frequencies(frequencies, sums, logits, n, n > 64 ? 128 : 64);
		for (size_t i = 0; i < n; i++)
			sizes[i] = frequencies[i];
		golden_numbers(maker, "f", sizes, n);
		sums[0] += n > 64 ? sums[1] : 0;
		golden_numbers(maker, "total", sums, 1);
	}
}

#endif
