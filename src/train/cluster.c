/* cluster.c: texts into groups of what they are like, anew or by centroids that are there. */
#include "base/strict_float.h"
#include "base/memory.h"
#include "train/centroids_file.h"
#include "train/cluster_folder.h"

#include <stdlib.h>

#define RESTARTS_MAX 1000u

void lac_cluster_defaults(struct lac_cluster_options *options)
{
	*options = (struct lac_cluster_options){ .embedding = LAC_NGRAMS, .n_restarts = 4, .seed = 1 };
}

struct work {
	const struct lac_cluster_options *options; /* with what a folder says of itself */
	struct lac_cluster_folder folder;
	struct lac_centroids_file known;
	struct lac_embedder embedder;
	struct lac_text_list list;
	float *points; /* owned */
	struct lac_groups groups;
	struct lac_cluster *clusters; /* owned: [groups] */
	struct lac_error *error;
};

static enum lac_status check(const struct lac_cluster_options *o, struct lac_error *error)
{
	if (!o->output && !o->assign)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "no folder to write is named");
	if (o->n_threads > LAC_THREADS_MAX)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "%u threads; at most %u are possible", (unsigned)o->n_threads, LAC_THREADS_MAX);
	if (o->assign)
		return LAC_OK;
	if (o->embedding != LAC_NGRAMS && o->embedding != LAC_STATES)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "there is no such embedding");
	if (o->n_clusters == 0 || o->n_clusters > LAC_CLUSTERS_MAX)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "%u clusters are asked for; 1 to %u are possible", (unsigned)o->n_clusters, LAC_CLUSTERS_MAX);
	if (o->n_restarts == 0 || o->n_restarts > RESTARTS_MAX)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "%u restarts; 1 to %u are possible", (unsigned)o->n_restarts, RESTARTS_MAX);
	return LAC_OK;
}

static enum lac_status open_known(struct lac_centroids_file *out, const char *folder, struct lac_error *error)
{
	char *path = lac_path_join(folder, LAC_CENTROIDS_NAME);
	enum lac_status s = path ? lac_centroids_open(out, path, error) : lac_fail_memory(error, 0, "a name");

	free(path);
	return s;
}

static enum lac_status make_groups(struct work *w)
{
	const struct lac_cluster_options *o = w->options;
	struct lac_points points;
	enum lac_status s = lac_embed(&w->embedder, &w->list, !o->assign, &w->points, o, w->error);

	if (s)
		return s;
	points = (struct lac_points){ w->points, w->list.n, w->embedder.n_dims };
	if (!o->assign)
		return lac_kmeans(&w->groups, &points, o->n_clusters, o->n_restarts, o->seed, w->embedder.threads, w->error);
	(void)lac_groups_assign(&w->groups, &points, w->embedder.threads);
	return LAC_OK;
}

/* Before texts are embedded, so that a wrong model is not found out after an hour. */
static enum lac_status take_known(struct work *w)
{
	const struct lac_points none = { NULL, w->list.n, w->embedder.n_dims };
	enum lac_status s = lac_groups_create(&w->groups, w->known.n, &none, w->error);

	return s ? s : lac_centroids_take(&w->known, &w->embedder, &w->groups, w->error);
}

static enum lac_status count(struct work *w)
{
	w->clusters = calloc(w->groups.n, sizeof *w->clusters);
	if (!w->clusters)
		return lac_fail_memory(w->error, w->groups.n * sizeof *w->clusters, "clusters");
	for (size_t i = 0; i < w->list.n; i++) {
		struct lac_cluster *cluster = &w->clusters[w->groups.of[i]];

		cluster->n_texts++;
		cluster->n_bytes += w->list.texts[i].n_bytes;
		cluster->nearness += w->groups.nearness[i];
	}
	for (uint32_t g = 0; g < w->groups.n; g++) {
		w->clusters[g].number = g;
		if (w->clusters[g].n_texts)
			w->clusters[g].nearness /= (double)w->clusters[g].n_texts;
	}
	return LAC_OK;
}

static enum lac_status tell(const struct work *w)
{
	const struct lac_cluster_options *o = w->options;
	bool goes_on = !o->on_progress || o->on_progress(o->payload, w->list.n, w->list.n);

	for (size_t i = 0; goes_on && o->on_text && i < w->list.n; i++)
		goes_on = o->on_text(o->payload, lac_text_file_name(&o->texts, w->list.texts[i].file), w->list.texts[i].line, w->groups.of[i]);
	for (uint32_t g = 0; goes_on && o->on_cluster && g < w->groups.n; g++)
		goes_on = o->on_cluster(o->payload, &w->clusters[g]);
	return goes_on ? LAC_OK : lac_fail(w->error, LAC_CANCELLED, 0, "cancelled; no folder was written");
}

static enum lac_status run(struct work *w)
{
	const struct lac_cluster_options *o = w->options;
	enum lac_status s = o->output ? lac_cluster_folder_open(&w->folder, o->output, w->error) : LAC_OK;

	if (!s)
		s = lac_embedder_open(&w->embedder, o, w->error);
	if (!s)
		s = lac_text_list_read(&w->list, &o->texts, w->error);
	if (!s && o->assign)
		s = take_known(w);
	if (!s && !o->assign && w->list.n < o->n_clusters)
		s = lac_fail(w->error, LAC_BAD_ARGUMENT, 0, "%u clusters of %zu texts cannot be made", (unsigned)o->n_clusters, w->list.n);
	if (!s)
		s = make_groups(w);
	if (!s)
		s = count(w);
	if (!s)
		s = tell(w);
	if (!s && o->output)
		s = lac_cluster_folder_write(&w->folder, o, &w->list, &w->embedder, &w->groups, w->clusters, w->error);
	return s;
}

enum lac_status lac_cluster(const struct lac_cluster_options *options, struct lac_error *error)
{
	struct lac_cluster_options o = *options;
	struct work w = { .options = &o, .error = error };
	enum lac_status s = check(&o, error);

	if (!s && o.assign) {
		s = open_known(&w.known, o.assign, error);
		o.embedding = w.known.kind;
	}
	if (!s)
		s = run(&w);
	free(w.clusters);
	lac_groups_free(&w.groups);
	lac_aligned_free(w.points);
	lac_text_list_free(&w.list);
	lac_embedder_free(&w.embedder);
	lac_centroids_close(&w.known);
	lac_cluster_folder_close(&w.folder);
	return s;
}
