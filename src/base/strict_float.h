/* strict_float.h: included first by every file with floating-point arithmetic.
 *
 * doc/arithmetic.md section 2: binary32 and binary64 + - x / sqrt, each rounded once, to nearest
 * even. Compilers may fuse a x b + c into one rounding; gcc does so by default even across vector
 * intrinsics and ignores the standard pragma, clang obeys the pragma. Both are told here, besides
 * the flag in the Makefile, so that a build without our flags is still right.
 */
#ifndef LAC_BASE_STRICT_FLOAT_H
#define LAC_BASE_STRICT_FLOAT_H

#if defined(__FAST_MATH__)
#error "laconic must not be built with -ffast-math or -Ofast: archives would not decode elsewhere"
#endif

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif

#include <float.h>
#include <stdint.h>

_Static_assert(FLT_EVAL_METHOD == 0, "binary32 must be evaluated as binary32 (no x87)");
_Static_assert(sizeof(float) == 4 && FLT_MANT_DIG == 24 && FLT_MAX_EXP == 128, "float must be IEEE binary32");
_Static_assert(sizeof(double) == 8 && DBL_MANT_DIG == 53, "double must be IEEE binary64");

/* Sets round-to-nearest with denormals kept and exceptions masked for this thread; returns what was
 * there, for lac_float_environment_restore(). Every thread that evaluates a model calls both. */
uint64_t lac_float_environment_enter(void);
void lac_float_environment_restore(uint64_t saved);

#endif
