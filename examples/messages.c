/* messages.c: short texts, each in as few bytes as it takes, with one context for all. Usage:
 * messages TEXT... */
#include <laconic.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 4096u

/* There and back, in memory of the caller's. */
static enum lac_status try_message(struct lac_context *context, const char *text, struct lac_error *error)
{
	unsigned char message[2 * TEXT_MAX]; /* more than lac_message_bound(TEXT_MAX) */
	char restored[TEXT_MAX];
	const size_t n_text = strlen(text);
	size_t n_message, n_restored;
	enum lac_status s;

	if (n_text > TEXT_MAX || lac_message_bound(n_text) > sizeof message) {
		fprintf(stderr, "a text of %zu bytes is too long for this example\n", n_text);
		return LAC_BAD_ARGUMENT;
	}
	s = lac_message_compress(context, text, n_text, message, sizeof message, &n_message, error);
	if (!s)
		s = lac_message_decompress(context, message, n_message, restored, sizeof restored, &n_restored, error);
	if (s)
		fprintf(stderr, "%s: %s\n", lac_status_name(s), error->text);
	else
		printf("%zu bytes in %zu, and back: %.*s\n", n_text, n_message, (int)n_restored, restored);
	return s;
}

int main(int argc, char **argv)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct lac_error error = { LAC_OK, 0, "" };
	struct lac_model *model = NULL;
	struct lac_context *context = NULL;
	enum lac_status s;

	options.n_threads = 1;
	s = lac_model_open_default(&model, &options, &error);
	if (!s)
		s = lac_context_open(&context, model, &options, &error);
	if (s)
		fprintf(stderr, "%s: %s\n", lac_status_name(s), error.text);
	for (int i = 1; i < argc && !s; i++)
		s = try_message(context, argv[i], &error);
	lac_context_close(&context);
	lac_model_close(&model);
	return s ? EXIT_FAILURE : EXIT_SUCCESS;
}
