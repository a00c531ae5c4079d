#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#define ALIGNMENT 64u
#define HUGE_PAGE ((size_t)2 << 20)
#define HUGE_MIN (2 * HUGE_PAGE) /* smaller memory would not fill one */

/* Large memory asks for huge pages: weights, keys and values are read through once a step, and with pages of 4 KiB the walks through
 * the page table cost about as much as the reading. calloc leaves pages that nobody touches to the system. */
void *lac_aligned_calloc(size_t count, size_t size)
{
	size_t n_bytes, alignment;
	char *base, *memory;

	if (size && count > (SIZE_MAX / 2) / size)
		return NULL;
	n_bytes = count * size;
	alignment = n_bytes < HUGE_MIN ? ALIGNMENT : HUGE_PAGE;
	base = calloc(1, n_bytes + alignment + sizeof base);
	if (!base)
		return NULL;
	memory = base + sizeof base;
	memory += -(uintptr_t)memory % alignment;
	((char **)(void *)memory)[-1] = base;
#ifdef MADV_HUGEPAGE
	if (alignment == HUGE_PAGE)
		(void)madvise(memory, n_bytes / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE); /* advice: a refusal changes nothing */
#endif
	return memory;
}

void lac_aligned_free(void *memory)
{
	if (memory)
		free(((char **)memory)[-1]);
}

struct lac_arena_piece {
	struct lac_arena_piece *before;
	size_t used, capacity; /* bytes, this header among them */
};

#define PIECE_BYTES ((size_t)32 << 20) /* takes no memory until it is written */
#define HEADER_BYTES ((size_t)ALIGNMENT)

void *lac_arena_calloc(struct lac_arena *arena, size_t n_bytes)
{
	struct lac_arena_piece *piece = arena->last;
	void *memory;

	if (n_bytes > SIZE_MAX / 2)
		return NULL;
	n_bytes = (n_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (!piece || piece->capacity - piece->used < n_bytes) {
		const size_t capacity = n_bytes + HEADER_BYTES < PIECE_BYTES ? PIECE_BYTES : n_bytes + HEADER_BYTES;

		piece = lac_aligned_calloc(capacity, 1);
		if (!piece)
			return NULL;
		*piece = (struct lac_arena_piece){ arena->last, HEADER_BYTES, capacity };
		arena->last = piece;
	}
	memory = (char *)piece + piece->used;
	piece->used += n_bytes;
	return memory;
}

void lac_arena_free(struct lac_arena *arena)
{
	while (arena->last) {
		struct lac_arena_piece *piece = arena->last;

		arena->last = piece->before;
		lac_aligned_free(piece);
	}
}
