/* kernels.c: which table, and the known-answer test that stands between a strange build and somebody's only copy. */
#include "base/strict_float.h"
#include "kernels/kernels.h"
#include "base/hash.h"
#include "kernels/packed.h"
#include "laconic.h"

#include <string.h>

extern const struct lac_kernels lac_kernels_scalar;
#if defined(__x86_64__)
extern const struct lac_kernels lac_kernels_avx2, lac_kernels_avx512;
#elif defined(__AARCH64EL__)
extern const struct lac_kernels lac_kernels_neon, lac_kernels_dotprod;
#endif

const struct lac_kernels *const lac_kernels_all[] = {
#if defined(__x86_64__)
	&lac_kernels_avx512,
	&lac_kernels_avx2,
#elif defined(__AARCH64EL__)
	&lac_kernels_dotprod,
	&lac_kernels_neon,
#endif
	&lac_kernels_scalar,
	NULL
};

const struct lac_kernels *lac_kernels_choose(const char *name)
{
	for (size_t i = 0; lac_kernels_all[i]; i++)
		if ((!name || strcmp(name, lac_kernels_all[i]->name) == 0) && lac_kernels_all[i]->supported())
			return lac_kernels_all[i];
	return NULL;
}

const char *lac_kernels_name(unsigned index)
{
	for (size_t i = 0; lac_kernels_all[i]; i++)
		if (lac_kernels_all[i]->supported() && index-- == 0)
			return lac_kernels_all[i]->name;
	return NULL;
}

/* Inputs of the known-answer test: integers from a small generator, scaled by exact binary fractions. */
enum { ROWS = 5, WIDE = 172, OUT = 67, POSITIONS = 75, PADDED = 128, DIM = 112 };

struct sample {
	float x[ROWS * 176], y[ROWS * 176], weight[176];
	float scores[PADDED], value_scales[PADDED], out[ROWS * DIM];
	int8_t values[ROWS * 176], weights[ROWS * PADDED];
	_Alignas(64) int8_t cache[DIM / LAC_LANES * PADDED * LAC_LANES];
	float scales[ROWS * 3], group_scales[ROWS * PADDED / LAC_GROUP], factors[ROWS];
	uint32_t frequencies[PADDED];
	uint64_t sums[PADDED / 64];
};

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u; /* Numerical Recipes' linear congruence */
	return *state >> 8;
}

static void fill(float *x, size_t n, uint32_t *state, float scale)
{
	for (size_t i = 0; i < n; i++)
		x[i] = (float)((int32_t)next_random(state) - (1 << 23)) * scale;
}

/* Little-endian bytes of each 32-bit pattern, so that the answer is the same on either byte order. */
static void feed(struct lac_hash128 *hash, const void *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t word;

		memcpy(&word, (const char *)words + 4 * i, sizeof word);
		lac_hash128_u32(hash, word);
	}
}

static void exercise_products(const struct lac_kernels *k, struct sample *s, struct lac_packed *w,
	struct lac_hash128 *hash, uint32_t *state)
{
	const struct lac_rows rows = { s->values, s->scales, 176, 3 };
	int8_t values[WIDE];
	float scales[3];

	for (uint32_t row = 0; row < OUT; row++) {
		fill(s->x, WIDE, state, 0x1p-26f);
		k->quantize(values, scales, s->x, WIDE);
		lac_packed_set_row(w, row, values, scales);
	}
	fill(s->x, ROWS * 176, state, 0x1p-22f);
	for (unsigned row = 0; row < ROWS; row++)
		k->quantize_activations(s->values + row * 176, s->scales + row * 3, s->x + row * 176, WIDE);
	for (unsigned n_rows = 1; n_rows <= ROWS; n_rows += ROWS - 1) { /* one row and several take different ways */
		k->matmul(s->out, DIM, &rows, n_rows, w, 0, w->n_tiles);
		feed(hash, s->out, n_rows * DIM);
	}
}

static void exercise_attention(const struct lac_kernels *k, struct sample *s, struct lac_hash128 *hash, uint32_t *state)
{
	struct lac_value_cache cache = { s->cache, s->value_scales, PADDED * LAC_LANES, DIM / LAC_LANES };
	const struct lac_weight_rows weights = { s->weights, s->group_scales, s->factors, PADDED, PADDED / LAC_GROUP, PADDED / LAC_GROUP };

	for (size_t i = 0; i < sizeof s->cache; i++)
		s->cache[i] = (int8_t)((int32_t)(next_random(state) % 255) - 127);
	fill(s->value_scales, PADDED, state, 0x1p-23f);
	for (size_t i = 0; i < PADDED; i++)
		s->value_scales[i] = s->value_scales[i] < 0.0f ? -s->value_scales[i] : s->value_scales[i];
	fill(s->x, DIM, state, 0x1p-20f);
	k->store_value(&cache, POSITIONS - 1, s->x, DIM - 3);
	cache.n_tiles = LAC_GROUP / LAC_LANES;
	k->store_value(&cache, POSITIONS - 2, s->x, LAC_GROUP); /* one group is a way of its own */
	cache.n_tiles = DIM / LAC_LANES;
	for (unsigned row = 0; row < ROWS; row++) {
		fill(s->scores, PADDED, state, 0x1p-20f);
		s->factors[row] = k->softmax(s->weights + row * PADDED, s->group_scales + row * weights.stride_scales, s->scores,
			POSITIONS + row, PADDED, s->value_scales);
	}
	lac_hash128_update(hash, s->weights, sizeof s->weights);
	for (unsigned n_rows = 1; n_rows <= ROWS; n_rows += ROWS - 1) { /* one row and several take different ways */
		k->mix(s->out, DIM, &weights, n_rows, &cache);
		for (unsigned row = 0; row < n_rows; row++)
			feed(hash, s->out + row * DIM, DIM);
	}
	feed(hash, s->factors, ROWS);
}

static void exercise_rows(const struct lac_kernels *k, struct sample *s, struct lac_hash128 *hash, uint32_t *state)
{
	for (unsigned i = 0; i < 16; i++) { /* another order of a sum often rounds alike */
		fill(s->x, 176, state, 0x1p-20f);
		fill(s->weight, 176, state, 0x1p-23f);
		memset(s->x + WIDE, 0, 4 * sizeof *s->x); /* a norm's rows are zero-padded */
		k->norm(s->y, s->x, s->weight, WIDE, 0x1p-16f);
		k->rotate(s->y, s->weight, s->weight + 88, 42);
		k->gate(s->x, s->y, 176);
		k->add(s->y, s->x, 176);
		feed(hash, s->y, 176);
	}
	fill(s->scores, PADDED, state, 0x1p-19f);
	k->frequencies(s->frequencies, s->sums, s->scores, POSITIONS, PADDED);
	feed(hash, s->frequencies, PADDED);
	for (size_t i = 0; i < PADDED / 64; i++)
		lac_hash128_u32(hash, (uint32_t)s->sums[i]);
}

bool lac_kernels_self_test(const struct lac_kernels *kernels)
{
	static const uint8_t expected[16] = { 0xb9, 0x24, 0x73, 0xba, 0xab, 0x54, 0x11, 0x2e,
		0x43, 0xdc, 0x24, 0xf8, 0x94, 0xb0, 0xbb, 0x8a };
	static const struct sample zeros;
	struct sample sample = zeros;
	struct lac_arena arena = { NULL };
	struct lac_packed packed;
	struct lac_hash128 *hash = lac_hash128_create();
	uint8_t digest[16] = { 0 };
	uint32_t state = 20260401;

	if (hash && lac_packed_create(&packed, &arena, OUT, WIDE)) {
		exercise_products(kernels, &sample, &packed, hash, &state);
		exercise_attention(kernels, &sample, hash, &state);
		exercise_rows(kernels, &sample, hash, &state);
	}
	lac_hash128_finish(&hash, digest);
	lac_arena_free(&arena);
	return memcmp(digest, expected, sizeof digest) == 0;
}
