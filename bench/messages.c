/* messages.c: sizes of messages (doc/format.md section 7), for bench/messages.py.
 *
 *     build/messages N [MODEL.gguf] < texts
 *
 * Of every NUL-terminated text with at least N bytes the first N become a message. A line each: the
 * message's bytes. Then one with the seconds of compressing and of decompressing all of them, one
 * by one with one context. Each is compared with what it was. */
#include "laconic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct texts {
	char *at;
	size_t length;
};

static struct texts read_all(FILE *file)
{
	size_t capacity = 1 << 24, n;
	struct texts texts = { malloc(capacity), 0 };

	while (texts.at && (n = fread(texts.at + texts.length, 1, capacity - texts.length, file)) > 0) {
		texts.length += n;
		if (texts.length == capacity)
			texts.at = realloc(texts.at, capacity *= 2);
	}
	return texts;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct lac_error error = { LAC_OK, 0, "" };
	struct lac_model *model = NULL;
	struct lac_context *context = NULL;
	const size_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
	char *message = malloc(lac_message_bound(n)), *back = malloc(n + 1);
	struct texts texts = read_all(stdin);
	const char *at = texts.at, *end;
	double seconds[2] = { 0, 0 };

	options.n_threads = 1;
	if (!n || !message || !back || !texts.at) {
		fprintf(stderr, "usage: messages N [MODEL.gguf] < texts, each ended by NUL\n");
		return 1;
	}
	if ((argc > 2 ? lac_model_open_file(&model, argv[2], NULL, &error) : lac_model_open_default(&model, NULL, &error)) ||
	    lac_context_open(&context, model, &options, &error)) {
		fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	for (; (end = memchr(at, 0, texts.length - (size_t)(at - texts.at))); at = end + 1) {
		size_t n_message, n_back;
		double started = now();

		if ((size_t)(end - at) < n)
			continue;
		if (lac_message_compress(context, at, n, message, lac_message_bound(n), &n_message, &error)) {
			fprintf(stderr, "%s\n", error.text);
			return 1;
		}
		seconds[0] += now() - started;
		started = now();
		if (lac_message_decompress(context, message, n_message, back, n, &n_back, &error) || n_back != n || memcmp(back, at, n) != 0) {
			fprintf(stderr, "a message does not come back: %s\n", error.text);
			return 1;
		}
		seconds[1] += now() - started;
		printf("%zu\n", n_message);
	}
	printf("seconds %.3f %.3f\n", seconds[0], seconds[1]);
	lac_context_close(&context);
	lac_model_close(&model);
	free(texts.at);
	free(message);
	free(back);
	return 0;
}
