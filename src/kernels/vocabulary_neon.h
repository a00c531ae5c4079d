/* vocabulary_neon.h: the words of kernels_template.h for aarch64 (Advanced SIMD); sixteen lanes are
 * four registers. The two files that include it first say how four products are added:
 * add_products(sums of four rows, 4 x 4 weights, four activations broadcast). Every aarch64 has the
 * rest. A big-endian one computes with plain C: bytes lie otherwise within a broadcast word there.
 *
 * Sums and products are separate words, and strict_float.h keeps the compilers from fusing them:
 * arm_neon.h writes them as + and *, so without that vmulq_f32 and vaddq_f32 become one fmla
 * (tools/check_fused.sh looks at the objects). FMIN and FMAX order -0 below +0, unlike the
 * comparison in plain C; no result depends on it (arithmetic.md 2.3). */
#include "kernels/square_root.h"

#include <stddef.h>

#define X_ZERO 0

typedef struct { float32x4_t a, b, c, d; } F;
typedef struct { int32x4_t a, b, c, d; } I;
typedef struct { int8x16_t a, b, c, d; } W;
typedef int8x16_t X, U;

#define EACH_1(type, word, x) (type){ word((x).a), word((x).b), word((x).c), word((x).d) }
#define EACH_2(type, word, x, y) (type){ word((x).a, (y).a), word((x).b, (y).b), word((x).c, (y).c), word((x).d, (y).d) }
#define SAME_4(type, x) (type){ x, x, x, x }

ALWAYS_INLINE F f_load(const float *p) { return (F){ vld1q_f32(p), vld1q_f32(p + 4), vld1q_f32(p + 8), vld1q_f32(p + 12) }; }
ALWAYS_INLINE F f_set(float x) { return SAME_4(F, vdupq_n_f32(x)); }
ALWAYS_INLINE F f_add(F x, F y) { return EACH_2(F, vaddq_f32, x, y); }
ALWAYS_INLINE F f_sub(F x, F y) { return EACH_2(F, vsubq_f32, x, y); }
ALWAYS_INLINE F f_mul(F x, F y) { return EACH_2(F, vmulq_f32, x, y); }
ALWAYS_INLINE F f_div(F x, F y) { return EACH_2(F, vdivq_f32, x, y); }
ALWAYS_INLINE F f_min(F x, F y) { return EACH_2(F, vminq_f32, x, y); }
ALWAYS_INLINE F f_max(F x, F y) { return EACH_2(F, vmaxq_f32, x, y); }
ALWAYS_INLINE F f_abs(F x) { return EACH_1(F, vabsq_f32, x); }
ALWAYS_INLINE F f_from_i(I x) { return EACH_1(F, vcvtq_f32_s32, x); }

ALWAYS_INLINE void f_store(float *p, F x)
{
	vst1q_f32(p, x.a);
	vst1q_f32(p + 4, x.b);
	vst1q_f32(p + 8, x.c);
	vst1q_f32(p + 12, x.d);
}

/* Section 2.3's tree: sixteen lanes, eight, four, two, one. */
ALWAYS_INLINE float f_sum(F x)
{
	float32x4_t four = vaddq_f32(vaddq_f32(x.a, x.c), vaddq_f32(x.b, x.d));
	float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));

	return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}

ALWAYS_INLINE float f_most(F x) { return vmaxvq_f32(vmaxq_f32(vmaxq_f32(x.a, x.b), vmaxq_f32(x.c, x.d))); }

ALWAYS_INLINE float32x4_t first_of_quarter(float32x4_t x, int n)
{
	static const int32_t index[4] = { 0, 1, 2, 3 };

	return vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(x), vcltq_s32(vld1q_s32(index), vdupq_n_s32(n))));
}

ALWAYS_INLINE F f_first(F x, int n)
{
	return (F){ first_of_quarter(x.a, n), first_of_quarter(x.b, n - 4), first_of_quarter(x.c, n - 8), first_of_quarter(x.d, n - 12) };
}

ALWAYS_INLINE float32x4_t quarter_power(float32x4_t t)
{
	int32x4_t bits = vshlq_n_s32(vreinterpretq_s32_f32(t), 23);

	return vreinterpretq_f32_s32(vaddq_s32(bits, vdupq_n_s32(0x3f800000)));
}

ALWAYS_INLINE F f_power(F t) { return EACH_1(F, quarter_power, t); }

ALWAYS_INLINE I i_zero(void) { return SAME_4(I, vdupq_n_s32(0)); }
ALWAYS_INLINE I i_one(void) { return SAME_4(I, vdupq_n_s32(1)); }
ALWAYS_INLINE I i_add(I x, I y) { return EACH_2(I, vaddq_s32, x, y); }
ALWAYS_INLINE I i_trunc(F x) { return EACH_1(I, vcvtq_s32_f32, x); } /* towards zero */

ALWAYS_INLINE void i_store(int32_t *p, I x)
{
	vst1q_s32(p, x.a);
	vst1q_s32(p + 4, x.b);
	vst1q_s32(p + 8, x.c);
	vst1q_s32(p + 12, x.d);
}

/* Values fit 8 bits, so taking the low halves changes nothing. */
ALWAYS_INLINE void i_store_bytes(int8_t *p, I x)
{
	int16x8_t low = vcombine_s16(vmovn_s32(x.a), vmovn_s32(x.b)), high = vcombine_s16(vmovn_s32(x.c), vmovn_s32(x.d));

	vst1q_s8(p, vcombine_s8(vmovn_s16(low), vmovn_s16(high)));
}

ALWAYS_INLINE void x_store(int8_t *p, I x) { i_store_bytes(p, x); }

ALWAYS_INLINE uint64_t i_sum(I x)
{
	uint64x2_t low = vpaddlq_u32(vreinterpretq_u32_s32(x.a)), high = vpaddlq_u32(vreinterpretq_u32_s32(x.c));

	low = vpadalq_u32(low, vreinterpretq_u32_s32(x.b));
	high = vpadalq_u32(high, vreinterpretq_u32_s32(x.d));
	return vaddvq_u64(vaddq_u64(low, high));
}

ALWAYS_INLINE W w_load(const int8_t *p) { return (W){ vld1q_s8(p), vld1q_s8(p + 16), vld1q_s8(p + 32), vld1q_s8(p + 48) }; }

ALWAYS_INLINE X x_load(const int8_t *p)
{
	int32_t four;

	memcpy(&four, p, sizeof four);
	return vreinterpretq_s8_s32(vdupq_n_s32(four));
}

ALWAYS_INLINE U u_load(const int8_t *p) { return x_load(p); } /* 7 bits are no less signed */

ALWAYS_INLINE I dot_start(const int32_t *corrections) { (void)corrections; return i_zero(); }

ALWAYS_INLINE I dot(I sum, X x, W w)
{
	return (I){ add_products(sum.a, w.a, x), add_products(sum.b, w.b, x), add_products(sum.c, w.c, x),
		add_products(sum.d, w.d, x) };
}

ALWAYS_INLINE I dot_unsigned(I sum, U x, W w) { return dot(sum, x, w); }
