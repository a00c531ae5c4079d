/* starving.h: what the library may be denied: memory and threads, and whatever else a test counts,
 * at the Nth time it asks. Counts the blocks that are held, and watches their ends. Any thread. */
#ifndef LAC_TEST_STARVING_H
#define LAC_TEST_STARVING_H

#include "laconic.h"
#include "test.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

struct denial {
	const char *of;
	atomic_ulong n_asked;
	unsigned long first, last; /* times that are denied, counted from 1; 0, 0: none */
};

static inline void deny(struct denial *denial, unsigned long first, unsigned long last)
{
	atomic_store(&denial->n_asked, 0);
	denial->first = first;
	denial->last = last;
}

static inline bool is_denied(struct denial *denial)
{
	const unsigned long time = atomic_fetch_add(&denial->n_asked, 1) + 1;

	return time >= denial->first && time <= denial->last;
}

/* ---- Memory ---------------------------------------------------------------------- */

static struct denial memory = { .of = "memory" };
static atomic_long n_held; /* blocks */

#define GUARD 0x5eed5eed5eed5eedu

struct guarded {
	_Alignas(16) uint64_t guard;
	size_t n_bytes;
};

static inline void *starving_allocate(void *payload, size_t n_bytes)
{
	const uint64_t guard = GUARD;
	struct guarded *block;

	(void)payload;
	if (n_bytes == 0) {
		fprintf(stderr, "FAIL memory of no bytes was asked for\n");
		abort();
	}
	block = is_denied(&memory) ? NULL : malloc(sizeof *block + n_bytes + sizeof guard);
	if (!block)
		return NULL;
	*block = (struct guarded){ guard, n_bytes };
	/* who counts on zeros shall see that there are none */
	memset(block + 1, 0xa5, n_bytes < 4096 ? n_bytes : 4096);
	memcpy((char *)(block + 1) + n_bytes, &guard, sizeof guard);
	atomic_fetch_add(&n_held, 1);
	return block + 1;
}

static inline void starving_release(void *payload, void *at)
{
	const uint64_t guard = GUARD;
	struct guarded *block = (struct guarded *)at - 1;

	(void)payload;
	if (block->guard != guard || memcmp((char *)at + block->n_bytes, &guard, sizeof guard) != 0) {
		fprintf(stderr, "FAIL a block is not this allocator's, or was written past its ends\n");
		abort();
	}
	block->guard = 0; /* so that a second release is seen */
	atomic_fetch_sub(&n_held, 1);
	free(block);
}

static const struct lac_allocator starving = { starving_allocate, starving_release, NULL };

/* ---- Threads: the program is linked with --wrap=pthread_create ---------------------- */

static struct denial threads = { .of = "a thread" };

int real_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) __asm__("__real_pthread_create");
int starving_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) __asm__("__wrap_pthread_create");

int starving_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument)
{
	return is_denied(&threads) ? EAGAIN : real_pthread_create(thread, attributes, run, argument);
}

#endif
