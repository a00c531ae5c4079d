/* memory.h: aligned memory. */
#ifndef LAC_BASE_MEMORY_H
#define LAC_BASE_MEMORY_H

#include <stddef.h>

/* Zeroed, aligned to 64 bytes, count x size checked for overflow; NULL when there is none. Freed with lac_aligned_free(). */
void *lac_aligned_calloc(size_t count, size_t size);
void lac_aligned_free(void *memory);

#endif
