/* kmeans.h: points into groups of like direction: k-means on the sphere (Dhillon, Modha 2001),
 * begun as k-means++ does (Arthur, Vassilvitskii 2007). The same points and seed give the same
 * groups, whatever the number of threads. */
#ifndef LAC_TRAIN_KMEANS_H
#define LAC_TRAIN_KMEANS_H

#include "base/threads.h"

/* Rows of length 1, or of zeros only. */
struct lac_points {
	const float *values; /* [n][n_dims] */
	size_t n;
	uint32_t n_dims;
};

struct lac_groups {
	float *centroids; /* owned: [n][n_dims], of length 1 */
	uint32_t n;
	uint32_t *of;     /* owned: [points]: the nearest centroid, the first if several are */
	float *nearness;  /* owned: [points]: cosine of the angle to it */
};

/* None is empty. LAC_BAD_ARGUMENT if there are fewer different points than groups. */
LAC_MUST_CHECK enum lac_status lac_kmeans(struct lac_groups *out, const struct lac_points *points, uint32_t n_groups, uint32_t n_restarts,
	uint64_t seed, struct lac_threads *threads, struct lac_error *error);

/* Memory for groups whose centroids are known or to be found; freed with lac_groups_free(), also
 * after a failure. */
LAC_MUST_CHECK enum lac_status lac_groups_create(struct lac_groups *out, uint32_t n_groups, const struct lac_points *points,
	struct lac_error *error);
/* Sets `of` and `nearness`; returns how many `of` changed. */
size_t lac_groups_assign(struct lac_groups *groups, const struct lac_points *points, struct lac_threads *threads);
void lac_groups_free(struct lac_groups *groups);

#endif
