/* The control register is read and written directly: fenv.h would bring in libm. */
#include "base/strict_float.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#define STRICT 0x1f80u /* all exceptions masked, nearest even, neither FTZ nor DAZ */

static uint64_t get(void) { return _mm_getcsr(); }
static void set(uint64_t value) { _mm_setcsr((unsigned)value); }

#elif defined(__aarch64__)
#define STRICT 0u /* nearest even, no flush to zero, default NaN off, traps off */

static uint64_t get(void)
{
	uint64_t value;

	__asm__ volatile("mrs %0, fpcr" : "=r"(value));
	return value;
}

static void set(uint64_t value) { __asm__ volatile("msr fpcr, %0" : : "r"(value)); }

#elif defined(__s390x__)
#define STRICT 0u /* masks off, nearest even */

static uint64_t get(void)
{
	uint32_t value;

	__asm__ volatile("efpc %0" : "=d"(value));
	return value;
}

static void set(uint64_t value) { __asm__ volatile("sfpc %0" : : "d"((uint32_t)value)); }

#elif defined(__riscv) && __riscv_flen >= 64
#define STRICT 0u /* nearest even; this architecture always keeps denormals */

static uint64_t get(void)
{
	uint64_t value;

	__asm__ volatile("frrm %0" : "=r"(value));
	return value;
}

static void set(uint64_t value) { __asm__ volatile("fsrm %0" : : "r"(value)); }

#else
#error "unknown CPU: teach src/base/strict_float.c to set round-to-nearest and to keep denormals"
#endif

uint64_t lac_float_environment_enter(void)
{
	uint64_t saved = get();

	set(STRICT);
	return saved;
}

void lac_float_environment_restore(uint64_t saved)
{
	set(saved);
}
