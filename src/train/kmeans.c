#include "base/strict_float.h"
#include "train/kmeans.h"
#include "base/memory.h"
#include "train/random.h"
#include "train/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ITERATIONS_MAX 300u
#define SAME 1e-5f /* half the squared distance of points that differ by rounding only is less */

static const float *point(const struct lac_points *points, size_t i)
{
	return points->values + i * points->n_dims;
}

static float *centroid(const struct lac_groups *groups, const struct lac_points *points, uint32_t group)
{
	return groups->centroids + (size_t)group * points->n_dims;
}

enum lac_status lac_groups_create(struct lac_groups *out, uint32_t n_groups, const struct lac_points *points, struct lac_error *error)
{
	*out = (struct lac_groups){ .n = n_groups, .centroids = lac_aligned_calloc((size_t)n_groups * points->n_dims, sizeof(float)),
		.of = calloc(points->n, sizeof *out->of), .nearness = calloc(points->n, sizeof *out->nearness) };
	return out->centroids && out->of && out->nearness ? LAC_OK :
		lac_fail_memory(error, (size_t)n_groups * points->n_dims * sizeof(float), "clusters");
}

void lac_groups_free(struct lac_groups *groups)
{
	lac_aligned_free(groups->centroids);
	free(groups->of);
	free(groups->nearness);
	*groups = (struct lac_groups){ .n = 0 };
}

/* ---- Which is nearest ------------------------------------------------------------- */

struct assigning {
	struct lac_groups *groups;
	const struct lac_points *points;
	size_t *n_changed; /* [n_threads], unless there is no memory for it */
};

static void assign_share(void *context, uint32_t thread, uint32_t n_threads)
{
	const struct assigning *a = context;
	const size_t n = a->points->n, first = n * thread / n_threads, end = n * (thread + 1) / n_threads;

	a->n_changed[thread] = 0;
	for (size_t i = first; i < end; i++) {
		uint32_t nearest = 0;
		float most = -2.0f;

		for (uint32_t g = 0; g < a->groups->n; g++) {
			const float cosine = lac_vector_dot(point(a->points, i), centroid(a->groups, a->points, g), a->points->n_dims);

			if (cosine > most) {
				most = cosine;
				nearest = g;
			}
		}
		a->n_changed[thread] += a->groups->of[i] != nearest;
		a->groups->of[i] = nearest;
		a->groups->nearness[i] = most;
	}
}

size_t lac_groups_assign(struct lac_groups *groups, const struct lac_points *points, struct lac_threads *threads)
{
	size_t counts[LAC_THREADS_MAX] = { 0 }, n_changed = 0;
	struct assigning a = { groups, points, counts };

	lac_threads_run(threads, assign_share, &a);
	for (unsigned t = 0; t < LAC_THREADS_MAX; t++)
		n_changed += counts[t];
	return n_changed;
}

/* ---- Where to begin --------------------------------------------------------------- */

/* Each next centroid is a point, drawn by the square of its distance from those before. Returns how
 * many there are. */
static uint32_t draw_centroids(const struct lac_groups *groups, const struct lac_points *points, float *distances, uint64_t *seed)
{
	size_t drawn = lac_random(seed) % points->n;

	for (uint32_t g = 0;; g++) {
		const float *c = centroid(groups, points, g), length = lac_vector_dot(point(points, drawn), point(points, drawn), points->n_dims);
		double sum = 0.0, at;

		memcpy(centroid(groups, points, g), point(points, drawn), points->n_dims * sizeof *c);
		if (g + 1 == groups->n)
			return groups->n;
		for (size_t i = 0; i < points->n; i++) {
			const float *p = point(points, i);
			const float d = 0.5f * (length + lac_vector_dot(p, p, points->n_dims)) - lac_vector_dot(p, c, points->n_dims);

			if (g == 0 || d < distances[i])
				distances[i] = d > SAME ? d : 0.0f;
			sum += distances[i];
			/* should rounding carry `at` past the end */
			drawn = distances[i] > 0.0f ? i : drawn;
		}
		if (sum == 0.0)
			return g + 1;
		at = lac_random_real(seed) * sum;
		for (size_t i = 0; i < points->n; i++) {
			at -= distances[i];
			if (distances[i] > 0.0f && at < 0.0) {
				drawn = i;
				break;
			}
		}
	}
}

/* ---- Towards the best ------------------------------------------------------------- */

struct updating {
	const struct lac_groups *groups;
	const struct lac_points *points;
	double *sums;   /* [groups][n_dims] */
	size_t *counts; /* [groups] */
};

/* A thread has whole groups, so that sums are taken in the order of the points. */
static void sum_share(void *context, uint32_t thread, uint32_t n_threads)
{
	const struct updating *u = context;
	const uint32_t n_dims = u->points->n_dims;

	for (uint32_t g = thread; g < u->groups->n; g += n_threads) {
		memset(u->sums + (size_t)g * n_dims, 0, n_dims * sizeof *u->sums);
		u->counts[g] = 0;
	}
	for (size_t i = 0; i < u->points->n; i++) {
		double *sum = u->sums + (size_t)u->groups->of[i] * n_dims;
		const float *p = point(u->points, i);

		if (u->groups->of[i] % n_threads != thread)
			continue;
		u->counts[u->groups->of[i]]++;
		for (uint32_t k = 0; k < n_dims; k++)
			sum[k] += p[k];
	}
}

/* An empty group goes to the point that fits worst where it is, and takes it away. */
static void take_worst(const struct updating *u, uint32_t group)
{
	const uint32_t n_dims = u->points->n_dims;
	size_t worst = SIZE_MAX;

	for (size_t i = 0; i < u->points->n; i++)
		if (u->counts[u->groups->of[i]] > 1 && (worst == SIZE_MAX || u->groups->nearness[i] < u->groups->nearness[worst]))
			worst = i;
	if (worst == SIZE_MAX)
		return;
	for (uint32_t k = 0; k < n_dims; k++) {
		u->sums[(size_t)group * n_dims + k] = point(u->points, worst)[k];
		u->sums[(size_t)u->groups->of[worst] * n_dims + k] -= point(u->points, worst)[k];
	}
	u->counts[u->groups->of[worst]]--;
	u->counts[group] = 1;
	u->groups->of[worst] = group;
}

static void update(const struct updating *u, struct lac_threads *threads)
{
	const uint32_t n_dims = u->points->n_dims;

	lac_threads_run(threads, sum_share, (void *)(uintptr_t)u);
	for (uint32_t g = 0; g < u->groups->n; g++)
		if (u->counts[g] == 0)
			take_worst(u, g);
	for (uint32_t g = 0; g < u->groups->n; g++) {
		const double *sum = u->sums + (size_t)g * n_dims;
		double length = 0.0;

		for (uint32_t k = 0; k < n_dims; k++)
			length += sum[k] * sum[k];
		length = length > 0.0 ? sqrt(length) : 1.0;
		for (uint32_t k = 0; k < n_dims; k++)
			centroid(u->groups, u->points, g)[k] = (float)(sum[k] / length);
	}
}

/* The sum of all cosines; below any if a group is empty. */
static double score(const struct lac_groups *groups, const struct lac_points *points, size_t *counts)
{
	double sum = 0.0;

	memset(counts, 0, groups->n * sizeof *counts);
	for (size_t i = 0; i < points->n; i++) {
		counts[groups->of[i]]++;
		sum += groups->nearness[i];
	}
	for (uint32_t g = 0; g < groups->n; g++)
		if (counts[g] == 0)
			return -HUGE_VAL;
	return sum;
}

static double run_once(struct updating *u, struct lac_groups *groups, struct lac_threads *threads)
{
	for (size_t i = 0; i < u->points->n; i++)
		groups->of[i] = UINT32_MAX;
	for (unsigned i = 0; lac_groups_assign(groups, u->points, threads) > 0 && i < ITERATIONS_MAX; i++)
		update(u, threads);
	return score(groups, u->points, u->counts);
}

enum lac_status lac_kmeans(struct lac_groups *out, const struct lac_points *points, uint32_t n_groups, uint32_t n_restarts, uint64_t seed,
	struct lac_threads *threads, struct lac_error *error)
{
	struct lac_groups tried = { .n = 0 };
	struct updating u = { .groups = &tried, .points = points, .sums = calloc((size_t)n_groups * points->n_dims, sizeof *u.sums),
		.counts = calloc(n_groups, sizeof *u.counts) };
	float *distances = calloc(points->n, sizeof *distances);
	double best = -HUGE_VAL;
	enum lac_status s = lac_groups_create(out, n_groups, points, error);

	if (!s)
		s = lac_groups_create(&tried, n_groups, points, error);
	if (!s && (!u.sums || !u.counts || !distances))
		s = lac_fail_memory(error, (size_t)n_groups * points->n_dims * sizeof *u.sums, "clustering");
	for (uint32_t i = 0; !s && i < n_restarts; i++) {
		const uint32_t n = draw_centroids(&tried, points, distances, &seed);
		double sum;

		if (n < n_groups) {
			s = lac_fail(error, LAC_BAD_ARGUMENT, 0, "%u clusters cannot be made of these texts: as they are compared, %u are different",
				(unsigned)n_groups, (unsigned)n);
			break;
		}
		sum = run_once(&u, &tried, threads);
		if (sum > best) {
			const struct lac_groups kept = *out;

			best = sum;
			*out = tried;
			tried = kept;
		}
	}
	if (!s && best == -HUGE_VAL)
		s = lac_fail(error, LAC_BAD_ARGUMENT, 0, "%u clusters cannot be kept apart; ask for fewer", (unsigned)n_groups);
	lac_groups_free(&tried);
	free(distances);
	free(u.counts);
	free(u.sums);
	return s;
}
