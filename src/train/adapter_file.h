/* adapter_file.h: writes adapters in the layout of llama.cpp (ggml-org/llama.cpp convert_lora_to_gguf.py, src/llama-adapter.cpp). */
#ifndef LAC_TRAIN_ADAPTER_FILE_H
#define LAC_TRAIN_ADAPTER_FILE_H

#include "train/adapter.h"

struct lac_adapter_tensor {
	char name[64]; /* that of the adapted tensor, and ".lora_a" or ".lora_b" */
	const float *values;
	uint32_t n_columns, n_rows;
};

/* LAC_BAD_ARGUMENT if a value is not finite. */
LAC_MUST_CHECK enum lac_status lac_adapter_write(const char *path, const char *name, float alpha, const struct lac_adapter_tensor *tensors,
	size_t n_tensors, struct lac_error *error);

#endif
