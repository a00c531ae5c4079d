/* kernels.c: which table. */
#include "kernels/kernels.h"
#include "laconic.h"

#include <string.h>

extern const struct lac_kernels lac_kernels_scalar;
#if defined(__x86_64__)
extern const struct lac_kernels lac_kernels_avx2, lac_kernels_avx512;
#elif defined(__AARCH64EL__)
extern const struct lac_kernels lac_kernels_neon, lac_kernels_dotprod;
#endif

const struct lac_kernels *const lac_kernels_all[] = {
#if defined(__x86_64__)
	&lac_kernels_avx512,
	&lac_kernels_avx2,
#elif defined(__AARCH64EL__)
	&lac_kernels_dotprod,
	&lac_kernels_neon,
#endif
	&lac_kernels_scalar,
	NULL
};

const struct lac_kernels *lac_kernels_choose(const char *name)
{
	for (size_t i = 0; lac_kernels_all[i]; i++)
		if ((!name || strcmp(name, lac_kernels_all[i]->name) == 0) && lac_kernels_all[i]->supported())
			return lac_kernels_all[i];
	return NULL;
}

const char *lac_kernels_name(unsigned index)
{
	for (size_t i = 0; lac_kernels_all[i]; i++)
		if (lac_kernels_all[i]->supported() && index-- == 0)
			return lac_kernels_all[i]->name;
	return NULL;
}
