/* Laws of what callers get wrong (laconic.h): test_arguments. From the project's folder. */
#include "test.h"
#include "memory_io.h"

#include <sys/wait.h>
#include <unistd.h>

static struct lac_model *model;
static const char text[] = "The text is short, and it is the same for all of them. The text is short.\n";

static enum lac_status try(const struct lac_options *options, struct lac_error *error)
{
	struct lac_context *context = NULL;
	struct bytes out = { NULL, 0 };
	const enum lac_status s = transfer(lac_compress, model, text, sizeof text - 1, 0, options, &out, NULL, error);

	CHECK(lac_context_open(&context, model, options, NULL) == s);
	CHECK((context == NULL) == (s != LAC_OK));
	lac_context_close(&context);
	free(out.at);
	return s;
}

/* A NULL where models are promised. */
static void promised_models_must_be_there(void)
{
	const struct lac_model *none[2] = { NULL, NULL };
	struct lac_options options = { .n_adapted = 1 };
	struct lac_error error = { 0 };

	CHECK(try(&options, &error) == LAC_BAD_ARGUMENT && error.text[0]);
	options.adapted = none;
	CHECK(try(&options, &error) == LAC_BAD_ARGUMENT && error.text[0]);
	options.n_adapted = LAC_ADAPTED_MAX + 1;
	CHECK(try(&options, &error) == LAC_BAD_ARGUMENT && error.text[0]);
	options.n_adapted = 1;
	none[0] = model; /* which no adapter made */
	CHECK(try(&options, &error) == LAC_BAD_ARGUMENT && error.text[0]);
}

static void files_to_be_carried_must_be_there(void)
{
	const struct lac_file none = { NULL, 0 };
	struct lac_options options = { .carried = &none };
	struct lac_error error = { 0 };

	CHECK(try(&options, &error) == LAC_BAD_ARGUMENT && error.text[0]);
}

static void what_needs_a_model_says_so(void)
{
	struct lac_model *made = model;
	struct lac_context *context = NULL;
	struct lac_error error = { 0 };
	struct bytes out;
	char buffer[200];
	size_t n;

	CHECK(transfer(lac_compress, NULL, text, sizeof text - 1, 0, NULL, &out, NULL, &error) == LAC_BAD_ARGUMENT && error.text[0]);
	free(out.at);
	CHECK(lac_model_adapt_file(&made, NULL, "tests/golden/models/leaning.gguf", &error) == LAC_BAD_ARGUMENT && !made);
	CHECK(lac_model_adapt_memory(&made, NULL, text, sizeof text, &error) == LAC_BAD_ARGUMENT && !made);
	CHECK(!lac_context_open(&context, NULL, NULL, &error));
	CHECK(lac_message_compress(context, text, 5, buffer, sizeof buffer, &n, &error) == LAC_BAD_ARGUMENT);
	CHECK(lac_message_decompress(context, text, 5, buffer, sizeof buffer, &n, &error) == LAC_BAD_ARGUMENT);
	lac_context_close(&context);
}

/* Files that are none, and memory without a byte. */
static void what_is_no_model_is_told(void)
{
	struct lac_model *made = NULL;
	struct lac_error error = { 0 };

	CHECK(lac_model_open_memory(&made, NULL, 0, NULL, &error) == LAC_BAD_MODEL && !made && error.text[0]);
	CHECK(lac_model_adapt_memory(&made, model, NULL, 0, &error) == LAC_BAD_MODEL && !made);
	CHECK(lac_model_open_file(&made, "", NULL, &error) == LAC_READ_FAILED && !made);
	CHECK(lac_model_open_file(&made, "tests", NULL, &error) == LAC_READ_FAILED && !made);
}

static void texts_without_a_byte_may_have_no_address(void)
{
	struct lac_context *context = NULL;
	char buffer[200];
	struct bytes out;
	size_t n;

	CHECK(!transfer(lac_compress, model, NULL, 0, 0, NULL, &out, NULL, NULL));
	free(out.at);
	CHECK(!lac_context_open(&context, model, NULL, NULL));
	CHECK(!lac_message_compress(context, NULL, 0, buffer, sizeof buffer, &n, NULL));
	CHECK(!lac_message_decompress(context, buffer, n, NULL, 0, &n, NULL) && n == 0);
	lac_context_close(&context);
}

static enum lac_status use(struct lac_context *context)
{
	struct memory_source source = { .at = (const uint8_t *)text, .left = sizeof text - 1 };
	struct memory_sink sink = { .capacity = 0 };
	const enum lac_status s = lac_context_compress(context, (struct lac_source){ memory_read, &source }, (struct lac_sink){ memory_write, &sink },
		NULL, NULL);

	free(sink.bytes.at);
	return s;
}

/* The threads of a context are in the process that used it first. A child may close what it cannot
 * use. */
static void a_context_is_of_one_process(void)
{
	struct lac_context *context = NULL, *fresh = NULL;
	int status = 0;
	pid_t child;

	CHECK(!lac_context_open(&context, model, &(struct lac_options){ .n_threads = 2 }, NULL) && !lac_context_open(&fresh, model, NULL, NULL));
	CHECK(!use(context));
	child = fork();
	if (child == 0) {
		const enum lac_status s = use(context), of_fresh = use(fresh);

		lac_context_close(&context);
		_exit(s == LAC_BAD_ARGUMENT && of_fresh == LAC_OK && !context ? 0 : 1);
	}
	CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CHECK(!use(context) && !use(fresh)); /* the parent goes on */
	lac_context_close(&context);
	lac_context_close(&fresh);
}

int main(void)
{
	struct lac_error error = { 0 };

	if (lac_model_open_file(&model, "tests/golden/models/grouped.gguf", NULL, &error)) {
		fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	LAW(promised_models_must_be_there);
	LAW(files_to_be_carried_must_be_there);
	LAW(what_needs_a_model_says_so);
	LAW(what_is_no_model_is_told);
	LAW(texts_without_a_byte_may_have_no_address);
	LAW(a_context_is_of_one_process);
	lac_model_close(&model);
	return test_report();
}
