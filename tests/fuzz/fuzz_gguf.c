/* fuzz_gguf.c: any bytes as a GGUF file: as a container, as a model, and as an adapter of a tiny
 * model. What can be opened can be used. mutate_gguf.c makes counts and lengths fit again, which
 * mutations break. */
#include "target.h"
#include "memory_io.h"
#include "texts.h"
#include "tiny_gguf.h"

#include "model/model.h"
#include "engine/session.h"

/* models that take more are opened, but not used: their windows are long */
#define SESSION_BYTES_MAX ((size_t)2 << 20)
#define PARAMETERS_MAX 20000u

/* Long enough that coding lines of it with the tiny model is worth the model's frame. */
static const char text[] = "ababb aab b\nab a bbab aabb b\nbab aab a\xff bb\na b a\n\nb aabab bba abb aaab b aab abba b bab\n"
	"abb aab bba baab abab bbaa b a\naab bab ab\nbb aa ba ab\nabba abab baab aabb bbaa baba ab\nbaa aab aba b\nbbb\n"
	"aa\nb ab abb bab aba abba b\n";

/* A file at fault is told from one that is not understood, and from a lack of memory. */
static void check_error(enum lac_status s, const struct lac_error *error, size_t size)
{
	if (s)
		MUST((s == LAC_BAD_MODEL || s == LAC_UNSUPPORTED_MODEL) && error->status == s && error->text[0] && error->offset <= size, "%s: %s",
			lac_status_name(s), error->text);
	else
		MUST(!error->status && !error->text[0], "%s", error->text);
}

/* ---- The container ---------------------------------------------------------------- */

/* Every tensor lies in the file and is found by its name. */
static void check_tensors(const struct lac_gguf *gguf, const uint8_t *data, size_t size)
{
	const struct lac_tensor *tensor;

	for (size_t i = 0; (tensor = lac_gguf_tensor_at(gguf, i)); i++) {
		char name[65] = "";

		memcpy(name, tensor->name.bytes, tensor->name.length);
		if (!memchr(name, 0, tensor->name.length))
			MUST(lac_gguf_tensor(gguf, name) == tensor, "tensor %zu is not found", i);
		MUST(!tensor->n_bytes || (tensor->data >= data && tensor->n_bytes <= size - (size_t)(tensor->data - data)),
			"tensor %zu is not in the file", i);
		MUST(tensor->dims[0] && tensor->dims[1] && tensor->dims[2] && tensor->dims[3], "tensor %zu is empty", i);
	}
}

/* Each key is asked for as each type. */
static void ask_for_keys(const struct lac_gguf *gguf, size_t size)
{
	const struct lac_string *key;

	for (size_t i = 0; (key = lac_gguf_key(gguf, i)); i++) {
		struct lac_error error = { .status = LAC_OK };
		struct lac_string string, *strings;
		char name[80] = "";
		int32_t *i32s;
		uint32_t u32;
		float f32;
		bool flag;
		size_t n;

		memcpy(name, key->bytes, key->length < sizeof name ? key->length : sizeof name - 1);
		(void)!lac_gguf_u32(gguf, name, false, 0, &u32, &error);
		(void)!lac_gguf_f32(gguf, name, false, 0, &f32, &error);
		(void)!lac_gguf_bool(gguf, name, false, false, &flag, &error);
		(void)!lac_gguf_string(gguf, name, false, &string, &error);
		(void)!lac_gguf_strings(gguf, name, false, &strings, &n, &error);
		free(strings);
		(void)!lac_gguf_i32s(gguf, name, false, &i32s, &n, &error);
		free(i32s);
		check_error(error.status, &error, size);
	}
}

static bool check_container(const uint8_t *data, size_t size)
{
	struct lac_error error = { .status = LAC_OK };
	struct lac_gguf *gguf;
	enum lac_status s = lac_gguf_open(&gguf, data, size, &error);

	check_error(s, &error, size);
	MUST(!s == !!gguf, "%s, and %s", lac_status_name(s), gguf ? "an object" : "none");
	if (s)
		return false;
	check_tensors(gguf, data, size);
	ask_for_keys(gguf, size);
	lac_gguf_close(&gguf);
	return true;
}

/* ---- Use -------------------------------------------------------------------------- */

static struct bytes compress(const struct lac_model *model, const struct lac_model *adapted, enum lac_records records)
{
	const struct lac_options options = { .n_threads = 1, .batch_rows = 5, .memory_bytes = 1, .records = records, .adapted = &adapted,
		.n_adapted = adapted != NULL };
	struct lac_error error = { .status = LAC_OK };
	struct bytes archive;

	MUST(!transfer(lac_compress, model, text, sizeof text, 0, &options, &archive, NULL, &error), "%s", error.text);
	return archive;
}

/* Whatever its numbers are, the text comes back. */
static void check_use(const struct lac_model *model, const struct lac_model *adapted)
{
	for (unsigned records = 0; records <= LAC_RECORDS_NUL; records++) {
		const struct lac_options options = { .n_threads = 1, .memory_bytes = 1 << 16, .adapted = &adapted, .n_adapted = adapted != NULL };
		struct bytes archive = compress(model, adapted, (enum lac_records)records), restored;
		struct lac_error error = { .status = LAC_OK };

		MUST(!transfer(lac_decompress, model, archive.at, archive.length, 0, &options, &restored, NULL, &error), "%s", error.text);
		MUST(same_bytes(restored, text, sizeof text), "%zu bytes", restored.length);
		free(archive.at);
		free(restored.at);
	}
}

/* Another instruction set gives the same identity and the same archive. */
static void check_scalar(const struct lac_model *model, const uint8_t *data, size_t size)
{
	const struct lac_options options = { .kernels = "scalar" };
	struct lac_error error = { .status = LAC_OK };
	struct bytes a = compress(model, NULL, LAC_RECORDS_LINES), b;
	struct lac_model *scalar;

	MUST(!lac_model_open_memory(&scalar, data, size, &options, &error), "%s", error.text);
	MUST(memcmp(lac_model_info(scalar)->identity, lac_model_info(model)->identity, 16) == 0, "kernels %s", lac_model_info(model)->kernels);
	b = compress(scalar, NULL, LAC_RECORDS_LINES);
	MUST(same_bytes(a, b.at, b.length), "kernels %s", lac_model_info(model)->kernels);
	free(a.at);
	free(b.at);
	lac_model_close(&scalar);
}

static void check_info(const struct lac_model_info *info, size_t size)
{
	MUST(info->name[0] || info->file_bytes, "no name");
	for (const char *c = info->name; *c; c++)
		MUST(*c >= ' ' && *c <= '~', "a name with byte %d", *c);
	MUST(info->file_bytes == size && info->n_vocabulary && info->n_layers && info->context_length >= 2, "%llu bytes",
		(unsigned long long)info->file_bytes);
}

/* ---- Models and adapters ---------------------------------------------------------- */

static bool is_small(const struct lac_model *model)
{
	return lac_model_stream_bytes(model, 0) <= SESSION_BYTES_MAX && lac_model_info(model)->n_parameters <= PARAMETERS_MAX;
}

static void try_model(const uint8_t *data, size_t size)
{
	struct lac_error error = { .status = LAC_OK };
	struct lac_model *model;
	enum lac_status s = lac_model_open_memory(&model, data, size, NULL, &error);

	check_error(s, &error, size);
	MUST(!s == !!model, "%s", lac_status_name(s));
	if (s)
		return;
	check_info(lac_model_info(model), size);
	if (is_small(model)) {
		check_use(model, NULL);
		check_scalar(model, data, size);
	}
	lac_model_close(&model);
}

/* As long as the program runs. */
static const struct lac_model *base(void)
{
	static struct lac_model *model;
	struct lac_buffer file;

	if (!model) {
		file = tiny_model(LAC_TENSOR_F32);
		MUST(!lac_model_open_memory(&model, file.bytes, file.length, NULL, NULL), "the tiny model");
		lac_buffer_free(&file);
	}
	return model;
}

static void try_adapter(const uint8_t *data, size_t size)
{
	struct lac_error error = { .status = LAC_OK };
	struct lac_model *adapted;
	enum lac_status s = lac_model_adapt_memory(&adapted, base(), data, size, &error);

	check_error(s, &error, size);
	MUST(!s == !!adapted, "%s", lac_status_name(s));
	if (s)
		return;
	check_info(lac_model_info(adapted), size);
	check_use(base(), adapted);
	lac_model_close(&adapted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!check_container(data, size))
		return 0;
	try_adapter(data, size);
	try_model(data, size);
	return 0;
}
