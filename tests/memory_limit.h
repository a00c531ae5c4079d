/* memory_limit.h: a bound on what this program may allocate, so that a huge allocation fails
 * instead of being lent. */
#ifndef LAC_TEST_MEMORY_LIMIT_H
#define LAC_TEST_MEMORY_LIMIT_H

#include "test.h"

#include <sys/resource.h>
#include <unistd.h>

/* bytes that opening a small file may take, however large the numbers in it */
#define ALLOWANCE (48u << 20)

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN
#endif

#ifdef HAS_ASAN

/* The sanitizer's shadow memory leaves no room for a limit of addresses, but it limits single
 * allocations itself. */
const char *__asan_default_options(void);
__attribute__((visibility("default"))) const char *__asan_default_options(void)
{
	return "max_allocation_size_mb=48:allocator_may_return_null=1";
}

static inline bool limit_memory(void)
{
	return true;
}

#else

/* Lets this program have ALLOWANCE beside what it has, so that a huge allocation fails instead of
 * being lent. */
static inline bool limit_memory(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long n_pages = 0;
	struct rlimit limit;
	void *volatile probe;

	if (file) {
		if (fscanf(file, "%lu", &n_pages) == 1 && getrlimit(RLIMIT_AS, &limit) == 0) {
			limit.rlim_cur = (rlim_t)n_pages * (rlim_t)sysconf(_SC_PAGESIZE) + ALLOWANCE;
			setrlimit(RLIMIT_AS, &limit);
		}
		fclose(file);
	}
	probe = malloc((size_t)2 * ALLOWANCE);
	free(probe);
	return !probe;
}

#endif

#endif
