/* Laws of symbols in vocabularies of others (arithmetic.md section 9): test_tokenizer_oracles
 * DIRECTORY_OF_MODELS, from the project's folder. test_tokenizer_oracles --ids MODEL.gguf shows the
 * symbols of texts (show_ids), for tokenizer_ids_peer.py. */
#include "test.h"
#include "tokenizer_laws.h"

#include <unistd.h>

#define ORACLES "../shared/oracles/tokenizers/"

static const char *directory;

/* The ids of the next line, one by one; false at its end. */
static bool read_id(char **at, uint32_t *id)
{
	while (**at == ' ')
		++*at;
	if (**at == '\n' || **at == 0)
		return false;
	*id = (uint32_t)strtoul(*at, at, 10);
	return true;
}

/* Every string ends with the separator, every list with its line. */
static void try_strings(const struct vocabulary *v, char *text, char *id_at)
{
	static const char separator[] = "\n__ggml_vocab_test__\n";
	unsigned n = 0;

	for (char *end; (end = strstr(text, separator)); text = end + strlen(separator), n++) {
		const size_t n_bytes = (size_t)(end - text);
		size_t n_ids = 0;
		uint32_t id;

		snprintf(place, sizeof place, "string %u", n);
		try_text(check_textbook, v, text, n_bytes);
		check_comes_back(v, (const uint8_t *)text, n_bytes, &reused);
		for (; read_id(&id_at, &id); n_ids++)
			CHECK_NOTE(n_ids < reused.length && reused.at[n_ids] == id, "%s, string %u, id %zu", v->name, n, n_ids);
		CHECK_NOTE(n_ids == reused.length, "%s, string %u: %zu ids, not %zu", v->name, n, reused.length, n_ids);
		CHECK_NOTE(*id_at == '\n', "%s, string %u: ids are cut off", v->name, n);
		id_at += *id_at == '\n';
	}
	CHECK_NOTE(n >= 46 && *text == 0 && *id_at == 0, "%s: %u strings", v->name, n);
}

/* llama.cpp's own strings and ids. */
static void try_llama_cpp(const char *model, const char *strings)
{
	struct vocabulary *v = calloc(1, sizeof *v); /* it is large */
	char path[4096];
	struct bytes texts, ids;

	v->name = strings;
	snprintf(path, sizeof path, "%s.inp", strings);
	texts = read_file(path);
	snprintf(path, sizeof path, "%s.out", strings);
	ids = read_file(path);
	texts.at[texts.length] = ids.at[ids.length] = 0; /* there is room */
	open_file(v, model);
	try_strings(v, (char *)texts.at, (char *)ids.at);
	check_token_texts(v);
	for_examples(check_textbook, v);
	for_texts_of_bytes(check_comes_back, v);
	close_vocabulary(v);
	free(v);
	free(texts.at);
	free(ids.at);
}

static void ids_are_those_of_llama_cpp_gpt_2(void)
{
	try_llama_cpp(ORACLES "llamacpp/ggml-vocab-gpt-2.gguf", ORACLES "llamacpp/ggml-vocab-gpt-2.gguf");
}

static void ids_are_those_of_llama_cpp_phi_3(void)
{
	try_llama_cpp(ORACLES "llamacpp/ggml-vocab-phi-3.gguf", ORACLES "llamacpp/ggml-vocab-phi-3.gguf");
}

static void ids_are_those_of_llama_cpp_qwen2(void)
{
	char model[4096];

	snprintf(model, sizeof model, "%s/qwen2.5.gguf", directory);
	try_llama_cpp(model, ORACLES "qwen2.5/ggml-vocab-qwen2.gguf");
}

/* As its authors' program gives them. */
static void ids_are_those_of_smollm2(void)
{
	static const struct {
		const char *text;
		uint32_t n, ids[8];
	} known[] = {
		{ "Hello", 1, { 19556 } },
		{ "The capital of France is", 5, { 504, 3575, 282, 4649, 314 } },
		{ "def fibonacci(n):", 6, { 1604, 3987, 46477, 24, 94, 727 } },
	};
	struct vocabulary *v = calloc(1, sizeof *v);
	char model[4096];

	v->name = "smollm2";
	snprintf(model, sizeof model, "%s/smollm2.gguf", directory);
	open_file(v, model);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		snprintf(place, sizeof place, "\"%s\"", known[i].text);
		try_text(check_textbook, v, known[i].text, strlen(known[i].text));
		CHECK_NOTE(reused.length == known[i].n && memcmp(reused.at, known[i].ids, known[i].n * sizeof *reused.at) == 0, "%s", place);
	}
	check_token_texts(v);
	for_examples(check_textbook, v);
	for_texts_of_bytes(check_comes_back, v);
	close_vocabulary(v);
	free(v);
}

/* For each record (its length in four little-endian bytes, then its bytes) of the input a line: its
 * symbols. */
static int show_ids(const char *model)
{
	struct vocabulary *v = calloc(1, sizeof *v);
	uint8_t head[4];
	int status = 0;

	v->name = model;
	open_file(v, model);
	while (!status && fread(head, 1, 4, stdin) == 4) {
		const size_t n_bytes = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
		uint8_t *text = malloc(n_bytes + !n_bytes);

		status = !text || fread(text, 1, n_bytes, stdin) != n_bytes || lac_tokenize(v->tokenizer, text, n_bytes, &reused, NULL);
		for (size_t i = 0; !status && i < reused.length; i++)
			printf("%s%lu", i ? " " : "", (unsigned long)reused.at[i]);
		putchar('\n');
		free(text);
	}
	close_vocabulary(v);
	free(v);
	lac_symbols_free(&reused);
	return status;
}

static bool is_here(const char *name)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", directory, name);
	return access(path, R_OK) == 0;
}

int main(int argc, char **argv)
{
	static const char absent[] = ORACLES " is not here";

	if (argc > 2 && strcmp(argv[1], "--ids") == 0)
		return show_ids(argv[2]);
	directory = argc > 1 ? argv[1] : "build/models";
	if (access(ORACLES "llamacpp", R_OK) == 0) {
		LAW(ids_are_those_of_llama_cpp_gpt_2);
		LAW(ids_are_those_of_llama_cpp_phi_3);
	} else {
		SKIP("ids_are_those_of_llama_cpp_gpt_2", absent);
		SKIP("ids_are_those_of_llama_cpp_phi_3", absent);
	}
	if (is_here("qwen2.5.gguf") && access(ORACLES "qwen2.5", R_OK) == 0)
		LAW(ids_are_those_of_llama_cpp_qwen2);
	else
		SKIP("ids_are_those_of_llama_cpp_qwen2", absent);
	if (is_here("smollm2.gguf"))
		LAW(ids_are_those_of_smollm2);
	else
		SKIP("ids_are_those_of_smollm2", absent);
	lac_symbols_free(&reused);
	return test_report();
}
