/* packed_file.h: the numbers of a model as the engine has them (arithmetic.md section 3.3), in the
 * order in which they enter its identity, so that they need not be made of its GGUF file again. No
 * part of any archive: what is refused here is converted, as if it were not there. */
#ifndef LAC_MODEL_PACKED_FILE_H
#define LAC_MODEL_PACKED_FILE_H

#include "model/model.h"

/* A header, then vectors and rows: n_in values, then a scale for each group; numbers little-endian.
 * Nothing in it is padded, nor made of the other numbers, so that the identity tells of every
 * byte. */
#define LAC_PACKED_HEADER_BYTES 40u

/* Of a model that no adapter made. LAC_WRITE_FAILED, LAC_NO_MEMORY. */
LAC_MUST_CHECK enum lac_status lac_packed_file_write(const struct lac_model *model, struct lac_sink sink, struct lac_error *error);
/* What it writes. */
uint64_t lac_packed_file_bytes(const struct lac_model *model);

/* Says of which model the numbers that follow are said to be. LAC_NOT_ARCHIVE: no such file, or of
 * another version; LAC_OTHER_MODEL: of another GGUF file; LAC_TRUNCATED. */
LAC_MUST_CHECK enum lac_status lac_packed_file_begin(struct lac_source source, const uint8_t file_hash[16], uint8_t identity[16],
	struct lac_error *error);
/* LAC_CORRUPT: something follows. */
LAC_MUST_CHECK enum lac_status lac_packed_file_end(struct lac_source source, struct lac_error *error);

#endif
