/* memory.h: aligned memory, alone or in an arena. */
#ifndef LAC_BASE_MEMORY_H
#define LAC_BASE_MEMORY_H

#include <stddef.h>

/* Zeroed, aligned to 64 bytes, count x size checked for overflow; NULL when there is none. Freed with lac_aligned_free(). */
void *lac_aligned_calloc(size_t count, size_t size);
void lac_aligned_free(void *memory);

/* Many of them that are freed together, side by side in large pieces; { NULL } is an empty one. */
struct lac_arena {
	struct lac_arena_piece *last;
};

/* Zeroed, aligned to 64 bytes; NULL when there is none. Owned by the arena. */
void *lac_arena_calloc(struct lac_arena *arena, size_t n_bytes);
void lac_arena_free(struct lac_arena *arena);

#endif
