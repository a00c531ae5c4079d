#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 64u

void *lac_aligned_calloc(size_t count, size_t size)
{
	size_t n_bytes;
	void *memory;

	if (size && count > (SIZE_MAX - ALIGNMENT) / size)
		return NULL;
	n_bytes = (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	memory = aligned_alloc(ALIGNMENT, n_bytes ? n_bytes : ALIGNMENT);
	if (memory)
		memset(memory, 0, n_bytes);
	return memory;
}

void lac_aligned_free(void *memory)
{
	free(memory);
}
