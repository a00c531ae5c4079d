/* Laws of opening models: test_model_keys DIRECTORY_OF_MODELS. Keys that are missing, not
 * understood or impossible are refused by name; --short changes nothing. */
#include "test.h"
#include "built_model.h"
#include "memory_io.h"

#include <dirent.h>
#include <unistd.h>

static const char *directory;

/* Whatever it is stored as, the model is the same; so the refusals below are refusals of their
 * change alone. */
static void a_model_is_the_same_in_every_tensor_type(void)
{
	static const uint32_t types[] = { LAC_TENSOR_F32, LAC_TENSOR_F16, LAC_TENSOR_Q8_0 };
	static const size_t sign_of_second[] = { 7, 3, 3 };
	uint8_t identity[16];

	for (unsigned i = 0; i < 3; i++) {
		struct gguf_builder builder;
		struct lac_error error;
		enum lac_status s;
		struct lac_model *model;

		make_model(&builder, types[i]);
		model = open_model(&builder, &s, &error);
		CHECK_NOTE(!s, "%s", error.text);
		if (model && i == 0)
			memcpy(identity, lac_model_info(model)->identity, sizeof identity);
		CHECK_NOTE(model && memcmp(identity, lac_model_info(model)->identity, sizeof identity) == 0, "type %u", (unsigned)types[i]);
		lac_model_close(&model);
		builder.tensors[3].data.bytes[sign_of_second[i]] ^= 0x80;
		model = open_model(&builder, &s, &error);
		CHECK(model && memcmp(identity, lac_model_info(model)->identity, sizeof identity) != 0);
		lac_model_close(&model);
		gguf_free(&builder);
	}
}

static void info_is_of_the_file(void)
{
	struct gguf_builder builder;
	struct lac_error error;
	struct lac_model *model;
	enum lac_status s;
	struct lac_buffer file;

	make_model(&builder, LAC_TENSOR_F16);
	file = gguf_write(&builder);
	model = open_model(&builder, &s, &error);
	CHECK(!s);
	if (!s) {
		const struct lac_model_info *info = lac_model_info(model);

		CHECK(strcmp(info->name, "built") == 0 && strcmp(info->architecture, "llama") == 0);
		CHECK(info->file_bytes == file.length && info->n_vocabulary == N_TOKENS && info->n_layers == 1);
		CHECK(info->n_parameters == 2 * N_TOKENS * DIM + 3 * DIM + DIM * (32 + 16 + 16 + 32 + 3 * 64));
		CHECK(info->n_heads == 2 && info->n_kv_heads == 1 && info->dim == DIM && info->ffn_dim == 64 && info->head_dim == 16);
		CHECK(info->context_length == 16);
	}
	lac_model_close(&model);
	lac_buffer_free(&file);
	gguf_free(&builder);
}

/* A name is 31 printable characters at most; a context is no longer than the engine's. */
static void names_and_windows_are_cut(void)
{
	static const struct { const char *name, *shown; } names[] = { { NULL, "unnamed" }, { "", "" },
		{ "a\nb\x1b\xc3\xa9~ ", "a?b???~ " },
		{ "0123456789012345678901234567890", "0123456789012345678901234567890" },
		{ "01234567890123456789012345678901", "0123456789012345678901234567890" } };
	static const uint32_t windows[][2] = { { 2, 2 }, { 2047, 2047 }, { 2048, 2048 }, { 2049, 2048 }, { UINT32_MAX, 2048 } };

	for (unsigned i = 0; i < 5; i++) {
		struct gguf_builder builder;
		struct lac_error error;
		struct lac_model *model;
		enum lac_status s;

		make_model(&builder, LAC_TENSOR_F16);
		gguf_remove(&builder, "general.name");
		gguf_remove(&builder, "llama.context_length");
		if (names[i].name)
			gguf_add_string(&builder, "general.name", names[i].name);
		gguf_add_u32(&builder, "llama.context_length", windows[i][0]);
		model = open_model(&builder, &s, &error);
		CHECK_NOTE(model && strcmp(lac_model_info(model)->name, names[i].shown) == 0, "%u", i);
		CHECK_NOTE(model && lac_model_info(model)->context_length == windows[i][0] &&
			lac_model_info(model)->default_window == windows[i][1], "%u", i);
		lac_model_close(&model);
		gguf_free(&builder);
	}
}

/* ---- Keys of models ------------------------------------------------------------ */

#define REMOVED 99u /* as a type: the key is taken away */
#define BIT(n) (UINT64_C(1) << (n))

/* What becomes of the model if this key has this value instead of its own. */
struct change {
	const char *key;
	uint32_t type;
	uint64_t bits;
	const char *text;      /* of a string, in place of the bits */
	enum lac_status expected;
	const char *said;      /* NULL: the key */
};

static void make_changed(struct gguf_builder *builder, const struct change *change)
{
	make_model(builder, LAC_TENSOR_F16);
	gguf_remove(builder, change->key);
	if (change->type == LAC_GGUF_STRING)
		gguf_add_string(builder, change->key, change->text);
	else if (change->type == LAC_GGUF_ARRAY)
		put_some(gguf_add(builder, change->key, LAC_GGUF_ARRAY), LAC_GGUF_ARRAY);
	else if (change->type != REMOVED)
		put_scalar(gguf_add(builder, change->key, change->type), change->type, change->bits);
}

#define TYPE(name) LAC_GGUF_##name
#define BAD LAC_BAD_MODEL, NULL
#define NEW LAC_UNSUPPORTED_MODEL, NULL
#define GOOD LAC_OK, NULL

static const struct change removals[] = {
	{ "general.architecture", REMOVED, 0, NULL, BAD }, { "llama.context_length", REMOVED, 0, NULL, BAD },
	{ "llama.embedding_length", REMOVED, 0, NULL, BAD }, { "llama.block_count", REMOVED, 0, NULL, BAD },
	{ "llama.feed_forward_length", REMOVED, 0, NULL, BAD }, { "llama.attention.head_count", REMOVED, 0, NULL, BAD },
	{ "llama.attention.layer_norm_rms_epsilon", REMOVED, 0, NULL, BAD }, { "tokenizer.ggml.model", REMOVED, 0, NULL, BAD },
	{ "tokenizer.ggml.pre", REMOVED, 0, NULL, BAD }, { "tokenizer.ggml.tokens", REMOVED, 0, NULL, BAD },
	{ "tokenizer.ggml.merges", REMOVED, 0, NULL, BAD },
	{ "tokenizer.ggml.eos_token_id", REMOVED, 0, NULL, LAC_BAD_MODEL, "eos_token_id" },
	/* as many as the heads, then, and the tensor does not have them */
	{ "llama.attention.head_count_kv", REMOVED, 0, NULL, LAC_BAD_MODEL, "\"blk.0.attn_k.weight\"" },
	{ "general.name", REMOVED, 0, NULL, GOOD }, { "tokenizer.ggml.token_type", REMOVED, 0, NULL, GOOD },
};

static const struct change not_understood[] = {
	{ "general.architecture", TYPE(STRING), 0, "mamba", LAC_UNSUPPORTED_MODEL, "general.architecture is \"mamba\"" },
	{ "general.architecture", TYPE(STRING), 0, "llama4", LAC_UNSUPPORTED_MODEL, "general.architecture is \"llama4\"" },
	{ "general.architecture", TYPE(STRING), 0, "", NEW },
	{ "tokenizer.ggml.model", TYPE(STRING), 0, "bert", LAC_UNSUPPORTED_MODEL, "tokenizer.ggml.model is \"bert\"" },
	{ "tokenizer.ggml.pre", TYPE(STRING), 0, "gpt-4o", LAC_UNSUPPORTED_MODEL, "tokenizer.ggml.pre is \"gpt-4o\"" },
	{ "tokenizer.ggml.pre", TYPE(STRING), 0, "", NEW },
	{ "llama.expert_count", TYPE(U32), 8, NULL, NEW }, { "llama.logit_scale", TYPE(F32), 0, NULL, NEW },
	{ "llama.expert_used_count", TYPE(U32), 2, NULL, LAC_UNSUPPORTED_MODEL, "mixtures of experts are not evaluated" },
	{ "llama.expert_feed_forward_length", TYPE(U32), 8, NULL, LAC_UNSUPPORTED_MODEL, "mixtures of experts are not evaluated" },
	{ "llama.attention.sliding_window_pattern", TYPE(U32), 8, NULL, NEW }, { "llama.", TYPE(U32), 8, NULL, NEW },
	{ "llama", TYPE(U32), 8, NULL, NEW }, { "llama_attention.head_count", TYPE(U32), 8, NULL, NEW },
	{ "llama.attention.scale", TYPE(F32), 0x3f800000, NULL, NEW },
	{ "llama.block_count_", TYPE(U32), 1, NULL, NEW }, { "qwen2.block_count", TYPE(U32), 1, NULL, NEW },
	{ "Llama.block_count", TYPE(U32), 1, NULL, GOOD }, { "publisher.quantize_version", TYPE(U32), 2, NULL, GOOD },
	{ "adapter.type", TYPE(STRING), 0, "lora", NEW }, { "generality", TYPE(U32), 1, NULL, NEW },
	{ "llama.rope.scaling.type", TYPE(STRING), 0, "yarn", LAC_UNSUPPORTED_MODEL, "llama.rope.scaling.type is \"yarn\"" },
	{ "llama.rope.scaling.type", TYPE(STRING), 0, "longrope", LAC_UNSUPPORTED_MODEL, "llama.rope.scaling.type is \"longrope\"" },
	{ "llama.rope.scaling.type", TYPE(STRING), 0, "llama3", NEW }, { "llama.rope.scaling.type", TYPE(STRING), 0, "Linear", NEW },
	{ "llama.rope.scaling.type", TYPE(STRING), 0, "", NEW }, { "llama.rope.scaling.attn_factor", TYPE(F32), 0x40000000, NULL, NEW },
	{ "llama.rope.scaling.finetuned", TYPE(BOOL), 1, NULL, NEW },
	{ "llama.rope.scaling.yarn_log_multiplier", TYPE(F32), 0x3f800000, NULL, NEW },
	{ "llama.rope.scale_linear", TYPE(F32), 0x40000000, NULL, NEW },
	{ "llama.rope.scaling.original_context_length", TYPE(U32), 8, NULL, NEW },
	{ "llama.attention.value_length", TYPE(U32), 8, NULL, NEW },
	{ "llama.attention.key_length", TYPE(U32), 8, NULL, LAC_UNSUPPORTED_MODEL, "key_length 8" },
};

static const struct change impossible[] = {
	{ "llama.context_length", TYPE(U32), 0, NULL, NEW }, { "llama.context_length", TYPE(U32), 1, NULL, NEW },
	{ "llama.embedding_length", TYPE(U32), 0, NULL, NEW }, { "llama.embedding_length", TYPE(U32), 65537, NULL, NEW },
	{ "llama.embedding_length", TYPE(U32), UINT32_MAX, NULL, NEW },
	{ "llama.embedding_length", TYPE(U64), BIT(32) + DIM, NULL, BAD },
	{ "llama.embedding_length", TYPE(I32), UINT32_MAX, NULL, BAD }, { "llama.block_count", TYPE(U32), 0, NULL, NEW },
	{ "llama.block_count", TYPE(U32), 1025, NULL, NEW }, { "llama.block_count", TYPE(U32), 2, NULL, LAC_BAD_MODEL, "\"blk.1." },
	{ "llama.feed_forward_length", TYPE(U32), 0, NULL, NEW }, { "llama.feed_forward_length", TYPE(U32), (1 << 20) + 1, NULL, NEW },
	{ "llama.attention.head_count", TYPE(U32), 0, NULL, NEW }, { "llama.attention.head_count", TYPE(U32), 1025, NULL, NEW },
	{ "llama.attention.head_count", TYPE(U32), 64, NULL, LAC_UNSUPPORTED_MODEL, "llama.attention.key_length" },
	{ "llama.attention.head_count_kv", TYPE(U32), 0, NULL, NEW }, { "llama.attention.head_count_kv", TYPE(U32), 1025, NULL, NEW },
	{ "llama.attention.head_count_kv", TYPE(U32), 3, NULL, LAC_BAD_MODEL, "head_count_kv" },
	{ "llama.attention.head_count_kv", TYPE(U32), 4, NULL, LAC_BAD_MODEL, "head_count_kv" },
	{ "llama.attention.key_length", TYPE(U32), 0, NULL, NEW }, { "llama.attention.key_length", TYPE(U32), 1, NULL, NEW },
	{ "llama.attention.key_length", TYPE(U32), 1025, NULL, NEW }, { "llama.attention.value_length", TYPE(U32), 0, NULL, NEW },
	{ "llama.rope.dimension_count", TYPE(U32), 0, NULL, NEW }, { "llama.rope.dimension_count", TYPE(U32), 15, NULL, BAD },
	{ "llama.rope.dimension_count", TYPE(U32), 18, NULL, NEW }, { "llama.rope.freq_base", TYPE(F32), 0, NULL, NEW },
	{ "llama.rope.freq_base", TYPE(F32), 0x3f000000 /* 0.5 */, NULL, NEW },
	{ "llama.rope.freq_base", TYPE(F32), QUIET_NAN, NULL, NEW },
	{ "llama.rope.freq_base", TYPE(F32), 0x7f800000, NULL, NEW }, { "llama.rope.freq_base", TYPE(F32), 0x53800001, NULL, NEW },
	{ "llama.rope.freq_base", TYPE(F32), 0xc61c4000 /* -10000 */, NULL, NEW },
	{ "llama.rope.scaling.factor", TYPE(F32), 0x3effffff /* below 1/2 */, NULL, NEW },
	{ "llama.rope.scaling.factor", TYPE(F32), 0x49800001 /* above 2^20 */, NULL, NEW },
	{ "llama.rope.scaling.factor", TYPE(F32), QUIET_NAN, NULL, NEW }, { "llama.rope.scaling.factor", TYPE(F32), 0xc0000000, NULL, NEW },
	{ "llama.attention.sliding_window", TYPE(I32), UINT32_MAX, NULL, BAD },
	{ "llama.attention.layer_norm_rms_epsilon", TYPE(F32), 0, NULL, NEW },
	{ "llama.attention.layer_norm_rms_epsilon", TYPE(F32), QUIET_NAN, NULL, NEW },
	{ "llama.attention.layer_norm_rms_epsilon", TYPE(F32), 0xb727c5ac /* -1e-5 */, NULL, NEW },
	{ "llama.attention.layer_norm_rms_epsilon", TYPE(F32), 0x3f800001, NULL, NEW },
	{ "llama.vocab_size", TYPE(U32), 0, NULL, NEW }, { "llama.vocab_size", TYPE(U32), N_TOKENS - 1, NULL, BAD },
	{ "llama.vocab_size", TYPE(U32), N_TOKENS + 1, NULL, BAD },
	{ "tokenizer.ggml.eos_token_id", TYPE(U32), N_TOKENS, NULL, LAC_BAD_MODEL, "eos_token_id" },
	{ "tokenizer.ggml.bos_token_id", TYPE(U32), N_TOKENS, NULL, BAD },
	{ "tokenizer.ggml.bos_token_id", TYPE(I32), UINT32_MAX, NULL, BAD },
};

static const struct change of_another_type[] = {
	{ "general.architecture", TYPE(U32), 1, NULL, BAD }, { "llama.embedding_length", TYPE(F32), 0x42000000, NULL, BAD },
	{ "llama.block_count", TYPE(STRING), 0, "1", BAD }, { "llama.block_count", TYPE(BOOL), 1, NULL, BAD },
	{ "llama.attention.layer_norm_rms_epsilon", TYPE(U32), 1, NULL, BAD }, { "llama.rope.freq_base", TYPE(U32), 10000, NULL, BAD },
	{ "llama.rope.scaling.type", TYPE(U32), 0, NULL, BAD }, { "llama.rope.scaling.factor", TYPE(U32), 2, NULL, BAD },
	{ "llama.attention.sliding_window", TYPE(F32), 0x41000000, NULL, BAD }, { "llama.attention.head_count", TYPE(ARRAY), 0, NULL, BAD },
	 { "tokenizer.ggml.model", TYPE(U32), 0, NULL, BAD },
	{ "tokenizer.ggml.pre", TYPE(BOOL), 0, NULL, BAD }, { "tokenizer.ggml.tokens", TYPE(STRING), 0, "a", BAD },
	{ "tokenizer.ggml.merges", TYPE(U32), 0, NULL, BAD }, { "tokenizer.ggml.token_type", TYPE(I32), 1, NULL, BAD },
	{ "tokenizer.ggml.eos_token_id", TYPE(STRING), 0, "4", BAD }, { "general.alignment", TYPE(STRING), 0, "32", BAD },
};

static const struct change harmless[] = {
	{ "llama.vocab_size", TYPE(U32), N_TOKENS, NULL, GOOD }, { "llama.context_length", TYPE(U32), 2, NULL, GOOD },
	{ "llama.embedding_length", TYPE(U64), DIM, NULL, GOOD }, { "llama.embedding_length", TYPE(I8), DIM, NULL, GOOD },
	{ "llama.attention.key_length", TYPE(U32), 16, NULL, GOOD }, { "llama.attention.value_length", TYPE(U32), 16, NULL, GOOD },
	{ "llama.rope.dimension_count", TYPE(U32), 2, NULL, GOOD }, { "llama.rope.dimension_count", TYPE(U32), 16, NULL, GOOD },
	{ "llama.rope.scaling.type", TYPE(STRING), 0, "none", GOOD }, { "llama.rope.scaling.type", TYPE(STRING), 0, "linear", GOOD },
	{ "llama.rope.scaling.factor", TYPE(F32), 0x3f000000 /* 1/2 */, NULL, GOOD },
	{ "llama.rope.scaling.factor", TYPE(F32), 0x49800000 /* 2^20 */, NULL, GOOD },
	{ "llama.rope.scaling.factor", TYPE(F32), 0, NULL, GOOD }, { "llama.rope.scaling.factor", TYPE(F64), BIT(62), NULL, GOOD },
	{ "llama.attention.sliding_window", TYPE(U32), 1, NULL, GOOD }, { "llama.attention.sliding_window", TYPE(U64), 4096, NULL, GOOD },
	{ "llama.rope.freq_base", TYPE(F32), 0x3f800000 /* 1 */, NULL, GOOD },
	{ "llama.rope.freq_base", TYPE(F32), 0x53800000 /* 2^40 */, NULL, GOOD },
	{ "llama.attention.layer_norm_rms_epsilon", TYPE(F32), 0x3f800000, NULL, GOOD },
	{ "llama.attention.layer_norm_rms_epsilon", TYPE(F64), 0x3ee4f8b588e368f1 /* 1e-5 */, NULL, GOOD },
	{ "tokenizer.ggml.bos_token_id", TYPE(U32), 0, NULL, GOOD }, { "tokenizer.chat_template", TYPE(STRING), 0, "{{ x }}", GOOD },
	{ "tokenizer.ggml.add_bos_token", TYPE(BOOL), 1, NULL, GOOD }, { "general.file_type", TYPE(U32), 1, NULL, GOOD },
	{ "general.alignment", TYPE(U32), 32, NULL, GOOD }, { "quantize.imatrix.file", TYPE(STRING), 0, "x", GOOD },
	{ "split.count", TYPE(U16), 1, NULL, GOOD },
};

static void try_changes(const struct change *changes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct change *c = &changes[i];
		struct gguf_builder builder;
		struct lac_error error;
		enum lac_status s;

		make_changed(&builder, c);
		s = try_model(&builder, &error);
		CHECK_NOTE(s == c->expected && (!s || says(&error, c->said ? c->said : c->key)), "%s %u %#llx %s: %d, %s", c->key,
			(unsigned)c->type, (unsigned long long)c->bits, c->text ? c->text : "", (int)s, error.text);
		gguf_free(&builder);
	}
}

static void missing_keys_are_named(void)
{
	try_changes(removals, sizeof removals / sizeof *removals);
}

static void what_is_not_understood_is_refused_by_name(void)
{
	try_changes(not_understood, sizeof not_understood / sizeof *not_understood);
}

static void impossible_numbers_are_refused_by_name(void)
{
	try_changes(impossible, sizeof impossible / sizeof *impossible);
}

static void keys_of_another_type_are_refused_by_name(void)
{
	try_changes(of_another_type, sizeof of_another_type / sizeof *of_another_type);
}

static void what_changes_nothing_or_is_within_bounds_is_read(void)
{
	try_changes(harmless, sizeof harmless / sizeof *harmless);
}

static void impossible_merges_are_refused_by_name(void)
{
	static const char *const bad[] = { "", "a", "ab", " ", "a ", " b", "a z", "z a", "b a", "a b c", "a  b", "a\xc4\xa0z" };

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct gguf_builder builder;

		make_model(&builder, LAC_TENSOR_F16);
		gguf_remove(&builder, "tokenizer.ggml.merges");
		gguf_add_strings(&builder, "tokenizer.ggml.merges", &bad[i], 1);
		refuse_model(&builder, LAC_BAD_MODEL, "tokenizer.ggml.merges", bad[i]);
	}
}

static void make_model_of_tokens(struct gguf_builder *builder, const char *const *texts, size_t n, size_t n_types)
{
	make_model(builder, LAC_TENSOR_F16);
	gguf_remove(builder, "tokenizer.ggml.tokens");
	gguf_add_strings(builder, "tokenizer.ggml.tokens", texts, n);
	gguf_remove(builder, "tokenizer.ggml.token_type");
	gguf_add_i32s(builder, "tokenizer.ggml.token_type", token_types, n_types);
}

static void contradictions_of_the_vocabulary_are_refused(void)
{
	const char *longer[N_TOKENS];
	char long_token[1026];
	struct gguf_builder builder;
	struct lac_error error;

	for (size_t n = 0; n < N_TOKENS; n++) {
		make_model_of_tokens(&builder, tokens, N_TOKENS, n);
		refuse_model(&builder, LAC_BAD_MODEL, "tokenizer.ggml.token_type", "too few types");
	}
	make_model_of_tokens(&builder, tokens, 0, 0);
	refuse_model(&builder, LAC_UNSUPPORTED_MODEL, "tokenizer.ggml.tokens", "no tokens");
	make_model(&builder, LAC_TENSOR_F16);
	gguf_remove(&builder, "tokenizer.ggml.eos_token_id");
	gguf_add_u32(&builder, "tokenizer.ggml.eos_token_id", N_TOKENS);
	gguf_add_u32(&builder, "tokenizer.ggml.bos_token_id", 0);
	refuse_model(&builder, LAC_BAD_MODEL, "eos_token_id", "an end that is no token");
	memset(long_token, 'l', sizeof long_token);
	memcpy(longer, tokens, sizeof longer);
	longer[3] = long_token;
	for (size_t n = 1024; n <= 1025; n++) {
		long_token[n] = '\0';
		make_model_of_tokens(&builder, longer, N_TOKENS, N_TOKENS);
		if (n > 1024)
			refuse_model(&builder, LAC_BAD_MODEL, "tokenizer.ggml.tokens", "a token too long");
		else
			CHECK_NOTE(!try_model(&builder, &error), "%s", error.text);
		gguf_free(&builder);
		long_token[n] = 'l';
	}
}

/* ---- Files --------------------------------------------------------------------- */

static bool ends_in(const char *text, const char *end)
{
	return strlen(text) >= strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

/* From a path and from memory it is the same model. */
static void model_files_are_read(void)
{
	DIR *listing = opendir(directory);
	const struct dirent *entry;
	unsigned n = 0;

	CHECK_NOTE(listing, "%s", directory);
	while (listing && (entry = readdir(listing))) {
		struct lac_model *of_file = NULL, *of_memory = NULL;
		struct lac_error error = { .status = LAC_OK };
		struct bytes bytes;
		char path[512];

		snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
		if (!ends_in(path, ".gguf"))
			continue;
		bytes = read_file(path);
		/* a vocabulary alone */
		if (!memmem(bytes.at, bytes.length, "token_embd.weight", 17)) {
			free(bytes.at);
			continue;
		}
		CHECK_NOTE(!lac_model_open_file(&of_file, path, NULL, &error), "%s", error.text);
		CHECK_NOTE(!lac_model_open_memory(&of_memory, bytes.at, bytes.length, NULL, &error), "%s", error.text);
		free(bytes.at); /* the header allows it */
		CHECK(of_file && of_memory && memcmp(of_file->info.identity, of_memory->info.identity, 16) == 0 && ++n);
		lac_model_close(&of_file);
		lac_model_close(&of_memory);
	}
	CHECK_NOTE(n > 0, "no model in %s", directory);
	if (listing)
		closedir(listing);
}

static void what_is_no_file_cannot_be_read(void)
{
	char empty[] = "/tmp/laconic-test-XXXXXX", missing[] = "/tmp/laconic-test-XXXXXX";
	const struct { const char *path, *said; } files[] = { { empty, "empty" }, { missing, "cannot open" },
		{ directory, "not a regular file" }, { "/dev/null", "not a regular file" }, { "", "cannot open" } };

	CHECK(close(mkstemp(empty)) == 0 && close(mkstemp(missing)) == 0 && unlink(missing) == 0);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct lac_model *model = NULL;
		struct lac_error error = { .status = LAC_OK };
		enum lac_status s = lac_model_open_file(&model, files[i].path, NULL, &error);

		CHECK_NOTE(s == LAC_READ_FAILED && !model && error.status == s, "%s", files[i].path);
		CHECK_NOTE(says(&error, files[i].path) && says(&error, files[i].said), "%s", error.text);
	}
	unlink(empty);
}

int main(int argc, char **argv)
{
	directory = argc > 1 ? argv[1] : "build/models";
	LAW(a_model_is_the_same_in_every_tensor_type);
	LAW(info_is_of_the_file);
	LAW(names_and_windows_are_cut);
	LAW(missing_keys_are_named);
	LAW(what_is_not_understood_is_refused_by_name);
	LAW(impossible_numbers_are_refused_by_name);
	LAW(keys_of_another_type_are_refused_by_name);
	LAW(what_changes_nothing_or_is_within_bounds_is_read);
	LAW(impossible_merges_are_refused_by_name);
	LAW(contradictions_of_the_vocabulary_are_refused);
	LAW(model_files_are_read);
	LAW(what_is_no_file_cannot_be_read);
	return test_report();
}
