/* arguments.c: argv -> struct command. */
#include "command.h"
#include "options.h"
#include "io/report.h"
#include "io/streams.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* More than the tables hold, and getopt's final zeros. */
#define LONG_OPTIONS_MAX 64

/* Those that commands for texts take; training parses its own. */
static void list_options(struct option *options, char *letters)
{
	size_t n = 0;

	for (size_t i = 0; i < n_options && n < LONG_OPTIONS_MAX; i++) {
		const struct option_entry *o = &option_table[i];

		if (!(o->actions & (FOR(ACTION_TRAIN) - 1)) || o->code == OPTION_OF_TRAINING)
			continue;
		options[n++] = (struct option){ o->name, o->argument ? required_argument : no_argument, NULL, o->code };
		if (o->code < OPTION_KERNELS)
			letters += sprintf(letters, "%c%s", o->code, o->argument ? ":" : "");
	}
	options[n] = (struct option){ NULL, 0, NULL, 0 };
}

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

/* The first word, or two of them, if they are a command, take the place of -z, -d, -t, -l. Returns how many words it took. */
static int parse_word(struct command *command, int argc, char **argv, bool *is_named)
{
	*is_named = true;
	for (size_t i = 0; i < n_commands; i++) {
		const struct command_entry *c = &command_table[i];
		const int n_words = c->sub ? 2 : 1;

		if (c->action < ACTION_TRAIN && argc > n_words && strcmp(argv[1], c->word) == 0 && (!c->sub || strcmp(argv[2], c->sub) == 0)) {
			command->action = c->action;
			return n_words;
		}
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
	case 'h':
		command->topic = *is_named ? command->action : ACTION_HELP;
		command->action = ACTION_HELP;
		*is_named = true;
		return true;
	case 'V': command->action = ACTION_VERSION; *is_named = true; return true;
	case 'o': command->output = optarg; return true;
	case 'c': command->to_stdout = true; return true;
	case 'f': command->force = true; return true;
	case 'k': command->remove = false; return true;
	case OPTION_RM: command->remove = true; return true;
	case OPTION_ESTIMATE: command->estimate = true; return true;
	case 'q': command->verbosity = -1; return true;
	case 'v': command->verbosity = 1; return true;
	case '0': *is_null = true; return true;
	case 'T': return parse_u32("-T", optarg, 0, LAC_THREADS_MAX, false, &command->options.n_threads);
	case OPTION_BATCH: return parse_u32("--batch", optarg, 1, LAC_BATCH_ROWS_MAX, false, &command->options.batch_rows);
	case OPTION_MEMORY: return parse_number("--memory", optarg, 1, ULONG_MAX, true, &command->options.memory_bytes);
	case OPTION_CACHE: return parse_number("--cache", optarg, 0, LONG_MAX, true, &command->cache_bytes);
	case OPTION_LIMIT: return parse_number("--limit", optarg, 1, ULONG_MAX, true, &command->options.limit_bytes);
	case OPTION_VERIFY: command->verify = true; return true;
	case OPTION_KERNELS: command->options.kernels = optarg; return true;
	case OPTION_MODEL: command->model_path = optarg; return true;
	case OPTION_ADAPTER: return add_adapter(command, optarg);
	case OPTION_RECORDS: command->options.records = LAC_RECORDS_LINES; return true;
	case OPTION_NO_INDEX: command->options.is_indexed = false; return true;
	case OPTION_MESSAGE: command->is_message = true; return true;
	case OPTION_WITH_MODEL: command->with_model = true; return true;
	case OPTION_CONTEXT: return parse_u32("--context", optarg, 2, LAC_CONTEXT_MAX, true, &command->options.window);
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
	for (size_t i = 0; i < n_commands; i++)
		if (strcmp(word, command_table[i].word) == 0 && access(word, F_OK) != 0)
			return true;
	return false;
}

/* Names the commands that take what this one does not. */
static void complain_of_option(const struct option_entry *option)
{
	char commands[256] = "";

	for (size_t i = 0; i < n_commands; i++)
		if (option->actions & FOR(command_table[i].action)) {
			const size_t n = strlen(commands);

			snprintf(commands + n, sizeof commands - n, "%s%s%s%s", n ? ", " : "", command_table[i].word,
				command_table[i].sub ? " " : "", command_table[i].sub ? command_table[i].sub : "");
		}
	complain("--%s goes with %s", option->name, commands);
}

static bool check_seen(const struct command *command, const bool seen[OPTION_OF_TRAINING])
{
	for (size_t i = 0; i < n_options; i++) {
		const struct option_entry *o = &option_table[i];

		if (o->code != OPTION_OF_TRAINING && seen[o->code] && !find_option(o->code, command->action)) {
			complain_of_option(o);
			return false;
		}
	}
	return true;
}

static bool reads_stdin(const struct command *command)
{
	for (int i = 0; i < command->n_files; i++)
		if (strcmp(command->files[i], "-") == 0)
			return true;
	return false;
}

static bool writes_to_stdout(const struct command *command)
{
	const bool is_cat = command->action == ACTION_CAT;
	const bool is_standard = command->to_stdout || (command->output ? strcmp(command->output, "-") == 0 : is_cat || reads_stdin(command));

	return is_standard && (is_cat || command->action == ACTION_COMPRESS || command->action == ACTION_DECOMPRESS ||
		command->action == ACTION_MODELS_EXPORT);
}

static const char *find_message_contradiction(const struct command *command)
{
	/* nothing tells a damaged message, or another model: what comes of it may be another text */
	if (command->options.records || command->verify || command->remove)
		return "--message excludes --records, --verify and --rm";
	if (command->with_model)
		return "a message carries nothing but its text: --with-model goes with archives";
	if (command->n_adapters > 1)
		return "a message does not say which adapter it takes: one at most goes with --message";
	return NULL;
}

static const char *find_contradiction(const struct command *command, bool is_null)
{
	if (is_null && command->options.records == LAC_RECORDS_NONE)
		return "-0 goes with --records";
	if (!command->options.is_indexed && command->options.records == LAC_RECORDS_NONE)
		return "--no-index goes with --records";
	if (command->is_message && find_message_contradiction(command))
		return find_message_contradiction(command);
	if (command->options.window && command->action == ACTION_DECOMPRESS && !command->is_message)
		return "--context is for compression, and for messages; an archive knows its own";
	if (command->output && command->to_stdout)
		return "-o and -c exclude each other";
	if (command->estimate && command->is_message)
		return "--estimate goes with archives, not with messages";
	if (command->estimate && (command->output || command->to_stdout || command->verify)) /* --rm verifies */
		return "--estimate writes nothing: -o, -c, --rm and --verify do not go with it";
	if (command->estimate)
		return NULL;
	if (command->remove && (reads_stdin(command) || writes_to_stdout(command)))
		return "--rm goes with files: what is read from or written to a pipe is not removed";
	if (command->json && writes_to_stdout(command))
		return "--json and the output cannot share the standard output; name a file with -o";
	return NULL;
}

static bool check_files(const struct command *command)
{
	const enum action action = command->action;

	if (command->n_files && action != ACTION_HELP && is_misplaced_command(command->files[0])) {
		complain("there is no file \"%s\"; a command comes before its options, and models takes another word: laconic models show, list, "
			"export or path", command->files[0]);
		return false;
	}
	if (command->n_files && (action == ACTION_MODELS_LIST || action == ACTION_MODELS_PATH)) {
		complain("%s: models list and models path take no file; models show does", command->files[0]);
		return false;
	}
	if (command->output && command->n_files > 1) {
		complain("-o names one output for %d inputs; use -c to join them", command->n_files);
		return false;
	}
	return true;
}

static bool check(const struct command *command, bool is_null, const bool seen[OPTION_OF_TRAINING])
{
	const char *contradiction;

	if (!check_seen(command, seen) || !check_files(command))
		return false;
	contradiction = find_contradiction(command, is_null);
	if (contradiction)
		complain("%s", contradiction);
	return !contradiction;
}

bool command_parse(struct command *command, int argc, char **argv)
{
	static char *standard_input[] = { "-", NULL };
	struct option options[LONG_OPTIONS_MAX + 1];
	char letters[2 * LONG_OPTIONS_MAX + 1];
	bool is_named, is_null = false, seen[OPTION_OF_TRAINING] = { false };
	int n_words, option;

	*command = (struct command){ .action = ACTION_COMPRESS, .topic = ACTION_HELP, .options = LAC_OPTIONS_DEFAULT, .cache_bytes = UINT64_MAX };
	command->options.is_indexed = true; /* of records, unless told otherwise */
	list_options(options, letters);
	n_words = parse_word(command, argc, argv, &is_named);
	argv[n_words] = argv[0];
	argc -= n_words;
	argv += n_words;
	while ((option = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		if (!parse_option(command, option, &is_named, &is_null))
			return false;
		seen[option] = true;
	}
	command->files = argv + optind;
	command->n_files = argc - optind;
	if (command->n_files == 0 && (command->action < ACTION_MODELS_SHOW || command->action > ACTION_MODELS_PATH)) {
		command->files = standard_input;
		command->n_files = 1;
	}
	if (command->action == ACTION_HELP || command->action == ACTION_VERSION) {
		/* --help and --version go before whatever else was asked for; the words take what is theirs */
		const bool is_word = !seen['h'] && !seen['V'];

		*command = (struct command){ .action = command->action, .topic = command->topic, .options = LAC_OPTIONS_DEFAULT,
			.json = command->json, .files = command->files, .n_files = command->n_files };
		return !is_word || check_seen(command, seen);
	}
	if (command->output && find_open_file(command->output) == STDOUT_FILENO)
		command->output = "-";
	command->verify = command->verify || (command->remove && command->action == ACTION_COMPRESS);
	if (!check(command, is_null, seen))
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
