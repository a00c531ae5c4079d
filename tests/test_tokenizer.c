/* Laws of the symbols of texts (arithmetic.md section 9.3): test_tokenizer DIRECTORY_OF_MODELS
 * [--short], from the project's folder */
#include "test.h"
#include "tokenizer_laws.h"

static unsigned n_rounds = 400; /* of random texts; fewer with --short, for slow builds */

/* ---- Texts ----------------------------------------------------------------------- */

static void for_texts(text_check *check)
{
	for (unsigned i = 0; i < N_VOCABULARIES; i++) {
		for_texts_of_bytes(check, &vocabularies[i]);
		for_spelled_tokens(check, &vocabularies[i]);
		for_random_texts(check, &vocabularies[i], n_rounds);
		for_examples(check, &vocabularies[i]);
	}
}

/* ---- Symbols --------------------------------------------------------------------- */

static void any_bytes_come_back(void)
{
	for_texts(check_comes_back);
}

static void raw_bytes_are_those_without_a_token(void)
{
	unsigned n_lacking = 0;

	for (unsigned i = 0; i < N_VOCABULARIES; i++) {
		unsigned n_missing = 0;

		for (unsigned byte = 0; byte < 256; byte++)
			n_missing += vocabularies[i].of_byte[byte] == LAC_NO_TOKEN;
		CHECK(lac_tokenizer_has_all_bytes(vocabularies[i].tokenizer) == (n_missing == 0));
		CHECK((strstr(vocabularies[i].name, "dropped") || strstr(vocabularies[i].name, "ascii")) == (n_missing > 0));
		n_lacking += n_missing > 0;
	}
	CHECK(n_lacking == 4); /* or the law says nothing */
	for_texts(check_raw);
}

static void check_ordinary(const struct vocabulary *v, const uint8_t *text, size_t n_bytes, const struct lac_symbols *symbols)
{
	(void)text;
	(void)n_bytes;
	for (size_t i = 0; i < symbols->length; i++) {
		const uint32_t token = symbols->at[i];

		if (token & LAC_SYMBOL_RAW)
			continue;
		CHECK_NOTE(token < v->n_tokens && v->texts[token].length && token != lac_tokenizer_eos(v->tokenizer),
			"%s, %s: token %u", v->name, place, (unsigned)token);
	}
}

static void text_never_becomes_a_control_token(void)
{
	for (unsigned i = 0; i < N_VOCABULARIES; i++) {
		const struct vocabulary *v = &vocabularies[i];
		const uint32_t bos = lac_tokenizer_bos(v->tokenizer);
		size_t n_bytes;

		CHECK(v->n_normal < v->n_tokens); /* or the law says nothing */
		CHECK(bos < v->n_tokens && v->types && v->types[bos] != TYPE_NORMAL);
		CHECK(!lac_token_bytes(v->tokenizer, bos, &n_bytes) && n_bytes == 0);
	}
	for_texts(check_ordinary);
}

static void symbols_are_the_textbooks(void)
{
	for_texts(check_textbook);
}

/* Fewer symbols than bytes, or merging has not been tried at all. */
static void ordinary_text_is_merged(void)
{
	static const char text[] = "The answer to that is in the first part of the question";

	for (unsigned i = 0; i < N_VOCABULARIES; i++) {
		CHECK(!lac_tokenize(vocabularies[i].tokenizer, (const uint8_t *)text, strlen(text), &reused, NULL));
		CHECK_NOTE(2 * reused.length < strlen(text), "%s: %zu symbols", vocabularies[i].name, reused.length);
	}
}

/* ---- Long pre-tokens -------------------------------------------------------------- */

/* Whether a symbol of `symbols` begins, or the text ends, at a place of the text. */
static bool has_border(const struct vocabulary *v, const struct lac_symbols *symbols, size_t wanted)
{
	size_t at = 0;

	for (size_t i = 0; i < symbols->length && at < wanted; i++)
		at += lac_symbol_length(v->tokenizer, symbols->at[i], i == 0);
	return at == wanted;
}

/* A prefix, then a unit again and again, whole, until there are *n_bytes; *n_bytes becomes how many
 * there are. */
static uint8_t *long_text(const char *prefix, const char *unit, size_t *n_bytes)
{
	const size_t n_prefix = strlen(prefix), n_unit = strlen(unit);
	uint8_t *text;

	*n_bytes = n_prefix + (*n_bytes - n_prefix + n_unit - 1) / n_unit * n_unit;
	text = malloc(*n_bytes);
	if (!text)
		abort();
	for (size_t i = 0; i < *n_bytes; i++)
		text[i] = (uint8_t)(i < n_prefix ? prefix[i] : unit[(i - n_prefix) % n_unit]);
	return text;
}

/* The last pre-token begins at `start`. */
static void try_long(const struct vocabulary *v, const char *prefix, size_t start, const char *unit, size_t n_bytes)
{
	uint8_t *text = long_text(prefix, unit, &n_bytes);

	snprintf(place, sizeof place, "\"%s\" and \"%s\", %zu bytes", prefix, unit, n_bytes);
	try_text(check_comes_back, v, text, n_bytes);
	check_raw(v, text, n_bytes, &reused);
	for (size_t cut = start; cut < n_bytes; cut += 1024)
		CHECK_NOTE(has_border(v, &reused, cut), "%s, %s: no border at %zu", v->name, place, cut);
	free(text);
}

/* Cut after every 1024 bytes from where it begins, inside a character if need be. */
static void long_pretokens_are_cut_after_1024_bytes(void)
{
	static const char *const units[] = { "in", "a", "\xc3\xa9", "\xe4\xbd\xa0", "12", "=", "\xf0\x9f\x98\x80", "\xff", "\xe3\x80" };
	static const size_t lengths[] = { 1023, 1024, 1025, 1027, 2048, 2053, 5000 };

	for (unsigned i = 0; i < N_DIFFERENT; i++)
		for (unsigned u = 0; u < sizeof units / sizeof *units; u++)
			for (unsigned l = 0; l < sizeof lengths / sizeof *lengths; l++) {
				try_long(&vocabularies[i], "", 0, units[u], lengths[l]);
				try_long(&vocabularies[i], " ", 0, units[u], lengths[l]);
				try_long(&vocabularies[i], "'s", 2, units[u], lengths[l]);
				try_long(&vocabularies[i], "\n ", 1, units[u], lengths[l]);
			}
}

static void try_pieces(const struct vocabulary *v, const char *unit)
{
	struct lac_symbols whole = { 0 };
	size_t n_bytes = 2500, n = 0;
	uint8_t *text = long_text(" ", unit, &n_bytes);

	CHECK(!lac_tokenize(v->tokenizer, text, n_bytes, &whole, NULL));
	for (size_t at = 0; at < n_bytes; at += 1024) {
		CHECK(!lac_tokenize(v->tokenizer, text + at, at + 1024 < n_bytes ? 1024 : n_bytes - at, &reused, NULL));
		CHECK_NOTE(n + reused.length <= whole.length &&
			memcmp(whole.at + n, reused.at, reused.length * sizeof *whole.at) == 0, "%s, \"%s\" at %zu", v->name, unit, at);
		n += reused.length;
	}
	CHECK_NOTE(n == whole.length, "%s, \"%s\"", v->name, unit);
	lac_symbols_free(&whole);
	free(text);
}

/* What a long pre-token becomes is what its pieces become, as long as each alone is one pre-token
 * too. */
static void pieces_are_merged_alone(void)
{
	static const char *const units[] = { "in", "a", "12", "=", "==", " ", "\n", "\xff", "the" };

	for (unsigned i = 0; i < N_DIFFERENT; i++)
		for (unsigned u = 0; u < sizeof units / sizeof *units; u++)
			try_pieces(&vocabularies[i], units[u]);
}

/* The longest piece that is merged whole, a cut one, and one whose cut parts a character. */
static void long_pretokens_are_the_textbooks(void)
{
	static const struct { const char *unit; size_t n_bytes; } longs[] = { { "i", 1024 }, { "the", 1030 }, { "\xe4\xbd\xa0",
		1200 } };

	for (unsigned l = 0; l < sizeof longs / sizeof *longs; l++) {
		size_t n_bytes = longs[l].n_bytes;
		uint8_t *text = long_text(" ", longs[l].unit, &n_bytes);

		snprintf(place, sizeof place, "\"%s\" for %zu bytes", longs[l].unit, n_bytes);
		for (unsigned i = 0; i < N_DIFFERENT; i++)
			try_text(check_textbook, &vocabularies[i], text, n_bytes);
		free(text);
	}
}

/* ---- Random vocabularies -------------------------------------------------------------- */

/* Merges in no order that training gives: the product of one may be of lower rank than its halves;
 * some tokens and merges twice. */
struct random_vocabulary {
	char texts[80][64], lines[64][64];
	const char *tokens[80], *merges[64];
	int32_t types[80];
	size_t n_tokens, n_merges;
};

static const uint8_t alphabet[] = { 'a', 'b', 'c', ' ', '1', 0xc3, 0xa9, '\n' };

static void add_token(struct random_vocabulary *r, const char *text, int32_t type)
{
	snprintf(r->texts[r->n_tokens], sizeof r->texts[0], "%s", text);
	r->tokens[r->n_tokens] = r->texts[r->n_tokens];
	r->types[r->n_tokens++] = type;
}

static bool has_token(const struct random_vocabulary *r, const char *text)
{
	for (size_t i = 0; i < r->n_tokens; i++)
		if (strcmp(r->tokens[i], text) == 0)
			return true;
	return false;
}

static void add_random_merge(struct random_vocabulary *r, uint64_t *state)
{
	const char *left = r->tokens[test_random(state) % r->n_tokens], *right = r->tokens[test_random(state) % r->n_tokens];
	char both[64];

	if (strlen(left) + strlen(right) > 24)
		return;
	snprintf(both, sizeof both, "%.24s%.24s", left, right);
	if (!has_token(r, both))
		add_token(r, both, TYPE_NORMAL);
	snprintf(r->lines[r->n_merges], sizeof r->lines[0], "%.24s %.24s", left, right);
	r->merges[r->n_merges] = r->lines[r->n_merges];
	r->n_merges++;
}

static void shuffle(const char **texts, size_t n, uint64_t *state)
{
	for (size_t i = n; i-- > 1;) {
		const size_t other = test_random(state) % (i + 1);
		const char *text = texts[i];

		texts[i] = texts[other];
		texts[other] = text;
	}
}

static void make_random_vocabulary(struct random_vocabulary *r, uint64_t *state)
{
	/* and 8 bytes, 6 more: within the arrays */
	const size_t n_merges = test_random(state) % 48;

	r->n_tokens = r->n_merges = 0;
	for (size_t i = 0; i < sizeof alphabet; i++) {
		char spelled[3] = { 0 };

		spell_byte(spelled, alphabet[i]);
		if (i == 0 || test_random(state) % 8)
			add_token(r, spelled, TYPE_NORMAL);
	}
	for (size_t i = 0; i < n_merges; i++)
		add_random_merge(r, state);
	for (size_t i = 0, n = r->n_merges; i < 4; i++) { /* tokens that no merge gives */
		add_random_merge(r, state);
		r->n_merges = n;
	}
	shuffle(r->tokens, r->n_tokens, state);
	shuffle(r->merges, r->n_merges, state);
	for (size_t i = 0; i < 3; i++) {
		const char *text = r->tokens[test_random(state) % r->n_tokens];

		add_token(r, text, i < 2 ? TYPE_NORMAL : 4);
		if (r->n_merges) {
			r->merges[r->n_merges] = r->merges[test_random(state) % r->n_merges];
			r->n_merges++;
		}
	}
	add_token(r, "<|end|>", 3);
}

static void try_random_vocabulary(uint64_t seed)
{
	static const char *const kinds[] = { "gpt-2", "llama-bpe", "qwen2", "smollm" };
	struct gguf_builder builder = small_vocabulary();
	struct lac_error error = { 0 };
	struct random_vocabulary r;
	struct lac_buffer file;
	struct vocabulary v;
	uint64_t state = seed;

	make_random_vocabulary(&r, &state);
	gguf_remove(&builder, "tokenizer.ggml.pre");
	gguf_add_string(&builder, "tokenizer.ggml.pre", kinds[seed % 4]);
	gguf_remove(&builder, "tokenizer.ggml.tokens");
	gguf_remove(&builder, "tokenizer.ggml.token_type");
	gguf_remove(&builder, "tokenizer.ggml.merges");
	gguf_remove(&builder, "tokenizer.ggml.bos_token_id");
	gguf_remove(&builder, "tokenizer.ggml.eos_token_id");
	gguf_add_strings(&builder, "tokenizer.ggml.tokens", r.tokens, r.n_tokens);
	gguf_add_i32s(&builder, "tokenizer.ggml.token_type", r.types, r.n_tokens);
	gguf_add_strings(&builder, "tokenizer.ggml.merges", r.merges, r.n_merges);
	gguf_add_u32(&builder, "tokenizer.ggml.bos_token_id", (uint32_t)r.n_tokens - 1);
	if (open_built(&builder, &file, &v, &error))
		CHECK_NOTE(false, "seed %llu: %s", (unsigned long long)seed, error.text);
	for (unsigned i = 0; v.tokenizer && i < 20; i++) {
		uint8_t text[60];
		const size_t n_bytes = test_random(&state) % sizeof text;

		for (size_t j = 0; j < n_bytes; j++)
			text[j] = alphabet[test_random(&state) % (i % 2 ? 3 : sizeof alphabet)];
		snprintf(place, sizeof place, "seed %llu, text %u", (unsigned long long)seed, i);
		try_text(check_textbook, &v, text, n_bytes);
		check_comes_back(&v, text, n_bytes, &reused);
	}
	close_vocabulary(&v);
	lac_buffer_free(&file);
}

static void any_vocabulary_merges_by_the_textbook(void)
{
	for (uint64_t seed = 0; seed < 2 * n_rounds; seed++)
		try_random_vocabulary(seed);
}

/* U+00AD, U+0144 and raw spaces or control characters spell no byte; without types every token is
 * ordinary. */
static void what_spells_no_bytes_is_no_text(void)
{
	static const char *const tokens[] = { "a", "a b", " ", "\n", "\x7f", "\xc2\xa0", "\xc2\xad", "\xc5\x84", "\xe4\xbd\xa0",
		"a\xff", "\xc4", "",
		"\xc4\x80", "\xc5\x83", "\xc3\xbf", "<|end|>", "a" };
	static const size_t lengths[] = { 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 7, 1 };
	struct gguf_builder builder = small_vocabulary();
	struct lac_error error = { 0 };
	struct lac_buffer file;
	struct vocabulary v;

	gguf_remove(&builder, "tokenizer.ggml.tokens");
	gguf_remove(&builder, "tokenizer.ggml.token_type");
	gguf_remove(&builder, "tokenizer.ggml.merges");
	gguf_add_strings(&builder, "tokenizer.ggml.tokens", tokens, sizeof tokens / sizeof *tokens);
	gguf_add_strings(&builder, "tokenizer.ggml.merges", NULL, 0);
	CHECK_NOTE(!open_built(&builder, &file, &v, &error), "%s", error.text);
	for (uint32_t i = 0; v.tokenizer && i < sizeof tokens / sizeof *tokens; i++) {
		size_t n_bytes = 99;

		CHECK_NOTE(!lac_token_bytes(v.tokenizer, i, &n_bytes) == !lengths[i] && n_bytes == lengths[i], "token %u", (unsigned)i);
	}
	if (v.tokenizer) {
		check_token_texts(&v);
		for_texts_of_bytes(check_textbook, &v);
		for_texts_of_bytes(check_comes_back, &v);
	}
	close_vocabulary(&v);
	lac_buffer_free(&file);
}

int main(int argc, char **argv)
{
	open_all(argc > 1 ? argv[1] : "build/models");
	if (test_effort(argc, argv) == SHORT)
		n_rounds = 60;
	LAW(any_bytes_come_back);
	LAW(raw_bytes_are_those_without_a_token);
	LAW(text_never_becomes_a_control_token);
	LAW(symbols_are_the_textbooks);
	LAW(ordinary_text_is_merged);
	LAW(long_pretokens_are_cut_after_1024_bytes);
	LAW(pieces_are_merged_alone);
	LAW(long_pretokens_are_the_textbooks);
	LAW(what_spells_no_bytes_is_no_text);
	LAW(any_vocabulary_merges_by_the_textbook);
	lac_symbols_free(&reused);
	close_all();
	return test_report();
}
