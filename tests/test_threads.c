/* Laws of how many threads a call starts (laconic.h, n_threads): test_threads. */
#include "test.h"

#include "base/threads.h"
#include "laconic.h"

#include <sched.h>

/* Of the CPUs that this process may use, the first n. */
static bool allow(const cpu_set_t *cpus, int n)
{
	cpu_set_t some;

	CPU_ZERO(&some);
	for (size_t i = 0; i < CPU_SETSIZE && n > 0; i++)
		if (CPU_ISSET(i, cpus)) {
			CPU_SET(i, &some);
			n--;
		}
	return n == 0 && sched_setaffinity(0, sizeof some, &some) == 0;
}

static void there_is_one_for_each_cpu_that_is_allowed(void)
{
	cpu_set_t cpus;

	if (sched_getaffinity(0, sizeof cpus, &cpus) != 0) {
		SKIP("there_is_one_for_each_cpu_that_is_allowed", "this system has no affinity");
		return;
	}
	CHECK(lac_threads_wanted(0) == (uint32_t)CPU_COUNT(&cpus));
	for (int n = 1; n <= CPU_COUNT(&cpus) && n <= 3; n++)
		CHECK(allow(&cpus, n) && lac_threads_wanted(0) == (uint32_t)n);
	CHECK(sched_setaffinity(0, sizeof cpus, &cpus) == 0);
}

static void what_the_caller_asks_for_is_taken(void)
{
	CHECK(lac_threads_wanted(1) == 1 && lac_threads_wanted(7) == 7 && lac_threads_wanted(LAC_THREADS_MAX) == LAC_THREADS_MAX);
	CHECK(lac_threads_wanted(UINT32_MAX) == LAC_THREADS_MAX);
}

int main(void)
{
	LAW(there_is_one_for_each_cpu_that_is_allowed);
	LAW(what_the_caller_asks_for_is_taken);
	return test_report();
}
