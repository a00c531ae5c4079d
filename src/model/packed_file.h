/* packed_file.h: the weights of an opened model as they lie in memory, to be read back instead of being converted again. It is of one version,
 * one byte order and one GGUF file, and no part of any archive: what is refused here is converted as if it were not there. */
#ifndef LAC_MODEL_PACKED_FILE_H
#define LAC_MODEL_PACKED_FILE_H

#include "model/model.h"

#define LAC_PACKED_FILE_VERSION 1 /* another for every change of what lac_weights_load() puts into its arena */

/* Of a model that no adapter made. LAC_WRITE_FAILED. */
LAC_MUST_CHECK enum lac_status lac_packed_file_write(const struct lac_model *model, struct lac_sink sink, struct lac_error *error);

/* Copies the weights into an empty arena, by at most n_threads, and says of which model they are said to be. LAC_NOT_ARCHIVE: no such file;
 * LAC_UNSUPPORTED: of another version or byte order; LAC_OTHER_MODEL: of another GGUF file; LAC_TRUNCATED; LAC_CORRUPT; LAC_NO_MEMORY. */
LAC_MUST_CHECK enum lac_status lac_packed_file_read(struct lac_arena *arena, const struct lac_file *packed, const uint8_t file_hash[16],
	uint32_t n_threads, uint8_t identity[16], struct lac_error *error);

#endif
