/* overheads.c: what each step from the model's logits to the archive costs, in bits, over records
 * (NUL-terminated, on stdin).
 *
 *     bench/overheads [--each] [--adapter ADAPTER.gguf] [MODEL.gguf] < records
 *
 * --each prints a line a record instead: bytes of its text, bits by integer frequencies without the
 * end, bits of its payload.
 *
 * Columns of the table: the engine's own logits with a softmax in binary64 (the cross-entropy), the
 * integer frequencies made of them, and the coder's payloads. Ends of records are listed apart, for
 * a reference that does not code them. */
#include "base/strict_float.h"
#include "coder/range_coder.h"
#include "engine/window.h"
#include "engine/frequencies.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct measure {
	struct lac_frequencies frequencies;
	struct lac_range_encoder coder;
	const uint32_t *symbols;
	size_t n_symbols, n_coded;
	double logits_bits, frequencies_bits, end_logits_bits, end_frequencies_bits;
};

static double softmax_bits(const float *logits, uint32_t n, uint32_t symbol)
{
	double max = -HUGE_VAL, sum = 0;

	for (uint32_t i = 0; i < n; i++)
		max = fmax(max, logits[i]);
	for (uint32_t i = 0; i < n; i++)
		sum += exp(logits[i] - max);
	return log2(sum) - (logits[symbol] - max) / log(2);
}

static void measure_row(void *context, const struct lac_row *row, float *logits)
{
	struct measure *m = context;
	const bool is_end = m->n_coded == m->n_symbols;
	const uint32_t symbol = is_end ? m->frequencies.end : m->symbols[m->n_coded++];
	const double logits_bits = softmax_bits(logits, m->frequencies.model->shape.n_vocabulary, symbol);
	struct lac_interval interval;
	double bits;

	(void)row;
	lac_frequencies_set(&m->frequencies, logits);
	interval = lac_frequencies_interval(&m->frequencies, symbol);
	lac_range_encode(&m->coder, interval.low, interval.size, m->frequencies.total);
	bits = log2((double)m->frequencies.total / (double)interval.size);
	if (is_end) {
		m->end_logits_bits += logits_bits;
		m->end_frequencies_bits += bits;
	} else {
		m->logits_bits += logits_bits;
		m->frequencies_bits += bits;
	}
}

static uint8_t *read_all(FILE *file, size_t *n)
{
	size_t capacity = 1 << 24;
	uint8_t *bytes = malloc(capacity);

	for (*n = 0; bytes;) {
		size_t got = fread(bytes + *n, 1, capacity - *n, file);

		*n += got;
		if (got == 0)
			return bytes;
		if (*n == capacity)
			bytes = realloc(bytes, capacity *= 2);
	}
	return NULL;
}

static void report(const struct measure *m, uint64_t n_records, uint64_t n_text, uint64_t n_tokens, uint64_t n_payload)
{
	printf("records\t%llu\ntext bytes\t%llu\ntokens\t%llu\n", (unsigned long long)n_records, (unsigned long long)n_text,
		(unsigned long long)n_tokens);
	printf("logits bits\t%.1f\tends\t%.1f\n", m->logits_bits, m->end_logits_bits);
	printf("frequencies bits\t%.1f\tends\t%.1f\n", m->frequencies_bits, m->end_frequencies_bits);
	printf("payload bits\t%.1f\tends included\n", 8.0 * (double)n_payload);
	printf("bits per byte, ends not counted\t%.4f\n", m->frequencies_bits / (double)n_text);
	printf("frequencies over logits\t%+.4f%%\n",
		100 * ((m->frequencies_bits + m->end_frequencies_bits) / (m->logits_bits + m->end_logits_bits) - 1));
	printf("coder over frequencies\t%+.4f%%\t%.3f bits a record\n",
		100 * (8.0 * (double)n_payload / (m->frequencies_bits + m->end_frequencies_bits) - 1),
		(8.0 * (double)n_payload - m->frequencies_bits - m->end_frequencies_bits) / (double)n_records);
}

int main(int argc, char **argv)
{
	struct lac_error error = { 0 };
	struct lac_model *model = NULL;
	struct lac_session *session = NULL;
	struct lac_window place = { 0 };
	struct lac_row_list rows = { 0 };
	struct lac_symbols symbols = { 0 };
	struct measure m = { 0 };
	uint64_t n_tokens = 0, n_records = 0, n_text = 0, n_payload = 0;
	struct lac_model *base = NULL; /* of model, if that is adapted */
	const char *path = NULL, *adapter = NULL;
	bool prints_each = false;
	size_t n;
	uint8_t *text = read_all(stdin, &n), *at = text, *end;

	lac_float_environment_enter();
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--each") == 0)
			prints_each = true;
		else if (strcmp(argv[i], "--adapter") == 0 && i + 1 < argc)
			adapter = argv[++i];
		else
			path = argv[i];
	}
	if ((path ? lac_model_open_file(&model, path, NULL, &error) : lac_model_open_default(&model, NULL, &error)) ||
	    (adapter && (base = model) && lac_model_adapt_file(&model, base, adapter, &error)) ||
	    lac_session_create(&session, model, lac_model_window(model), 1, 0, &error) || !lac_frequencies_create(&m.frequencies, model)) {
		fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	if (!lac_tokenizer_has_all_bytes(model->tokenizer) || m.frequencies.end >= model->shape.n_vocabulary) {
		fprintf(stderr, "this measure wants a model with a token for every byte and an end-of-text token\n");
		return 1;
	}
	for (; text && (end = memchr(at, 0, n - (size_t)(at - text))); at = end + 1) {
		const double bits_before = m.frequencies_bits;
		size_t n_bytes = (size_t)(end - at);

		if (lac_tokenize(model->tokenizer, at, n_bytes, &symbols, &error))
			return 1;
		rows.length = 0;
		if (!lac_window_begin(&place, 0, lac_model_window(model)))
			return 1;
		lac_window_feed(&place, lac_tokenizer_bos(model->tokenizer), true, &rows);
		for (size_t i = 0; i < symbols.length; i++)
			lac_window_feed(&place, symbols.at[i], true, &rows);
		m.symbols = symbols.at;
		m.n_symbols = symbols.length;
		m.n_coded = 0;
		lac_range_encoder_start(&m.coder);
		lac_session_evaluate(session, rows.at, rows.length, measure_row, &m);
		lac_range_encoder_finish(&m.coder);
		if (prints_each)
			printf("%zu\t%.3f\t%zu\n", n_bytes, m.frequencies_bits - bits_before, 8 * m.coder.out.length);
		n_payload += m.coder.out.length;
		n_text += n_bytes;
		n_tokens += symbols.length;
		n_records++;
	}
	if (!prints_each)
		report(&m, n_records, n_text, n_tokens, n_payload);
	lac_range_encoder_free(&m.coder);
	lac_frequencies_free(&m.frequencies);
	lac_symbols_free(&symbols);
	lac_row_list_free(&rows);
	lac_window_free(&place);
	lac_session_free(&session);
	lac_model_close(&model);
	lac_model_close(&base);
	free(text);
	return 0;
}
