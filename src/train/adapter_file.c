#include "base/strict_float.h"
#include "train/adapter_file.h"

enum lac_status lac_adapter_write(const char *path, const char *architecture, const char *name, float alpha,
	const struct lac_gguf_floats *tensors, size_t n_tensors, struct lac_error *error)
{
	struct lac_gguf_writer writer = { .n_pairs = 0 };
	enum lac_status s;

	lac_gguf_put_string(&writer, "general.type", "adapter");
	lac_gguf_put_string(&writer, "general.architecture", architecture);
	lac_gguf_put_string(&writer, "general.name", name);
	lac_gguf_put_string(&writer, "adapter.type", "lora");
	lac_gguf_put_f32(&writer, "adapter.lora.alpha", alpha);
	s = lac_gguf_write(&writer, path, tensors, n_tensors, error);
	lac_gguf_writer_free(&writer);
	return s;
}
