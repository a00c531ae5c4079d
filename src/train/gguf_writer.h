/* gguf_writer.h: makes GGUF files, version 3, little-endian (ggml-org/ggml docs/gguf.md). */
#ifndef LAC_TRAIN_GGUF_WRITER_H
#define LAC_TRAIN_GGUF_WRITER_H

#include "base/bytes.h"
#include "gguf/gguf.h"

struct lac_gguf_writer {
	struct lac_buffer pairs, tensors; /* as the file has them */
	uint64_t n_pairs, n_tensors, data_bytes;
};

void lac_gguf_put_u32(struct lac_gguf_writer *writer, const char *key, uint32_t value);
void lac_gguf_put_f32(struct lac_gguf_writer *writer, const char *key, float value);
void lac_gguf_put_bool(struct lac_gguf_writer *writer, const char *key, bool value);
void lac_gguf_put_string(struct lac_gguf_writer *writer, const char *key, const char *text);
void lac_gguf_put_strings(struct lac_gguf_writer *writer, const char *key, const struct lac_string *texts, size_t n);
void lac_gguf_put_i32s(struct lac_gguf_writer *writer, const char *key, const int32_t *values, size_t n);
void lac_gguf_put_f32s(struct lac_gguf_writer *writer, const char *key, const float *values, size_t n);

/* Appends everything before the tensors' data. */
void lac_gguf_head(const struct lac_gguf_writer *writer, struct lac_buffer *out);

/* What a tensor is made of. */
struct lac_gguf_floats {
	char name[64];
	enum lac_tensor_type type; /* that it gets in the file */
	const float *values;
	uint32_t n_columns, n_rows; /* n_rows 0: a vector */
};

/* Writes a file of the pairs put so far and these tensors; once for a writer. It appears whole or
 * not at all. LAC_BAD_ARGUMENT if a value is not finite or above 65504. */
LAC_MUST_CHECK enum lac_status lac_gguf_write(struct lac_gguf_writer *writer, const char *path, const struct lac_gguf_floats *tensors, size_t n,
	struct lac_error *error);

void lac_gguf_writer_free(struct lac_gguf_writer *writer);

#endif
