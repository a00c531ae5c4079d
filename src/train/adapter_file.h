/* adapter_file.h: writes adapters in the layout of llama.cpp (ggml-org/llama.cpp
 * convert_lora_to_gguf.py, src/llama-adapter.cpp). */
#ifndef LAC_TRAIN_ADAPTER_FILE_H
#define LAC_TRAIN_ADAPTER_FILE_H

#include "train/gguf_writer.h"

/* The architecture is the base's. Tensors are named after what they adapt, with ".lora_a" or
 * ".lora_b". LAC_BAD_ARGUMENT if a value is not finite. */
LAC_MUST_CHECK enum lac_status lac_adapter_write(const char *path, const char *architecture, const char *name, float alpha,
	const struct lac_gguf_floats *tensors, size_t n_tensors, struct lac_error *error);

#endif
