/* kernels_dotprod.c: aarch64 with the dot product instructions (optional from Armv8.2 on, in most
 * cores since 2018).
 *
 * sdot adds four products of signed bytes to each 32-bit lane, exactly. It is written as an
 * instruction because clang before 16 shows the intrinsic only to whole builds for such CPUs. */
#include "base/strict_float.h"

#if defined(__AARCH64EL__)
#include "kernels/target.h"

#include <arm_neon.h>

/* Linux tells what the CPU has. Elsewhere it counts what the build was told to expect, which for
 * Apple's CPUs includes dot products; a build told nothing takes the table `neon`. */
#if defined(__linux__)
#include <sys/auxv.h>
#define KERNELS_SUPPORTED ((getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0)
#elif defined(__ARM_FEATURE_DOTPROD)
#define KERNELS_SUPPORTED true
#else
#define KERNELS_SUPPORTED false
#endif

#define KERNELS_NAME dotprod
#define BLOCK_ROWS 2
#define BLOCK_TILES 2
#define MIX_ROWS 2
#define MIX_TILES 2
#define ROW_TILES 2

TARGET_BEGIN(TARGET_DOTPROD)

ALWAYS_INLINE int32x4_t add_products(int32x4_t sum, int8x16_t w, int8x16_t x)
{
	__asm__("sdot %0.4s, %1.16b, %2.16b" : "+w"(sum) : "w"(w), "w"(x));
	return sum;
}

#include "kernels/vocabulary_neon.h"
#include "kernels/kernels_template.h"

TARGET_END
#endif
