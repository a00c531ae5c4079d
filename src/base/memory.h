/* memory.h: all memory of the library, from libc or from the caller's allocator (laconic.h); plain,
 * aligned, or in an arena.
 *
 * `count` x `size` is checked for overflow. NULL: there is none. Any thread. */
#ifndef LAC_BASE_MEMORY_H
#define LAC_BASE_MEMORY_H

#include <stddef.h>

/* What is returned is freed by `function` and nothing else: gcc's analyser looks for leaks and
 * mistakes. */
#if defined(__GNUC__) && !defined(__clang__) && !defined(LAC_FREED_BY)
#define LAC_FREED_BY(function) __attribute__((malloc(function, 1)))
#elif !defined(LAC_FREED_BY)
#define LAC_FREED_BY(function)
#endif

/* As malloc, calloc and free, but that nothing asked for is memory too: NULL means a failure and
 * nothing else. */
void lac_free(void *memory);
LAC_FREED_BY(lac_free) void *lac_malloc(size_t count, size_t size);
LAC_FREED_BY(lac_free) void *lac_calloc(size_t count, size_t size);
/* As realloc, which has to be told how much was there. NULL: `memory` is as it was. */
void *lac_realloc(void *memory, size_t old_count, size_t count, size_t size);

/* Zeroed, aligned to 64 bytes. Freed with lac_aligned_free(). */
void *lac_aligned_calloc(size_t count, size_t size);
void lac_aligned_free(void *memory);

/* Many of them that are freed together, side by side in large pieces; { NULL, 0 } is an empty
 * one. */
struct lac_arena {
	struct lac_arena_piece *last;
	/* where all counts: what the first piece has room for, and small ones follow; 0: as much as
	 * costs nothing before it is written */
	size_t piece_bytes;
};

/* Zeroed, aligned to 64 bytes. Owned by the arena. */
void *lac_arena_calloc(struct lac_arena *arena, size_t n_bytes);
void lac_arena_free(struct lac_arena *arena);
/* What a piece of n_bytes takes in all. */
size_t lac_arena_bytes(size_t n_bytes);

#endif
