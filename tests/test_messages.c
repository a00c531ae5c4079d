/* Laws of messages (format.md section 7): test_messages [DIRECTORY] [--short]. From the project's
 * folder. */
#include "base/strict_float.h"
#include "test.h"
#include "memory_io.h"
#include "sampled_text.h"

#include "coder/mixing.h"

#include <math.h>

#define MODELS "tests/golden/models/"
#define ROOM 8192

/* all bytes; bytes missing and no end token; an adapter of grouped */
static struct lac_model *grouped, *escapes, *leaning;
static struct lac_context *of_grouped, *of_escapes, *of_leaning;
static bool is_short; /* for slow builds */

static struct lac_context *open_context(const struct lac_model *model)
{
	struct lac_context *context = NULL;
	struct lac_error error = { 0 };

	if (lac_context_open(&context, model, NULL, &error)) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
	return context;
}

/* ---- Texts --------------------------------------------------------------------------- */

/* Text of a kind, of n bytes. */
enum kind { FORETOLD, NOISE, ZEROS, ONES, WORDS, LOG, N_KINDS };
static const char *const kind_names[] = { "foretold", "noise", "zeros", "ones", "words", "log" };

static void make_text(uint8_t *text, size_t n, enum kind kind, const struct lac_model *model)
{
	static const char words[] = "the answer is that each of the messages is coded on its own, \xe4\xbd\xa0\xe5\xa5\xbd\0\r\n";
	struct sampler sampler;
	uint64_t state = n;

	if (kind == FORETOLD) {
		sampler = sampler_create(model, n);
		sample_stream(&sampler, n);
		memcpy(text, sampler.text, n);
		sampler_free(&sampler);
		return;
	}
	for (size_t i = 0; i < n; i++)
		text[i] = kind == NOISE ? (uint8_t)test_random(&state) : kind == ZEROS ? 0 : kind == ONES ? 0xff : kind == WORDS ?
			(uint8_t)words[i % sizeof words] : (uint8_t)("12:00 INFO worker request "[i % 26] + (i / 26 % 3 == 1 && i % 26 < 2));
}

/* ---- What the model makes of a text ------------------------------------------------------ */

struct measure {
	const struct lac_symbols *symbols;
	size_t n;
	double bits;
};

static void add_bits(struct measure *m, const struct lac_frequencies *frequencies, uint32_t symbol)
{
	const struct lac_interval interval = lac_frequencies_interval(frequencies, symbol);

	m->bits += log2((double)frequencies->total) - log2((double)interval.size);
}

static void measure_symbols(void *payload, uint32_t slot, const struct lac_frequencies *frequencies)
{
	struct measure *m = payload;

	(void)slot;
	while (m->n < m->symbols->length && m->symbols->at[m->n] & LAC_SYMBOL_RAW) {
		add_bits(m, frequencies, lac_frequencies_escape(frequencies));
		m->bits += 8;
		m->n++;
	}
	add_bits(m, frequencies, m->n < m->symbols->length ? m->symbols->at[m->n] : frequencies->end);
	m->n++;
}

/* The bits of a text and its end, by the frequencies. */
static double measure(const struct lac_model *model, const uint8_t *text, size_t n_bytes)
{
	struct lac_predictor *predictor = NULL;
	struct lac_symbols symbols = { 0 };
	struct measure m = { .symbols = &symbols };

	if (lac_tokenize(model->tokenizer, text, n_bytes, &symbols, NULL) ||
	    lac_predictor_create(&predictor, model, lac_model_window(model), 1, 0, NULL))
		abort();
	lac_predictor_start(predictor, 0, lac_model_window(model), NULL, 0);
	for (size_t i = 0; i < symbols.length; i++)
		if (!(symbols.at[i] & LAC_SYMBOL_RAW))
			lac_predictor_feed(predictor, 0, symbols.at[i]);
	if (!lac_predictor_run(predictor, measure_symbols, &m))
		abort();
	lac_symbols_free(&symbols);
	lac_predictor_free(&predictor);
	return m.bits;
}

/* ---- Laws ------------------------------------------------------------------------------- */

static size_t mixed_bytes(const uint8_t *text, size_t n)
{
	struct lac_buffer out = { 0 };
	size_t n_bytes;

	lac_buffer_varint(&out, n);
	if (!lac_mixing_encode(text, n, &out))
		abort();
	n_bytes = out.length + 2;
	lac_buffer_free(&out);
	return n_bytes;
}

static void try_text(struct lac_context *context, const struct lac_model *model, enum kind kind, size_t n, unsigned *forms)
{
	uint8_t text[ROOM], message[ROOM + 2], back[ROOM];
	size_t n_message = 0, n_back = 0;
	struct lac_error error = { 0 };
	double bits;

	make_text(text, n, kind, model);
	CHECK_NOTE(!lac_message_compress(context, text, n, message, lac_message_bound(n), &n_message, &error), "%zu bytes of %s: %s", n,
		kind_names[kind], error.text);
	CHECK_NOTE(n_message <= n + 2 && n_message <= mixed_bytes(text, n), "%zu bytes of %s: %zu", n, kind_names[kind], n_message);
	bits = measure(model, text, n);
	CHECK_NOTE(8 * (double)n_message <= bits + 16, "%zu bytes of %s: %zu bytes for %.1f bits", n, kind_names[kind], n_message, bits);
	CHECK_NOTE(!lac_message_decompress(context, message, n_message, back, n, &n_back, &error) && n_back == n && (!n || !memcmp(back, text, n)),
		"%zu bytes of %s: %s", n, kind_names[kind], error.text);
	if (n) {
		CHECK_NOTE(lac_message_decompress(context, message, n_message, back, n - 1, &n_back, &error) == LAC_OVER_LIMIT, "%zu bytes of %s", n,
			kind_names[kind]);
		CHECK(strstr(error.text, "limit"));
	}
	CHECK(lac_message_compress(context, text, n, message, n_message - 1, &n_back, &error) == LAC_BAD_ARGUMENT);
	forms[!n_message || message[n_message - 1] ? 0 : 1 + message[n_message - 2]]++;
}

/* Of every kind and length, with each of the forms the smallest, and 2 bytes at most over the bits,
 * by models with all bytes and without. */
static void every_text_comes_back_and_costs_two_bytes_at_most(void)
{
	static const size_t lengths[] = { 0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 40, 63, 64, 100, 127, 128, 129, 300, 1000 };
	unsigned forms[3] = { 0 };

	for (enum kind kind = FORETOLD; kind < N_KINDS; kind++)
		for (size_t i = 0; i < sizeof lengths / sizeof *lengths - (is_short ? 2 : 0); i += is_short ? 3 : 1) {
			try_text(of_grouped, grouped, kind, lengths[i], forms);
			try_text(of_escapes, escapes, kind, lengths[i], forms);
			try_text(of_leaning, leaning, kind, lengths[i], forms);
		}
	try_text(of_grouped, grouped, LOG, 6000, forms);
	CHECK_NOTE(forms[0] > 10 && forms[1] > 10 && forms[2] > 2, "%u payloads, %u stored, %u mixed", forms[0], forms[1], forms[2]);
}

static void neither_kernels_nor_threads_change_a_byte(void)
{
	uint8_t text[300], wanted[302], message[302];
	size_t n_wanted, n;

	make_text(text, sizeof text, FORETOLD, grouped);
	CHECK(!lac_message_compress(of_grouped, text, sizeof text, wanted, sizeof wanted, &n_wanted, NULL));
	for (unsigned k = 0; lac_kernels_name(k); k++)
		for (uint32_t threads = 1; threads < 4; threads += 2) {
			struct lac_options options = LAC_OPTIONS_DEFAULT;
			struct lac_model *model = NULL;
			struct lac_context *context = NULL;

			options.kernels = lac_kernels_name(k);
			options.n_threads = threads;
			options.batch_rows = threads;
			CHECK(!lac_model_open_file(&model, MODELS "grouped.gguf", &options, NULL) && !lac_context_open(&context, model, &options, NULL));
			CHECK(!lac_message_compress(context, text, sizeof text, message, sizeof message, &n, NULL));
			CHECK_NOTE(n == n_wanted && !memcmp(message, wanted, n), "kernels %s, %u threads", options.kernels, (unsigned)threads);
			lac_context_close(&context);
			lac_model_close(&model);
		}
}

/* Whatever arrives: an end, and no more text than there is room for. The last of the room is the
 * last of the allocation. */
static void whatever_arrives_is_survived(void)
{
	enum { CAPACITY = 100 };
	uint8_t text[60], message[64];
	size_t n_message, n_decoded = 0;

	for (enum kind kind = FORETOLD; kind < N_KINDS; kind++) {
		make_text(text, sizeof text, kind, grouped);
		CHECK(!lac_message_compress(of_grouped, text, sizeof text, message, sizeof message, &n_message, NULL));
		/* then cuts */
		for (size_t bit = 0; bit < 8 * n_message + n_message; bit += is_short ? 5 : 1) {
			const bool is_cut = bit >= 8 * n_message;
			const size_t n = is_cut ? bit - 8 * n_message : n_message;
			uint8_t *copy = malloc(n + !n), *out = malloc(CAPACITY);
			struct lac_error error = { 0 };
			size_t n_out = 0;
			enum lac_status s;

			memcpy(copy, message, n);
			if (!is_cut)
				copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
			s = lac_message_decompress(of_grouped, copy, n, out, CAPACITY, &n_out, &error);
			CHECK_NOTE(s == LAC_OK ? n_out <= CAPACITY : (s == LAC_CORRUPT || s == LAC_OVER_LIMIT || s == LAC_UNSUPPORTED) && error.status == s &&
				error.text[0], "%s, bit or cut %zu: %d", kind_names[kind], bit, (int)s);
			n_decoded += !s;
			free(copy);
			free(out);
		}
	}
	CHECK_NOTE(n_decoded > 50, "%zu", n_decoded); /* nothing in a message tells damage */
}

static enum lac_status decode(const char *message, size_t n, size_t capacity, size_t *n_out)
{
	struct lac_error error = { 0 };
	uint8_t out[300];
	enum lac_status s = lac_message_decompress(of_grouped, message, n, out, capacity, n_out, &error);

	CHECK(s == LAC_OK || (error.status == s && error.text[0]));
	return s;
}

/* Bytes as format.md has them. */
static void marks_mean_what_the_format_says(void)
{
	size_t n;

	CHECK(decode("\0", 1, 300, &n) == LAC_CORRUPT);
	CHECK(decode("\0\0", 2, 300, &n) == LAC_OK && n == 0);
	CHECK(decode("abc\0\0", 5, 300, &n) == LAC_OK && n == 3);
	CHECK(decode("abc\0\0", 5, 2, &n) == LAC_OVER_LIMIT);
	CHECK(decode("\0\1\0", 3, 300, &n) == LAC_OK && n == 0); /* mixed, of 0 bytes */
	CHECK(decode("\1\0", 2, 300, &n) == LAC_CORRUPT); /* mixed, and no length */
	CHECK(decode("\x80\0\1\0", 4, 300, &n) == LAC_CORRUPT); /* a padded length */
	CHECK(decode("\x81\x80\x80\x08\1\0", 6, 300, &n) == LAC_CORRUPT); /* 2^24 + 1 bytes */
	CHECK(decode("\x80\x80\x80\x08\1\0", 6, 300, &n) == LAC_OVER_LIMIT); /* 2^24 bytes */
	for (int form = 2; form < 256; form++) {
		const char message[] = { 'a', (char)form, 0 };

		CHECK_NOTE(decode(message, 3, 300, &n) == LAC_UNSUPPORTED, "form %d", form);
	}
	/* a payload of no bytes: whatever that decodes as */
	CHECK(decode("", 0, 300, &n) != LAC_UNSUPPORTED);
}

static void what_is_too_long_or_has_no_model_is_refused(void)
{
	struct lac_context *of_none = open_context(NULL);
	struct lac_error error = { 0 };
	uint8_t *text = calloc(LAC_MESSAGE_TEXT_MAX + 1, 1), message[8];
	size_t n;

	CHECK(lac_message_compress(of_grouped, text, LAC_MESSAGE_TEXT_MAX + 1, message, sizeof message, &n, &error) == LAC_BAD_ARGUMENT);
	CHECK(lac_message_compress(of_none, text, 1, message, sizeof message, &n, &error) == LAC_BAD_ARGUMENT && strstr(error.text, "model"));
	CHECK(lac_message_decompress(of_none, "a\0\0", 3, message, sizeof message, &n, &error) == LAC_BAD_ARGUMENT);
	free(text);
	lac_context_close(&of_none);
}

int main(int argc, char **argv)
{
	is_short = test_effort(argc, argv) == SHORT;
	lac_float_environment_enter(); /* texts are drawn and measured by this thread */
	if (lac_model_open_file(&grouped, MODELS "grouped.gguf", NULL, NULL) || lac_model_open_file(&escapes, MODELS "escapes.gguf", NULL, NULL) ||
	    lac_model_adapt_file(&leaning, grouped, MODELS "leaning.gguf", NULL))
		return 1;
	of_grouped = open_context(grouped);
	of_escapes = open_context(escapes);
	of_leaning = open_context(leaning);
	LAW(every_text_comes_back_and_costs_two_bytes_at_most);
	LAW(neither_kernels_nor_threads_change_a_byte);
	LAW(whatever_arrives_is_survived);
	LAW(marks_mean_what_the_format_says);
	LAW(what_is_too_long_or_has_no_model_is_refused);
	lac_context_close(&of_grouped);
	lac_context_close(&of_escapes);
	lac_context_close(&of_leaning);
	lac_model_close(&leaning);
	lac_model_close(&grouped);
	lac_model_close(&escapes);
	return test_report();
}
