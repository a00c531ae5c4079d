/* golden_tokenizer.h: the files of tests/golden/arithmetic on where text is cut and which symbols it becomes. */
#ifndef LAC_GOLDEN_TOKENIZER_H
#define LAC_GOLDEN_TOKENIZER_H

#include "golden_maker.h"
#include "textbook_tokenizer.h"

#include "model/pretokenizer.h"

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

/* Raw bytes are 2^31 + the byte. */
static void golden_symbols_of(struct golden_maker *maker, const char *name)
{
	struct vocabulary *v = calloc(1, sizeof *v); /* it is large */
	struct lac_symbols symbols = { 0 };
	char path[256];

	v->name = name;
	snprintf(path, sizeof path, "tests/golden/models/%s.gguf", name);
	open_file(v, path);
	for (unsigned i = 0; i < 60; i++) {
		uint8_t text[RANDOM_TEXT_MAX];
		const size_t n_bytes = random_text(&maker->state, text) % 90;
		lac_symbol plain[91 + 1];
		uint64_t numbers[91 + 1];
		size_t n;

		if (lac_tokenize(v->tokenizer, text, n_bytes, &symbols, NULL))
			abort();
		n = maker->is_textbook ? encode_plainly(v, text, n_bytes, plain) : symbols.length;
		for (size_t j = 0; j < n; j++)
			numbers[j] = maker->is_textbook ? plain[j] : symbols.at[j];
		golden_case(maker, "%s, %u", name, i);
		golden_hex(maker, "text", text, n_bytes);
		golden_numbers(maker, "symbols", numbers, n);
	}
	lac_symbols_free(&symbols);
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
