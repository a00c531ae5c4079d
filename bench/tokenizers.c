/* tokenizers.c: how fast text becomes symbols, on one core.
 *
 *     build/tokenizers MODEL.gguf... < texts (NUL-terminated; without input the runs alone)
 *
 * For each model (a vocabulary is enough): how long reading its tokens takes; the rate on the
 * texts, one by one and as a whole; and on runs of one character and of a few, which no
 * pre-tokenizer cuts. The best of five runs. */
#include "base/file_map.h"
#include "tokenizer/tokenizer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RUN_BYTES 1000000u

static const char *const runs[] = { "a", " ", "=", "0", "\n", "'", "\xc3\xa9", "\xe4\xbd\xa0", "\xff", "ab", " a", "\r\n", "aA1 " };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* this program has one thread */
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void die(const char *where, const char *text)
{
	fprintf(stderr, "%s: %s\n", where, text);
	exit(1);
}

struct text {
	uint8_t *bytes;
	size_t n_bytes;
};

static struct text read_texts(void)
{
	struct text text = { NULL, 0 };
	size_t capacity = 1u << 20, n;

	for (;;) {
		text.bytes = realloc(text.bytes, capacity);
		if (!text.bytes)
			die("input", "no memory");
		n = fread(text.bytes + text.n_bytes, 1, capacity - text.n_bytes, stdin);
		if (n == 0)
			return text;
		text.n_bytes += n;
		capacity *= text.n_bytes == capacity ? 2 : 1;
	}
}

static struct text make_run(const char *unit)
{
	const size_t n = strlen(unit);
	struct text text = { malloc(RUN_BYTES), RUN_BYTES / n * n };

	if (!text.bytes)
		die(unit, "no memory");
	for (size_t i = 0; i < text.n_bytes; i++)
		text.bytes[i] = (uint8_t)unit[i % n];
	return text;
}

/* Symbols of all texts, up to each NUL, or of the whole. */
static size_t tokenize(const struct lac_tokenizer *tokenizer, struct text text, bool is_cut)
{
	static struct lac_symbols symbols;
	size_t n_symbols = 0;

	for (size_t at = 0; at < text.n_bytes;) {
		const uint8_t *end = is_cut ? memchr(text.bytes + at, 0, text.n_bytes - at) : NULL;
		const size_t n = end ? (size_t)(end - text.bytes) - at : text.n_bytes - at;

		if (lac_tokenize(tokenizer, text.bytes + at, n, &symbols, NULL))
			die("symbols", "no memory");
		n_symbols += symbols.length;
		at += n + (end != NULL);
	}
	return n_symbols;
}

static double report(const struct lac_tokenizer *tokenizer, const char *name, struct text text, bool is_cut, double beside)
{
	double best = 0;
	size_t n_symbols = 0;

	for (unsigned run = 0; run < 5; run++) {
		const double started = now();
		double rate;

		n_symbols = tokenize(tokenizer, text, is_cut);
		rate = (double)text.n_bytes / (now() - started);
		best = rate > best ? rate : best;
	}
	printf("  %-10s %8.1f MB/s  %6.2f bytes a symbol", name, best / 1e6, (double)text.n_bytes / (double)n_symbols);
	printf(beside > 0 ? "  %5.2f of the texts'\n" : "\n", best / beside);
	return best;
}

static void report_model(const char *path, struct text texts)
{
	struct lac_file_map map = { NULL, 0 };
	struct lac_gguf *gguf = NULL;
	struct lac_tokenizer *tokenizer = NULL;
	struct lac_error error = { 0 };
	double started, rate = 0;

	if (lac_file_map(&map, path, &error) || lac_gguf_open(&gguf, map.bytes, map.n_bytes, &error))
		die(path, error.text);
	started = now();
	if (lac_tokenizer_create(&tokenizer, gguf, &error))
		die(path, error.text);
	printf("%s: %s, %u tokens, read in %.0f ms\n", path, lac_tokenizer_name(tokenizer), (unsigned)lac_tokenizer_n_tokens(tokenizer),
		1e3 * (now() - started));
	if (texts.n_bytes) {
		rate = report(tokenizer, "texts", texts, true, 0);
		(void)report(tokenizer, "one text", texts, false, rate);
	}
	for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
		const bool is_shown = runs[i][0] > ' ' || runs[i][1];
		struct text run = make_run(runs[i]);
		char name[16];

		if (is_shown && runs[i][0] != '\r' && (uint8_t)runs[i][0] != 0xff)
			snprintf(name, sizeof name, "\"%s\"", runs[i]);
		else
			snprintf(name, sizeof name, "%02x%s", (unsigned)(uint8_t)runs[i][0], runs[i][1] ? " .." : "");
		(void)report(tokenizer, name, run, false, rate);
		free(run.bytes);
	}
	lac_tokenizer_free(&tokenizer);
	lac_gguf_close(&gguf);
	lac_file_unmap(&map);
}

int main(int argc, char **argv)
{
	const struct text texts = read_texts();

	if (argc < 2)
		die("usage", "tokenizers MODEL.gguf... < texts");
	for (int i = 1; i < argc; i++)
		report_model(argv[i], texts);
	free(texts.bytes);
	return 0;
}
