/* kernels_template.h: every operation of kernels.h, once, over sixteen lanes. A file of one
 * instruction set defines a vocabulary, includes this, and thereby defines its table.
 *
 *   KERNELS_NAME        identifier: scalar, avx2, ...
 *   KERNELS_SUPPORTED   expression: does this CPU have it
 *   BLOCK_ROWS, BLOCK_TILES   shape of the block that matmul keeps in registers
 *   MIX_ROWS, MIX_TILES       the same for mix
 *   ROW_TILES           the same for a single row: enough tiles to hide the latency of a product
 *   F                   sixteen binary32: f_load f_store f_set f_add f_sub f_mul f_div f_min f_max
 *                       f_abs
 *                       f_power(t): 2^n where t = 1.5 x 2^23 + n; f_from_i(I)
 *                       f_sum: section 2.3's tree over the lanes; f_most: the largest lane
 *                       f_first(x, n): lanes from n on become +0; n may be outside 0 to 16
 *   I                   sixteen int32: i_zero i_one i_add i_store i_trunc(F)
 *                       i_store_bytes(int8_t *, I)
 *                       i_sum: of the lanes, none of them negative, in 64 bits
 *   W                   64 packed values:  w_load
 *   X, U                four activations, broadcast: x_load (signed), u_load (0 to 127)
 *   X_ZERO              what is added to signed activations where they are kept;
 *                       x_store(int8_t *, I) does so
 *   dot_start(corrections), dot(I, X, W), dot_unsigned(I, U, W): exact four-term products added per
 *                       lane
 *
 * Nothing here depends on the instruction set; every sum of floats is in the order of
 * arithmetic.md.
 */
#include "kernels/kernels.h"

#include <string.h>

/* 1.5 x 2^23: adding and subtracting it rounds |x| < 2^22 to an integer, half to even */
#define ROUNDER 12582912.0f

#define TILES_MAX ROW_TILES
_Static_assert(BLOCK_TILES <= TILES_MAX && MIX_TILES <= TILES_MAX, "one row takes the most tiles");

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)

/* Section 2.4 for x <= 86, times 2^shift: shift is even, so that ties round as they do without
 * it. */
ALWAYS_INLINE F exponential_below(F x, const int shift)
{
	const F rounder = f_set(ROUNDER + (float)shift);
	F t, n, r, p;

	t = f_mul(f_max(x, f_set(-86.0f)), f_set(0x1.715476p+0f));
	n = f_add(t, rounder);
	r = f_sub(t, f_sub(n, rounder));
	p = f_add(f_mul(f_set(0x1.3a02ccp-7f), r), f_set(0x1.c9fc46p-5f));
	p = f_add(f_mul(p, r), f_set(0x1.ec0378p-3f));
	p = f_add(f_mul(p, r), f_set(0x1.62e12cp-1f));
	p = f_add(f_mul(p, r), f_set(1.0f));
	return f_mul(p, f_power(n));
}

ALWAYS_INLINE F exponential(F x)
{
	return exponential_below(f_min(x, f_set(86.0f)), 0);
}

/* Section 3.1: what a group's elements are multiplied by, and its scale; false for a group of
 * zeros. */
ALWAYS_INLINE bool group_factor(float amax, float *factor, float *scale)
{
	if (!(amax >= LAC_TINY))
		return false;
	*factor = 127.0f / amax;
	*scale = amax / 127.0f;
	return true;
}

ALWAYS_INLINE I rounded(F x)
{
	return i_trunc(f_sub(f_add(x, f_set(ROUNDER)), f_set(ROUNDER)));
}

/* Section 3.1 for one group of n elements, a multiple of 16 and a constant where this is inlined;
 * as activations in the form of x_load. */
ALWAYS_INLINE float quantize_span(int8_t *values, const float *x, const size_t n, const bool as_activations)
{
	const F low = f_set(-LAC_CLAMP), high = f_set(LAC_CLAMP);
	F most = f_set(0.0f);
	float amax, factor, scale;

	UNROLL
	for (size_t i = 0; i < n; i += LAC_LANES)
		most = f_max(most, f_abs(f_load(x + i)));
	amax = f_most(most);
	/* the largest of clamped magnitudes is the clamped largest */
	amax = amax < LAC_CLAMP ? amax : LAC_CLAMP;
	if (!group_factor(amax, &factor, &scale)) {
		memset(values, X_ZERO * as_activations, n);
		return 0.0f;
	}
	UNROLL
	for (size_t i = 0; i < n; i += LAC_LANES) {
		I q = rounded(f_mul(f_max(f_min(f_load(x + i), high), low), f_set(factor)));

		if (as_activations)
			x_store(values + i, q);
		else
			i_store_bytes(values + i, q);
	}
	return scale;
}

static float quantize_group(int8_t *values, const float *x)
{
	return quantize_span(values, x, LAC_GROUP, false);
}

static float quantize_group_of_activations(int8_t *values, const float *x)
{
	return quantize_span(values, x, LAC_GROUP, true);
}

/* The last group may be short. */
ALWAYS_INLINE void each_group(int8_t *values, float *scales, const float *x, size_t n, float (*of_group)(int8_t *, const float *))
{
	size_t group = 0;

	for (; (group + 1) * LAC_GROUP <= n; group++)
		scales[group] = of_group(values + group * LAC_GROUP, x + group * LAC_GROUP);
	if (group * LAC_GROUP < n) {
		size_t rest = n - group * LAC_GROUP;
		float padded[LAC_GROUP] = { 0.0f };
		int8_t short_group[LAC_GROUP];

		memcpy(padded, x + group * LAC_GROUP, rest * sizeof *x);
		scales[group] = of_group(short_group, padded);
		memcpy(values + group * LAC_GROUP, short_group, LAC_ROUND_UP(rest, LAC_QUAD));
	}
}

static void quantize(int8_t *values, float *scales, const float *x, size_t n)
{
	each_group(values, scales, x, n, quantize_group);
}

static void quantize_activations(int8_t *values, float *scales, const float *x, size_t n)
{
	each_group(values, scales, x, n, quantize_group_of_activations);
}

/* A block of n_rows x n_tiles outputs; both are constants where this is inlined. */
ALWAYS_INLINE void matmul_block(const unsigned n_rows, const unsigned n_tiles, float *y, size_t stride_y,
	const struct lac_rows *x, size_t row, const struct lac_packed *w, uint32_t tile)
{
	/* in the next tile */
	const size_t next_values = w->tile_bytes, next_scales = w->tile_bytes / sizeof(float);
	const int8_t *values = lac_tile_values(w, tile);
	const float *scales = lac_tile_scales(w, tile);
	const int32_t *corrections = lac_tile_corrections(w, tile);
	const int8_t *x_values = x->values + row * x->stride_values;
	const float *x_scales = x->scales + row * x->stride_scales;
	F sum[BLOCK_ROWS][TILES_MAX];

	UNROLL
	for (unsigned r = 0; r < n_rows; r++)
		UNROLL
		for (unsigned t = 0; t < n_tiles; t++)
			sum[r][t] = f_set(0.0f);

	for (size_t group = 0; group < w->n_groups; group++) {
		size_t quad = group * LAC_GROUP_QUADS;
		size_t end = quad + LAC_GROUP_QUADS < w->n_quads ? quad + LAC_GROUP_QUADS : w->n_quads;
		I dots[BLOCK_ROWS][TILES_MAX];

		UNROLL
		for (unsigned r = 0; r < n_rows; r++)
			UNROLL
			for (unsigned t = 0; t < n_tiles; t++)
				dots[r][t] = dot_start(corrections + t * next_scales + group * LAC_LANES);
		for (; quad < end; quad++) {
			W weights[TILES_MAX];

			UNROLL
			for (unsigned t = 0; t < n_tiles; t++)
				weights[t] = w_load(values + t * next_values + quad * LAC_LANES * LAC_QUAD);
			UNROLL
			for (unsigned r = 0; r < n_rows; r++) {
				X four = x_load(x_values + r * x->stride_values + quad * LAC_QUAD);

				UNROLL
				for (unsigned t = 0; t < n_tiles; t++)
					dots[r][t] = dot(dots[r][t], four, weights[t]);
			}
		}
		UNROLL
		for (unsigned r = 0; r < n_rows; r++)
			UNROLL
			for (unsigned t = 0; t < n_tiles; t++) {
				F scale = f_load(scales + t * next_scales + group * LAC_LANES);
				F term = f_mul(f_from_i(dots[r][t]), scale);

				term = f_mul(term, f_set(x_scales[r * x->stride_scales + group]));
				sum[r][t] = f_add(sum[r][t], term);
			}
	}
	UNROLL
	for (unsigned r = 0; r < n_rows; r++)
		UNROLL
		for (unsigned t = 0; t < n_tiles; t++)
			f_store(y + (row + r) * stride_y + (size_t)(tile + t) * LAC_LANES, sum[r][t]);
}

/* All rows of one strip of tiles, so that the strip's weights stay in the nearest cache. What lies
 * next is asked for meanwhile: the next strip, or the matrix after this one, which is most often
 * multiplied next. */
ALWAYS_INLINE void matmul_strip(const unsigned n_tiles, float *y, size_t stride_y,
	const struct lac_rows *x, size_t n_rows, const struct lac_packed *w, uint32_t tile)
{
	const uintptr_t strip = (uintptr_t)lac_tile_values(w, tile), end = strip + 2 * w->tile_bytes * n_tiles;
	const size_t share = n_tiles * w->tile_bytes / (n_rows / BLOCK_ROWS + 1) + 1;
	uintptr_t next = strip + n_tiles * w->tile_bytes;
	size_t row = 0;

	for (; row + BLOCK_ROWS <= n_rows; row += BLOCK_ROWS) {
		for (size_t i = 0; i < share && next < end; i += 64, next += 64)
			__builtin_prefetch((const void *)next);
		matmul_block(BLOCK_ROWS, n_tiles, y, stride_y, x, row, w, tile);
	}
	if (BLOCK_ROWS > 2 && row + 2 <= n_rows) {
		matmul_block(BLOCK_ROWS > 2 ? 2 : 1, n_tiles, y, stride_y, x, row, w, tile);
		row += 2;
	}
	for (; row < n_rows; row++)
		matmul_block(1, n_tiles, y, stride_y, x, row, w, tile);
}

static void matmul(float *y, size_t stride_y, const struct lac_rows *x, size_t n_rows,
	const struct lac_packed *w, uint32_t first_tile, uint32_t end_tile)
{
	uint32_t tile = first_tile;

	for (; n_rows == 1 && tile + ROW_TILES <= end_tile; tile += ROW_TILES)
		matmul_block(1, ROW_TILES, y, stride_y, x, 0, w, tile);
	for (; tile + BLOCK_TILES <= end_tile; tile += BLOCK_TILES)
		matmul_strip(BLOCK_TILES, y, stride_y, x, n_rows, w, tile);
	for (; tile < end_tile; tile++)
		matmul_strip(1, y, stride_y, x, n_rows, w, tile);
}

static void norm(float *y, const float *x, const float *weight, size_t n, float epsilon)
{
	F squares = f_set(0.0f);
	float factor;

	for (size_t i = 0; i < n; i += LAC_LANES) {
		F part = f_load(x + i);

		squares = f_add(squares, f_mul(part, part));
	}
	factor = 1.0f / lac_square_root(f_sum(squares) / (float)n + epsilon);
	for (size_t i = 0; i < n; i += LAC_LANES)
		f_store(y + i, f_mul(f_mul(f_load(x + i), f_set(factor)), f_load(weight + i)));
}

static void rotate(float *x, const float *cosines, const float *sines, size_t half)
{
	float *a = x, *b = x + half;
	size_t i = 0;

	for (; i + LAC_LANES <= half; i += LAC_LANES) {
		F p = f_load(a + i), q = f_load(b + i), c = f_load(cosines + i), s = f_load(sines + i);

		f_store(a + i, f_sub(f_mul(p, c), f_mul(q, s)));
		f_store(b + i, f_add(f_mul(p, s), f_mul(q, c)));
	}
	for (; i < half; i++) {
		float p = a[i], q = b[i];
		float pc = p * cosines[i], qs = q * sines[i], ps = p * sines[i], qc = q * cosines[i];

		a[i] = pc - qs;
		b[i] = ps + qc;
	}
}

/* Lanes before the n-th become +0; n as for f_first. x - x is +0. */
ALWAYS_INLINE F from_lane(F x, int n)
{
	return f_sub(x, f_first(x, n));
}

/* A group of 64 positions, of which a row sees those from `first` to before `end`: 0 and 64 or more
 * where this is inlined for whole groups. Returns its scale. */
ALWAYS_INLINE float weigh_group(int8_t *weights, const float *scores, const size_t first, const size_t end, const float *value_scales,
	F max, F *sum)
{
	F a[LAC_GROUP / LAC_LANES], most = f_set(0.0f);
	float factor, scale;

	UNROLL
	for (size_t i = 0; i < LAC_GROUP / LAC_LANES; i++) {
		F below = f_sub(f_load(scores + i * LAC_LANES), max), e;

		if (first > 0)
			/* what is not seen may be above the largest that is */
			below = f_min(below, f_set(0.0f));
		e = exponential_below(below, 0);
		if (first > 0)
			e = from_lane(e, (int)first - (int)(i * LAC_LANES));
		a[i] = f_mul(e, f_load(value_scales + i * LAC_LANES));
		if (end < LAC_GROUP) {
			e = f_first(e, (int)end - (int)(i * LAC_LANES));
			a[i] = f_first(a[i], (int)end - (int)(i * LAC_LANES));
		}
		/* lanes that are not seen add +0 to sums that are >= +0, which changes nothing */
		*sum = f_add(*sum, e);
		most = f_max(most, a[i]);
	}
	/* a is at most a scale, far below LAC_CLAMP */
	if (!group_factor(f_most(most), &factor, &scale)) {
		memset(weights, 0, LAC_GROUP);
		return 0.0f;
	}
	UNROLL
	for (size_t i = 0; i < LAC_GROUP / LAC_LANES; i++)
		i_store_bytes(weights + i * LAC_LANES, rounded(f_mul(a[i], f_set(factor))));
	return scale;
}

ALWAYS_INLINE F largest_score(const float *scores, size_t n)
{
	F most = f_set(scores[0]);
	size_t i = 0;

	for (; i + LAC_LANES <= n; i += LAC_LANES)
		most = f_max(most, f_load(scores + i));
	if (n >= LAC_LANES)
		most = f_max(most, f_load(scores + n - LAC_LANES));
	for (; n < LAC_LANES && i < n; i++)
		most = f_max(most, f_set(scores[i]));
	return f_set(f_most(most));
}

static float softmax(int8_t *weights, float *group_scales, const float *scores, size_t first, size_t end, size_t n_padded,
	const float *value_scales)
{
	const size_t n_groups = n_padded / LAC_GROUP;
	const F max = largest_score(scores + first, end - first);
	F sum = f_set(0.0f);
	size_t group = first / LAC_GROUP;

	memset(weights, 0, group * LAC_GROUP);
	for (size_t i = 0; i < group; i++)
		group_scales[i] = 0.0f;
	if (first % LAC_GROUP) {
		const size_t at = group * LAC_GROUP;

		group_scales[group] = weigh_group(weights + at, scores + at, first - at, end - at, value_scales + at, max, &sum);
		group++;
	}
	for (; (group + 1) * LAC_GROUP <= end; group++)
		group_scales[group] = weigh_group(weights + group * LAC_GROUP, scores + group * LAC_GROUP, 0, LAC_GROUP,
			value_scales + group * LAC_GROUP, max, &sum);
	if (group * LAC_GROUP < end) {
		group_scales[group] = weigh_group(weights + group * LAC_GROUP, scores + group * LAC_GROUP, 0, end - group * LAC_GROUP,
			value_scales + group * LAC_GROUP, max, &sum);
		group++;
	}
	memset(weights + group * LAC_GROUP, 0, n_padded - group * LAC_GROUP);
	for (; group < n_groups; group++)
		group_scales[group] = 0.0f;
	return 1.0f / f_sum(sum);
}

/* n_tiles tiles of 16 dims for n_rows rows; both are constants where this is inlined. */
ALWAYS_INLINE void mix_block(const unsigned n_rows, const unsigned n_tiles, float *out, size_t stride_out,
	const struct lac_weight_rows *x, size_t row, const struct lac_value_cache *cache, uint32_t tile)
{
	const int8_t *values = cache->values + tile * cache->stride_tile;
	const int8_t *weights = x->weights + row * x->stride_weights;
	const float *scales = x->scales + row * x->stride_scales;
	F sum[MIX_ROWS][TILES_MAX];

	UNROLL
	for (unsigned r = 0; r < n_rows; r++)
		UNROLL
		for (unsigned t = 0; t < n_tiles; t++)
			sum[r][t] = f_set(0.0f);
	for (uint32_t group = 0; group < x->n_groups; group++) {
		I dots[MIX_ROWS][TILES_MAX];

		UNROLL
		for (unsigned r = 0; r < n_rows; r++)
			UNROLL
			for (unsigned t = 0; t < n_tiles; t++)
				dots[r][t] = i_zero();
		for (size_t quad = 0; quad < LAC_GROUP_QUADS; quad++) {
			const size_t position = (size_t)group * LAC_GROUP + quad * LAC_QUAD;
			W four_values[TILES_MAX];

			UNROLL
			for (unsigned t = 0; t < n_tiles; t++)
				four_values[t] = w_load(values + t * cache->stride_tile + position * LAC_LANES);
			UNROLL
			for (unsigned r = 0; r < n_rows; r++) {
				U four = u_load(weights + r * x->stride_weights + position);

				UNROLL
				for (unsigned t = 0; t < n_tiles; t++)
					dots[r][t] = dot_unsigned(dots[r][t], four, four_values[t]);
			}
		}
		UNROLL
		for (unsigned r = 0; r < n_rows; r++)
			UNROLL
			for (unsigned t = 0; t < n_tiles; t++)
				sum[r][t] = f_add(sum[r][t],
					f_mul(f_from_i(dots[r][t]), f_set(scales[r * x->stride_scales + group])));
	}
	UNROLL
	for (unsigned r = 0; r < n_rows; r++)
		UNROLL
		for (unsigned t = 0; t < n_tiles; t++)
			f_store(out + (row + r) * stride_out + (size_t)(tile + t) * LAC_LANES,
				f_mul(sum[r][t], f_set(x->factors[row + r])));
}

ALWAYS_INLINE void mix_strip(const unsigned n_tiles, float *out, size_t stride_out, const struct lac_weight_rows *x,
	size_t n_rows, const struct lac_value_cache *cache, uint32_t tile)
{
	size_t row = 0;

	for (; row + MIX_ROWS <= n_rows; row += MIX_ROWS)
		mix_block(MIX_ROWS, n_tiles, out, stride_out, x, row, cache, tile);
	for (; row < n_rows; row++)
		mix_block(1, n_tiles, out, stride_out, x, row, cache, tile);
}

static void mix(float *out, size_t stride_out, const struct lac_weight_rows *x, size_t n_rows, const struct lac_value_cache *cache)
{
	uint32_t tile = 0;

	for (; n_rows == 1 && tile + ROW_TILES <= cache->n_tiles; tile += ROW_TILES)
		mix_block(1, ROW_TILES, out, stride_out, x, 0, cache, tile);
	for (; tile + MIX_TILES <= cache->n_tiles; tile += MIX_TILES)
		mix_strip(MIX_TILES, out, stride_out, x, n_rows, cache, tile);
	for (; tile < cache->n_tiles; tile++)
		mix_strip(1, out, stride_out, x, n_rows, cache, tile);
}

/* Section 6.1: one scale for all of n dims; they lie four positions apart. */
static void store_value(const struct lac_value_cache *cache, uint32_t position, const float *x, size_t n)
{
	int8_t *to = cache->values + (size_t)(position / LAC_QUAD) * LAC_LANES * LAC_QUAD + position % LAC_QUAD;
	const size_t n_whole = n / LAC_LANES * LAC_LANES;
	float padded[LAC_HEAD_DIM_MAX];
	int8_t values[LAC_HEAD_DIM_MAX];

	if (n_whole < n) { /* +0 changes neither the largest magnitude nor anything stored */
		memset(padded + n_whole, 0, LAC_LANES * sizeof *padded);
		memcpy(padded, x, n * sizeof *padded);
		x = padded;
	}
	cache->scales[position] = n == LAC_GROUP ? quantize_group(values, x) : quantize_span(values, x, LAC_ROUND_UP(n, LAC_LANES), false);
	for (size_t tile = 0; tile < cache->n_tiles; tile++)
		UNROLL
		for (size_t i = 0; i < LAC_LANES; i++)
			to[tile * cache->stride_tile + i * LAC_QUAD] = values[tile * LAC_LANES + i];
}

/* Both factors are clamped, so that their product is finite whatever the weights (section 2.5). */
static void gate(float *g, const float *up, size_t n)
{
	const F low = f_set(-0x1p60f), high = f_set(0x1p60f);

	for (size_t i = 0; i < n; i += LAC_LANES) {
		F x = f_max(f_min(f_load(g + i), high), low);
		F y = f_max(f_min(f_load(up + i), high), low);
		F below = f_add(f_set(1.0f), exponential(f_sub(f_set(0.0f), x)));

		f_store(g + i, f_mul(f_div(x, below), y));
	}
}

static void add(float *x, const float *y, size_t n)
{
	for (size_t i = 0; i < n; i += LAC_LANES) {
		F sum = f_add(f_load(x + i), f_load(y + i));

		f_store(x + i, f_max(f_min(sum, f_set(LAC_CLAMP)), f_set(-LAC_CLAMP)));
	}
}

static void frequencies(uint32_t *freq, uint64_t *sums, float *logits, size_t n, size_t n_padded)
{
	F most = f_set(logits[0]), max;

	for (size_t i = n; i < n_padded; i++)
		logits[i] = logits[0];
	for (size_t i = 0; i < n_padded; i += LAC_LANES)
		most = f_max(most, f_load(logits + i));
	max = f_set(f_most(most));
	for (size_t first = 0; first < n_padded; first += 64) {
		/* four frequencies are below 2^29; the sum of the lanes may pass 2^32 */
		I lanes = i_zero();

		UNROLL
		for (size_t i = first; i < first + 64; i += LAC_LANES) {
			I f = i_add(i_trunc(exponential_below(f_sub(f_load(logits + i), max), 26)), i_one());

			i_store((int32_t *)freq + i, f);
			lanes = i_add(lanes, f);
		}
		sums[first / 64] = i_sum(lanes);
	}
	for (size_t i = n; i < n_padded; i++) {
		sums[i / 64] -= freq[i];
		freq[i] = 0;
	}
}

/* The products alone of matmul's block, as fast as this CPU can: what bench/self.c divides by. */
static uint64_t peak(size_t n)
{
	_Alignas(64) int8_t weights[TILES_MAX * LAC_LANES * LAC_QUAD], x[BLOCK_ROWS * LAC_QUAD];
	I dots[BLOCK_ROWS][BLOCK_TILES];
	X four[BLOCK_ROWS];
	uint64_t sum = 0;

	memset(weights, 1, sizeof weights);
	memset(x, 1, sizeof x);
	/* to a compiler that looks through it all, equal sums would be one */
	__asm__ volatile("" ::"r"(x) : "memory");
	UNROLL
	for (size_t r = 0; r < BLOCK_ROWS; r++) {
		four[r] = x_load(x + r * LAC_QUAD);
		UNROLL
		for (unsigned t = 0; t < BLOCK_TILES; t++)
			dots[r][t] = i_zero();
	}
	for (size_t i = 0; i < n; i++) {
		/* what is loaded may have changed */
		__asm__ volatile("" ::"r"(weights) : "memory");
		UNROLL
		for (size_t t = 0; t < BLOCK_TILES; t++) {
			W w = w_load(weights + t * LAC_LANES * LAC_QUAD);

			UNROLL
			for (unsigned r = 0; r < BLOCK_ROWS; r++)
				dots[r][t] = dot(dots[r][t], four[r], w);
		}
	}
	UNROLL
	for (unsigned r = 0; r < BLOCK_ROWS; r++)
		UNROLL
		for (unsigned t = 0; t < BLOCK_TILES; t++)
			sum += i_sum(dots[r][t]);
	__asm__ volatile("" ::"r"(sum)); /* wanted, as far as the compiler knows */
	return (uint64_t)n * BLOCK_ROWS * BLOCK_TILES * LAC_LANES * LAC_QUAD;
}

static bool supported(void)
{
	return KERNELS_SUPPORTED;
}

const struct lac_kernels JOIN(lac_kernels_, KERNELS_NAME) = {
	.name = TEXT(KERNELS_NAME),
	.activation_zero = (uint8_t)X_ZERO,
	.supported = supported,
	.quantize = quantize,
	.quantize_activations = quantize_activations,
	.matmul = matmul,
	.norm = norm,
	.rotate = rotate,
	.softmax = softmax,
	.mix = mix,
	.store_value = store_value,
	.gate = gate,
	.add = add,
	.frequencies = frequencies,
	.peak = peak,
};
