#include "base/strict_float.h"
#include "train/centroids_file.h"
#include "model/weights.h"
#include "train/gguf_writer.h"
#include "train/ngrams.h"

#include <math.h>
#include <stdio.h>

#define RULE 1u /* of embedding: hashes, words, how many tokens. Another rule is another number */

static const char *const kind_names[] = { [LAC_NGRAMS] = "ngrams", [LAC_STATES] = "states" };

static void print_identity(char text[33], const struct lac_model *model)
{
	for (size_t i = 0; i < 16; i++)
		snprintf(text + 2 * i, 3, "%02x", model->info.identity[i]);
}

enum lac_status lac_centroids_write(const char *path, const struct lac_embedder *embedder, const struct lac_groups *groups,
	struct lac_error *error)
{
	const struct lac_gguf_floats tensors[] = {
		{ "mean", LAC_TENSOR_F32, embedder->mean, embedder->n_dims, 0 },
		{ "centroids", LAC_TENSOR_F32, groups->centroids, embedder->n_dims, groups->n },
		{ "weights", LAC_TENSOR_F32, embedder->weights, LAC_NGRAM_WEIGHTS, 0 },
	};
	struct lac_gguf_writer writer = { .n_pairs = 0 };
	char identity[33];
	enum lac_status s;

	lac_gguf_put_string(&writer, "general.type", "clusters");
	lac_gguf_put_u32(&writer, "clusters.rule", RULE);
	lac_gguf_put_string(&writer, "clusters.embedding", kind_names[embedder->kind]);
	if (embedder->model) {
		print_identity(identity, embedder->model);
		lac_gguf_put_string(&writer, "clusters.model.name", embedder->model->info.name);
		lac_gguf_put_string(&writer, "clusters.model.identity", identity);
	}
	s = lac_gguf_write(&writer, path, tensors, embedder->weights ? 3 : 2, error);
	lac_gguf_writer_free(&writer);
	return s;
}

enum lac_status lac_centroids_open(struct lac_centroids_file *out, const char *path, struct lac_error *error)
{
	const struct lac_tensor *centroids;
	struct lac_string kind = { NULL, 0 };
	uint32_t rule = 0;
	enum lac_status s;

	*out = (struct lac_centroids_file){ .gguf = NULL };
	s = lac_file_map(&out->file, path, error);
	if (!s)
		s = lac_gguf_open(&out->gguf, out->file.bytes, out->file.n_bytes, error);
	if (!s)
		s = lac_gguf_u32(out->gguf, "clusters.rule", true, 0, &rule, error);
	if (!s && rule != RULE)
		s = lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "%.100s: these clusters were made by rule %u; this build knows %u", path,
			(unsigned)rule, RULE);
	if (!s)
		s = lac_gguf_string(out->gguf, "clusters.embedding", true, &kind, error);
	if (s)
		return s;
	out->kind = lac_string_equals(kind, kind_names[LAC_STATES]) ? LAC_STATES : LAC_NGRAMS;
	if (!lac_string_equals(kind, kind_names[out->kind]))
		return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "%.100s: an embedding that this build does not know", path);
	centroids = lac_gguf_tensor(out->gguf, "centroids");
	if (!centroids || centroids->dims[1] == 0 || centroids->dims[1] > LAC_CLUSTERS_MAX)
		return lac_fail(error, LAC_BAD_MODEL, 0, "%.100s: there are not 1 to %u centroids", path, LAC_CLUSTERS_MAX);
	out->n = (uint32_t)centroids->dims[1];
	return LAC_OK;
}

void lac_centroids_close(struct lac_centroids_file *file)
{
	lac_gguf_close(&file->gguf);
	lac_file_unmap(&file->file);
}

static enum lac_status take(const struct lac_gguf *gguf, const char *name, float *values, uint32_t n_columns, uint32_t n_rows,
	struct lac_error *error)
{
	const struct lac_tensor *tensor = lac_gguf_tensor(gguf, name);

	if (!tensor || tensor->type != LAC_TENSOR_F32 || tensor->dims[0] != n_columns || tensor->dims[1] != n_rows || tensor->dims[2] != 1 ||
	    tensor->dims[3] != 1)
		return lac_fail(error, LAC_BAD_MODEL, 0, "the clusters' \"%s\" is not %u x %u in F32", name, (unsigned)n_columns, (unsigned)n_rows);
	for (uint32_t row = 0; row < n_rows; row++)
		lac_tensor_row(tensor, row, values + (size_t)row * n_columns);
	for (size_t i = 0; i < (size_t)n_columns * n_rows; i++)
		if (!isfinite(values[i]))
			return lac_fail(error, LAC_BAD_MODEL, 0, "the clusters' \"%s\" holds a value that is not finite", name);
	return LAC_OK;
}

enum lac_status lac_centroids_take(const struct lac_centroids_file *file, struct lac_embedder *embedder, struct lac_groups *groups,
	struct lac_error *error)
{
	struct lac_string identity = { NULL, 0 };
	char own[33];
	enum lac_status s = LAC_OK;

	if (embedder->model) {
		print_identity(own, embedder->model);
		s = lac_gguf_string(file->gguf, "clusters.model.identity", true, &identity, error);
		if (!s && !lac_string_equals(identity, own))
			s = lac_fail(error, LAC_OTHER_MODEL, 0, "the clusters were made with another model than %s", embedder->model->info.name);
	}
	if (!s)
		s = take(file->gguf, "mean", embedder->mean, embedder->n_dims, 1, error);
	if (!s)
		s = take(file->gguf, "centroids", groups->centroids, embedder->n_dims, file->n, error);
	if (!s && embedder->weights)
		s = take(file->gguf, "weights", embedder->weights, LAC_NGRAM_WEIGHTS, 1, error);
	return s;
}
