/* default_model.c: models/default.gguf as it is, inside the library. The Makefile names the file
 * and rebuilds this when it changes. */
#include "model/model.h"

#if !defined(LAC_DEFAULT_MODEL)
#define LAC_DEFAULT_MODEL "models/default.gguf" /* relative to where the compiler runs */
#endif

/* Not page-aligned data would do for the reader; 64 lets tensors be read in place. The section is
 * read-only. */
__asm__(
	".section .rodata\n"
	".balign 64\n"
	"lac_default_model_begin:\n"
	".incbin \"" LAC_DEFAULT_MODEL "\"\n"
	"lac_default_model_end:\n"
	".byte 0\n"
	".previous\n");

extern const uint8_t lac_default_model_begin[] __attribute__((visibility("hidden")));
extern const uint8_t lac_default_model_end[] __attribute__((visibility("hidden")));

const void *lac_default_model_gguf(size_t *n_bytes)
{
	*n_bytes = (size_t)(lac_default_model_end - lac_default_model_begin);
	return lac_default_model_begin;
}
