/* Laws of where text is cut before merging (arithmetic.md section 9.2): test_pretokenizer
 * DIRECTORY_OF_MODELS [--short]. test_pretokenizer --cuts NAME shows where texts are cut
 * (show_cuts), for tokenizer_peer.py. */
#include "test.h"
#include "textbook_pattern.h"
#include "texts.h"

#include "tokenizer/pretokenizer.h"

static unsigned n_rounds = 400; /* of random texts; fewer with --short, for slow builds */

struct listed {
	const char *text; /* with a bar at every cut */
	size_t n_bytes;
};

#define LISTED(text) { text, sizeof(text) - 1 }

static const struct listed listed_gpt2[] = {
	/* words, and the space before them */
	LISTED("Hello"), LISTED("Hello| world"), LISTED(" Hello| world"), LISTED("a|,| b"), LISTED("a| ,|b"), LISTED("(|a|)"),
	LISTED("snake|_|case"), LISTED("x|=|y|+|1|;"), LISTED("Hello|,| world|!|\n"),
	/* contractions: these only, in lower case, only after a plain apostrophe, wherever it
	 * stands */
	LISTED("it|'s"), LISTED("can|'t"), LISTED("we|'re"), LISTED("I|'ve"), LISTED("I|'m"), LISTED("he|'ll"), LISTED("she|'d"),
	LISTED("IT|'|S"), LISTED("o|'|clock"), LISTED("'s"), LISTED("'s|'t|'d"), LISTED("rock| '|n|'| roll"), LISTED("a| '|s"),
	LISTED("'t|is"), LISTED("'ll|ama"), LISTED("'|lama"), LISTED("'|l"), LISTED("'|r"), LISTED("'|v"), LISTED("'re|d"),
	LISTED("'d|og"), LISTED("''|s"), LISTED("!'|s"), LISTED("'"), LISTED("x|'"), LISTED("\n|'s"), LISTED("5|'s"),
	LISTED("a|\xe2\x80\x99|s"), LISTED("'|\xc5\xbf"), LISTED("'s|\xc3\xa9"), LISTED("'\xff|s"),
	/* white space leaves its last character to what follows, which takes it only if it is
	 * U+0020 */
	LISTED(" "), LISTED("  "), LISTED("a| "), LISTED("a|  "), LISTED("a| | b"), LISTED("a|  | b"), LISTED("   | a"),
	LISTED("a|\n|b"), LISTED("a|\n|\n|b"), LISTED("a|\n\n|\n|b"), LISTED("a| |\n|b"), LISTED("a|\n| b"), LISTED("a|\n | b"),
	LISTED("a|\t|b"), LISTED("a|\t| b"), LISTED("a|\r|\n|b"), LISTED("a|\n\n"), LISTED("a| \n "), LISTED("\n\n| a"),
	LISTED("a|\v|b"), LISTED("a|\f\r| 1"), LISTED("a| |\t|1"),
	/* other white space: no character of these is taken along */
	LISTED("a|\xc2\xa0|b"), LISTED("a| |\xc2\xa0|b"), LISTED("a|\xc2\xa0| b"), LISTED("a|\xc2\xa0|\xc2\xa0|b"),
	LISTED("a|\xc2\xa0\xc2\xa0"), LISTED("a|\xe3\x80\x80|b"), LISTED("\xe3\x80\x80"), LISTED("a|\xe3\x80\x80| !"),
	LISTED("a|\xe3\x80\x80\xe3\x80\x80|\xe3\x80\x80|b"), LISTED("a|\xc2\x85|b"), LISTED("a|\xe2\x80\x83|b"),
	LISTED("a|\xe2\x80\xa8|b"), LISTED("a|\xe1\x9a\x80|b"), LISTED("a|\xe2\x80\xaf|b"), LISTED("a|\xe2\x81\x9f|b"),
	/* what looks like it and is not: U+200B, U+180E, U+FEFF, U+2060, U+001C, NUL */
	LISTED("a|\xe2\x80\x8b|b"), LISTED("a| \xe2\x80\x8b|b"), LISTED("a|\xe1\xa0\x8e|b"), LISTED("\xef\xbb\xbf|b"),
	LISTED("a|\xe2\x81\xa0|b"), LISTED("a|\x1c|b"), LISTED("a| \x1c\x1f!|b"), LISTED("a|\0|b"), LISTED("\0\0"), LISTED("a| \0"),
	LISTED("'\0|s"), LISTED("\xff'|s"),
	/* numbers of every kind; no limit to their length; parted from letters */
	LISTED("1"), LISTED("1234567890123"), LISTED("a|1|b"), LISTED(" 1|st"), LISTED("3|.|14"), LISTED("-|1|,|000"), LISTED("1| 2"),
	LISTED("1| | 2"), LISTED("\xd9\xa3\x31"), LISTED("x|\xc2\xb2"), LISTED("1\xc2\xbd"), LISTED("\xe2\x85\xa7|a"),
	LISTED("a|\xe3\x80\x87|\xe4\xb8\x80"), LISTED("\xe2\x91\xa0" "2"), LISTED("a|\xf0\x9d\x9f\x8e"),
	/* letters of any script run together */
	LISTED("na\xc3\xafve"), LISTED("\xd0\xbf\xd1\x80\xd0\xb8| \xd0\xbc\xd0\xb8\xd1\x80"), LISTED("\xe4\xbd\xa0\xe5\xa5\xbd" "a"),
	LISTED("\xe4\xbd\xa0|\xef\xbc\x8c|\xe5\xa5\xbd"), LISTED("\xea\xb0\x80\xed\x9e\xa3"), LISTED(" \xd7\xa9\xd8\xb9\xce\xa9"),
	LISTED("\xc2\xaa\xc2\xba\xc2\xb5"), LISTED("a|\xc2\xac\xc3\x97|\xc3\x98"), LISTED("\xf0\xa0\x80\x80\xf0\x9d\x90\x80" "z"),
	/* combining marks are no letters; neither are emoji, joiners, variation selectors */
	LISTED("e|\xcc\x81|a"), LISTED("e| \xcc\x81|a"), LISTED("\xe0\xa4\x95|\xe0\xa5\x8d|\xe0\xa4\xb7"),
	LISTED("\xe0\xa4\x95|\xe0\xa4\xbe"), LISTED("\xcc\x81\xcc\x82!"), LISTED("\xf0\x9f\x98\x80\xf0\x9f\x98\x80"),
	LISTED("a|\xf0\x9f\x98\x80|b"), LISTED(" \xf0\x9f\x98\x80!| a"), LISTED("\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb|a"),
	LISTED("\xe2\x9d\xa4\xef\xb8\x8f| a"), LISTED("\xf0\x9f\x87\xab\xf0\x9f\x87\xb7"),
	/* bytes that are not UTF-8 are others, one by one: stray, cut off, overlong, surrogates,
	 * past U+10FFFF */
	LISTED("\xff"), LISTED("a|\xff|b"), LISTED(" \xff\xfe!|1"), LISTED("a|\x80|b"), LISTED("\xe4\xbd|a"),
	LISTED("\xe4\xbd|\xe4\xbd\xa0"), LISTED("a|\xc2"), LISTED("\xc2|\xc2\xa0"), LISTED("\xe3\x80| x"), LISTED("\xe3|\xc2\xa0|x"),
	LISTED("\xc3| \xc3|\xc3\xa9"), LISTED("\xf0\x9f\x98|x"), LISTED("a|\xc1\xa1|a"), LISTED("a|\xc0\xa0|a"),
	LISTED("a|\xe0\x81\xa1|a"), LISTED("a|\xf0\x80\x81\xa1|a"), LISTED("a|\xed\xa0\x80|a"), LISTED("a|\xf4\x90\x80\x80|a"),
	LISTED("a|\xf8\x88\x80\x80\x80|a"), LISTED("1|\xc3|1"), LISTED(" |\n|\xa0| a"), LISTED("\xa9|\xc3\xa9"),
	LISTED("\xc3\xa9|\xa9"),
};

/* What is cut otherwise than by gpt-2: numbers stand alone, and white space before them is at an
 * end. */
static const struct listed listed_smollm[] = {
	LISTED("Hello| world|!"), LISTED("it|'s|  | a"), LISTED("1"), LISTED("1|2|3"), LISTED("a|1|b"), LISTED(" |1"), LISTED("a| |1|st"),
	LISTED("a|  |1"), LISTED("a|  |\xc2\xbd"), LISTED("a|\n\n|1"), LISTED("a|\n|\n|b"), LISTED("1|  |2"),
	LISTED("3|.|1|4"), LISTED("x|=|1|;"), LISTED("\xd9\xa3|\x31"), LISTED("\xe2\x85\xa7|\xe3\x80\x87"), LISTED("1|'s"), LISTED("'|1|s"),
	LISTED("1| a"), LISTED("1|  "), LISTED(" !|1|!"),
};

/* llama-bpe and qwen2 alike. */
static const struct listed listed_llama[] = {
	/* words take one character before them that is neither number nor line end */
	LISTED("Hello"), LISTED("Hello| world"), LISTED("(abc|)"), LISTED("((|abc"), LISTED("a|_b"), LISTED("a|\tb"), LISTED("a|\xc2\xa0" "b"),
	LISTED("a|\n|b"), LISTED("a|\r|b"), LISTED("a|\r\n|b"), LISTED("a| | b"),
	LISTED("\xff" "a|\xff|1"), LISTED("\xe2\x80\x99s"), LISTED("\xf0\x9f\x98\x80" "a"), LISTED("e|\xcc\x81" "a"), LISTED("1|a"),
	LISTED("\xe4\xbd\xa0|\xef\xbc\x8c\xe5\xa5\xbd"), LISTED("a|\xe2\x80\xa8" "b"),
	/* contractions in any case of ASCII */
	LISTED("it|'s"), LISTED("IT|'S"), LISTED("we|'rE"), LISTED("I|'Ve"), LISTED("he|'lL"), LISTED("o|'clock"), LISTED("'s|'T|'D"),
	LISTED("'\n"), LISTED("'x"), LISTED("'\xc5\xbf"), LISTED("''|s"), LISTED("!'|s"), LISTED("'\xd3"), LISTED("'R"),
	LISTED("'| s"),
	/* numbers never take a space along */
	LISTED("1"), LISTED("a| |1"), LISTED(" |1|st"), LISTED("a| | |1"), LISTED("a|  | |1"),
	/* others take one space before them, and all line ends after them */
	LISTED("a| !"), LISTED("a|!\n"), LISTED("a| ?!\r\n\n|b"), LISTED("a|!\n| b"), LISTED("a|!| \n"), LISTED("a|\t|!"), LISTED("a| \xff\n"),
	LISTED("a|  | !"), LISTED("a|\xe2\x80\x8b\n|b"),
	/* white space up to its last line end; then all but its last character */
	LISTED("a|\n\n|b"), LISTED("a|\n\n| b"), LISTED("a| \n|  | b"), LISTED("a|  \n \r| b"), LISTED("a| \n| "), LISTED("a|   "), LISTED("   | a"),
	LISTED("a|\t|\t|1"), LISTED("a|\xe2\x80\xa8\n|b"), LISTED("a|\n|\xe2\x80\xa8|1"), LISTED("a|\xc2\x85|1"),
	LISTED("a|\x0b\x0c|\x0b|1"), LISTED("\n"), LISTED(" \n| "),
};

static const struct listed listed_llama_bpe[] = {
	LISTED("12"), LISTED("123"), LISTED("123|4"), LISTED("123|456|7"), LISTED("a|123|456|b"), LISTED("3|.|14"), LISTED("1\xc2\xbd\xd9\xa3|2"),
};
static const struct listed listed_qwen2[] = {
	LISTED("1|2"), LISTED("1|2|3|4"), LISTED("a|1|2|b"), LISTED("3|.|1|4"), LISTED("1|\xc2\xbd|\xd9\xa3|2"),
};

static const struct {
	const char *name;
	lac_pretoken *pretoken, *textbook;
	const struct listed *listed[2];
	size_t n_listed[2];
} kinds[] = {
	{ "gpt-2", lac_pretoken_gpt2, match_pattern, { listed_gpt2 }, { sizeof listed_gpt2 / sizeof *listed_gpt2 } },
	{ "smollm", lac_pretoken_smollm, match_smollm, { listed_smollm }, { sizeof listed_smollm / sizeof *listed_smollm } },
	{ "llama-bpe", lac_pretoken_llama_bpe, match_llama_bpe, { listed_llama, listed_llama_bpe },
		{ sizeof listed_llama / sizeof *listed_llama, sizeof listed_llama_bpe / sizeof *listed_llama_bpe } },
	{ "qwen2", lac_pretoken_qwen2, match_qwen2, { listed_llama, listed_qwen2 },
		{ sizeof listed_llama / sizeof *listed_llama, sizeof listed_qwen2 / sizeof *listed_qwen2 } },
};
#define N_KINDS (sizeof kinds / sizeof *kinds)

static void try_listed(size_t k, const struct listed *listed)
{
	const char *piece = listed->text, *const end = piece + listed->n_bytes;
	uint8_t text[64], *copy;
	size_t n_bytes = 0;

	for (const char *at = piece; at < end; at++)
		if (*at != '|')
			text[n_bytes++] = (uint8_t)*at;
	copy = exact_copy(text, n_bytes);
	for (size_t at = 0; at < n_bytes;) {
		const char *bar = memchr(piece, '|', (size_t)(end - piece));
		const size_t length = (size_t)((bar ? bar : end) - piece), found = kinds[k].pretoken(copy + at, n_bytes - at);

		CHECK_NOTE(found == length, "%s, \"%s\": cut at %zu, not %zu", kinds[k].name, listed->text, at + found, at + length);
		CHECK_NOTE(kinds[k].textbook(copy + at, n_bytes - at) == length, "the textbook, %s, \"%s\"", kinds[k].name, listed->text);
		piece += length + 1;
		at += length;
	}
	CHECK_NOTE(piece == end + 1, "%s, \"%s\" is listed wrongly", kinds[k].name, listed->text);
	free(copy);
}

static void cuts_are_as_listed(void)
{
	for (size_t k = 0; k < N_KINDS; k++)
		for (unsigned list = 0; list < 2; list++)
			for (size_t i = 0; i < kinds[k].n_listed[list]; i++)
				try_listed(k, &kinds[k].listed[list][i]);
}

static void try_random(size_t k, unsigned i)
{
	uint8_t text[RANDOM_TEXT_MAX], *copy;
	uint64_t state = UINT64_C(1000000) + i;
	const size_t n_bytes = random_text(&state, text);

	copy = exact_copy(text, n_bytes);
	for (size_t at = 0; at < n_bytes;) {
		const size_t length = kinds[k].pretoken(copy + at, n_bytes - at), wanted = kinds[k].textbook(copy + at, n_bytes - at);

		CHECK_NOTE(length == wanted, "%s, random text %u at %zu: %zu bytes, not %zu", kinds[k].name, i, at, length, wanted);
		at += wanted;
	}
	free(copy);
}

static void cuts_are_where_the_pattern_ends(void)
{
	for (size_t k = 0; k < N_KINDS; k++)
		for (unsigned i = 0; i < 20 * n_rounds; i++)
			try_random(k, i);
}

/* For each record (its length in four little-endian bytes, then its bytes) of the input a line: how
 * many pre-tokens, and where each ends. */
static int show_cuts(lac_pretoken *pretoken)
{
	uint8_t head[4];
	size_t n_read;

	while ((n_read = fread(head, 1, 4, stdin)) == 4) {
		const size_t n_bytes = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
		uint8_t *text = malloc(n_bytes + !n_bytes);
		size_t n = 0;

		if (!text || fread(text, 1, n_bytes, stdin) != n_bytes) {
			fprintf(stderr, "a record is cut off\n");
			free(text);
			return 1;
		}
		for (size_t at = 0; at < n_bytes; n++)
			at += pretoken(text + at, n_bytes - at);
		printf("%zu", n);
		for (size_t at = 0; at < n_bytes;)
			printf(" %zu", at += pretoken(text + at, n_bytes - at));
		putchar('\n');
		free(text);
	}
	return n_read != 0;
}

int main(int argc, char **argv)
{
	for (size_t k = 0; argc > 2 && strcmp(argv[1], "--cuts") == 0 && k < N_KINDS; k++)
		if (strcmp(argv[2], kinds[k].name) == 0)
			return show_cuts(kinds[k].pretoken);
	if (test_effort(argc, argv) == SHORT)
		n_rounds = 60;
	LAW(cuts_are_as_listed);
	LAW(cuts_are_where_the_pattern_ends);
	return test_report();
}
