/* model_file.h: models of architecture llama from GGUF files into networks, and back. */
#ifndef LAC_TRAIN_MODEL_FILE_H
#define LAC_TRAIN_MODEL_FILE_H

#include "base/bytes.h"
#include "base/file_map.h"
#include "tokenizer/tokenizer.h"
#include "train/network.h"
#include "laconic_train.h"

/* A GGUF file, or as much of one as holds a tokenizer. */
struct lac_source_model {
	const char *path;         /* borrowed; NULL: it is no file */
	struct lac_file_map file; /* empty: `made` holds the bytes, or the library */
	struct lac_buffer made;
	struct lac_gguf *gguf;
	struct lac_tokenizer *tokenizer;
};

/* Opens a file's tokenizer (path NULL: the embedded model's), or that of a GGUF made in memory,
 * whose bytes it takes over. The caller frees it also after a failure. */
LAC_MUST_CHECK enum lac_status lac_source_open(struct lac_source_model *out, const char *path, struct lac_error *error);
LAC_MUST_CHECK enum lac_status lac_source_take(struct lac_source_model *out, struct lac_buffer *made, struct lac_error *error);
void lac_source_free(struct lac_source_model *source);

/* The shape of a model, is_tied too; LAC_UNSUPPORTED_MODEL for what would not be evaluated. */
LAC_MUST_CHECK enum lac_status lac_source_shape(const struct lac_source_model *source, struct lac_shape *shape, struct lac_error *error);
/* All weights of a network of this shape. Errors name the tensor. */
LAC_MUST_CHECK enum lac_status lac_source_weights(const struct lac_source_model *source, struct lac_network *network, struct lac_error *error);

/* Writes the network with the tokenizer of `source`. Rows of Q8_0 that are no multiple of 32 are
 * F16. */
LAC_MUST_CHECK enum lac_status lac_model_write(const char *path, const char *name, const struct lac_network *network,
	const struct lac_source_model *source, enum lac_train_type type, struct lac_error *error);

#endif
