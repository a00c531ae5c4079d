/* tensor_types.h: the types of GGUF tensors: their names, their blocks, and their values (arithmetic.md section 3.4). */
#ifndef LAC_GGUF_TENSOR_TYPES_H
#define LAC_GGUF_TENSOR_TYPES_H

#include "gguf/gguf.h"

/* A row is a whole number of blocks of n_values numbers in n_bytes bytes; read() turns n numbers, a multiple of n_values, into binary32.
 * Types that are known by name only have no read, and sizes of 0. */
struct lac_tensor_form {
	const char *name;
	uint16_t n_values, n_bytes;
	void (*read)(float *out, const uint8_t *from, size_t n);
};

/* Never NULL: a number that stands for nothing here is named "unknown". */
const struct lac_tensor_form *lac_tensor_form(uint32_t type);

/* LAC_UNSUPPORTED_MODEL, naming tensor and type, for a type that is not read. */
LAC_MUST_CHECK enum lac_status lac_tensor_check_type(const struct lac_tensor *tensor, struct lac_error *error);

/* A row's dims[0] values; they may be infinite or NaN. The type must have been checked. */
void lac_tensor_row(const struct lac_tensor *tensor, uint64_t row, float *out);

#endif
