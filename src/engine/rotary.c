/* rotary.c: angles are fixed-point turns, so position x step is exact at any position. The few real
 * functions are series in binary64 with + - x / only; they need to be the same everywhere more than
 * they need the last bit. */
#include "base/strict_float.h"
#include "engine/rotary.h"

#include <string.h>

#define LN_2 0x1.62e42fefa39efp-1
#define TWO_PI 0x1.921fb54442d18p+2

/* Section 5.1: ln(x) for x >= 1: x = m 2^e, ln m = 2 artanh((m - 1) / (m + 1)) by 20 terms,
 * smallest first. */
static double logarithm(double x)
{
	uint64_t bits;
	double m, z, square, sum = 0.0;
	int exponent;

	memcpy(&bits, &x, sizeof bits);
	exponent = (int)(bits >> 52) - 1023;
	bits = (bits & 0xfffffffffffffu) | UINT64_C(1023) << 52;
	memcpy(&m, &bits, sizeof m);
	z = (m - 1.0) / (m + 1.0);
	square = z * z;
	for (int k = 19; k >= 0; k--)
		sum = sum * square + 1.0 / (double)(2 * k + 1);
	return (double)exponent * LN_2 + 2.0 * z * sum;
}

/* Section 5.1: e^-x for 0 <= x <= 40: whole halvings and a series of 20 terms. */
static double exponential_of_minus(double x)
{
	int halvings = (int)(x / LN_2);
	double r = x - (double)halvings * LN_2, sum = 1.0;

	for (int k = 20; k >= 1; k--)
		sum = 1.0 - r / (double)k * sum;
	for (int i = 0; i < halvings; i++)
		sum = sum * 0.5;
	return sum;
}

void lac_rotary_steps(uint64_t *steps, uint32_t rotary_dim, float base, float scaling, const float *factors)
{
	const double log_base = logarithm((double)base);

	for (uint32_t i = 0; i < rotary_dim / 2; i++) {
		double radians = exponential_of_minus(log_base * (double)(2 * i) / (double)rotary_dim);

		/* by 1: as they are */
		radians = radians / (factors ? (double)factors[i] : 1.0) / (double)scaling;
		/* at most 0.64 of a turn: within 64 bits */
		steps[i] = (uint64_t)(radians / TWO_PI * 0x1p64);
	}
}

/* Section 5.2: the nearest quarter turn, then Taylor series on at most an eighth of a turn. */
void lac_rotary_angle(uint64_t angle, float *cosine, float *sine)
{
	unsigned quarter = (unsigned)((angle + (UINT64_C(1) << 61)) >> 62);
	/* 0 to 2^62 - 1 */
	uint64_t above = angle + (UINT64_C(1) << 61) - ((uint64_t)quarter << 62);
	double x = ((double)above - 0x1p61) * 0x1p-64 * TWO_PI;
	double square = x * x, c = 1.0, s = 1.0;

	for (int k = 9; k >= 1; k--) {
		c = 1.0 - square / (double)((2 * k - 1) * (2 * k)) * c;
		s = 1.0 - square / (double)((2 * k) * (2 * k + 1)) * s;
	}
	s = s * x;
	switch (quarter & 3) {
	case 0: *cosine = (float)c; *sine = (float)s; break;
	case 1: *cosine = (float)-s; *sine = (float)c; break;
	case 2: *cosine = (float)-c; *sine = (float)-s; break;
	default: *cosine = (float)s; *sine = (float)-c; break;
	}
}
