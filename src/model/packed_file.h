/* packed_file.h: a model's numbers as the engine has them (arithmetic.md section 3.3), in the order
 * in which they enter its identity. Reading them is faster than converting the GGUF file. The file
 * is no part of any archive: whatever is wrong with it, the GGUF file is converted instead. */
#ifndef LAC_MODEL_PACKED_FILE_H
#define LAC_MODEL_PACKED_FILE_H

#include "model/model.h"

/* A header, then vectors and rows: n_in values, then a scale for each group. Numbers are
 * little-endian. Nothing is padded and nothing follows from other numbers, so the identity covers
 * every byte. */
#define LAC_PACKED_HEADER_BYTES 40u

/* Writes the file of a model that is not adapted. LAC_WRITE_FAILED, LAC_NO_MEMORY. */
LAC_MUST_CHECK enum lac_status lac_packed_file_write(const struct lac_model *model, struct lac_sink sink, struct lac_error *error);
/* The bytes that lac_packed_file_write() writes. */
uint64_t lac_packed_file_bytes(const struct lac_model *model);

/* Reads the header and sets `identity`, that of the model whose numbers follow. LAC_NOT_ARCHIVE: no
 * such file, or of another version. LAC_OTHER_MODEL: made of another GGUF file. LAC_TRUNCATED. */
LAC_MUST_CHECK enum lac_status lac_packed_file_begin(struct lac_source source, const uint8_t file_hash[16], uint8_t identity[16],
	struct lac_error *error);
/* To be called after the last number. LAC_CORRUPT: something follows it. */
LAC_MUST_CHECK enum lac_status lac_packed_file_end(struct lac_source source, struct lac_error *error);

#endif
