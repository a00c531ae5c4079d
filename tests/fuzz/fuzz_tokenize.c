/* fuzz_tokenize.c: any text with any vocabulary. The input begins with merges of bytes, from which
 * a tokenizer is built; its symbols are those of the textbook, and their bytes are the text. */
#include "target.h"
#include "vocabulary.h"
#include "textbook_pattern.h"
#include "texts.h"

#define MERGES_MAX 24u
#define TEXT_BYTES_MAX 64u /* of a token */

/* What is built, as the textbook sees it: the bytes first, each its own number, then what merges
 * give, then the end. */
struct book {
	struct { uint8_t bytes[TEXT_BYTES_MAX]; size_t n; } tokens[256 + MERGES_MAX + 1];
	uint32_t n_tokens;
	struct lac_merge merges[MERGES_MAX];
	uint32_t n_merges;
	/* a byte without a token is one whose square has this remainder; 8: none */
	unsigned lacking;
};

static bool is_lacking(const struct book *book, unsigned byte)
{
	return byte * byte % 8 == book->lacking;
}

/* ---- The vocabulary --------------------------------------------------------------- */

static uint32_t find_token(const struct book *book, const uint8_t *bytes, size_t n)
{
	for (uint32_t i = 0; i < book->n_tokens; i++)
		if (book->tokens[i].n == n && memcmp(book->tokens[i].bytes, bytes, n) == 0)
			return i;
	return LAC_NO_TOKEN;
}

static void add_merge(struct book *book, uint32_t left, uint32_t right)
{
	const size_t n_left = book->tokens[left].n, n_right = book->tokens[right].n;
	uint8_t both[2 * TEXT_BYTES_MAX];
	uint32_t product;

	if (!n_left || !n_right || n_left + n_right > TEXT_BYTES_MAX)
		return;
	memcpy(both, book->tokens[left].bytes, n_left);
	memcpy(both + n_left, book->tokens[right].bytes, n_right);
	product = find_token(book, both, n_left + n_right);
	if (product == LAC_NO_TOKEN) {
		product = book->n_tokens++;
		memcpy(book->tokens[product].bytes, both, n_left + n_right);
		book->tokens[product].n = n_left + n_right;
	}
	book->merges[book->n_merges++] = (struct lac_merge){ left, right, product };
}

/* Halves are bytes, or recent tokens where the number is above 0xd0, which no byte of a text that
 * is much merged is. */
static uint32_t choose_half(const struct book *book, struct choices *choices)
{
	const unsigned chosen = choose(choices), n_made = book->n_tokens - 256;

	return chosen > 0xd0 && n_made ? 256 + chosen % n_made : chosen;
}

static void choose_book(struct book *book, struct choices *choices)
{
	const unsigned n_merges = choose(choices) % (MERGES_MAX + 1);

	memset(book, 0, sizeof *book);
	book->lacking = choose(choices) % 9;
	book->n_tokens = 256;
	for (unsigned byte = 0; byte < 256; byte++) {
		book->tokens[byte].bytes[0] = (uint8_t)byte;
		book->tokens[byte].n = !is_lacking(book, byte);
	}
	for (unsigned i = 0; i < n_merges; i++) {
		const uint32_t left = choose_half(book, choices), right = choose_half(book, choices);

		add_merge(book, left, right);
	}
}

/* ---- The same as a file ------------------------------------------------------------ */

static size_t spell(const struct book *book, uint32_t token, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < book->tokens[token].n; i++)
		n += spell_byte(out + n, book->tokens[token].bytes[i]);
	return n;
}

static void put_spelled(struct lac_buffer *out, const char *spelled, size_t n)
{
	lac_buffer_u64(out, n);
	lac_buffer_append(out, spelled, n);
}

static void put_tokens(struct gguf_builder *builder, const struct book *book)
{
	struct lac_buffer *out = gguf_add(builder, "tokenizer.ggml.tokens", LAC_GGUF_ARRAY);
	char spelled[4 * TEXT_BYTES_MAX + 1];

	gguf_put_array(out, LAC_GGUF_STRING, book->n_tokens + 1);
	for (uint32_t i = 0; i < book->n_tokens; i++)
		/* a token that is lacking is spelled by nothing */
		put_spelled(out, spelled, spell(book, i, spelled));
	gguf_put_string(out, "<|end|>");
}

static void put_merges(struct gguf_builder *builder, const struct book *book)
{
	struct lac_buffer *out = gguf_add(builder, "tokenizer.ggml.merges", LAC_GGUF_ARRAY);

	gguf_put_array(out, LAC_GGUF_STRING, book->n_merges);
	for (uint32_t i = 0; i < book->n_merges; i++) {
		char line[4 * TEXT_BYTES_MAX + 1];
		size_t n = spell(book, book->merges[i].left, line);

		line[n++] = ' ';
		n += spell(book, book->merges[i].right, line + n);
		put_spelled(out, line, n);
	}
}

static struct lac_tokenizer *open_book(const struct book *book)
{
	struct gguf_builder builder = { .alignment = 0 };
	int32_t types[256 + MERGES_MAX + 1];
	struct lac_error error = { .status = LAC_OK };
	struct lac_tokenizer *tokenizer;
	struct lac_gguf *gguf = NULL;
	struct lac_buffer file;

	for (uint32_t i = 0; i <= book->n_tokens; i++)
		types[i] = i < book->n_tokens ? 1 : 3;
	gguf_add_string(&builder, "tokenizer.ggml.model", "gpt2");
	gguf_add_string(&builder, "tokenizer.ggml.pre", "gpt-2");
	put_tokens(&builder, book);
	put_merges(&builder, book);
	gguf_add_i32s(&builder, "tokenizer.ggml.token_type", types, book->n_tokens + 1);
	gguf_add_u32(&builder, "tokenizer.ggml.eos_token_id", book->n_tokens);
	file = gguf_write(&builder);
	MUST(!lac_gguf_open(&gguf, file.bytes, file.length, &error), "%s", error.text);
	MUST(!lac_tokenizer_create(&tokenizer, gguf, &error), "%s", error.text);
	lac_gguf_close(&gguf);
	lac_buffer_free(&file);
	gguf_free(&builder);
	return tokenizer;
}

/* ---- The textbook ------------------------------------------------------------------ */

static uint32_t find_merge(const struct book *book, uint32_t left, uint32_t right)
{
	for (uint32_t i = 0; i < book->n_merges; i++)
		if (book->merges[i].left == left && book->merges[i].right == right)
			return i;
	return LAC_NO_TOKEN;
}

/* The pair of lowest rank, the leftmost of equals, until there is none. */
static size_t merge_plainly(const struct book *book, uint32_t *run, size_t n)
{
	for (;;) {
		uint32_t least = LAC_NO_TOKEN;
		size_t at = 0;

		for (size_t i = 0; i + 1 < n; i++) {
			const uint32_t rank = find_merge(book, run[i], run[i + 1]);

			if (rank < least) {
				least = rank;
				at = i;
			}
		}
		if (least == LAC_NO_TOKEN)
			return n;
		run[at] = book->merges[least].product;
		memmove(run + at + 1, run + at + 2, (n - at - 2) * sizeof *run);
		n--;
	}
}

static size_t encode_plainly(const struct book *book, const uint8_t *text, size_t n_bytes, lac_symbol *out)
{
	/* ends: of the pre-token, and of its part of at most so many bytes */
	size_t n = 0, pretoken = 0, end = 0;

	for (size_t at = 0; at < n_bytes;) {
		const size_t first = n;

		if (at == pretoken)
			pretoken += match_pattern(text + at, n_bytes - at);
		if (at == end)
			end = pretoken - at > LAC_PRETOKEN_BYTES_MAX ? at + LAC_PRETOKEN_BYTES_MAX : pretoken;
		for (; at < end && !is_lacking(book, text[at]); at++)
			out[n++] = text[at];
		n = first + merge_plainly(book, out + first, n - first);
		if (at < end)
			out[n++] = LAC_SYMBOL_RAW | text[at++];
	}
	return n;
}

/* ---- Laws -------------------------------------------------------------------------- */

static void check_bytes(const struct lac_tokenizer *tokenizer, const struct lac_symbols *symbols, const uint8_t *text, size_t n_bytes)
{
	size_t at = 0;

	for (size_t i = 0; i < symbols->length; i++) {
		const uint8_t raw = (uint8_t)symbols->at[i], *bytes = &raw;
		size_t n = 1;

		if (!(symbols->at[i] & LAC_SYMBOL_RAW))
			bytes = lac_token_bytes(tokenizer, symbols->at[i], &n);
		MUST(n && n <= n_bytes - at && memcmp(bytes, text + at, n) == 0, "symbol %zu, byte %zu", i, at);
		at += n;
	}
	MUST(at == n_bytes, "%zu bytes of %zu", at, n_bytes);
}

static void check_textbook(const struct book *book, const struct lac_symbols *symbols, const uint8_t *text, size_t n_bytes)
{
	lac_symbol *expected = calloc(n_bytes + 1, sizeof *expected);
	size_t n = encode_plainly(book, text, n_bytes, expected);

	MUST(n == symbols->length, "%zu or %zu symbols", n, symbols->length);
	for (size_t i = 0; i < n; i++)
		MUST(expected[i] == symbols->at[i], "symbol %zu is %u or %u", i, (unsigned)expected[i], (unsigned)symbols->at[i]);
	free(expected);
}

static void run(const struct book *book, const struct lac_tokenizer *tokenizer, const uint8_t *text, size_t n_bytes)
{
	struct lac_symbols symbols = { 0 };

	MUST(!lac_tokenize(tokenizer, text, n_bytes, &symbols, NULL), "%zu bytes", n_bytes);
	check_bytes(tokenizer, &symbols, text, n_bytes);
	if (book)
		check_textbook(book, &symbols, text, n_bytes);
	lac_symbols_free(&symbols);
}

static const struct lac_tokenizer *embedded(void)
{
	static struct lac_tokenizer *tokenizer;
	size_t n_bytes;
	const void *bytes = lac_default_model_gguf(&n_bytes);
	struct lac_gguf *gguf = NULL;

	if (!tokenizer) {
		MUST(!lac_gguf_open(&gguf, bytes, n_bytes, NULL) && !lac_tokenizer_create(&tokenizer, gguf, NULL), "the embedded model");
		lac_gguf_close(&gguf);
	}
	return tokenizer;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct choices choices = { data, size };
	struct lac_tokenizer *tokenizer;
	uint8_t *text;
	struct book book;

	choose_book(&book, &choices);
	tokenizer = open_book(&book);
	text = exact_copy(choices.at, choices.left);
	run(&book, tokenizer, text, choices.left);
	run(NULL, embedded(), text, choices.left);
	free(text);
	lac_tokenizer_free(&tokenizer);
	return 0;
}
