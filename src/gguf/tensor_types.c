/* tensor_types.c: blocks of a GGUF file -> binary32, every operation as section 3.4 of
 * arithmetic.md has it. */
#include "base/strict_float.h"
#include "gguf/tensor_types.h"

#include <string.h>

/* numbers that share a scale in Q4_0 to Q8_0, and in the halves of a pair of Q4_K and Q5_K */
#define BLOCK 32u
#define SUPER_BLOCK 256u /* numbers of a block of the types named K */

static float float_of_bits(uint32_t bits)
{
	float x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

/* Exact. Infinities and NaNs come out above LAC_WEIGHT_MAX or unordered, and are refused there. */
static float read_half(const uint8_t *bytes)
{
	const uint32_t half = bytes[0] | (uint32_t)bytes[1] << 8;
	const uint32_t sign = (half & 0x8000) << 16, rest = half & 0x7fff;

	if (rest >= 0x7c00)
		return float_of_bits(sign | 0x7f800000 | (rest & 0x3ff) << 13);
	if (rest >= 0x400)
		return float_of_bits(sign | ((rest << 13) + (112u << 23)));
	return float_of_bits(sign | 0x3f800000) * ((float)rest * 0x1p-24f); /* subnormal */
}

static void read_f32(float *out, const uint8_t *from, size_t n)
{
	for (size_t i = 0; i < n; i++, from += 4)
		out[i] = float_of_bits(from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24);
}

static void read_f16(float *out, const uint8_t *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = read_half(from + 2 * i);
}

static void read_bf16(float *out, const uint8_t *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = float_of_bits((uint32_t)from[2 * i] << 16 | (uint32_t)from[2 * i + 1] << 24);
}

/* restrict: the two are apart, and compilers take eight numbers at once if they know it. */
static void read_q8_0(float *restrict out, const uint8_t *restrict from, size_t n)
{
	for (const float *end = out + n; out < end; out += BLOCK, from += 2 + BLOCK) {
		const float scale = read_half(from);

		for (unsigned i = 0; i < BLOCK; i++)
			out[i] = scale * (float)(int8_t)from[2 + i];
	}
}

/* ---- Four and five bits in blocks of 32 ------------------------------------------ */

/* Number i of 32: the low halves of sixteen bytes hold the first sixteen, the high halves the rest;
 * a fifth bit stands in `high`. */
static unsigned bits_of(const uint8_t *low, uint32_t high, unsigned i)
{
	return (low[i % 16] >> (i < 16 ? 0 : 4) & 15) | (high >> i & 1) << 4;
}

static uint32_t read_bits(const uint8_t *from)
{
	return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

static void read_q4_0(float *out, const uint8_t *from, size_t n)
{
	for (const float *end = out + n; out < end; out += BLOCK, from += 18) {
		const float scale = read_half(from);

		for (unsigned i = 0; i < BLOCK; i++)
			out[i] = scale * (float)((int)bits_of(from + 2, 0, i) - 8);
	}
}

static void read_q4_1(float *out, const uint8_t *from, size_t n)
{
	for (const float *end = out + n; out < end; out += BLOCK, from += 20) {
		const float scale = read_half(from), least = read_half(from + 2);

		for (unsigned i = 0; i < BLOCK; i++)
			out[i] = scale * (float)bits_of(from + 4, 0, i) + least;
	}
}

static void read_q5_0(float *out, const uint8_t *from, size_t n)
{
	for (const float *end = out + n; out < end; out += BLOCK, from += 22) {
		const float scale = read_half(from);
		const uint32_t high = read_bits(from + 2);

		for (unsigned i = 0; i < BLOCK; i++)
			out[i] = scale * (float)((int)bits_of(from + 6, high, i) - 16);
	}
}

static void read_q5_1(float *out, const uint8_t *from, size_t n)
{
	for (const float *end = out + n; out < end; out += BLOCK, from += 24) {
		const float scale = read_half(from), least = read_half(from + 2);
		const uint32_t high = read_bits(from + 4);

		for (unsigned i = 0; i < BLOCK; i++)
			out[i] = scale * (float)bits_of(from + 8, high, i) + least;
	}
}

/* ---- Blocks of 256 ----------------------------------------------------------------- */

/* Six bits each for scale and minimum of part `part` of eight: the last four lend their high bits
 * from the first eight bytes. */
static void read_part(const uint8_t packed[12], unsigned part, int *scale, int *least)
{
	const unsigned at = part % 4;

	if (part < 4) {
		*scale = packed[at] & 63;
		*least = packed[4 + at] & 63;
	} else {
		*scale = (packed[8 + at] & 15) | (packed[at] >> 6) << 4;
		*least = packed[8 + at] >> 4 | (packed[4 + at] >> 6) << 4;
	}
}

/* Q4_K, or with fifth bits (bit `part` of byte i) Q5_K. */
static void read_parts(float *out, const uint8_t *block, const uint8_t *fifth, const uint8_t *low)
{
	const float scale = read_half(block), least = read_half(block + 2);

	for (unsigned part = 0; part < SUPER_BLOCK / BLOCK; part++) {
		int part_scale, part_least;
		float by, less;

		read_part(block + 4, part, &part_scale, &part_least);
		by = scale * (float)part_scale;
		less = least * (float)part_least;
		for (unsigned i = 0; i < BLOCK; i++) {
			const int bits = (low[part / 2 * BLOCK + i] >> part % 2 * 4 & 15) | (fifth ? (fifth[i] >> part & 1) << 4 : 0);

			out[part * BLOCK + i] = by * (float)bits - less;
		}
	}
}

static void read_q4_k(float *out, const uint8_t *from, size_t n)
{
	for (const float *end = out + n; out < end; out += SUPER_BLOCK, from += 144)
		read_parts(out, from, NULL, from + 16);
}

static void read_q5_k(float *out, const uint8_t *from, size_t n)
{
	for (const float *end = out + n; out < end; out += SUPER_BLOCK, from += 176)
		read_parts(out, from, from + 16, from + 48);
}

/* Half of a block of Q6_K, 128 numbers: four low bits in 64 bytes, two high ones in 32, scales of
 * sixteen numbers each. */
static void read_half_of_q6_k(float *out, const uint8_t *low, const uint8_t *high, const uint8_t *scales, float scale)
{
	for (unsigned i = 0; i < SUPER_BLOCK / 2; i++) {
		const int bits = (low[i % 64] >> i / 64 * 4 & 15) | (high[i % 32] >> i / 32 * 2 & 3) << 4;
		const float by = scale * (float)(int8_t)scales[i / 16];

		out[i] = by * (float)(bits - 32);
	}
}

static void read_q6_k(float *out, const uint8_t *from, size_t n)
{
	for (const float *end = out + n; out < end; out += SUPER_BLOCK, from += 210)
		for (size_t half = 0; half < 2; half++)
			read_half_of_q6_k(out + half * 128, from + half * 64, from + 128 + half * 32, from + 192 + half * 8, read_half(from + 208));
}

/* ---- Which there are ----------------------------------------------------------------- */

static const struct lac_tensor_form forms[] = {
	[LAC_TENSOR_F32] = { "F32", 1, 4, read_f32 }, [LAC_TENSOR_F16] = { "F16", 1, 2, read_f16 },
	[LAC_TENSOR_BF16] = { "BF16", 1, 2, read_bf16 },
	[LAC_TENSOR_Q4_0] = { "Q4_0", BLOCK, 18, read_q4_0 }, [LAC_TENSOR_Q4_1] = { "Q4_1", BLOCK, 20, read_q4_1 },
	[LAC_TENSOR_Q5_0] = { "Q5_0", BLOCK, 22, read_q5_0 }, [LAC_TENSOR_Q5_1] = { "Q5_1", BLOCK, 24, read_q5_1 },
	[LAC_TENSOR_Q8_0] = { "Q8_0", BLOCK, 34, read_q8_0 }, [LAC_TENSOR_Q4_K] = { "Q4_K", SUPER_BLOCK, 144, read_q4_k },
	[LAC_TENSOR_Q5_K] = { "Q5_K", SUPER_BLOCK, 176, read_q5_k }, [LAC_TENSOR_Q6_K] = { "Q6_K", SUPER_BLOCK, 210, read_q6_k },
	/* by name only: numbers from the GGUF document */
	[4] = { "Q4_2", 0, 0, NULL }, [5] = { "Q4_3", 0, 0, NULL }, [9] = { "Q8_1", 0, 0, NULL }, [10] = { "Q2_K", 0, 0, NULL },
	[11] = { "Q3_K", 0, 0, NULL }, [15] = { "Q8_K", 0, 0, NULL }, [16] = { "IQ2_XXS", 0, 0, NULL }, [17] = { "IQ2_XS", 0, 0, NULL },
	[18] = { "IQ3_XXS", 0, 0, NULL }, [19] = { "IQ1_S", 0, 0, NULL }, [20] = { "IQ4_NL", 0, 0, NULL }, [21] = { "IQ3_S", 0, 0, NULL },
	[22] = { "IQ2_S", 0, 0, NULL }, [23] = { "IQ4_XS", 0, 0, NULL }, [24] = { "I8", 0, 0, NULL }, [25] = { "I16", 0, 0, NULL },
	[26] = { "I32", 0, 0, NULL }, [27] = { "I64", 0, 0, NULL }, [28] = { "F64", 0, 0, NULL }, [29] = { "IQ1_M", 0, 0, NULL },
	[34] = { "TQ1_0", 0, 0, NULL }, [35] = { "TQ2_0", 0, 0, NULL }, [39] = { "MXFP4", 0, 0, NULL }, [40] = { "NVFP4", 0, 0, NULL },
	[41] = { "Q1_0", 0, 0, NULL },
};

const struct lac_tensor_form *lac_tensor_form(uint32_t type)
{
	static const struct lac_tensor_form unknown = { "unknown", 0, 0, NULL };

	return type < sizeof forms / sizeof *forms && forms[type].name ? &forms[type] : &unknown;
}
