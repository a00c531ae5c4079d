/* centroids_file.h: what is needed to assign a text to clusters that were made before: a GGUF file
 * of vectors. */
#ifndef LAC_TRAIN_CENTROIDS_FILE_H
#define LAC_TRAIN_CENTROIDS_FILE_H

#include "base/file_map.h"
#include "gguf/gguf.h"
#include "train/embedder.h"
#include "train/kmeans.h"

LAC_MUST_CHECK enum lac_status lac_centroids_write(const char *path, const struct lac_embedder *embedder, const struct lac_groups *groups,
	struct lac_error *error);

struct lac_centroids_file {
	struct lac_file_map file;
	struct lac_gguf *gguf;
	enum lac_embedding kind;
	uint32_t n;
};

/* Closed also after a failure. */
LAC_MUST_CHECK enum lac_status lac_centroids_open(struct lac_centroids_file *out, const char *path, struct lac_error *error);
void lac_centroids_close(struct lac_centroids_file *file);

/* Gives an embedder of that kind its weights and mean, and n groups their centroids.
 * LAC_OTHER_MODEL if it has another model. */
LAC_MUST_CHECK enum lac_status lac_centroids_take(const struct lac_centroids_file *file, struct lac_embedder *embedder,
	struct lac_groups *groups, struct lac_error *error);

#endif
