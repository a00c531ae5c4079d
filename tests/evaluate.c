/* For tests in Python: what the library makes of a model, as numbers of binary32 in this machine's
 * form.
 *   evaluate MODEL.gguf rows TENSOR     the tensor's numbers, row by row
 *   evaluate MODEL.gguf logits < IDS    logits after each of the tokens, at positions 0, 1 and so
 *                                       on; IDS are decimal
 * The tokenizer is not opened, so that the transformer of a model is evaluated whatever its
 * vocabulary. */
#include "base/strict_float.h"
#include "memory_io.h"

#include "engine/session.h"

static void fail(const char *path, const struct lac_error *error)
{
	fprintf(stderr, "%s: %s\n", path, error->text);
	exit(1);
}

static void put(const float *x, size_t n)
{
	if (fwrite(x, sizeof *x, n, stdout) != n) {
		perror("evaluate");
		exit(1);
	}
}

static void put_rows(const struct lac_gguf *gguf, const char *path, const char *name)
{
	const struct lac_tensor *tensor = lac_gguf_tensor(gguf, name);
	struct lac_error error = { .text = "the file has no such tensor" };
	float *row;

	if (!tensor || lac_tensor_check_type(tensor, &error))
		fail(path, &error);
	row = calloc((size_t)tensor->dims[0], sizeof *row);
	for (uint64_t i = 0; row && i < tensor->dims[1] * tensor->dims[2] * tensor->dims[3]; i++) {
		lac_tensor_row(tensor, i, row);
		put(row, (size_t)tensor->dims[0]);
	}
	free(row);
}

/* What lac_model_open_file() makes, but for the tokenizer. */
static void open_transformer(struct lac_model *model, const struct lac_gguf *gguf, const char *path)
{
	struct lac_hash128 *identity = lac_hash128_create();
	struct lac_string *tokens = NULL;
	struct lac_error error = { .status = LAC_OK };
	size_t n_tokens = 0;

	*model = (struct lac_model){ .kernels = lac_kernels_choose(NULL) };
	if (lac_shape_check_keys(gguf, &error) || lac_gguf_strings(gguf, "tokenizer.ggml.tokens", true, &tokens, &n_tokens, &error) ||
	    lac_shape_read(&model->shape, gguf, (uint32_t)n_tokens, &error))
		fail(path, &error);
	lac_free(tokens);
	model->shape.is_tied = !lac_gguf_tensor(gguf, "output.weight");
	if (lac_weights_load(&model->weights, &model->shape, gguf, model->kernels, NULL, 1, identity, &error))
		fail(path, &error);
	lac_hash128_finish(&identity, model->info.identity);
}

static void put_logits(void *context, const struct lac_row *row, float *logits)
{
	(void)row;
	put(logits, *(const uint32_t *)context);
}

static void evaluate(struct lac_model *model, const char *path)
{
	const uint32_t window = lac_model_window(model);
	struct lac_row *rows = calloc(window, sizeof *rows);
	struct lac_session *session = NULL;
	struct lac_error error = { .status = LAC_OK };
	uint32_t n = 0;
	unsigned id;

	while (rows && n < window && scanf("%u", &id) == 1 && id < model->shape.n_vocabulary) {
		rows[n] = (struct lac_row){ .position = n, .token = id, .wants_logits = true };
		n++;
	}
	if (lac_session_create(&session, model, window, 1, 0, &error))
		fail(path, &error);
	lac_session_evaluate(session, rows, n, put_logits, &model->shape.n_vocabulary);
	lac_session_free(&session);
	free(rows);
}

int main(int argc, char **argv)
{
	struct lac_error error = { .status = LAC_OK };
	struct lac_gguf *gguf = NULL;
	struct bytes file;

	if (argc < 3 || (strcmp(argv[2], "logits") != 0 && (strcmp(argv[2], "rows") != 0 || argc < 4))) {
		fprintf(stderr, "usage: evaluate MODEL.gguf rows TENSOR | evaluate MODEL.gguf logits < IDS\n");
		return 1;
	}
	file = read_file(argv[1]);
	if (lac_gguf_open(&gguf, file.at, file.length, &error))
		fail(argv[1], &error);
	lac_float_environment_enter();
	if (strcmp(argv[2], "rows") == 0) {
		put_rows(gguf, argv[1], argv[3]);
	} else {
		struct lac_model model;

		open_transformer(&model, gguf, argv[1]);
		evaluate(&model, argv[1]);
		lac_weights_free(&model.weights);
	}
	lac_gguf_close(&gguf);
	free(file.at);
	return fflush(stdout) != 0;
}
