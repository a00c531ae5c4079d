/* golden_tokenizer.h: the files of tests/golden/arithmetic on where text is cut and which symbols
 * it becomes. */
#ifndef LAC_GOLDEN_TOKENIZER_H
#define LAC_GOLDEN_TOKENIZER_H

#include "golden_maker.h"
#include "textbook_tokenizer.h"

#include "tokenizer/pretokenizer.h"

/* Where pre-tokens end, by the textbook or by the library. */
static void golden_cuts_of(struct golden_maker *maker, lac_pretoken *book, lac_pretoken *pretoken)
{
	for (unsigned i = 0; i < 150; i++) {
		uint8_t text[RANDOM_TEXT_MAX], *copy;
		uint64_t ends[RANDOM_TEXT_MAX];
		size_t n_bytes = random_text(&maker->state, text), n = 0;

		n_bytes = n_bytes < 90 ? n_bytes : 90;
		copy = exact_copy(text, n_bytes);
		for (size_t at = 0; at < n_bytes; n++)
			ends[n] = at += (maker->is_textbook ? book : pretoken)(copy + at, n_bytes - at);
		free(copy);
		golden_case(maker, "%u", i);
		golden_hex(maker, "text", text, n_bytes);
		golden_numbers(maker, "ends", ends, n);
	}
}

static void golden_cuts(struct golden_maker *maker)
{
	golden_cuts_of(maker, match_pattern, lac_pretoken_gpt2);
}

static void golden_cuts_llama_bpe(struct golden_maker *maker)
{
	golden_cuts_of(maker, match_llama_bpe, lac_pretoken_llama_bpe);
}

static void golden_cuts_qwen2(struct golden_maker *maker)
{
	golden_cuts_of(maker, match_qwen2, lac_pretoken_qwen2);
}

static void golden_cuts_smollm(struct golden_maker *maker)
{
	golden_cuts_of(maker, match_smollm, lac_pretoken_smollm);
}

static struct vocabulary *golden_vocabulary(const char *name)
{
	struct vocabulary *v = calloc(1, sizeof *v); /* it is large */
	char path[256];

	v->name = name;
	snprintf(path, sizeof path, "tests/golden/models/%s.gguf", name);
	open_file(v, path);
	return v;
}

#define GOLDEN_TEXT_MAX 3000

/* Raw bytes are 2^31 + the byte. */
static void golden_symbols_of_text(struct golden_maker *maker, const struct vocabulary *v, unsigned number, const uint8_t *text, size_t n_bytes)
{
	static lac_symbol plain[GOLDEN_TEXT_MAX + 2];
	static uint64_t numbers[GOLDEN_TEXT_MAX + 2];
	struct lac_symbols symbols = { 0 };
	size_t n;

	if (lac_tokenize(v->tokenizer, text, n_bytes, &symbols, NULL))
		abort();
	n = maker->is_textbook ? encode_plainly(v, text, n_bytes, plain) : symbols.length;
	for (size_t j = 0; j < n; j++)
		numbers[j] = maker->is_textbook ? plain[j] : symbols.at[j];
	golden_case(maker, "%s, %u", v->name, number);
	golden_hex(maker, "text", text, n_bytes);
	golden_numbers(maker, "symbols", numbers, n);
	lac_symbols_free(&symbols);
}

static void golden_symbols_of(struct golden_maker *maker, const char *name)
{
	struct vocabulary *v = golden_vocabulary(name);

	for (unsigned i = 0; i < 60; i++) {
		uint8_t text[RANDOM_TEXT_MAX];
		const size_t n_bytes = random_text(&maker->state, text) % 90;

		golden_symbols_of_text(maker, v, i, text, n_bytes);
	}
	close_vocabulary(v);
	free(v);
}

/* What tools/make_tiny_model.py --odd has twice, and pre-tokens of more than 1024 bytes, of which
 * the first 1024 are an odd number of a. */
static void golden_symbols_odd(struct golden_maker *maker)
{
	static const char *const texts[] = { "e", "th", "the the.", "aaa", "aaaaa", " aaaa aaa", "zqx", "zqxzqx", "a b", "." };
	struct vocabulary *v = golden_vocabulary("odd");
	uint8_t text[GOLDEN_TEXT_MAX];
	unsigned i = 0;

	for (; i < sizeof texts / sizeof *texts; i++)
		golden_symbols_of_text(maker, v, i, (const uint8_t *)texts[i], strlen(texts[i]));
	memset(text, 'a', sizeof text);
	text[0] = 'Z';
	golden_symbols_of_text(maker, v, i++, text, 1023);
	golden_symbols_of_text(maker, v, i++, text, 1025);
	golden_symbols_of_text(maker, v, i++, text, 2600);
	close_vocabulary(v);
	free(v);
}

static void golden_symbols(struct golden_maker *maker)
{
	golden_symbols_of(maker, "grouped");
	golden_symbols_of(maker, "escapes");
	golden_symbols_of(maker, "llama-bpe");
	golden_symbols_of(maker, "qwen2");
	golden_symbols_of(maker, "smollm");
	golden_symbols_of(maker, "pieces");
	golden_symbols_of(maker, "pieces-raw");
}

#endif
