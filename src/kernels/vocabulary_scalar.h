/* vocabulary_scalar.h: the words of kernels_template.h in plain C, which is their meaning. Sixteen
 * lanes are sixteen array elements. Included by kernels_scalar.c, and by the tests' tables that
 * have one of the words wrong. */
#include "base/strict_float.h"
#include "kernels/square_root.h"
#include "kernels/target.h"

#include <stddef.h>

#define BLOCK_ROWS 1
#define BLOCK_TILES 1
#define MIX_ROWS 1
#define MIX_TILES 1
#define ROW_TILES 1
#define X_ZERO 0
#define EACH_LANE for (unsigned i = 0; i < 16; i++)

typedef struct { float lane[16]; } F;
typedef struct { int32_t lane[16]; } I;
typedef struct { int8_t value[16][4]; } W;
typedef struct { int8_t value[4]; } X;
typedef X U;

static inline F f_load(const float *p) { F r; EACH_LANE r.lane[i] = p[i]; return r; }
static inline void f_store(float *p, F a) { EACH_LANE p[i] = a.lane[i]; }
static inline F f_set(float a) { F r; EACH_LANE r.lane[i] = a; return r; }
static inline F f_add(F a, F b) { EACH_LANE a.lane[i] = a.lane[i] + b.lane[i]; return a; }
static inline F f_sub(F a, F b) { EACH_LANE a.lane[i] = a.lane[i] - b.lane[i]; return a; }
static inline F f_mul(F a, F b) { EACH_LANE a.lane[i] = a.lane[i] * b.lane[i]; return a; }
static inline F f_div(F a, F b) { EACH_LANE a.lane[i] = a.lane[i] / b.lane[i]; return a; }
static inline F f_min(F a, F b) { EACH_LANE a.lane[i] = a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]; return a; }
static inline F f_max(F a, F b) { EACH_LANE a.lane[i] = a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]; return a; }
static inline F f_abs(F a) { EACH_LANE a.lane[i] = a.lane[i] < 0.0f ? -a.lane[i] : a.lane[i]; return a; }
static inline F f_from_i(I a) { F r; EACH_LANE r.lane[i] = (float)a.lane[i]; return r; }

/* arithmetic.md section 2.3: the sum of the sixteen partial sums, as a tree. */
static inline float f_sum(F a)
{
	for (unsigned width = 8; width; width /= 2)
		for (unsigned i = 0; i < width; i++)
			a.lane[i] = a.lane[i] + a.lane[i + width];
	return a.lane[0];
}

static inline float f_most(F a)
{
	for (unsigned i = 1; i < 16; i++)
		a.lane[0] = a.lane[i] > a.lane[0] ? a.lane[i] : a.lane[0];
	return a.lane[0];
}

static inline F f_first(F a, int n) { EACH_LANE a.lane[i] = (int)i < n ? a.lane[i] : 0.0f; return a; }

static inline F f_power(F t)
{
	EACH_LANE {
		uint32_t bits;

		memcpy(&bits, &t.lane[i], sizeof bits);
		bits = (bits << 23) + 0x3f800000u;
		memcpy(&t.lane[i], &bits, sizeof bits);
	}
	return t;
}

static inline I i_zero(void) { return (I){ { 0 } }; }
static inline I i_one(void) { I r; EACH_LANE r.lane[i] = 1; return r; }
static inline I i_add(I a, I b) { EACH_LANE a.lane[i] += b.lane[i]; return a; }
static inline I i_load(const int32_t *p) { I r; EACH_LANE r.lane[i] = p[i]; return r; }
static inline void i_store(int32_t *p, I a) { EACH_LANE p[i] = a.lane[i]; }
static inline void i_store_bytes(int8_t *p, I a) { EACH_LANE p[i] = (int8_t)a.lane[i]; }
static inline void x_store(int8_t *p, I a) { i_store_bytes(p, a); }
static inline uint64_t i_sum(I a) { uint64_t s = 0; EACH_LANE s += (uint32_t)a.lane[i]; return s; }
static inline I i_trunc(F a) { I r; EACH_LANE r.lane[i] = (int32_t)a.lane[i]; return r; }

static inline W w_load(const int8_t *p) { W r; memcpy(&r, p, sizeof r); return r; }
static inline X x_load(const int8_t *p) { X r; memcpy(&r, p, sizeof r); return r; }
static inline U u_load(const int8_t *p) { return x_load(p); }
static inline I dot_start(const int32_t *corrections) { (void)corrections; return i_zero(); }

static inline I dot(I a, X x, W w)
{
	EACH_LANE
		for (unsigned j = 0; j < 4; j++)
			a.lane[i] += x.value[j] * w.value[i][j];
	return a;
}

static inline I dot_unsigned(I a, U x, W w)
{
	return dot(a, x, w);
}
