#include "base/strict_float.h"
#include "train/vocabulary.h"
#include "tokenizer/pretokenizer.h"
#include "tokenizer/tokenizer.h"
#include "train/gguf_writer.h"
#include "train/pair_counts.h"
#include "train/word_counts.h"

#include <stdlib.h>
#include <string.h>

#define TOKEN_BYTES_MAX 128u /* longer ones are somebody's rule of dashes */
#define TYPE_NORMAL 1
#define TYPE_CONTROL 3

struct merge {
	uint32_t left, right;
};

struct learning {
	struct lac_word_counts words;   /* pre-tokens */
	struct lac_word_counts tokens;  /* their texts; the index is the id */
	struct lac_pair_counts pairs;
	/* owned: the words' tokens, each from its first byte's place on */
	uint32_t *symbols;
	uint32_t *lengths;              /* owned: how many tokens a word has now */
	struct merge *merges;           /* owned */
	uint32_t n_merges;
};

static enum lac_status count_words(void *payload, const struct lac_document_text *text, struct lac_error *error)
{
	struct learning *l = payload;

	if (text->n_bytes == text->n_unasked)
		return LAC_OK;
	for (size_t at = 0; at < text->n_bytes;) {
		const size_t end = at + lac_pretoken_gpt2(text->bytes + at, text->n_bytes - at);

		while (at < end) {
			const size_t n = end - at < LAC_PRETOKEN_BYTES_MAX ? end - at : LAC_PRETOKEN_BYTES_MAX;
			const uint32_t word = lac_word_find(&l->words, text->bytes + at, (uint32_t)n);

			if (word == UINT32_MAX)
				return lac_fail_memory(error, l->words.bytes.length, "counting words");
			l->words.at[word].count++;
			at += n;
		}
	}
	return LAC_OK;
}

static enum lac_status begin(struct learning *l, uint32_t n_tokens, struct lac_error *error)
{
	l->symbols = calloc(l->words.bytes.length + 1, sizeof *l->symbols);
	l->lengths = calloc(l->words.n + 1, sizeof *l->lengths);
	l->merges = calloc(2 * (size_t)n_tokens, sizeof *l->merges);
	for (unsigned byte = 0; byte < 256; byte++) {
		const uint8_t text = (uint8_t)byte;

		l->pairs.failed |= lac_word_find(&l->tokens, &text, 1) != byte;
	}
	if (!l->symbols || !l->lengths || !l->merges || l->pairs.failed)
		return lac_fail_memory(error, l->words.bytes.length * sizeof *l->symbols, "learning a tokenizer");
	for (size_t i = 0; i < l->words.bytes.length; i++)
		l->symbols[i] = l->words.bytes.bytes[i];
	for (uint32_t w = 0; w < l->words.n; w++) {
		const struct lac_word *word = &l->words.at[w];

		l->lengths[w] = word->length;
		for (uint32_t i = 0; i + 1 < word->length; i++)
			lac_pair_add(&l->pairs, l->symbols[word->first + i], l->symbols[word->first + i + 1], (int64_t)word->count, w);
	}
	lac_pair_rank(&l->pairs, 0, UINT32_MAX);
	return LAC_OK;
}

/* Takes all of a word's pairs away, merges, and adds what there is now. Only pairs with the product
 * are new: they alone gain places. */
static void merge_in_word(struct learning *l, uint32_t w, struct merge merge, uint32_t product)
{
	uint32_t *symbols = l->symbols + l->words.at[w].first;
	const int64_t count = (int64_t)l->words.at[w].count;
	uint32_t n = 0;

	for (uint32_t i = 0; i + 1 < l->lengths[w]; i++)
		lac_pair_add(&l->pairs, symbols[i], symbols[i + 1], -count, UINT32_MAX);
	for (uint32_t i = 0; i < l->lengths[w]; i++) {
		const bool fits = i + 1 < l->lengths[w] && symbols[i] == merge.left && symbols[i + 1] == merge.right;

		symbols[n++] = fits ? product : symbols[i];
		i += fits;
	}
	l->lengths[w] = n;
	for (uint32_t i = 0; i + 1 < n; i++)
		lac_pair_add(&l->pairs, symbols[i], symbols[i + 1], count,
			symbols[i] == product || symbols[i + 1] == product ? w : UINT32_MAX);
}

/* The id of the joined text: a new token, or one that other halves made before. UINT32_MAX: out of
 * memory. */
static uint32_t join(struct learning *l, struct merge merge)
{
	const struct lac_word left = l->tokens.at[merge.left], right = l->tokens.at[merge.right];
	uint8_t text[2 * TOKEN_BYTES_MAX];

	memcpy(text, l->tokens.bytes.bytes + left.first, left.length);
	memcpy(text + left.length, l->tokens.bytes.bytes + right.first, right.length);
	return lac_word_find(&l->tokens, text, left.length + right.length);
}

/* Taking a pair merges it everywhere, so that its count is 0 then. If its product was a token
 * already, from other halves, pairs with that token are there already and have become commoner. */
static enum lac_status learn_merges(struct learning *l, uint32_t n_tokens, struct lac_error *error)
{
	const struct lac_pair *commonest;

	while (l->tokens.n + 1 < n_tokens && l->n_merges < 2 * n_tokens && (commonest = lac_pair_take(&l->pairs)) && commonest->count > 1) {
		const struct merge merge = { commonest->left, commonest->right };
		const uint32_t n_pairs = l->pairs.n, n_known = l->tokens.n, n_words = commonest->n_words;
		/* no word is added to it: it holds no new token */
		const uint32_t *words = commonest->words;
		uint32_t product;

		if (l->tokens.at[merge.left].length + l->tokens.at[merge.right].length > TOKEN_BYTES_MAX)
			continue;
		product = join(l, merge);
		if (product == UINT32_MAX)
			return lac_fail_memory(error, l->tokens.bytes.length, "tokens");
		l->merges[l->n_merges++] = merge;
		for (uint32_t i = 0; i < n_words; i++)
			merge_in_word(l, words[i], merge, product);
		lac_pair_rank(&l->pairs, product < n_known ? 0 : n_pairs, product);
	}
	return l->pairs.failed ? lac_fail_memory(error, l->pairs.n * sizeof *l->pairs.at, "pairs of tokens") : LAC_OK;
}

/* ---- The file -------------------------------------------------------------------- */

/* The vocabulary spells bytes as characters: arithmetic.md section 9.1. */
static void append_spelling(struct lac_buffer *out, const uint8_t *text, size_t n_bytes)
{
	for (size_t i = 0; i < n_bytes; i++) {
		unsigned character = text[i], n_odd = 0x100;

		for (unsigned byte = 0; byte <= text[i]; byte++) {
			const bool is_itself = (byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte != 0xad);

			if (byte == text[i] && !is_itself)
				character = n_odd;
			n_odd += !is_itself;
		}
		if (character < 0x80) {
			lac_buffer_u8(out, (uint8_t)character);
		} else {
			lac_buffer_u8(out, (uint8_t)(0xc0 | character >> 6));
			lac_buffer_u8(out, (uint8_t)(0x80 | (character & 0x3f)));
		}
	}
}

struct strings {
	struct lac_buffer bytes;
	size_t *ends;            /* owned */
	struct lac_string *at;   /* owned */
	size_t n;
};

static bool strings_create(struct strings *strings, size_t n)
{
	*strings = (struct strings){ .ends = calloc(n + 1, sizeof *strings->ends), .at = calloc(n + 1, sizeof *strings->at) };
	return strings->ends && strings->at;
}

static void strings_free(struct strings *strings)
{
	lac_buffer_free(&strings->bytes);
	free(strings->ends);
	free(strings->at);
}

/* Only when all are there do the bytes stay where they are. */
static const struct lac_string *strings_finish(struct strings *strings)
{
	for (size_t i = 0, start = 0; i < strings->n; start = strings->ends[i++])
		strings->at[i] = (struct lac_string){ (const char *)strings->bytes.bytes + start, strings->ends[i] - start };
	return strings->at;
}

static enum lac_status write(struct learning *l, struct lac_buffer *gguf, struct lac_error *error)
{
	struct lac_gguf_writer writer = { .n_pairs = 0 };
	struct strings tokens = { .n = 0 }, merges = { .n = 0 };
	const uint32_t n_tokens = l->tokens.n + 1;
	int32_t *types = calloc(n_tokens, sizeof *types);
	bool is_good = strings_create(&tokens, n_tokens) && strings_create(&merges, l->n_merges) && types;

	for (uint32_t i = 0; is_good && i < l->tokens.n; i++) {
		append_spelling(&tokens.bytes, l->tokens.bytes.bytes + l->tokens.at[i].first, l->tokens.at[i].length);
		tokens.ends[tokens.n++] = tokens.bytes.length;
		types[i] = TYPE_NORMAL;
	}
	for (uint32_t i = 0; is_good && i < l->n_merges; i++) {
		const struct lac_word *left = &l->tokens.at[l->merges[i].left], *right = &l->tokens.at[l->merges[i].right];

		append_spelling(&merges.bytes, l->tokens.bytes.bytes + left->first, left->length);
		lac_buffer_u8(&merges.bytes, ' ');
		append_spelling(&merges.bytes, l->tokens.bytes.bytes + right->first, right->length);
		merges.ends[merges.n++] = merges.bytes.length;
	}
	if (is_good) {
		lac_buffer_append(&tokens.bytes, "<|endoftext|>", strlen("<|endoftext|>"));
		tokens.ends[tokens.n++] = tokens.bytes.length;
		types[n_tokens - 1] = TYPE_CONTROL;
		lac_gguf_put_string(&writer, "tokenizer.ggml.model", "gpt2");
		lac_gguf_put_string(&writer, "tokenizer.ggml.pre", "gpt-2");
		lac_gguf_put_strings(&writer, "tokenizer.ggml.tokens", strings_finish(&tokens), tokens.n);
		lac_gguf_put_i32s(&writer, "tokenizer.ggml.token_type", types, n_tokens);
		lac_gguf_put_strings(&writer, "tokenizer.ggml.merges", strings_finish(&merges), merges.n);
		lac_gguf_put_u32(&writer, "tokenizer.ggml.bos_token_id", n_tokens - 1);
		lac_gguf_put_u32(&writer, "tokenizer.ggml.eos_token_id", n_tokens - 1);
		lac_gguf_head(&writer, gguf);
		is_good = !gguf->failed && !tokens.bytes.failed && !merges.bytes.failed;
	}
	strings_free(&tokens);
	strings_free(&merges);
	lac_gguf_writer_free(&writer);
	free(types);
	return is_good ? LAC_OK : lac_fail_memory(error, l->tokens.bytes.length * 2, "a tokenizer");
}

enum lac_status lac_vocabulary_learn(struct lac_buffer *gguf, const struct lac_train_texts *texts, uint32_t n_tokens, uint64_t seed,
	struct lac_error *error)
{
	struct learning l = { .n_merges = 0 };
	enum lac_status s = LAC_OK;

	if (n_tokens < LAC_VOCABULARY_MIN || n_tokens > LAC_VOCABULARY_MAX)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "a vocabulary of %u: %u to %u tokens are possible", (unsigned)n_tokens,
			LAC_VOCABULARY_MIN, LAC_VOCABULARY_MAX);
	s = lac_texts_read(texts, seed, count_words, &l, error);
	if (!s && l.words.n == 0)
		s = lac_fail(error, LAC_BAD_ARGUMENT, 0, "there is no text to learn from");
	if (!s)
		s = begin(&l, n_tokens, error);
	if (!s)
		s = learn_merges(&l, n_tokens, error);
	if (!s)
		s = write(&l, gguf, error);
	lac_word_counts_free(&l.words);
	lac_word_counts_free(&l.tokens);
	lac_pair_counts_free(&l.pairs);
	free(l.symbols);
	free(l.lengths);
	free(l.merges);
	return s;
}
