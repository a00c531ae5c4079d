/* cluster_folder.h: a folder of clusters, which takes its name when it is whole. */
#ifndef LAC_TRAIN_CLUSTER_FOLDER_H
#define LAC_TRAIN_CLUSTER_FOLDER_H

#include "train/embedder.h"
#include "train/kmeans.h"

#define LAC_CENTROIDS_NAME "centroids.gguf"

struct lac_cluster_folder {
	char *path, *temporary; /* owned */
	bool is_open;           /* `temporary` is there, and ours */
};

/* Before the work, so that it is not in vain. LAC_BAD_ARGUMENT if the folder is there. */
LAC_MUST_CHECK enum lac_status lac_cluster_folder_open(struct lac_cluster_folder *out, const char *path, struct lac_error *error);

/* Writes everything and gives the folder its name. clusters[groups->n] is what is said of them. */
LAC_MUST_CHECK enum lac_status lac_cluster_folder_write(struct lac_cluster_folder *folder, const struct lac_cluster_options *options,
	const struct lac_text_list *list, const struct lac_embedder *embedder, const struct lac_groups *groups,
	const struct lac_cluster *clusters, struct lac_error *error);

/* Removes what did not get its name; harmless when all is done. */
void lac_cluster_folder_close(struct lac_cluster_folder *folder);

/* PATH/NAME, which the caller frees; NULL: no memory. */
char *lac_path_join(const char *path, const char *name);

#endif
