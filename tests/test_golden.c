/* Laws of tests/golden/arithmetic: test_golden [--write | MODELS --short]. The textbook and every
 * table of kernels make the files as they are, to the last bit. With --write the textbook makes
 * them anew (make golden). Run from the project's folder. */
#include "base/strict_float.h"
#include "test.h"
#include "golden_close.h"
#include "golden_coders.h"
#include "golden_identity.h"
#include "golden_kernels.h"
#include "golden_tokenizer.h"
#include "golden_types.h"
#include "kernels_book.h"

static const struct golden_file {
	const char *name, *head; /* which section, and what the lines of a case are */
	void (*make)(struct golden_maker *);
} files[] = {
	{ "quantise", "3.1 (and 3.3): x -> integers q, a scale for each group of 64", golden_quantize },
	{ "product", "3.2: one row of a matrix, integers w and scales s, times a vector, q and t -> y", golden_product },
	{ "norm", "4.1: epsilon, x, weights w -> y", golden_norm },
	{ "gate", "4.2, 2.4: g, u -> y", golden_gate },
	{ "add", "4.3: x, y -> sum", golden_add },
	{ "steps", "5.1: rotary_dim, base -> step of each pair", golden_steps },
	{ "angles", "5.2: angle in units of 2^-64 of a turn -> cosine and sine", golden_angles },
	{ "rotation", "5.3: cosines, sines, x -> rotated", golden_rotation },
	{ "value", "6.1: x, a head's values -> integers v, one scale", golden_value },
	{ "softmax", "6.2, 6.3, 2.4: scores, scales of the values -> integers m, scales of 64 positions, f", golden_softmax },
	{ "mixture", "6.4: m, scales, f, and the integers v of three dimensions at each position -> out of these", golden_mixture },
	{ "frequencies", "7.1, 2.4: logits -> sizes f, their total", golden_frequencies },
	{ "range_coder", "8: intervals -> payload; targets as a decoder finds them", golden_range_coder },
	{ "pretokens", "9.2: text -> where each pre-token ends (none here is longer than 1024 bytes)", golden_cuts },
	{ "pretokens_llama_bpe", "9.2, llama-bpe: text -> where each pre-token ends", golden_cuts_llama_bpe },
	{ "pretokens_qwen2", "9.2, qwen2: text -> where each pre-token ends", golden_cuts_qwen2 },
	{ "pretokens_smollm", "9.2, smollm: text -> where each pre-token ends", golden_cuts_smollm },
	{ "symbols", "9: text -> symbols, tokens or 2^31 + a raw byte, by the vocabulary of tests/golden/models/NAME.gguf", golden_symbols },
	{ "identity", "10: of tests/golden/models/NAME.gguf", golden_identity },
	{ "identity_wide", "10: of tests/golden/models/NAME.gguf, heads rotated in part", golden_identity_wide },
	{ "identity_kinds", "10: of tests/golden/models/NAME.gguf, other kinds of vocabularies", golden_identity_kinds },
	{ "mixing", "12: text -> payload", golden_mixing },
	{ "types", "3.4: the bytes of a block -> its numbers", golden_types },
	{ "steps_scaled", "5.1: rotary_dim, base, scaling, factors -> step of each pair", golden_steps_scaled },
	{ "sliding", "6.2, 6.3, 2.4: scores, scales of the values, the first positions not seen -> integers m, scales of 64 positions, f",
		golden_sliding },
	{ "identity_architectures", "10: of tests/golden/models/NAME.gguf, with what the first models lack", golden_identity_architectures },
	{ "symbols_odd", "9: text -> symbols, by the vocabulary of tests/golden/models/odd.gguf, which has texts and merges twice", golden_symbols_odd },
	{ "identity_odd", "10: of tests/golden/models/NAME.gguf, with tokens and merges that are there twice", golden_identity_odd },
	{ "mixing_long", "12: a text in lines: noise SEED N, the bytes x / 256 mod 256 of x = 16807 x mod (2^31 - 1), from x = SEED on; "
		"again AT N, copies of what is AT, AT + 1, ... -> payload", golden_mixing_long },
	{ "exp", "2.4: x -> exp(x)", golden_exp },
	{ "norm_long", "4.1: epsilon, x, weights w -> y", golden_norm_long },
	{ "attention", "6: a head's q, and k and v of every position, q and k rotated -> out, of the last position", golden_attention },
};
enum { N_FILES = sizeof files / sizeof *files };

static void path_of(char *path, size_t n, const struct golden_file *file)
{
	snprintf(path, n, "tests/golden/arithmetic/%s.txt", file->name);
}

/* The file's text as this table makes it; NULL: the textbook. */
static struct bytes make_file(const struct golden_file *file, const struct lac_kernels *kernels)
{
	struct golden_maker maker = { .kernels = kernels ? kernels : &book_kernels, .is_textbook = !kernels, .state = 1 };
	char *text = NULL;
	size_t n_bytes = 0;

	maker.out = open_memstream(&text, &n_bytes);
	if (!maker.out)
		abort();
	fprintf(maker.out, "# arithmetic.md section %s\n", file->head);
	file->make(&maker);
	if (fclose(maker.out))
		abort();
	return (struct bytes){ (uint8_t *)text, n_bytes };
}

/* The case and the line where two texts part, as a note. */
static void show_difference(struct bytes found, struct bytes wanted)
{
	size_t at = 0, line = 1, start = 0, of_case = 0;

	for (; at < found.length && at < wanted.length && found.at[at] == wanted.at[at]; at++)
		if (found.at[at] == '\n') {
			line++;
			start = at + 1;
			of_case = at + 6 < found.length && memcmp(found.at + at, "\ncase ", 6) == 0 ? start : of_case;
		}
	fprintf(stderr, "line %zu, of %.*s: \"%.12s\", byte %zu of the line\n", line,
		(int)strcspn((const char *)wanted.at + of_case, "\n"), (const char *)wanted.at + of_case,
		start < wanted.length ? (const char *)wanted.at + start : "", at - start);
}

static const struct lac_kernels *kernels; /* under test; NULL: the textbook */

static void every_file_is_made_as_it_is(void)
{
	for (unsigned i = 0; i < N_FILES; i++) {
		struct bytes made = make_file(&files[i], kernels), file;
		char path[256];
		bool is_same;

		path_of(path, sizeof path, &files[i]);
		file = read_file(path);
		is_same = same_bytes(made, file.at, file.length);
		CHECK_NOTE(is_same, "%s by %s", path, kernels ? kernels->name : "the textbook");
		file.at[file.length] = 0; /* there is room */
		if (!is_same)
			show_difference(made, file);
		free(made.at);
		free(file.at);
	}
}

static int write_files(void)
{
	for (unsigned i = 0; i < N_FILES; i++) {
		struct bytes made = make_file(&files[i], NULL);
		char path[256];
		FILE *out;

		path_of(path, sizeof path, &files[i]);
		out = fopen(path, "wb");
		if (!out || fwrite(made.at, 1, made.length, out) != made.length || fclose(out)) {
			perror(path);
			return 1;
		}
		free(made.at);
	}
	return 0;
}

int main(int argc, char **argv)
{
	lac_float_environment_enter();
	if (argc > 1 && strcmp(argv[1], "--write") == 0)
		return write_files();
	if (test_effort(argc, argv) == SHORT) {
		SKIP("every_file_is_made_as_it_is", "by the textbook, as builds that are not slow show");
	} else {
		printf("-- textbook\n");
		LAW(every_file_is_made_as_it_is);
	}
	for (size_t i = 0; lac_kernels_all[i]; i++) {
		kernels = lac_kernels_all[i];
		if (!kernels->supported()) {
			SKIP(kernels->name, "this CPU does not have it");
			continue;
		}
		printf("-- %s\n", kernels->name);
		LAW(every_file_is_made_as_it_is);
	}
	return test_report();
}
