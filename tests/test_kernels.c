/* Every kernel table against textbook versions written here, one output at a time, without the template: bit for bit, on
 * shapes with odd tails and on fills that reach the ends of every range. Sections are those of doc/arithmetic.md. */
#include "base/strict_float.h"
#include "test.h"
#include "base/memory.h"
#include "kernels/kernels.h"
#include "kernels/packed.h"
#include "kernels/square_root.h"

#include <math.h>

enum fill { FILL_NORMAL, FILL_WIDE, FILL_MAX, FILL_MIN_MAX, FILL_ZERO, FILL_TINY, N_FILLS };
static const char *const fill_names[] = { "normal", "wide", "max", "min or max", "zero", "tiny" };

#define GUARD 0x5a
static uint64_t seed = 0x5eed;

static float random_float(uint64_t *state, enum fill fill)
{
	uint64_t r = test_random(state);
	float sign = r & 1 ? -1.0f : 1.0f, unit = (float)(r >> 40) * 0x1p-24f;

	switch (fill) {
	case FILL_NORMAL: return sign * unit * 4.0f;
	case FILL_WIDE: return sign * unit * ldexpf(1.0f, (int)(r >> 8 & 127) - 80);
	case FILL_MAX: return 0x1p76f;
	case FILL_MIN_MAX: return sign * 0x1p76f;
	case FILL_ZERO: return sign * 0.0f;
	default: return sign * unit * 0x1p-120f; /* below the threshold, some subnormal once scaled */
	}
}

static void fill_floats(float *x, size_t n, uint64_t *state, enum fill fill)
{
	for (size_t i = 0; i < n; i++)
		x[i] = random_float(state, fill);
}

static void fill_int8(int8_t *x, size_t n, uint64_t *state, unsigned fill, bool is_unsigned)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t r = test_random(state);
		int value = fill == 0 ? (int)(r % 255) - 127 : fill == 1 ? 127 : fill == 2 ? -127 : r & 1 ? 127 : -127;

		x[i] = (int8_t)(is_unsigned && value < 0 ? -value : value);
	}
}

/* ---- Textbook ------------------------------------------------------------ */

static float book_exp(float x) /* section 2.4 */
{
	float t, n, r, p;

	x = x < 86.0f ? x : 86.0f;
	x = x > -86.0f ? x : -86.0f;
	t = x * 0x1.715476p+0f;
	t = t + 12582912.0f;
	n = t - 12582912.0f;
	r = x - n * 0x1.62e4p-1f;
	r = r - n * 0x1.7f7d1cp-20f;
	p = 0x1.6c16c2p-10f * r + 0x1.111112p-7f;
	p = p * r + 0x1.555556p-5f;
	p = p * r + 0x1.555556p-3f;
	p = p * r + 0.5f;
	p = p * r + 1.0f;
	p = p * r + 1.0f;
	return p * ldexpf(1.0f, (int)n);
}

static float book_sum(const float *terms, size_t n) /* section 2.3 */
{
	float lane[16] = { 0.0f };

	for (size_t i = 0; i < n; i++)
		lane[i % 16] = lane[i % 16] + terms[i];
	for (int j = 0; j < 8; j++) lane[j] = lane[j] + lane[j + 8];
	for (int j = 0; j < 4; j++) lane[j] = lane[j] + lane[j + 4];
	for (int j = 0; j < 2; j++) lane[j] = lane[j] + lane[j + 2];
	return lane[0] + lane[1];
}

static float book_clamp(float x, float bound)
{
	return x < -bound ? -bound : x > bound ? bound : x;
}

static void book_quantize(int8_t *q, float *scales, const float *x, size_t n) /* section 3.1 */
{
	for (size_t first = 0; first < n; first += 64) {
		size_t end = first + 64 < n ? first + 64 : n;
		float amax = 0.0f;

		for (size_t i = first; i < end; i++)
			amax = fabsf(book_clamp(x[i], 0x1p40f)) > amax ? fabsf(book_clamp(x[i], 0x1p40f)) : amax;
		scales[first / 64] = amax < 0x1p-100f ? 0.0f : amax / 127.0f;
		for (size_t i = first; i < end; i++) /* rintf: nearest, ties to even */
			q[i] = amax < 0x1p-100f ? 0 : (int8_t)rintf(book_clamp(x[i], 0x1p40f) * (127.0f / amax));
	}
	for (size_t i = n; i < LAC_ROUND_UP(n, 4); i++)
		q[i] = 0;
}

static float book_product(const int8_t *w, const float *s, const int8_t *q, const float *t, size_t n) /* section 3.2 */
{
	float y = 0.0f;

	for (size_t first = 0; first < n; first += 64) {
		int64_t d = 0;

		for (size_t i = first; i < n && i < first + 64; i++)
			d += (int64_t)w[i] * q[i];
		y = y + ((float)d * s[first / 64]) * t[first / 64];
	}
	return y;
}

/* ---- The comparison ------------------------------------------------------- */

static const struct lac_kernels *kernels; /* under test */

#define SAME(a, b, n_bytes, ...) CHECK_NOTE(memcmp(a, b, n_bytes) == 0, __VA_ARGS__)

static void try_quantize(size_t n, enum fill fill, size_t misaligned)
{
	uint64_t state = seed + n * 8 + fill;
	float *x = calloc(n + 8, sizeof *x), scales[2][8], *at = x + misaligned;
	int8_t q[2][512 + 8];

	fill_floats(at, n, &state, fill);
	memset(q, GUARD, sizeof q);
	memset(scales, GUARD, sizeof scales);
	book_quantize(q[0] + misaligned, scales[0], at, n);
	kernels->quantize(q[1] + misaligned, scales[1], at, n);
	SAME(q[0], q[1], sizeof q[0], "%s n=%zu fill=%s offset=%zu", kernels->name, n, fill_names[fill], misaligned);
	SAME(scales[0], scales[1], sizeof scales[0], "%s n=%zu fill=%s", kernels->name, n, fill_names[fill]);
	free(x);
}

static void quantize_equals_the_textbook(void)
{
	for (size_t n = 1; n <= 300; n += n < 140 ? 1 : 19)
		for (enum fill fill = 0; fill < N_FILLS; fill++)
			try_quantize(n, fill, n % 4);
}

static void try_matmul(size_t n_rows, uint32_t n_out, uint32_t n_in, unsigned fill)
{
	uint64_t state = seed + n_rows * 1000003 + n_out * 1009 + n_in + fill;
	const size_t stride = LAC_ROUND_UP(n_in, 4) + 4, groups = (n_in + 63) / 64, stride_y = LAC_ROUND_UP(n_out, 16) + 16;
	int8_t *w = calloc(n_out, stride), *q = calloc(n_rows, stride);
	float *s = calloc(n_out * groups, sizeof *s), *t = calloc(n_rows * groups, sizeof *t);
	float *y = calloc(n_rows * stride_y, sizeof *y);
	struct lac_packed packed;
	const struct lac_rows rows = { q, t, stride, groups };

	CHECK(lac_packed_create(&packed, n_out, n_in));
	for (uint32_t r = 0; r < n_out; r++) {
		fill_int8(w + r * stride, n_in, &state, fill, false);
		fill_floats(s + r * groups, groups, &state, FILL_NORMAL);
		lac_packed_set_row(&packed, r, w + r * stride, s + r * groups);
	}
	for (size_t r = 0; r < n_rows; r++) {
		fill_int8(q + r * stride, n_in, &state, fill == 2 ? 3 : fill, false);
		fill_floats(t + r * groups, groups, &state, FILL_NORMAL);
	}
	memset(y, GUARD, n_rows * stride_y * sizeof *y);
	kernels->matmul(y, stride_y, &rows, n_rows, &packed, 0, packed.n_tiles);
	for (size_t r = 0; r < n_rows; r++) {
		for (uint32_t o = 0; o < n_out; o++) {
			float expected = book_product(w + o * stride, s + o * groups, q + r * stride, t + r * groups, n_in);

			SAME(&expected, &y[r * stride_y + o], 4, "%s rows=%zu %ux%u fill=%u row=%zu out=%u: %a, %a", kernels->name,
				n_rows, n_out, n_in, fill, r, o, (double)expected, (double)y[r * stride_y + o]);
		}
		CHECK(((uint8_t *)(y + (r + 1) * stride_y))[-1] == GUARD); /* nothing past the last tile */
	}
	lac_packed_free(&packed);
	free(w); free(q); free(s); free(t); free(y);
}

static void matmul_equals_the_textbook(void)
{
	for (uint32_t n_in = 1; n_in <= 200; n_in += n_in < 10 ? 1 : 13)
		for (unsigned fill = 0; fill < 4; fill++)
			try_matmul(1 + n_in % 6, 1 + n_in * 7 % 70, n_in, fill);
	for (unsigned fill = 0; fill < 4; fill++) {
		try_matmul(9, 192, 192, fill);
		try_matmul(5, 50, 512, fill);
		try_matmul(4, 64, 172, fill);
	}
}

static void norm_equals_the_textbook(void)
{
	for (size_t n = 1; n <= 260; n += 7)
		for (enum fill fill = 0; fill < N_FILLS; fill++) {
			uint64_t state = seed + n + fill;
			float x[288] = { 0 }, w[288] = { 0 }, y[288], squares[288], factor;

			fill_floats(x, n, &state, fill);
			for (size_t i = 0; i < n; i++)
				x[i] = book_clamp(x[i], 0x1p40f);
			fill_floats(w, n, &state, FILL_NORMAL);
			for (size_t i = 0; i < n; i++)
				squares[i] = x[i] * x[i];
			factor = 1.0f / sqrtf(book_sum(squares, n) / (float)n + 1e-5f);
			kernels->norm(y, x, w, n, 1e-5f);
			for (size_t i = 0; i < n; i++) {
				float expected = x[i] * factor;

				expected = expected * w[i];
				SAME(&expected, &y[i], 4, "%s n=%zu fill=%s i=%zu", kernels->name, n, fill_names[fill], i);
			}
		}
}

static void rotate_equals_the_textbook(void)
{
	for (size_t half = 1; half <= 70; half++) {
		uint64_t state = seed + half;
		float x[140], y[140], c[70], s[70];

		fill_floats(x, 2 * half, &state, half % 2 ? FILL_NORMAL : FILL_WIDE);
		fill_floats(c, half, &state, FILL_NORMAL);
		fill_floats(s, half, &state, FILL_NORMAL);
		memcpy(y, x, sizeof x);
		kernels->rotate(y, c, s, half);
		for (size_t i = 0; i < half; i++) {
			float ac = x[i] * c[i], bs = x[half + i] * s[i], as = x[i] * s[i], bc = x[half + i] * c[i];
			float a = ac - bs, b = as + bc;

			SAME(&a, &y[i], 4, "%s half=%zu i=%zu", kernels->name, half, i);
			SAME(&b, &y[half + i], 4, "%s half=%zu i=%zu", kernels->name, half, i);
		}
	}
}

static void gate_and_add_equal_the_textbook(void)
{
	for (size_t n = 16; n <= 208; n += 48)
		for (enum fill fill = 0; fill < N_FILLS; fill++) {
			uint64_t state = seed + n + fill;
			float g[208], u[208], y[208], z[208];

			fill_floats(g, n, &state, fill);
			fill_floats(u, n, &state, fill == FILL_ZERO ? FILL_NORMAL : fill);
			memcpy(y, g, sizeof g);
			memcpy(z, g, sizeof g);
			kernels->gate(y, u, n);
			kernels->add(z, u, n);
			for (size_t i = 0; i < n; i++) {
				float x = book_clamp(g[i], 0x1p60f), below = 1.0f + book_exp(0.0f - x);
				float gated = x / below * book_clamp(u[i], 0x1p60f), sum = book_clamp(g[i] + u[i], 0x1p40f);

				SAME(&gated, &y[i], 4, "%s n=%zu fill=%s i=%zu", kernels->name, n, fill_names[fill], i);
				SAME(&sum, &z[i], 4, "%s n=%zu fill=%s i=%zu", kernels->name, n, fill_names[fill], i);
			}
		}
}

/* Sections 6.2 to 6.4 together: softmax into integer weights, then the mixture. */
static void try_attention(size_t n, size_t padded, uint32_t dim, enum fill fill, unsigned values_fill)
{
	uint64_t state = seed + n * 31 + dim + fill * 7 + values_fill;
	const uint32_t tiles = (dim + 15) / 16;
	float scores[320], kept[320], e[320], value_scales[320], group_scales[5], max, factor, *out = calloc(tiles, 64);
	int8_t planes[2][320], *cache = lac_aligned_calloc(tiles * padded, 16);
	const struct lac_value_cache view = { cache, value_scales, padded * 16, tiles };

	memset(planes, GUARD, sizeof planes);
	fill_floats(scores, n, &state, fill);
	fill_floats(value_scales, n, &state, FILL_NORMAL);
	for (size_t i = 0; i < n; i++)
		value_scales[i] = fabsf(value_scales[i]);
	fill_int8(cache, tiles * padded * 16, &state, values_fill, false);
	memcpy(kept, scores, sizeof kept);
	factor = kernels->softmax(planes[0], planes[1], group_scales, scores, n, padded, value_scales);
	kernels->mix(out, tiles * 16, planes[0], planes[1], 320, group_scales, 5, &factor, 1, (uint32_t)(padded / 64), &view);

	max = kept[0];
	for (size_t i = 0; i < n; i++)
		max = kept[i] > max ? kept[i] : max;
	for (size_t i = 0; i < n; i++)
		e[i] = book_exp(kept[i] - max);
	{
		float expected = 1.0f / book_sum(e, n);

		SAME(&expected, &factor, 4, "%s n=%zu fill=%s", kernels->name, n, fill_names[fill]);
	}
	for (uint32_t d = 0; d < dim; d++) {
		float y = 0.0f;

		for (size_t first = 0; first < padded; first += 64) {
			float amax = 0.0f, scale;
			int64_t sum = 0;

			for (size_t i = first; i < n && i < first + 64; i++)
				amax = e[i] * value_scales[i] > amax ? e[i] * value_scales[i] : amax;
			scale = amax < 0x1p-100f ? 0.0f : amax / 16383.0f;
			for (size_t i = first; i < n && i < first + 64; i++) {
				int m = amax < 0x1p-100f ? 0 : (int)rintf(e[i] * value_scales[i] * (16383.0f / amax));

				CHECK(planes[0][i] * 128 + planes[1][i] == m);
				sum += m * cache[(d / 16) * padded * 16 + i / 4 * 64 + d % 16 * 4 + i % 4];
			}
			y = y + (float)sum * scale;
		}
		y = y * factor;
		SAME(&y, &out[d], 4, "%s n=%zu dim=%u fill=%s d=%u", kernels->name, n, dim, fill_names[fill], d);
	}
	lac_aligned_free(cache);
	free(out);
}

static void attention_equals_the_textbook(void)
{
	for (size_t n = 1; n <= 200; n += n < 20 ? 1 : 11)
		for (unsigned fill = 0; fill < N_FILLS; fill++)
			try_attention(n, LAC_ROUND_UP(n, 64) + n % 2 * 64, 8 + n % 3 * 28, fill, fill % 4);
}

static void frequencies_equal_the_textbook(void)
{
	for (size_t n = 1; n <= 400; n += 23)
		for (enum fill fill = 0; fill < N_FILLS; fill++) {
			uint64_t state = seed + n + fill, sums[8];
			const size_t padded = LAC_ROUND_UP(n, 64);
			float logits[448], max;
			uint32_t f[448];

			fill_floats(logits, n, &state, fill);
			max = logits[0];
			for (size_t i = 0; i < n; i++)
				max = logits[i] > max ? logits[i] : max;
			kernels->frequencies(f, sums, logits, n, padded);
			for (size_t block = 0; block < padded / 64; block++) {
				uint64_t sum = 0;

				for (size_t i = block * 64; i < block * 64 + 64; i++) {
					uint32_t expected = i < n ? 1 + (uint32_t)(book_exp(logits[i] - max) * 0x1p26f) : 0;

					CHECK_NOTE(f[i] == expected, "%s n=%zu i=%zu: %u, %u", kernels->name, n, i, f[i], expected);
					sum += expected;
				}
				CHECK(sums[block] == sum);
			}
		}
}

static void exponential_is_accurate(void)
{
	for (float x = -86.0f; x < 0.0f; x += 0.00317f)
		CHECK_NOTE(fabs((double)book_exp(x) / exp((double)x) - 1.0) < 0x1p-22, "x=%a", (double)x);
	CHECK(book_exp(0.0f) == 1.0f && book_exp(-0.0f) == 1.0f);
}

static void square_root_is_correctly_rounded(void)
{
	uint64_t state = seed;

	for (unsigned i = 0; i < 1000000; i++) {
		uint32_t bits = (uint32_t)(test_random(&state) >> 33);
		float x, a, b, c;

		memcpy(&x, &bits, 4);
		if (bits < 0x800000 || bits >= 0x7f800000)
			continue;
		a = lac_square_root(x);
		b = lac_square_root_integer(x);
		c = sqrtf(x);
		CHECK_NOTE(memcmp(&a, &c, 4) == 0 && memcmp(&b, &c, 4) == 0, "x=%a", (double)x);
	}
	CHECK(lac_square_root_integer(0.0f) == 0.0f && lac_square_root_integer(4.0f) == 2.0f);
}

static void self_test_accepts_every_table(void)
{
	for (size_t i = 0; lac_kernels_all[i]; i++)
		if (lac_kernels_all[i]->supported())
			CHECK_NOTE(lac_kernels_self_test(lac_kernels_all[i]), "%s", lac_kernels_all[i]->name);
}

/* Slips that real values would not show: each is one operation replaced in a copy of the table. */

static void saturating_matmul(float *y, size_t stride_y, const struct lac_rows *x, size_t n_rows, const struct lac_packed *w,
	uint32_t first_tile, uint32_t end_tile)
{
	kernels->matmul(y, stride_y, x, n_rows, w, first_tile, end_tile);
	for (size_t row = 0; row < n_rows; row++)
		for (uint32_t lane = 0; lane < 16 * w->n_tiles; lane++)
			for (uint32_t group = 0; group < w->n_groups; group++) {
				/* what an unsigned x signed pair product with 16-bit saturation loses */
				const int8_t *v = w->values + (size_t)(lane / 16) * w->n_quads * 64 + lane % 16 * 4 + group * 16 * 64;
				const int8_t *q = x->values + row * x->stride_values + group * 64;
				int pair = (q[0] + 128) * v[0] + (q[1] + 128) * v[1], kept = pair > 32767 ? 32767 : pair < -32768 ? -32768 : pair;

				y[row * stride_y + lane] += (float)(kept - pair);
			}
}

static void reordered_norm(float *y, const float *x, const float *weight, size_t n, float epsilon)
{
	float sum = 0.0f;

	for (size_t i = 0; i < n; i++)
		sum += x[i] * x[i];
	for (size_t i = 0; i < n; i++)
		y[i] = x[i] * (1.0f / sqrtf(sum / (float)n + epsilon)) * weight[i];
}

static void contracted_rotate(float *x, const float *cosines, const float *sines, size_t half)
{
	for (size_t i = 0; i < half; i++) {
		float a = x[i], b = x[half + i];

		x[i] = fmaf(a, cosines[i], -(b * sines[i]));
		x[half + i] = fmaf(a, sines[i], b * cosines[i]);
	}
}

static void self_test_refuses_slips(void)
{
	struct lac_kernels saturating = *kernels, reordered = *kernels, contracted = *kernels;

	saturating.matmul = saturating_matmul;
	reordered.norm = reordered_norm;
	contracted.rotate = contracted_rotate;
	CHECK(!lac_kernels_self_test(&saturating));
	CHECK(!lac_kernels_self_test(&reordered));
	CHECK(!lac_kernels_self_test(&contracted));
}

int main(void)
{
	uint64_t environment = lac_float_environment_enter();

	for (size_t i = 0; lac_kernels_all[i]; i++) {
		kernels = lac_kernels_all[i];
		if (!kernels->supported()) {
			SKIP(kernels->name, "this CPU does not have it");
			continue;
		}
		printf("-- %s\n", kernels->name);
		LAW(quantize_equals_the_textbook);
		LAW(matmul_equals_the_textbook);
		LAW(norm_equals_the_textbook);
		LAW(rotate_equals_the_textbook);
		LAW(gate_and_add_equal_the_textbook);
		LAW(attention_equals_the_textbook);
		LAW(frequencies_equal_the_textbook);
		LAW(self_test_refuses_slips);
	}
	LAW(exponential_is_accurate);
	LAW(square_root_is_correctly_rounded);
	LAW(self_test_accepts_every_table);
	lac_float_environment_restore(environment);
	return test_report();
}
