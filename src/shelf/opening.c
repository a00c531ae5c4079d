#include "shelf/opening.h"
#include "base/file_map.h"
#include "engine/predictor.h"

/* Of shapes whose keys and values outweigh the weights by far: a small file could make its reader
 * take any amount. */
static enum lac_status check_stream(const struct lac_model *model, size_t file_bytes, struct lac_error *error)
{
	const uint64_t n_bytes = lac_model_stream_bytes(model, 0);

	if (n_bytes > LAC_STREAM_MEMORY + LAC_STREAM_FILES * (uint64_t)file_bytes)
		return lac_fail(error, LAC_UNSUPPORTED_MODEL, 0, "a stream of this model takes %llu bytes, out of proportion to its file of %zu",
			(unsigned long long)n_bytes, file_bytes);
	return LAC_OK;
}

enum lac_status lac_model_open_within(struct lac_model **out, const void *bytes, size_t n_bytes, const struct lac_options *options,
	struct lac_allowance *allowance, struct lac_error *error)
{
	enum lac_status s = lac_model_load(out, bytes, n_bytes, options, allowance, error);

	if (!s)
		s = check_stream(*out, n_bytes, error);
	if (s)
		lac_model_close(out);
	return s;
}

enum lac_status lac_model_open_memory(struct lac_model **out, const void *bytes, size_t n_bytes,
	const struct lac_options *options, struct lac_error *error)
{
	return lac_model_open_within(out, bytes, n_bytes, options, &(struct lac_allowance){ .most = UINT64_MAX }, error);
}

enum lac_status lac_model_open_file(struct lac_model **out, const char *path, const struct lac_options *options,
	struct lac_error *error)
{
	struct lac_file_map file = { 0 };
	enum lac_status s;

	*out = NULL;
	s = lac_file_map(&file, path, error);
	if (!s)
		s = lac_file_blame(lac_model_open_memory(out, file.bytes, file.n_bytes, options, error), path, error);
	lac_file_unmap(&file);
	return s;
}

enum lac_status lac_model_open_default(struct lac_model **out, const struct lac_options *options, struct lac_error *error)
{
	size_t n_bytes;
	const void *gguf = lac_default_model_gguf(&n_bytes);

	return lac_model_open_memory(out, gguf, n_bytes, options, error);
}

uint64_t lac_model_stream_bytes(const struct lac_model *model, uint32_t window)
{
	return lac_predictor_bytes(model, window ? window : lac_model_window(model), 1, 1);
}
