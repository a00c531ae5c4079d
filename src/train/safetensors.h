/* safetensors.h: reads the container of that name (huggingface/safetensors README): a length, a
 * JSON object, and the data. */
#ifndef LAC_TRAIN_SAFETENSORS_H
#define LAC_TRAIN_SAFETENSORS_H

#include "base/bytes.h"
#include "base/error.h"

struct lac_safe_tensor {
	char name[200];
	uint32_t n_rows, n_columns; /* two dimensions */
	enum { LAC_SAFE_F32, LAC_SAFE_F16, LAC_SAFE_BF16 } type;
	const uint8_t *data;        /* in the file */
};

typedef enum lac_status lac_safe_function(void *payload, const struct lac_safe_tensor *tensor, struct lac_error *error);

/* Calls `function` for every tensor, in the order of the file; its failure ends it. LAC_BAD_MODEL
 * for what is malformed, LAC_UNSUPPORTED_MODEL for types and shapes that are none of the above;
 * both name the tensor. */
LAC_MUST_CHECK enum lac_status lac_safetensors_read(const void *bytes, size_t n_bytes, lac_safe_function *function, void *payload,
	struct lac_error *error);

void lac_safe_floats(const struct lac_safe_tensor *tensor, float *out);

#endif
