#define LAC_FREED_BY(function) /* in here it is libc that frees */
#include "base/memory.h"
#include "base/error.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static struct lac_allocator allocator; /* no functions: libc's */
/* blocks that are not freed: they must go back to where they came from */
static atomic_size_t n_live;

enum lac_status lac_set_allocator(const struct lac_allocator *other, struct lac_error *error)
{
	if (other && (!other->allocate || !other->release))
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "an allocator must have both of its functions");
	if (atomic_load(&n_live))
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "%zu blocks of memory are still in use; an allocator is set before models are "
			"opened, or after they are closed", atomic_load(&n_live));
	allocator = other ? *other : (struct lac_allocator){ NULL, NULL, NULL };
	return LAC_OK;
}

/* ---- Plain ----------------------------------------------------------------------- */

/* Never 0: what libc gives for nothing may be NULL. False: too large to be. */
static bool multiply(size_t count, size_t size, size_t *n_bytes)
{
	if (size && count > (SIZE_MAX / 2) / size)
		return false;
	*n_bytes = count && size ? count * size : 1;
	return true;
}

static void *count_live(void *memory)
{
	if (memory)
		atomic_fetch_add_explicit(&n_live, 1, memory_order_relaxed);
	return memory;
}

void *lac_malloc(size_t count, size_t size)
{
	size_t n_bytes;

	if (!multiply(count, size, &n_bytes))
		return NULL;
	return count_live(allocator.allocate ? allocator.allocate(allocator.payload, n_bytes) : malloc(n_bytes));
}

/* libc's calloc leaves large memory that nobody touches to the system; of another allocator's
 * nothing is known. */
void *lac_calloc(size_t count, size_t size)
{
	size_t n_bytes;
	void *memory;

	if (!multiply(count, size, &n_bytes))
		return NULL;
	if (!allocator.allocate)
		return count_live(calloc(1, n_bytes));
	memory = lac_malloc(count, size);
	return memory ? memset(memory, 0, n_bytes) : NULL;
}

void *lac_realloc(void *memory, size_t old_count, size_t count, size_t size)
{
	const size_t n_kept = (old_count < count ? old_count : count) * size;
	size_t n_bytes;
	void *other;

	if (memory && !allocator.allocate)
		return multiply(count, size, &n_bytes) ? realloc(memory, n_bytes) : NULL;
	other = lac_malloc(count, size);
	if (other && memory) {
		memcpy(other, memory, n_kept);
		lac_free(memory);
	}
	return other;
}

void lac_free(void *memory)
{
	if (!memory)
		return;
	atomic_fetch_sub_explicit(&n_live, 1, memory_order_relaxed);
	if (allocator.release)
		allocator.release(allocator.payload, memory);
	else
		free(memory);
}

/* ---- Aligned --------------------------------------------------------------------- */

#define ALIGNMENT 64u
#define HUGE_PAGE ((size_t)2 << 20)
#define HUGE_MIN (2 * HUGE_PAGE) /* smaller memory would not fill one */

/* Large memory asks for huge pages: weights, keys and values are read through once a step, and with
 * pages of 4 KiB the walks through the page table cost about as much as the reading. */
void *lac_aligned_calloc(size_t count, size_t size)
{
	size_t n_bytes, alignment;
	char *base, *memory;

	if (!multiply(count, size, &n_bytes))
		return NULL;
	alignment = n_bytes < HUGE_MIN ? ALIGNMENT : HUGE_PAGE;
	base = lac_calloc(1, n_bytes + alignment + sizeof base);
	if (!base)
		return NULL;
	memory = base + sizeof base;
	memory += -(uintptr_t)memory % alignment;
	((char **)(void *)memory)[-1] = base;
#ifdef MADV_HUGEPAGE
	if (alignment == HUGE_PAGE && !allocator.allocate)
		/* advice: a refusal changes nothing */
		(void)madvise(memory, n_bytes / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
#endif
	return memory;
}

void lac_aligned_free(void *memory)
{
	if (memory)
		lac_free(((char **)memory)[-1]);
}

/* ---- Arenas ---------------------------------------------------------------------- */

struct lac_arena_piece {
	struct lac_arena_piece *before;
	size_t used, capacity; /* bytes, this header among them */
};

/* tests open many small models under sanitizers, which write for every byte */
#ifndef ARENA_PIECE_BYTES
#define ARENA_PIECE_BYTES ((size_t)32 << 20) /* from libc takes no memory until it is written */
#endif
#define SMALL_PIECE_BYTES ((size_t)64 << 10)
#define HEADER_BYTES ((size_t)ALIGNMENT)

void *lac_arena_calloc(struct lac_arena *arena, size_t n_bytes)
{
	struct lac_arena_piece *piece = arena->last;
	void *memory;

	if (n_bytes > SIZE_MAX / 2)
		return NULL;
	n_bytes = (n_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (!piece || piece->capacity - piece->used < n_bytes) {
		const size_t wanted = arena->piece_bytes ? arena->piece_bytes + HEADER_BYTES : ARENA_PIECE_BYTES;
		const size_t capacity = n_bytes + HEADER_BYTES < wanted ? wanted : n_bytes + HEADER_BYTES;

		piece = lac_aligned_calloc(capacity, 1);
		if (!piece)
			return NULL;
		if (arena->piece_bytes)
			arena->piece_bytes = SMALL_PIECE_BYTES;
		*piece = (struct lac_arena_piece){ arena->last, HEADER_BYTES, capacity };
		arena->last = piece;
	}
	memory = (char *)piece + piece->used;
	piece->used += n_bytes;
	return memory;
}

size_t lac_arena_bytes(size_t n_bytes)
{
	const size_t n_piece = n_bytes + HEADER_BYTES;

	return n_piece + sizeof(char *) + (n_piece < HUGE_MIN ? ALIGNMENT : HUGE_PAGE);
}

void lac_arena_free(struct lac_arena *arena)
{
	while (arena->last) {
		struct lac_arena_piece *piece = arena->last;

		arena->last = piece->before;
		lac_aligned_free(piece);
	}
}
