/* textbook_rotary.h: sections 5.1 and 5.2 of arithmetic.md once more, word by word. */
#ifndef LAC_TEST_TEXTBOOK_ROTARY_H
#define LAC_TEST_TEXTBOOK_ROTARY_H

#include "base/strict_float.h"

#include <math.h>
#include <stdint.h>

#define BOOK_LN2 0x1.62e42fefa39efp-1
#define BOOK_2PI 0x1.921fb54442d18p+2

static inline double book_logarithm(double x)
{
	int e;
	const double m = frexp(x, &e) * 2.0, z = (m - 1.0) / (m + 1.0), squared = z * z;
	double S = 0.0, twice = 2.0 * z;

	for (int k = 19; k >= 0; k--) {
		S = S * squared;
		S = S + 1.0 / (2 * k + 1);
	}
	twice = twice * S;
	return (e - 1) * BOOK_LN2 + twice;
}

static inline double book_exp_of_minus(double x)
{
	const int h = (int)trunc(x / BOOK_LN2);
	const double whole = h * BOOK_LN2, r = x - whole;
	double S = 1.0;

	for (int k = 20; k >= 1; k--) {
		const double product = (r / k) * S;

		S = 1.0 - product;
	}
	return ldexp(S, -h);
}

static inline uint64_t book_step(unsigned pair, unsigned rotary_dim, float base, float factor, float scaling)
{
	const double argument = (book_logarithm(base) * (2 * pair)) / rotary_dim;

	double radians = book_exp_of_minus(argument);

	radians = radians / factor;
	radians = radians / scaling;
	return (uint64_t)trunc(radians / BOOK_2PI * 18446744073709551616.0);
}

static inline void book_angle(uint64_t angle, float *cosine, float *sine)
{
	const uint64_t eighth = UINT64_C(1) << 61, quarter = (angle + eighth) >> 62;
	const uint64_t above = angle + eighth - (quarter << 62); /* u', from 0 on */
	const double x = (((double)above - 2305843009213693952.0) * 0x1p-64) * BOOK_2PI, squared = x * x;
	double C = 1.0, S = 1.0;

	for (int k = 9; k >= 1; k--) {
		const double c = squared / ((2 * k - 1) * (2 * k)) * C, s = squared / ((2 * k) * (2 * k + 1)) * S;

		C = 1.0 - c;
		S = 1.0 - s;
	}
	S = S * x;
	*cosine = (float)(quarter == 0 ? C : quarter == 1 ? -S : quarter == 2 ? -C : S);
	*sine = (float)(quarter == 0 ? S : quarter == 1 ? C : quarter == 2 ? -S : -C);
}

#endif
