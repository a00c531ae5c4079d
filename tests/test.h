/* test.h: the whole test harness. A test program is a main that calls law functions and ends with
 * `return test_report();`. A failing CHECK prints the place and the expression and the run goes
 * on. */
#ifndef LAC_TEST_H
#define LAC_TEST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int test_n_passed, test_n_failed, test_n_skipped;
/* by programs that share test_random() only */
static int test_failures_in_law __attribute__((unused));

#define CHECK(condition) do { \
	if (!(condition)) { \
		test_failures_in_law++; \
		fprintf(stderr, "FAIL %s:%d: %s\n", __FILE__, __LINE__, #condition); \
	} \
} while (0)

/* The same, with a printf-style note that lets the failure be replayed (seed, shape, values). */
#define CHECK_NOTE(condition, ...) do { \
	if (!(condition)) { \
		test_failures_in_law++; \
		fprintf(stderr, "FAIL %s:%d: %s: ", __FILE__, __LINE__, #condition); \
		fprintf(stderr, __VA_ARGS__); \
		fputc('\n', stderr); \
	} \
} while (0)

/* Runs one law: a function named after what it shows. */
#define LAW(function) do { \
	test_failures_in_law = 0; \
	function(); \
	if (test_failures_in_law) { \
		test_n_failed++; \
		printf("not ok  %s\n", #function); \
	} else { \
		test_n_passed++; \
		printf("ok      %s\n", #function); \
	} \
} while (0)

/* Says why a law cannot be tried here. */
#define SKIP(law, reason) do { \
	test_n_skipped++; \
	printf("skipped %s: %s\n", law, reason); \
} while (0)

static inline int test_report(void)
{
	printf("%d passed, %d failed, %d skipped\n", test_n_passed, test_n_failed, test_n_skipped);
	return test_n_failed != 0;
}

/* How much is tried, by the second argument: --short is for slow builds, --long for make
 * check-all. */
enum test_effort { SHORT, USUAL, LONG };

static inline enum test_effort test_effort(int argc, char **argv)
{
	return argc < 3 ? USUAL : strcmp(argv[2], "--short") == 0 ? SHORT : strcmp(argv[2], "--long") == 0 ? LONG : USUAL;
}

/* splitmix64 (Steele, Lea, Flood 2014): replayable random numbers from a printed seed. */
static inline uint64_t test_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

#endif
