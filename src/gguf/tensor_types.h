/* tensor_types.h: the types of GGUF tensors: their names, their blocks, and their values
 * (arithmetic.md section 3.4). */
#ifndef LAC_GGUF_TENSOR_TYPES_H
#define LAC_GGUF_TENSOR_TYPES_H

#include <stddef.h>
#include <stdint.h>

enum lac_tensor_type { /* the ones this engine evaluates; numbers from the GGUF document */
	LAC_TENSOR_F32 = 0, LAC_TENSOR_F16 = 1, LAC_TENSOR_Q4_0 = 2, LAC_TENSOR_Q4_1 = 3, LAC_TENSOR_Q5_0 = 6, LAC_TENSOR_Q5_1 = 7,
	LAC_TENSOR_Q8_0 = 8, LAC_TENSOR_Q4_K = 12, LAC_TENSOR_Q5_K = 13, LAC_TENSOR_Q6_K = 14, LAC_TENSOR_BF16 = 30
};

/* A row is a whole number of blocks of n_values numbers in n_bytes bytes; read() turns n numbers, a
 * multiple of n_values, into binary32. Types that are known by name only have no read, and sizes of
 * 0. */
struct lac_tensor_form {
	const char *name;
	uint16_t n_values, n_bytes;
	void (*read)(float *out, const uint8_t *from, size_t n);
};

/* Never NULL: a number that stands for nothing here is named "unknown". */
const struct lac_tensor_form *lac_tensor_form(uint32_t type);

#endif
