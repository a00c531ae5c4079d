/* mutant_contracted.c: a table with one slip. A product that goes into a sum or a difference is not
 * rounded before: what compilers do with a x b + c unless they are told not to. */
#define f_store true_f_store
#define f_add true_f_add
#define f_sub true_f_sub
#define f_mul true_f_mul
#include "kernels/vocabulary_scalar.h"
#undef f_store
#undef f_add
#undef f_sub
#undef f_mul

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define KERNELS_NAME mutant_contracted
#define KERNELS_SUPPORTED true

/* The last product that was not stored or summed yet, and its factors. */
static struct { F left, right, product; bool is_pending; } last;

static F f_mul(F a, F b)
{
	last.left = a;
	last.right = b;
	last.product = true_f_mul(a, b);
	last.is_pending = true;
	return last.product;
}

static bool is_product(const F *a)
{
	return last.is_pending && memcmp(a, &last.product, sizeof *a) == 0;
}

static void f_store(float *p, F a)
{
	last.is_pending = false;
	true_f_store(p, a);
}

static F fused(F addend, float sign)
{
	EACH_LANE addend.lane[i] = fmaf(sign * last.left.lane[i], last.right.lane[i], addend.lane[i]);
	last.is_pending = false;
	return addend;
}

static F f_add(F a, F b)
{
	return is_product(&a) ? fused(b, 1.0f) : is_product(&b) ? fused(a, 1.0f) : true_f_add(a, b);
}

static F f_sub(F a, F b)
{
	if (is_product(&b))
		return fused(a, -1.0f);
	if (is_product(&a))
		return fused(true_f_mul(b, f_set(-1.0f)), 1.0f);
	return true_f_sub(a, b);
}

#include "kernels/kernels_template.h"
