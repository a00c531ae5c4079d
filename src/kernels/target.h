/* target.h: selects an instruction set for the functions between TARGET_BEGIN and TARGET_END, so
 * that no file needs build flags of its own. gcc and clang spell it differently; clang refuses a
 * missing end. */
#ifndef LAC_KERNELS_TARGET_H
#define LAC_KERNELS_TARGET_H

#define PRAGMA(text) _Pragma(#text)

#if defined(__clang__)
#define TARGET_BEGIN(isa) PRAGMA(clang attribute push(__attribute__((target(isa))), apply_to = function))
#define TARGET_END PRAGMA(clang attribute pop)
#define UNROLL PRAGMA(unroll)
/* where a length is no constant the wish is not granted, and that is all */
PRAGMA(clang diagnostic ignored "-Wpass-failed")
#else
#define TARGET_BEGIN(isa) PRAGMA(GCC push_options) PRAGMA(GCC target(isa))
#define TARGET_END PRAGMA(GCC pop_options)
#define UNROLL PRAGMA(GCC unroll 16)
#endif

/* aarch64: clang names what is added. gcc's assembler wants an architecture with it, which must not
 * be older than what the build has: JCVT came with the next one. */
#if defined(__clang__)
#define TARGET_DOTPROD "dotprod"
#elif defined(__ARM_FEATURE_JCVT)
#define TARGET_DOTPROD "+dotprod"
#else
#define TARGET_DOTPROD "arch=armv8.2-a+dotprod"
#endif

#define ALWAYS_INLINE static inline __attribute__((always_inline))

#endif
