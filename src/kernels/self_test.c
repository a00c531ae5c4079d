/* self_test.c: the known-answer test that stands between a strange build and somebody's only copy.
 * It runs before every use of a model, so it is short; what it lets through, tests/test_kernels.c
 * should not. */
#include "base/strict_float.h"
#include "kernels/kernels.h"
#include "base/hash.h"
#include "kernels/packed.h"

#include <string.h>

/* Lengths with tails of every sort; several rows, several tiles and a row alone go different
 * ways. */
enum { ROWS = 7, WIDE = 300, STRIDE = 304, OUT = 99, TILES = 7, POSITIONS = 192, MATRICES_BYTES = 96 << 10 };

struct sample {
	const struct lac_kernels *kernels;
	struct lac_hash128 *hash;
	uint32_t state;
	float x[ROWS * STRIDE], y[ROWS * STRIDE], z[STRIDE];
	float scales[OUT * (STRIDE / LAC_GROUP + 1)], factors[ROWS];
	uint32_t frequencies[STRIDE + LAC_GROUP];
	uint64_t sums[STRIDE / LAC_GROUP + 1];
	int8_t values[ROWS * STRIDE];
	_Alignas(64) int8_t cache[TILES * POSITIONS * LAC_LANES];
};

static uint32_t next_random(struct sample *s)
{
	s->state = s->state * 1664525u + 1013904223u; /* Numerical Recipes' linear congruence */
	return s->state >> 8;
}

/* ---- Inputs: integers, scaled by exact binary fractions -------------------------------------- */

enum kind { ORDINARY, WIDELY, BOUNDS, HALVES, N_KINDS };

static float power_of_two(int exponent)
{
	const uint32_t bits = (uint32_t)(exponent + 127) << 23;
	float x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

static const float bounds[] = { 0.0f, 0x1p-149f, 0x1.fffffcp-127f, 0x1p-126f, 0x1.fffffep-101f, 0x1p-100f, 1.0f, 85.5f, 87.0f,
	0x1.4p39f, 0x1.fffffep39f, 0x1p40f, 0x1.000002p40f, 0x1p60f, 0x1.000002p60f, 0x1p76f };
#define N_BOUNDS (sizeof bounds / sizeof *bounds)

static float draw(struct sample *s, enum kind kind)
{
	const int32_t r = (int32_t)next_random(s), sign = r & 1 ? -1 : 1;

	switch (kind) {
	case WIDELY: /* whose products reach the subnormals */
		return (float)(r - (1 << 23)) * power_of_two((int)(next_random(s) % 112) - 103);
	case BOUNDS:
		return (float)sign * bounds[(uint32_t)r / 2 % N_BOUNDS];
	/* of 127ths: as near to a tie as binary32 goes, where the largest of a group is 1.7 */
	case HALVES:
		return r % 16 ? ((float)(r % 254 - 127) + 0.5f) / (127.0f / 0x1.b40e9p0f) : 0x1.b40e9p0f;
	default:
		return (float)(r - (1 << 23)) * 0x1p-21f;
	}
}

static void fill(struct sample *s, float *x, size_t n, enum kind kind)
{
	for (size_t i = 0; i < n; i++)
		x[i] = draw(s, kind);
}

/* Magnitudes as scales are; what stands for a group's scale is at most 2^33. */
static void fill_scales(struct sample *s, float *x, size_t n, enum kind kind)
{
	for (size_t i = 0; i < n; i++) {
		x[i] = draw(s, kind);
		x[i] = x[i] < 0.0f ? -x[i] : x[i] < 0x1p33f ? x[i] : 0x1p33f;
	}
}

/* From least to 127, or only these two: sums of pairs of products must not saturate. */
static void fill_values(struct sample *s, int8_t *values, size_t n, int32_t least, bool only_ends)
{
	for (size_t i = 0; i < n; i++) {
		const int32_t r = (int32_t)next_random(s);

		values[i] = (int8_t)(only_ends ? (r & 4 ? 127 : least) : r % (128 - least) + least);
	}
}

/* ---- Results -------------------------------------------------------------------------------- */

/* Bytes of each 32-bit pattern, the lowest first, so that the answer is the same on either byte
 * order. */

static void feed(struct sample *s, const void *words, size_t n)
{
	uint8_t bytes[256];

	for (size_t i = 0, at = 0; i < n; i++) {
		uint32_t word;

		memcpy(&word, (const char *)words + 4 * i, sizeof word);
		for (unsigned byte = 0; byte < 4; byte++)
			bytes[at++] = (uint8_t)(word >> 8 * byte);
		if (at == sizeof bytes || i + 1 == n) {
			lac_hash128_update(s->hash, bytes, at);
			at = 0;
		}
	}
}

/* ---- Operations ------------------------------------------------------------------------------ */

static void exercise_quantize(struct sample *s)
{
	static const size_t lengths[] = { 1, 6, 16, 63, 64, 65, 172 };

	for (size_t i = 0; i < sizeof lengths / sizeof *lengths * N_KINDS; i++) {
		const size_t n = lengths[i / N_KINDS];

		fill(s, s->x, n, (enum kind)(i % N_KINDS));
		s->kernels->quantize(s->values, s->scales, s->x, n);
		lac_hash128_update(s->hash, s->values, LAC_ROUND_UP(n, LAC_QUAD));
		feed(s, s->scales, (n - 1) / LAC_GROUP + 1);
		s->kernels->quantize_activations(s->values, s->scales, s->x, n);
		for (size_t j = 0; j < LAC_ROUND_UP(n, LAC_QUAD); j++)
			s->values[j] = (int8_t)((uint8_t)s->values[j] - s->kernels->activation_zero);
		lac_hash128_update(s->hash, s->values, LAC_ROUND_UP(n, LAC_QUAD));
		feed(s, s->scales, (n - 1) / LAC_GROUP + 1);
	}
	for (size_t i = 0; i < N_BOUNDS; i++) { /* each alone, so that it is the largest */
		s->kernels->quantize(s->values, s->scales, &bounds[i], 1);
		lac_hash128_update(s->hash, s->values, LAC_QUAD);
		feed(s, s->scales, 1);
	}
}

static void exercise_matmul_of(struct sample *s, const struct lac_packed *shape, size_t n_rows, unsigned round)
{
	const struct lac_rows rows = { s->values, s->scales, STRIDE, STRIDE / LAC_GROUP + 1 };
	const size_t stride = (size_t)shape->n_tiles * LAC_LANES;
	struct lac_packed w = *shape;

	for (uint32_t row = 0; row < w.n_out; row++) {
		fill_values(s, s->values, (size_t)w.n_quads * LAC_QUAD, -127, round & 1);
		fill_scales(s, s->scales, w.n_groups, round % 3 ? ORDINARY : WIDELY);
		lac_packed_set_row(&w, row, s->values, s->scales);
	}
	fill_values(s, s->values, n_rows * STRIDE, -127, round & 2);
	for (size_t i = 0; i < n_rows * STRIDE; i++)
		s->values[i] = (int8_t)((uint8_t)s->values[i] + s->kernels->activation_zero);
	fill_scales(s, s->scales, n_rows * rows.stride_scales, round % 3 == 1 ? ORDINARY : WIDELY);
	s->kernels->matmul(s->y, stride, &rows, n_rows, &w, 0, w.n_tiles);
	feed(s, s->y, n_rows * stride);
	if (w.n_tiles > 2) {
		memset(s->y, 0, n_rows * stride * sizeof *s->y);
		s->kernels->matmul(s->y, stride, &rows, n_rows, &w, 1, w.n_tiles - 1);
		feed(s, s->y, n_rows * stride);
	}
}

static bool exercise_matmul(struct sample *s)
{
	static const uint16_t shapes[][3] = { { 1, 1, 1 }, { 17, 67, 2 }, { OUT, 172, 7 }, { 65, 64, 3 }, { OUT, 131, 1 }, { 48, 300, 5 } };
	struct lac_arena arena = { NULL, MATRICES_BYTES };
	bool is_made = true;

	for (unsigned i = 0; is_made && i < sizeof shapes / sizeof *shapes; i++) {
		struct lac_packed packed;

		is_made = lac_packed_create(&packed, &arena, shapes[i][0], shapes[i][1]);
		if (is_made)
			exercise_matmul_of(s, &packed, shapes[i][2], i);
	}
	lac_arena_free(&arena);
	return is_made;
}

static void exercise_mix(struct sample *s)
{
	static const uint8_t shapes[][3] = { { 1, 1, 1 }, { 1, 7, 3 }, { 7, 5, 2 }, { 4, 4, 3 }, { 3, 2, 1 } };
	struct lac_value_cache cache = { s->cache, NULL, (size_t)POSITIONS * LAC_LANES, 0 };
	struct lac_weight_rows weights = { s->values, s->scales, s->factors, STRIDE, 4, 0 };

	for (unsigned i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		const size_t n_rows = shapes[i][0];

		cache.n_tiles = shapes[i][1];
		weights.n_groups = shapes[i][2];
		fill_values(s, s->cache, sizeof s->cache, -127, i & 1);
		fill_values(s, s->values, n_rows * STRIDE, 0, i & 2);
		fill_scales(s, s->scales, n_rows * 4, i ? ORDINARY : WIDELY);
		fill_scales(s, s->factors, n_rows, i ? ORDINARY : WIDELY);
		s->kernels->mix(s->y, STRIDE, &weights, n_rows, &cache);
		for (size_t row = 0; row < n_rows; row++)
			feed(s, s->y + row * STRIDE, (size_t)cache.n_tiles * LAC_LANES);
	}
}

static void exercise_softmax_of(struct sample *s, size_t first, size_t end, size_t i)
{
	fill(s, s->x, end, (enum kind)(i % N_KINDS));
	fill_scales(s, s->y, end, (enum kind)(i / 2 % N_KINDS));
	s->factors[0] = s->kernels->softmax(s->values, s->scales, s->x, first, end, POSITIONS, s->y);
	lac_hash128_update(s->hash, s->values, POSITIONS);
	feed(s, s->scales, POSITIONS / LAC_GROUP);
	feed(s, s->factors, 1);
}

static void exercise_softmax(struct sample *s)
{
	static const size_t lengths[] = { 1, 2, 3, 5, 15, 64, 75, 128, 186 };

	for (size_t i = 0; i < sizeof lengths / sizeof *lengths * N_KINDS; i++)
		exercise_softmax_of(s, 0, lengths[i / N_KINDS], i);
}

/* The first positions are not seen. */
static void exercise_sliding(struct sample *s)
{
	static const uint8_t seen[][2] = { { 1, 2 }, { 3, 64 }, { 17, 40 }, { 63, 130 }, { 64, 65 }, { 100, 128 }, { 150, 186 } };

	for (size_t i = 0; i < sizeof seen / sizeof *seen * N_KINDS; i++)
		exercise_softmax_of(s, seen[i / N_KINDS][0], seen[i / N_KINDS][1], i);
}

static void exercise_store_value(struct sample *s)
{
	static const size_t lengths[] = { 1, 16, 40, 64, 109 };
	struct lac_value_cache cache = { s->cache, s->scales, (size_t)POSITIONS * LAC_LANES, 0 };

	for (size_t i = 0; i < sizeof lengths / sizeof *lengths * N_KINDS; i++) {
		const size_t n = lengths[i / N_KINDS];

		cache.n_tiles = (uint32_t)((n - 1) / LAC_LANES + 1);
		fill(s, s->x, n, (enum kind)(i % N_KINDS));
		s->kernels->store_value(&cache, (uint32_t)(i * 9 % POSITIONS), s->x, n);
	}
	lac_hash128_update(s->hash, s->cache, sizeof s->cache);
	feed(s, s->scales, POSITIONS);
}

static void exercise_rows(struct sample *s)
{
	static const float epsilons[] = { 0x1p-16f, 1.0f, 0x1p-39f };

	for (unsigned i = 0; i < 4 * N_KINDS; i++) { /* another order of a sum often rounds alike */
		const enum kind kind = (enum kind)(i % N_KINDS), other = (enum kind)(i / N_KINDS);
		const size_t n = i % 3 ? WIDE - i : 16 * (i + 1);

		fill(s, s->x, STRIDE, kind);
		fill(s, s->y, STRIDE, other);
		fill(s, s->z, STRIDE, ORDINARY);
		s->kernels->add(s->x, s->y, STRIDE);
		feed(s, s->x, STRIDE);
		/* a norm's rows are zero-padded */
		memset(s->x + n, 0, (STRIDE - n) * sizeof *s->x);
		s->kernels->norm(s->x + STRIDE, s->x, s->z, n, epsilons[i % 3]);
		s->kernels->rotate(s->x, s->z, s->z + STRIDE / 2, 1 + n / 2 - i % 2);
		feed(s, s->x, STRIDE + LAC_ROUND_UP(n, LAC_LANES));
		s->kernels->gate(s->y, s->x, STRIDE);
		s->kernels->gate(s->x, s->y, STRIDE);
		feed(s, s->x, STRIDE);
	}
}

/* Each result is another if one of the constants of exp is one unit in its last place larger or
 * smaller: found by trying. */
static void exercise_exponential(struct sample *s)
{
	static const float told[16] = { -0x1.74ba3ep+3f, -0x1.e56616p+4f, -0x1.fdd624p+2f, -0x1.d5959ep+4f, -0x1.979f4ap+4f, -0x1.32c2eap+5f,
		-0x1.19e5aap+4f, -0x1.2470fcp+6f, -0x1.2901b4p+4f, -0x1.287124p+4f, 0.0f, -0.0f, -86.0f, 0x1.5cp+6f, 0x1.58p+6f, 1.0f };

	memcpy(s->x, told, sizeof told);
	for (size_t i = 0; i < LAC_LANES; i++)
		s->y[i] = 1.0f;
	s->kernels->gate(s->x, s->y, LAC_LANES);
	feed(s, s->x, LAC_LANES);
}

static void exercise_frequencies(struct sample *s)
{
	static const size_t lengths[] = { 1, 64, 99, 300 };

	for (size_t i = 0; i < sizeof lengths / sizeof *lengths * N_KINDS; i++) {
		const size_t n = lengths[i / N_KINDS], n_padded = LAC_ROUND_UP(n, LAC_GROUP);

		fill(s, s->x, n, (enum kind)(i % N_KINDS));
		s->kernels->frequencies(s->frequencies, s->sums, s->x, n, n_padded);
		feed(s, s->frequencies, n_padded);
		for (size_t block = 0; block < n_padded / LAC_GROUP; block++) {
			lac_hash128_u32(s->hash, (uint32_t)s->sums[block]);
			lac_hash128_u32(s->hash, (uint32_t)(s->sums[block] >> 32));
		}
	}
	for (size_t i = 0; i < 64; i++) /* equal ones: their sum passes 2^32 */
		s->x[i] = -1.0f;
	s->kernels->frequencies(s->frequencies, s->sums, s->x, 64, 64);
	lac_hash128_u32(s->hash, (uint32_t)s->sums[0]);
	lac_hash128_u32(s->hash, (uint32_t)(s->sums[0] >> 32));
}

/* False: there is no memory. */
static bool exercise(struct sample *s, uint8_t digest[16])
{
	s->hash = lac_hash128_create();
	if (!s->hash || !exercise_matmul(s)) {
		lac_hash128_finish(&s->hash, digest);
		return false;
	}
	exercise_quantize(s);
	exercise_mix(s);
	exercise_softmax(s);
	exercise_store_value(s);
	exercise_rows(s);
	exercise_exponential(s);
	exercise_frequencies(s);
	exercise_sliding(s);
	lac_hash128_finish(&s->hash, digest);
	return true;
}

enum lac_status lac_kernels_self_test(const struct lac_kernels *kernels, struct lac_error *error)
{
	static const uint8_t expected[16] = { 0x7e, 0xbb, 0x7c, 0x30, 0x35, 0xa6, 0x9d, 0x21,
		0xc9, 0x62, 0x90, 0x82, 0xe6, 0xf0, 0x44, 0x8f };
	static const struct sample zeros;
	struct sample sample = zeros;
	uint8_t digest[16];

	sample.kernels = kernels;
	sample.state = 20260401;
	if (!exercise(&sample, digest))
		return lac_fail_memory(error, sizeof sample, "the self-test of kernels");
	if (memcmp(digest, expected, sizeof digest) != 0)
		return lac_fail(error, LAC_SELF_TEST_FAILED, 0, "kernels \"%s\" do not repeat the defined arithmetic on this CPU or "
			"in this build; nothing was read or written", kernels->name);
	return LAC_OK;
}
