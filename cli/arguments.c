/* arguments.c: argv -> struct command. */
#include "command.h"
#include "report.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum long_option { OPTION_KERNELS = 256, OPTION_MODEL, OPTION_RECORDS, OPTION_BLOCK_SIZE, OPTION_JSON, OPTION_MEMORY, OPTION_BATCH,
	OPTION_ADAPTER, OPTION_LIMIT, OPTION_VERIFY, OPTION_RECORD, OPTION_RANGE, OPTION_NO_INDEX, OPTION_MESSAGE };

static const struct option long_options[] = {
	{ "compress", no_argument, NULL, 'z' },      { "decompress", no_argument, NULL, 'd' },
	{ "test", no_argument, NULL, 't' },          { "list", no_argument, NULL, 'l' },
	{ "output", required_argument, NULL, 'o' },  { "stdout", no_argument, NULL, 'c' },
	{ "force", no_argument, NULL, 'f' },         { "keep", no_argument, NULL, 'k' },
	{ "threads", required_argument, NULL, 'T' }, { "quiet", no_argument, NULL, 'q' },
	{ "verbose", no_argument, NULL, 'v' },       { "kernels", required_argument, NULL, OPTION_KERNELS },
	{ "model", required_argument, NULL, OPTION_MODEL }, { "records", no_argument, NULL, OPTION_RECORDS },
	{ "null", no_argument, NULL, '0' },          { "block-size", required_argument, NULL, OPTION_BLOCK_SIZE },
	{ "memory", required_argument, NULL, OPTION_MEMORY }, { "batch", required_argument, NULL, OPTION_BATCH },
	{ "adapter", required_argument, NULL, OPTION_ADAPTER }, { "limit", required_argument, NULL, OPTION_LIMIT },
	{ "verify", no_argument, NULL, OPTION_VERIFY }, { "record", required_argument, NULL, OPTION_RECORD },
	{ "range", required_argument, NULL, OPTION_RANGE }, { "no-index", no_argument, NULL, OPTION_NO_INDEX },
	{ "message", no_argument, NULL, OPTION_MESSAGE },
	{ "json", no_argument, NULL, OPTION_JSON },  { "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },       { NULL, 0, NULL, 0 },
};

/* A number with an optional K, M or G (powers of 1024), from least to most. */
static bool parse_number(const char *option, const char *text, unsigned long least, unsigned long most, bool allow_suffix,
	uint64_t *value)
{
	static const char suffixes[] = "KMG";
	unsigned long number, factor = 1;
	char *end;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (allow_suffix && *end && strchr(suffixes, *end))
		factor = 1ul << 10 * (strchr(suffixes, *end++) - suffixes + 1);
	if (end == text || *end || text[0] < '0' || text[0] > '9' || errno || number > most / factor || number * factor < least) {
		complain("%s %s: a number from %lu to %lu is wanted", option, text, least, most);
		return false;
	}
	*value = number * factor;
	return true;
}

static bool parse_u32(const char *option, const char *text, unsigned long least, unsigned long most, bool allow_suffix, uint32_t *value)
{
	uint64_t number;

	if (!parse_number(option, text, least, most, allow_suffix, &number))
		return false;
	*value = (uint32_t)number;
	return true;
}

/* The first word, if it is a command, takes the place of -z, -d, -t, -l. Returns how many words it took. */
static int parse_word(struct command *command, int argc, char **argv, bool *is_named)
{
	static const struct { const char *word; enum action action; } words[] = {
		{ "compress", ACTION_COMPRESS }, { "decompress", ACTION_DECOMPRESS }, { "test", ACTION_TEST },
		{ "cat", ACTION_CAT }, { "list", ACTION_LIST }, { "help", ACTION_HELP }, { "version", ACTION_VERSION },
	};

	*is_named = true;
	for (size_t i = 0; argc > 1 && i < sizeof words / sizeof *words; i++)
		if (strcmp(argv[1], words[i].word) == 0) {
			command->action = words[i].action;
			return 1;
		}
	if (argc > 2 && strcmp(argv[1], "models") == 0 && strcmp(argv[2], "show") == 0) {
		command->action = ACTION_MODELS_SHOW;
		return 2;
	}
	*is_named = false;
	return 0;
}

static bool set_action(struct command *command, enum action action, bool *is_named)
{
	if (*is_named && command->action != action) {
		complain("two commands are given; one is wanted");
		return false;
	}
	command->action = action;
	*is_named = true;
	return true;
}

static bool add_adapter(struct command *command, const char *path)
{
	if (command->n_adapters == LAC_ADAPTED_MAX) {
		complain("more than %u adapters are given", LAC_ADAPTED_MAX);
		return false;
	}
	command->adapters[command->n_adapters++] = path;
	return true;
}

static bool is_only_range(const struct command *command)
{
	if (command->has_range)
		complain("one --record or --range is wanted; a range holds several records");
	return !command->has_range;
}

/* FIRST-LAST, both included, or FIRST- for all that follow. */
static bool parse_range(struct command *command, const char *text)
{
	const char *dash = strchr(text, '-');
	char first[24];

	command->has_range = true;
	command->last_record = UINT64_MAX;
	if (!dash || (size_t)(dash - text) >= sizeof first) {
		complain("--range %s: FIRST-LAST is wanted, both included and counted from 0, or FIRST-", text);
		return false;
	}
	memcpy(first, text, (size_t)(dash - text));
	first[dash - text] = 0;
	if (!parse_number("--range", first, 0, LONG_MAX, false, &command->first_record))
		return false;
	return !dash[1] || parse_number("--range", dash + 1, command->first_record, LONG_MAX, false, &command->last_record);
}

static bool parse_record(struct command *command, const char *text)
{
	command->has_range = true;
	if (!parse_number("--record", text, 0, LONG_MAX, false, &command->first_record))
		return false;
	command->last_record = command->first_record;
	return true;
}

static bool parse_option(struct command *command, int option, bool *is_named, bool *is_null)
{
	switch (option) {
	case 'z': return set_action(command, ACTION_COMPRESS, is_named);
	case 'd': return set_action(command, ACTION_DECOMPRESS, is_named);
	case 't': return set_action(command, ACTION_TEST, is_named);
	case 'l': return set_action(command, ACTION_LIST, is_named);
	case 'h': command->action = ACTION_HELP; *is_named = true; return true;
	case 'V': command->action = ACTION_VERSION; *is_named = true; return true;
	case 'o': command->output = optarg; return true;
	case 'c': command->to_stdout = true; return true;
	case 'f': command->force = true; return true;
	case 'k': return true; /* sources are always kept */
	case 'q': command->verbosity = -1; return true;
	case 'v': command->verbosity = 1; return true;
	case '0': *is_null = true; return true;
	case 'T': return parse_u32("-T", optarg, 0, LAC_THREADS_MAX, false, &command->options.n_threads);
	case OPTION_BATCH: return parse_u32("--batch", optarg, 1, LAC_BATCH_ROWS_MAX, false, &command->options.batch_rows);
	case OPTION_MEMORY: return parse_number("--memory", optarg, 1, ULONG_MAX, true, &command->options.memory_bytes);
	case OPTION_LIMIT: return parse_number("--limit", optarg, 1, ULONG_MAX, true, &command->options.limit_bytes);
	case OPTION_VERIFY: command->verify = true; return true;
	case OPTION_KERNELS: command->options.kernels = optarg; return true;
	case OPTION_MODEL: command->model_path = optarg; return true;
	case OPTION_ADAPTER: return add_adapter(command, optarg);
	case OPTION_RECORDS: command->options.records = LAC_RECORDS_LINES; return true;
	case OPTION_NO_INDEX: command->options.is_indexed = false; return true;
	case OPTION_MESSAGE: command->is_message = true; return true;
	case OPTION_RECORD: return is_only_range(command) && parse_record(command, optarg);
	case OPTION_RANGE: return is_only_range(command) && parse_range(command, optarg);
	case OPTION_JSON: command->json = true; return true;
	case OPTION_BLOCK_SIZE:
		return parse_u32("--block-size", optarg, LAC_BLOCK_BYTES_MIN, LAC_BLOCK_BYTES_MAX, true, &command->options.block_bytes);
	default:
		/* getopt has printed what is wrong */
		fprintf(stderr, "Try 'laconic --help'.\n");
		return false;
	}
}

/* A command after an option would be taken for a file. */
static bool is_misplaced_command(const char *word)
{
	static const char *const words[] = { "compress", "decompress", "test", "cat", "list", "models", "train", "adapt", "cluster", "help", "version" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(word, words[i]) == 0 && access(word, F_OK) != 0)
			return true;
	return false;
}

static bool check_message(const struct command *command)
{
	const bool is_right = command->action == ACTION_COMPRESS || command->action == ACTION_DECOMPRESS;

	if (!is_right)
		complain("--message goes with compress and decompress: there is nothing in a message to test or list");
	else if (command->options.records || command->verify)
		complain("--message excludes --records and --verify");
	else if (command->n_adapters > 1)
		complain("a message does not say which adapter it takes: one at most goes with --message");
	return is_right && !command->options.records && !command->verify && command->n_adapters <= 1;
}

static bool check(const struct command *command, bool is_null)
{
	if (command->n_files && command->action != ACTION_HELP && is_misplaced_command(command->files[0])) {
		complain("there is no file \"%s\"; a command comes before its options, and models takes another word: laconic models show",
			command->files[0]);
		return false;
	}
	if (is_null && command->options.records == LAC_RECORDS_NONE) {
		complain("-0 goes with --records");
		return false;
	}
	if (!command->options.is_indexed && command->options.records == LAC_RECORDS_NONE) {
		complain("--no-index goes with --records");
		return false;
	}
	if (command->options.records && command->action != ACTION_COMPRESS) {
		complain("--records is for compression; an archive knows its records");
		return false;
	}
	if (command->has_range && command->action != ACTION_CAT) {
		complain("--record and --range go with cat");
		return false;
	}
	if (command->options.limit_bytes && command->action != ACTION_DECOMPRESS && command->action != ACTION_TEST &&
	    command->action != ACTION_CAT) {
		complain("--limit goes with decompress, test and cat");
		return false;
	}
	if (command->verify && command->action != ACTION_COMPRESS) {
		complain("--verify goes with compress; laconic test checks an archive");
		return false;
	}
	if (command->json && command->action != ACTION_LIST && command->action != ACTION_MODELS_SHOW) {
		complain("--json goes with list and models show");
		return false;
	}
	if (command->n_adapters && command->action == ACTION_MODELS_SHOW) {
		complain("--adapter goes with compress, decompress, test and list");
		return false;
	}
	if (command->is_message && !check_message(command))
		return false;
	if (command->output && command->to_stdout) {
		complain("-o and -c exclude each other");
		return false;
	}
	if (command->output && command->n_files > 1) {
		complain("-o names one output for %d inputs; use -c to join them", command->n_files);
		return false;
	}
	return true;
}

bool command_parse(struct command *command, int argc, char **argv)
{
	static char *standard_input[] = { "-", NULL };
	bool is_named, is_null = false;
	int n_words, option;

	*command = (struct command){ .action = ACTION_COMPRESS, .options = LAC_OPTIONS_DEFAULT };
	command->options.is_indexed = true; /* of records, unless told otherwise */
	n_words = parse_word(command, argc, argv, &is_named);
	argv[n_words] = argv[0];
	argc -= n_words;
	argv += n_words;
	while ((option = getopt_long(argc, argv, "zdtlo:cfkT:qv0hV", long_options, NULL)) != -1)
		if (!parse_option(command, option, &is_named, &is_null))
			return false;
	command->files = argv + optind;
	command->n_files = argc - optind;
	if (command->n_files == 0 && command->action != ACTION_MODELS_SHOW) {
		command->files = standard_input;
		command->n_files = 1;
	}
	if (!check(command, is_null))
		return false;
	if (is_null)
		command->options.records = LAC_RECORDS_NUL;
	command->options.is_indexed = command->options.is_indexed && command->options.records;
	if (command->action == ACTION_CAT && !command->output)
		command->to_stdout = true;
	if (command->action == ACTION_CAT && !command->has_range)
		command->action = ACTION_DECOMPRESS;
	return true;
}
