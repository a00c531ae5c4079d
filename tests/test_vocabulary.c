/* Laws of reading a vocabulary (arithmetic.md sections 9.1, 10): test_vocabulary
 * DIRECTORY_OF_MODELS, from the project folder */
#include "test.h"
#include "textbook_identity.h"

/* ---- Tokens ---------------------------------------------------------------------- */

static void token_texts_are_what_their_spellings_say(void)
{
	for (unsigned i = 0; i < N_VOCABULARIES; i++)
		check_token_texts(&vocabularies[i]);
}

static void identify(const struct lac_tokenizer *tokenizer, uint8_t digest[16])
{
	struct lac_hash128 *hash = lac_hash128_create();

	lac_tokenizer_identify(tokenizer, hash);
	lac_hash128_finish(&hash, digest);
}

/* The others differ. */
static bool is_like_tiny(unsigned i)
{
	static const char *const like[] = { "tiny", "untied", "wide", "huge" };
	bool found = false;

	for (unsigned j = 0; j < 4; j++)
		found |= strcmp(vocabularies[i].name, like[j]) == 0;
	return found;
}

static void identify_plainly(const struct vocabulary *v, uint32_t bos, uint32_t eos, uint8_t digest[16])
{
	struct lac_hash128 *hash = lac_hash128_create();

	identify_vocabulary(hash, v, bos, eos);
	lac_hash128_finish(&hash, digest);
}

static void the_identity_is_as_documented(void)
{
	uint8_t plain[16], digests[N_VOCABULARIES][16];

	for (unsigned i = 0; i < N_VOCABULARIES; i++) {
		const struct vocabulary *v = &vocabularies[i];
		const bool is_endless = strcmp(v->name, "endless") == 0;
		uint32_t bos = LAC_NO_TOKEN, eos = LAC_NO_TOKEN;

		CHECK(!lac_gguf_u32(v->gguf, "tokenizer.ggml.bos_token_id", false, LAC_NO_TOKEN, &bos, NULL));
		CHECK(!lac_gguf_u32(v->gguf, "tokenizer.ggml.eos_token_id", false, LAC_NO_TOKEN, &eos, NULL));
		CHECK_NOTE(is_endless == (eos == LAC_NO_TOKEN) && bos != LAC_NO_TOKEN, "%s", v->name);
		CHECK_NOTE(lac_tokenizer_bos(v->tokenizer) == bos && lac_tokenizer_eos(v->tokenizer) == eos, "%s", v->name);
		identify(v->tokenizer, digests[i]);
		identify_plainly(v, bos, eos, plain);
		CHECK_NOTE(memcmp(plain, digests[i], 16) == 0, "%s", v->name);
	}
	for (unsigned i = 0; i < N_VOCABULARIES; i++)
		for (unsigned j = 0; j < i; j++)
			CHECK_NOTE((memcmp(digests[i], digests[j], 16) == 0) == (is_like_tiny(i) && is_like_tiny(j)), "%s, %s", vocabularies[i].name,
				vocabularies[j].name);
}

/* ---- Refusals ---------------------------------------------------------------------- */

/* The status of what is built; a refusal must name the key. */
static enum lac_status try_built(struct gguf_builder *builder, const char *key)
{
	struct lac_error error = { 0 };
	struct lac_buffer file;
	struct vocabulary v;
	enum lac_status s = open_built(builder, &file, &v, &error);

	if (s)
		CHECK_NOTE(strstr(error.text, key), "%s: \"%s\"", key, error.text);
	close_vocabulary(&v);
	lac_buffer_free(&file);
	return s;
}

static void keys_are_needed_and_understood(void)
{
	static const char *const keys[] = { "tokenizer.ggml.model", "tokenizer.ggml.pre", "tokenizer.ggml.tokens",
		"tokenizer.ggml.merges" };
	static const char *const unknown[] = { "bert", "gpt2 ", "gpt-3", "qwen", "default", "" };
	struct gguf_builder builder = small_vocabulary();

	CHECK(!try_built(&builder, ""));
	for (unsigned k = 0; k < 4; k++) {
		builder = small_vocabulary();
		gguf_remove(&builder, keys[k]);
		CHECK_NOTE(try_built(&builder, keys[k]) == LAC_BAD_MODEL, "without %s", keys[k]);
		builder = small_vocabulary();
		gguf_remove(&builder, keys[k]);
		gguf_add_u32(&builder, keys[k], 1);
		CHECK_NOTE(try_built(&builder, keys[k]) == LAC_BAD_MODEL, "%s is a number", keys[k]);
		for (unsigned i = 0; k < 2 && i < sizeof unknown / sizeof *unknown; i++) {
			builder = small_vocabulary();
			gguf_remove(&builder, keys[k]);
			gguf_add_string(&builder, keys[k], unknown[i]);
			CHECK_NOTE(try_built(&builder, keys[k]) == LAC_UNSUPPORTED_MODEL, "%s is \"%s\"", keys[k], unknown[i]);
		}
	}
}

static enum lac_status try_types(size_t n)
{
	static const int32_t types[N_SMALL + 1] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 1 };
	struct gguf_builder builder = small_vocabulary();

	gguf_remove(&builder, "tokenizer.ggml.token_type");
	gguf_add_i32s(&builder, "tokenizer.ggml.token_type", types, n);
	return try_built(&builder, "tokenizer.ggml.token_type");
}

/* An array of that many empty strings in place of a key's. */
static enum lac_status try_count(const char *key, uint64_t count)
{
	struct gguf_builder builder = small_vocabulary();
	struct lac_buffer *value;

	gguf_remove(&builder, key);
	gguf_remove(&builder, "tokenizer.ggml.token_type");
	value = gguf_add(&builder, key, LAC_GGUF_ARRAY);
	gguf_put_array(value, LAC_GGUF_STRING, count);
	for (uint64_t i = 0; i < count; i++)
		lac_buffer_u64(value, 0);
	return try_built(&builder, key);
}

static void counts_that_cannot_be_are_refused(void)
{
	CHECK(!try_types(N_SMALL));
	CHECK(try_types(N_SMALL - 1) == LAC_BAD_MODEL);
	CHECK(try_types(N_SMALL + 1) == LAC_BAD_MODEL);
	CHECK(try_count("tokenizer.ggml.tokens", 0) == LAC_UNSUPPORTED_MODEL);
	CHECK(try_count("tokenizer.ggml.tokens", LAC_VOCABULARY_MAX + 1) == LAC_UNSUPPORTED_MODEL);
	CHECK(try_count("tokenizer.ggml.merges", (1u << 22) + 1) == LAC_UNSUPPORTED_MODEL);
	CHECK(!try_count("tokenizer.ggml.merges", 0));
}

/* Whatever is merged must stand for the same bytes, and both halves for some, or text would not
 * come back. */
static void merges_of_other_than_tokens_are_refused(void)
{
	static const char *const merges[] = { "", " ", "a", "ab", "a ", " a", "a  b", " a b", "a\tb", "x a", "a x", "b a", "a bc",
		"a b c",
		"<|end|> a", "a <|end|>", "b c", "\xc4\xa0 b", "A B" };

	for (size_t i = 0; i < sizeof merges / sizeof *merges; i++) {
		const char *lines[] = { "a b", merges[i] };
		struct gguf_builder builder = small_vocabulary();

		gguf_remove(&builder, "tokenizer.ggml.merges");
		gguf_add_strings(&builder, "tokenizer.ggml.merges", lines, 2);
		CHECK_NOTE(try_built(&builder, "tokenizer.ggml.merges: merge 1") == LAC_BAD_MODEL, "\"%s\"", merges[i]);
	}
}

#define ABSENT UINT32_MAX

static void the_ends_of_text_are_tokens(void)
{
	static const struct { uint32_t bos, eos; enum lac_status status; uint32_t bos_found, eos_found; } tries[] = {
		{ END, END, LAC_OK, END, END },
		{ ABSENT, END, LAC_OK, END, END },
		{ END, ABSENT, LAC_OK, END, LAC_NO_TOKEN },
		{ 0, END, LAC_OK, 0, END },
		{ END, 0, LAC_OK, END, LAC_NO_TOKEN }, /* one that stands for text cannot end it */
		{ END, 7, LAC_OK, END, 7 },
		{ ABSENT, 0, LAC_OK, 0, LAC_NO_TOKEN },
		{ ABSENT, ABSENT, LAC_BAD_MODEL, 0, 0 },
		{ N_SMALL, END, LAC_BAD_MODEL, 0, 0 },
		{ END, N_SMALL, LAC_BAD_MODEL, 0, 0 },
		{ ABSENT, N_SMALL, LAC_BAD_MODEL, 0, 0 },
	};

	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		struct gguf_builder builder = small_vocabulary();
		struct lac_error error = { 0 };
		struct lac_buffer file;
		struct vocabulary v;

		gguf_remove(&builder, "tokenizer.ggml.bos_token_id");
		gguf_remove(&builder, "tokenizer.ggml.eos_token_id");
		if (tries[i].bos != ABSENT)
			gguf_add_u32(&builder, "tokenizer.ggml.bos_token_id", tries[i].bos);
		if (tries[i].eos != ABSENT)
			gguf_add_u32(&builder, "tokenizer.ggml.eos_token_id", tries[i].eos);
		CHECK_NOTE(open_built(&builder, &file, &v, &error) == tries[i].status, "try %zu: %s", i, error.text);
		if (v.tokenizer)
			CHECK_NOTE(lac_tokenizer_bos(v.tokenizer) == tries[i].bos_found && lac_tokenizer_eos(v.tokenizer) == tries[i].eos_found,
				"try %zu", i);
		close_vocabulary(&v);
		lac_buffer_free(&file);
	}
}

/* A token of `length` letters, of a type, in place of the small vocabulary's token 8. */
static enum lac_status try_token_length(size_t length, int32_t type)
{
	struct gguf_builder builder = small_vocabulary();
	const char *tokens[N_SMALL];
	int32_t types[N_SMALL];
	char *text = calloc(length + 1, 1);
	enum lac_status s;

	memcpy(tokens, small_tokens, sizeof tokens);
	memcpy(types, small_types, sizeof types);
	tokens[8] = memset(text, 'a', length);
	types[8] = type;
	gguf_remove(&builder, "tokenizer.ggml.tokens");
	gguf_remove(&builder, "tokenizer.ggml.token_type");
	gguf_add_strings(&builder, "tokenizer.ggml.tokens", tokens, N_SMALL);
	gguf_add_i32s(&builder, "tokenizer.ggml.token_type", types, N_SMALL);
	s = try_built(&builder, "tokenizer.ggml.tokens: token 8");
	free(text);
	return s;
}

static void long_tokens_are_refused_if_they_are_text(void)
{
	CHECK(!try_token_length(1024, 1));
	CHECK(try_token_length(1025, 1) == LAC_BAD_MODEL);
	CHECK(!try_token_length(1025, 3));
	CHECK(!try_token_length(1025, 4)); /* in gpt-2 alone */
	CHECK(!try_token_length(100000, 6));
}

int main(int argc, char **argv)
{
	open_all(argc > 1 ? argv[1] : "build/models");
	LAW(token_texts_are_what_their_spellings_say);
	LAW(the_identity_is_as_documented);
	LAW(keys_are_needed_and_understood);
	LAW(counts_that_cannot_be_are_refused);
	LAW(merges_of_other_than_tokens_are_refused);
	LAW(the_ends_of_text_are_tokens);
	LAW(long_tokens_are_refused_if_they_are_text);
	close_all();
	return test_report();
}
