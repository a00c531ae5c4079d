#include "base/strict_float.h"
#include "train/adapter_file.h"
#include "train/gguf_writer.h"

#include <string.h>

enum lac_status lac_adapter_write(const char *path, const char *name, float alpha, const struct lac_adapter_tensor *tensors,
	size_t n_tensors, struct lac_error *error)
{
	struct lac_gguf_writer writer = { .n_pairs = 0 };
	struct lac_buffer head = { 0 };
	struct lac_atomic_file file;
	enum lac_status s = lac_atomic_open(&file, path, error);

	if (s)
		return s;
	lac_gguf_put_string(&writer, "general.type", "adapter");
	lac_gguf_put_string(&writer, "general.architecture", "llama");
	lac_gguf_put_string(&writer, "general.name", name);
	lac_gguf_put_string(&writer, "adapter.type", "lora");
	lac_gguf_put_f32(&writer, "adapter.lora.alpha", alpha);
	for (size_t i = 0; i < n_tensors; i++)
		lac_gguf_describe(&writer, tensors[i].name, LAC_TENSOR_F32, tensors[i].n_columns, tensors[i].n_rows);
	lac_gguf_head(&writer, &head);
	if (head.failed)
		s = lac_fail_memory(error, head.length, "an adapter's head");
	else
		lac_atomic_write(&file, head.bytes, head.length);
	for (size_t i = 0; !s && i < n_tensors; i++)
		s = lac_gguf_write_data(&file, tensors[i].name, LAC_TENSOR_F32, tensors[i].values, tensors[i].n_columns, tensors[i].n_rows, error);
	if (!s)
		s = lac_atomic_commit(&file, error);
	lac_atomic_abandon(&file);
	lac_buffer_free(&head);
	lac_gguf_writer_free(&writer);
	return s;
}
