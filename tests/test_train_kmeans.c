/* Laws of grouping points: groups that are there are found, what is found is what k-means promises,
 * and nothing depends on threads. */
#include "test.h"

#include "train/kmeans.h"

#include <math.h>

#define N_DIMS 24u

static double normal(uint64_t *seed)
{
	double sum = -6.0;

	for (unsigned i = 0; i < 12; i++)
		sum += (double)(test_random(seed) >> 11) * 0x1p-53;
	return sum;
}

static void normalize(float *p)
{
	double length = 0.0;

	for (unsigned k = 0; k < N_DIMS; k++)
		length += (double)p[k] * p[k];
	for (unsigned k = 0; k < N_DIMS; k++)
		p[k] = (float)(p[k] / sqrt(length));
}

/* n points about n_groups directions: point i about direction i % n_groups. */
static float *scatter(size_t n, unsigned n_groups, double noise, uint64_t *seed)
{
	float *points = calloc(n, N_DIMS * sizeof *points), *directions = calloc(n_groups, N_DIMS * sizeof *points);

	for (unsigned i = 0; i < n_groups * N_DIMS; i++)
		directions[i] = (float)normal(seed);
	for (size_t i = 0; i < n; i++) {
		for (unsigned k = 0; k < N_DIMS; k++)
			points[i * N_DIMS + k] = directions[i % n_groups * N_DIMS + k] + (float)(noise * normal(seed));
		normalize(points + i * N_DIMS);
	}
	free(directions);
	return points;
}

/* The caller frees *groups. */
static enum lac_status group(struct lac_groups *groups, const float *values, size_t n, uint32_t n_groups, uint32_t n_restarts, uint64_t seed,
	uint32_t n_threads)
{
	const struct lac_points points = { values, n, N_DIMS };
	struct lac_threads *threads;
	struct lac_error error;
	enum lac_status s = lac_threads_create(&threads, n_threads, &error);

	*groups = (struct lac_groups){ .n = 0 };
	if (!s)
		s = lac_kmeans(groups, &points, n_groups, n_restarts, seed, threads, &error);
	lac_threads_free(&threads);
	return s;
}

static double score(const struct lac_groups *groups, size_t n)
{
	double sum = 0.0;

	for (size_t i = 0; i < n; i++)
		sum += groups->nearness[i];
	return sum;
}

static void groups_that_are_there_are_found(void)
{
	enum { N = 400 };
	uint64_t seed = 11;

	for (unsigned n_groups = 1; n_groups <= 12; n_groups++) {
		float *points = scatter(N, n_groups, 0.1, &seed);
		struct lac_groups groups;
		bool is_right = !group(&groups, points, N, n_groups, 5, n_groups, 2);

		for (size_t i = 0; is_right && i < N; i++)
			for (size_t j = 0; is_right && j < i; j++)
				is_right = (groups.of[i] == groups.of[j]) == (i % n_groups == j % n_groups);
		CHECK_NOTE(is_right, "%u groups", n_groups);
		lac_groups_free(&groups);
		free(points);
	}
}

/* On points without groups: each is with its nearest centroid, each centroid is the direction of
 * its points' sum, and none is alone. */
static void what_is_found_is_at_rest(void)
{
	enum { N = 300, K = 9 };
	uint64_t seed = 5;

	for (unsigned round = 0; round < 6; round++) {
		float *points = scatter(N, N, 0.0, &seed);
		struct lac_groups groups;
		double sums[K][N_DIMS] = { { 0.0 } };
		unsigned counts[K] = { 0 };

		CHECK(!group(&groups, points, N, K, 1, round, 3));
		for (size_t i = 0; groups.of && i < N; i++) {
			double most = -2.0, own = 0.0;

			for (unsigned g = 0; g < K; g++) {
				double cosine = 0.0;

				for (unsigned k = 0; k < N_DIMS; k++)
					cosine += (double)points[i * N_DIMS + k] * groups.centroids[g * N_DIMS + k];
				most = cosine > most ? cosine : most;
				own = g == groups.of[i] ? cosine : own;
			}
			CHECK_NOTE(own > most - 1e-5 && fabs(own - groups.nearness[i]) < 1e-5, "point %zu, round %u", i, round);
			counts[groups.of[i]]++;
			for (unsigned k = 0; k < N_DIMS; k++)
				sums[groups.of[i]][k] += points[i * N_DIMS + k];
		}
		for (unsigned g = 0; groups.of && g < K; g++) {
			double length = 0.0, dot = 0.0;

			for (unsigned k = 0; k < N_DIMS; k++) {
				length += sums[g][k] * sums[g][k];
				dot += sums[g][k] * groups.centroids[g * N_DIMS + k];
			}
			CHECK_NOTE(counts[g] > 0 && fabs(dot / sqrt(length) - 1.0) < 1e-5, "group %u, round %u", g, round);
		}
		lac_groups_free(&groups);
		free(points);
	}
}

static void threads_change_no_bit_and_seeds_do(void)
{
	enum { N = 257, K = 7 };
	uint64_t seed = 3;
	float *points = scatter(N, N, 0.0, &seed);
	struct lac_groups one, other;

	CHECK(!group(&one, points, N, K, 2, 42, 1));
	for (uint32_t n_threads = 1; n_threads <= 11; n_threads += 2) {
		CHECK(!group(&other, points, N, K, 2, 42, n_threads));
		CHECK_NOTE(memcmp(one.of, other.of, N * sizeof *one.of) == 0 &&
			memcmp(one.centroids, other.centroids, K * N_DIMS * sizeof(float)) == 0, "%u threads", (unsigned)n_threads);
		lac_groups_free(&other);
	}
	CHECK(!group(&other, points, N, K, 2, 43, 1));
	CHECK(memcmp(one.of, other.of, N * sizeof *one.of) != 0);
	lac_groups_free(&other);
	lac_groups_free(&one);
	free(points);
}

static void the_best_of_several_runs_is_taken(void)
{
	enum { N = 300, K = 15 };
	unsigned n_better = 0;
	uint64_t seed = 8;

	for (unsigned round = 0; round < 10; round++) {
		float *points = scatter(N, K, 0.6, &seed);
		struct lac_groups one, several;

		CHECK(!group(&one, points, N, K, 1, round, 2) && !group(&several, points, N, K, 8, round, 2));
		CHECK(score(&several, N) >= score(&one, N)); /* the first of them is the same */
		n_better += score(&several, N) > score(&one, N);
		lac_groups_free(&several);
		lac_groups_free(&one);
		free(points);
	}
	CHECK_NOTE(n_better >= 5, "%u of 10", n_better);
}

static void as_many_groups_as_different_points_is_the_most(void)
{
	enum { N = 40, KINDS = 8 };
	uint64_t seed = 21;
	float *kinds = scatter(KINDS, KINDS, 0.0, &seed), points[N * N_DIMS];
	struct lac_groups groups;

	memset(kinds, 0, N_DIMS * sizeof *kinds); /* one kind is no direction at all */
	for (size_t i = 0; i < N; i++)
		memcpy(points + i * N_DIMS, kinds + i % KINDS * N_DIMS, N_DIMS * sizeof *points);
	CHECK(group(&groups, points, N, KINDS + 1, 3, 1, 2) == LAC_BAD_ARGUMENT);
	lac_groups_free(&groups);
	CHECK(!group(&groups, points + N_DIMS, KINDS - 1, KINDS - 1, 3, 1, 2)); /* each alone */
	for (unsigned i = 0; i + 1 < KINDS; i++)
		for (unsigned j = 0; j < i; j++)
			CHECK(groups.of[i] != groups.of[j]);
	lac_groups_free(&groups);
	memset(points, 0, sizeof points);
	CHECK(group(&groups, points, N, 2, 3, 1, 2) == LAC_BAD_ARGUMENT);
	lac_groups_free(&groups);
	CHECK(!group(&groups, points, N, 1, 3, 1, 2));
	lac_groups_free(&groups);
	free(kinds);
}

int main(void)
{
	LAW(groups_that_are_there_are_found);
	LAW(what_is_found_is_at_rest);
	LAW(threads_change_no_bit_and_seeds_do);
	LAW(the_best_of_several_runs_is_taken);
	LAW(as_many_groups_as_different_points_is_the_most);
	return test_report();
}
