/* Laws of SentencePiece vocabularies and of user-defined tokens (arithmetic.md sections 9.4, 9.5):
 * test_pieces DIRECTORY_OF_MODELS [--short], from the project's folder */
#include "test.h"
#include "tokenizer_laws.h"

#include <math.h>

static unsigned n_rounds = 600; /* of random vocabularies; fewer with --short, for slow builds */

#define MOST 400 /* tokens */

/* A vocabulary being built. */
struct pieces {
	char texts[MOST][40];
	const char *tokens[MOST];
	int32_t types[MOST];
	float scores[MOST];
	size_t n;
	bool lacks_prefix; /* of spaces */
};

static void add(struct pieces *p, const char *spelling, int32_t type, float score)
{
	if (p->n == MOST)
		abort();
	snprintf(p->texts[p->n], sizeof p->texts[0], "%s", spelling);
	p->tokens[p->n] = p->texts[p->n];
	p->types[p->n] = type;
	p->scores[p->n++] = score;
}

static void add_bytes(struct pieces *p, unsigned end)
{
	for (unsigned byte = 0; byte < end; byte++) {
		char spelling[16];

		snprintf(spelling, sizeof spelling, "<0x%02X>", byte);
		add(p, spelling, TYPE_BYTE, 0);
	}
}

/* The last token ends texts. */
static struct gguf_builder build(const struct pieces *p)
{
	struct gguf_builder builder = { .alignment = 0 };
	struct lac_buffer *value;

	gguf_add_string(&builder, "tokenizer.ggml.model", "llama");
	gguf_add_strings(&builder, "tokenizer.ggml.tokens", p->tokens, p->n);
	gguf_add_i32s(&builder, "tokenizer.ggml.token_type", p->types, p->n);
	value = gguf_add(&builder, "tokenizer.ggml.scores", LAC_GGUF_ARRAY);
	gguf_put_array(value, LAC_GGUF_F32, p->n);
	for (size_t i = 0; i < p->n; i++)
		gguf_put_f32(value, p->scores[i]);
	if (p->lacks_prefix)
		lac_buffer_u8(gguf_add(&builder, "tokenizer.ggml.add_space_prefix", LAC_GGUF_BOOL), 0);
	gguf_add_u32(&builder, "tokenizer.ggml.bos_token_id", (uint32_t)p->n - 1);
	gguf_add_u32(&builder, "tokenizer.ggml.eos_token_id", (uint32_t)p->n - 1);
	return builder;
}

/* ---- Random vocabularies ---------------------------------------------------------------- */

static const char *const characters[] = { "a", "b", "\xe2\x96\x81", "\n", "\xc3\xa9", "\xe4\xbd\xa0", "\xf0\x9f\x98\x80" };
static const char *const pieces_of_text[] = { "a", "b", " ", "\n", "\xc3\xa9", "\xe4\xbd\xa0", "\xf0\x9f\x98\x80", "\xe2\x96\x81", "\xff",
	"\xe4\xbd", "\xe9", "c", "", "aa", "   ", "<0x41>", "<s>" };

static void add_random(struct pieces *p, uint64_t *state)
{
	char text[40] = "";

	for (uint64_t n = 1 + test_random(state) % 4; n-- > 0;)
		strcat(text, characters[test_random(state) % (sizeof characters / sizeof *characters)]);
	/* some scores are alike, some the highest of all; some tokens are there twice */
	add(p, text, TYPE_NORMAL, test_random(state) % 8 ? -(float)(test_random(state) % 12) : HUGE_VALF);
	if (test_random(state) % 16 == 0)
		add(p, text, TYPE_NORMAL, 1);
	if (test_random(state) % 24 == 0)
		add(p, text, test_random(state) % 2 ? TYPE_USER : 3, 0);
}

static void make_random(struct pieces *p, uint64_t seed)
{
	static const unsigned ends[] = { 256, 128, 0 };
	uint64_t state = seed;
	const uint64_t n = test_random(&state) % 40;

	p->n = 0;
	p->lacks_prefix = seed % 4 == 0;
	add_bytes(p, ends[seed % 3]);
	for (size_t i = 0; i < sizeof characters / sizeof *characters; i++)
		if (test_random(&state) % 4)
			add(p, characters[i], TYPE_NORMAL, -100);
	for (uint64_t i = 0; i < n; i++)
		add_random(p, &state);
	add(p, "</s>", 3, 0);
}

/* What is not cut where no token could stand comes to the same. */
static void check_uncut(const struct vocabulary *v, const uint8_t *text, size_t n_bytes, const struct lac_symbols *symbols)
{
	lac_symbol *plain = calloc(n_bytes + 1, sizeof *plain);
	size_t n;

	if (!v->adds_space && v->n_user_tokens == 0) {
		n = encode_characters(v, text, n_bytes, plain);
		CHECK_NOTE(n == symbols->length && memcmp(plain, symbols->at, n * sizeof *plain) == 0, "%s, %s: uncut there are %zu symbols, not %zu",
			v->name, place, n, symbols->length);
	}
	free(plain);
}

static void try_vocabulary(uint64_t seed)
{
	struct pieces *p = calloc(1, sizeof *p);
	struct vocabulary *v = calloc(1, sizeof *v);
	struct lac_error error = { 0 };
	struct gguf_builder builder;
	struct lac_buffer file;
	uint64_t state = ~seed;

	make_random(p, seed);
	builder = build(p);
	CHECK_NOTE(!open_built(&builder, &file, v, &error), "seed %llu: %s", (unsigned long long)seed, error.text);
	for (unsigned i = 0; v->tokenizer && i < 12; i++) {
		char text[400] = "";
		const unsigned n_kinds = i % 2 ? 4 : sizeof pieces_of_text / sizeof *pieces_of_text;

		for (uint64_t n = test_random(&state) % 40; n-- > 0;)
			strcat(text, pieces_of_text[test_random(&state) % n_kinds]);
		snprintf(place, sizeof place, "seed %llu, text %u", (unsigned long long)seed, i);
		try_text(check_textbook, v, text, strlen(text));
		check_comes_back(v, (const uint8_t *)text, strlen(text), &reused);
		check_uncut(v, (const uint8_t *)text, strlen(text), &reused);
	}
	if (v->tokenizer)
		check_token_texts(v);
	close_vocabulary(v);
	lac_buffer_free(&file);
	free(v);
	free(p);
}

static void any_scores_merge_by_the_textbook(void)
{
	for (uint64_t seed = 0; seed < n_rounds; seed++)
		try_vocabulary(seed);
}

/* ---- By hand ---------------------------------------------------------------------------- */

/* Ids, for the tables below. */
enum { BYTES = 0, SPACE = 256, A, B, SPACE_A, AB, SPACE_SPACE, EACUTE, SPACE_AB, OPEN, OPENED, CLOSE, SPACES, UMLAUT_A, BYTE_AB,
	NO_BYTES, STOP = NO_BYTES + 5 };

static void make_by_hand(struct pieces *p)
{
	static const char *const no_bytes[] = { "<0x0a>", "<0x0A", "<0x0A)", "<0X0A>", "<0x0A>>" };

	p->n = 0;
	add_bytes(p, 256);
	add(p, "\xe2\x96\x81", TYPE_NORMAL, -9);
	add(p, "a", TYPE_NORMAL, -9);
	add(p, "b", TYPE_NORMAL, -9);
	add(p, "\xe2\x96\x81" "a", TYPE_NORMAL, -2);
	add(p, "ab", TYPE_NORMAL, -1);
	add(p, "\xe2\x96\x81\xe2\x96\x81", TYPE_NORMAL, -3);
	add(p, "\xc3\xa9", TYPE_NORMAL, -9);
	add(p, "\xe2\x96\x81" "ab", TYPE_NORMAL, -4);
	add(p, "<t>", TYPE_USER, 0);
	add(p, "<t>a", TYPE_USER, 0);
	add(p, "</t>", TYPE_USER, 0);
	add(p, "   ", TYPE_USER, 0);
	add(p, "\xc3\xbc" "a", TYPE_NORMAL, -5); /* U+00FC alone is none */
	add(p, "\xfc" "ab", TYPE_NORMAL, -5);
	for (unsigned i = 0; i < 5; i++)
		add(p, no_bytes[i], TYPE_BYTE, 0);
	add(p, "</s>", 3, 0);
	CHECK(p->n == STOP + 1);
}

struct listed {
	const char *text;
	uint32_t n, symbols[8];
};

static void try_listed(bool lacks_prefix, const struct listed *listed, size_t n)
{
	struct pieces *p = calloc(1, sizeof *p);
	struct vocabulary *v = calloc(1, sizeof *v);
	struct lac_error error = { 0 };
	struct gguf_builder builder;
	struct lac_buffer file;

	make_by_hand(p);
	p->lacks_prefix = lacks_prefix;
	builder = build(p);
	CHECK_NOTE(!open_built(&builder, &file, v, &error), "%s", error.text);
	if (v->tokenizer)
		check_token_texts(v);
	for (size_t i = 0; v->tokenizer && i < n; i++) {
		snprintf(place, sizeof place, "\"%s\"", listed[i].text);
		try_text(check_textbook, v, listed[i].text, strlen(listed[i].text));
		check_comes_back(v, (const uint8_t *)listed[i].text, strlen(listed[i].text), &reused);
		CHECK_NOTE(reused.length == listed[i].n && memcmp(reused.at, listed[i].symbols, listed[i].n * sizeof *reused.at) == 0,
			"%s: %zu symbols, the first %u", place, reused.length, (unsigned)(reused.length ? reused.at[0] : 0));
	}
	close_vocabulary(v);
	lac_buffer_free(&file);
	free(v);
	free(p);
}

static void a_space_stands_before_every_text(void)
{
	static const struct listed with[] = {
		{ "", 0, { 0 } }, { "a", 1, { SPACE_A } }, { " ", 1, { SPACE_SPACE } }, { " a", 2, { SPACE, SPACE_A } }, { "b", 2, { SPACE, B } },
		{ "ab", 1, { SPACE_AB } }, { "\n", 2, { SPACE, BYTES + '\n' } }, { "a a", 2, { SPACE_A, SPACE_A } },
		{ "\xc3\xa9", 2, { SPACE, EACUTE } }, { "\xe2\x96\x81", 4, { SPACE, BYTES + 0xe2, BYTES + 0x96, BYTES + 0x81 } },
		{ "\xc3", 2, { SPACE, BYTES + 0xc3 } }, { "<t>", 2, { SPACE, OPEN } }, { "  ", 1, { SPACES } }, { "   ", 2, { SPACES, SPACE } },
	};
	static const struct listed without[] = {
		{ "", 0, { 0 } }, { "a", 1, { A } }, { " ", 1, { SPACE } }, { " a", 1, { SPACE_A } }, { "<t>", 1, { OPEN } }, { "  a", 2, { SPACE, SPACE_A } },
		{ "   ", 1, { SPACES } }, { "\xe2\x96\x81", 3, { BYTES + 0xe2, BYTES + 0x96, BYTES + 0x81 } },
	};

	try_listed(false, with, sizeof with / sizeof *with);
	try_listed(true, without, sizeof without / sizeof *without);
}

static void a_byte_is_not_the_character_of_its_number(void)
{
	static const struct listed cases[] = {
		{ "\xc3\xbc" "a", 1, { UMLAUT_A } }, { "\xfc" "a", 2, { BYTES + 0xfc, A } }, { "\xc3\xbc", 2, { BYTES + 0xc3, BYTES + 0xbc } },
		{ "\xbc" "a", 2, { BYTES + 0xbc, A } },
	};

	try_listed(true, cases, sizeof cases / sizeof *cases);
}

/* A user-defined token is no byte's token: with that alone, the byte counts as missing. */
static void all_bytes_are_those_of_other_tokens(void)
{
	for (unsigned is_missing = 0; is_missing < 2; is_missing++) {
		struct pieces *p = calloc(1, sizeof *p);
		struct vocabulary *v = calloc(1, sizeof *v);
		struct lac_error error = { 0 };
		struct gguf_builder builder;
		struct lac_buffer file;

		make_by_hand(p);
		if (is_missing)
			snprintf(p->texts['z'], sizeof p->texts[0], "z");
		p->types['z'] = is_missing ? TYPE_USER : TYPE_BYTE;
		builder = build(p);
		CHECK_NOTE(!open_built(&builder, &file, v, &error), "%s", error.text);
		CHECK(v->tokenizer && lac_tokenizer_has_all_bytes(v->tokenizer) == !is_missing);
		close_vocabulary(v);
		lac_buffer_free(&file);
		free(v);
		free(p);
	}
}

static void user_defined_tokens_are_found_first(void)
{
	static const struct listed found[] = {
		{ "a<t>b", 3, { A, OPEN, B } }, { "a<t>ab", 3, { A, OPENED, B } }, { "<t><t></t>", 3, { OPEN, OPEN, CLOSE } },
		{ "<t", 2, { BYTES + '<', BYTES + 't' } }, { "<<t>", 2, { BYTES + '<', OPEN } }, { "</t", 3, { BYTES + '<', BYTES + '/', BYTES + 't' } },
		{ "a    b", 4, { A, SPACES, SPACE, B } }, { "</s>", 4, { BYTES + '<', BYTES + '/', BYTES + 's', BYTES + '>' } },
	};

	try_listed(true, found, sizeof found / sizeof *found);
}

/* One symbol's space, and no other, is left out. */
static void the_first_space_alone_is_no_text(void)
{
	struct pieces *p = calloc(1, sizeof *p);
	struct vocabulary *v = calloc(1, sizeof *v);
	struct lac_error error = { 0 };
	struct gguf_builder builder;
	struct lac_buffer file;

	make_by_hand(p);
	builder = build(p);
	CHECK_NOTE(!open_built(&builder, &file, v, &error), "%s", error.text);
	if (v->tokenizer) {
		lac_symbol at[] = { SPACE, SPACE_A };
		struct lac_symbols symbols = { at, 2, 2 };

		CHECK(lac_symbol_length(v->tokenizer, SPACE, true) == 0 && lac_symbol_length(v->tokenizer, SPACE, false) == 1);
		CHECK(lac_symbol_length(v->tokenizer, A, true) == 1 && lac_symbol_length(v->tokenizer, SPACE_SPACE, true) == 1);
		CHECK(lac_symbol_length(v->tokenizer, BYTES + ' ', true) == 0 && lac_symbol_length(v->tokenizer, LAC_SYMBOL_RAW | ' ', true) == 0);
		CHECK(lac_symbols_with_text(v->tokenizer, &symbols) == 1);
		symbols.length = 0;
		CHECK(lac_symbols_with_text(v->tokenizer, &symbols) == 0);
		at[0] = A;
		symbols.length = 2;
		CHECK(lac_symbols_with_text(v->tokenizer, &symbols) == 2);
	}
	close_vocabulary(v);
	lac_buffer_free(&file);
	free(v);
	free(p);
}

/* ---- Refusals --------------------------------------------------------------------------- */

/* The status of what is built; a refusal must name the key. */
static enum lac_status try_builder(struct gguf_builder *builder, const char *key)
{
	struct vocabulary *v = calloc(1, sizeof *v);
	struct lac_error error = { 0 };
	struct lac_buffer file;
	const enum lac_status s = open_built(builder, &file, v, &error);

	if (s)
		CHECK_NOTE(strstr(error.text, key), "%s: \"%s\"", key, error.text);
	close_vocabulary(v);
	lac_buffer_free(&file);
	free(v);
	return s;
}

static enum lac_status try_scores(size_t n, float value, uint32_t type)
{
	struct pieces *p = calloc(1, sizeof *p);
	struct gguf_builder builder;
	struct lac_buffer *scores;

	make_by_hand(p);
	builder = build(p);
	gguf_remove(&builder, "tokenizer.ggml.scores");
	scores = gguf_add(&builder, "tokenizer.ggml.scores", LAC_GGUF_ARRAY);
	gguf_put_array(scores, type, n);
	for (size_t i = 0; i < n; i++)
		gguf_put_f32(scores, i == A ? value : -1);
	free(p);
	return try_builder(&builder, "tokenizer.ggml.scores");
}

static void scores_are_needed_and_are_numbers(void)
{
	static const char *const keys[] = { "tokenizer.ggml.scores", "tokenizer.ggml.token_type", "tokenizer.ggml.tokens" };
	const size_t n = STOP + 1;

	for (unsigned i = 0; i < 3; i++) {
		struct pieces *p = calloc(1, sizeof *p);
		struct gguf_builder builder;

		make_by_hand(p);
		builder = build(p);
		gguf_remove(&builder, keys[i]);
		CHECK_NOTE(try_builder(&builder, keys[i]) == LAC_BAD_MODEL, "without %s", keys[i]);
		free(p);
	}
	CHECK(!try_scores(n, 0, LAC_GGUF_F32));
	CHECK(!try_scores(n, -HUGE_VALF, LAC_GGUF_F32));
	CHECK(try_scores(n, NAN, LAC_GGUF_F32) == LAC_BAD_MODEL);
	CHECK(try_scores(n - 1, 0, LAC_GGUF_F32) == LAC_BAD_MODEL);
	CHECK(try_scores(n + 1, 0, LAC_GGUF_F32) == LAC_BAD_MODEL);
	CHECK(try_scores(n, 0, LAC_GGUF_U32) == LAC_BAD_MODEL);
}

int main(int argc, char **argv)
{
	if (test_effort(argc, argv) == SHORT)
		n_rounds = 60;
	LAW(any_scores_merge_by_the_textbook);
	LAW(a_space_stands_before_every_text);
	LAW(a_byte_is_not_the_character_of_its_number);
	LAW(all_bytes_are_those_of_other_tokens);
	LAW(user_defined_tokens_are_found_first);
	LAW(the_first_space_alone_is_no_text);
	LAW(scores_are_needed_and_are_numbers);
	lac_symbols_free(&reused);
	return test_report();
}
