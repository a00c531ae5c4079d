/* arguments.c: argv -> struct command. */
#include "command.h"
#include "options.h"
#include "io/report.h"
#include "io/streams.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Every name once; an option of two rows is told apart by the command. */
static void list_options(struct option options[N_OPTION_CODES], char letters[2 * OPTION_KERNELS])
{
	bool is_listed[N_OPTION_CODES] = { false };
	size_t n = 0;

	*letters++ = ':'; /* a missing argument is told from an unknown option */
	*letters = 0;
	for (size_t i = 0; i < n_options; i++) {
		const struct option_entry *o = &option_table[i];

		if (is_listed[o->code])
			continue;
		is_listed[o->code] = true;
		options[n++] = (struct option){ o->name, o->argument ? required_argument : no_argument, NULL, o->code };
		if (o->code < OPTION_KERNELS)
			letters += sprintf(letters, "%c%s", o->code, o->argument ? ":" : "");
	}
	options[n] = (struct option){ NULL, 0, NULL, 0 };
}

/* ---- Values -------------------------------------------------------------------------- */

static void complain_of_number(const struct option_entry *o, const char *text)
{
	const char *size = o->kind == VALUE_SIZE ? "; K, M and G behind it stand for 1024, 1024^2 and 1024^3" : "";

	complain("--%s %s: a %snumber from %" PRIu64 " to %" PRIu64 " is wanted%s%s%s%s", o->name, text, o->kind == VALUE_REAL ? "" : "whole ",
		o->least, o->most, o->unit ? " (" : "", o->unit ? o->unit : "", o->unit ? ")" : "", size);
}

static bool parse_whole(const struct option_entry *o, const char *text, uint64_t *value)
{
	static const char suffixes[] = "KMG";
	uint64_t factor = 1;
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	if (o->kind == VALUE_SIZE && *end && strchr(suffixes, *end))
		factor = (uint64_t)1 << 10 * (strchr(suffixes, *end++) - suffixes + 1);
	if (text[0] < '0' || text[0] > '9' || *end || errno || *value > o->most / factor || *value * factor < o->least) {
		complain_of_number(o, text);
		return false;
	}
	*value *= factor;
	return true;
}

static bool parse_real(const struct option_entry *o, const char *text, double *value)
{
	char *end;

	*value = strtod(text, &end);
	/* NaN is neither */
	if (end != text && !*end && *value >= (double)o->least && *value <= (double)o->most)
		return true;
	complain_of_number(o, text);
	return false;
}

static bool parse_word(const struct option_entry *o, const char *text, int *value)
{
	const size_t length = strlen(text);
	const char *at = o->argument;

	for (*value = 0; *at; (*value)++) {
		const size_t n = strcspn(at, "|");

		if (n == length && strncmp(at, text, n) == 0)
			return true;
		at += n + (at[n] == '|');
	}
	complain("--%s %s: one of %s is wanted", o->name, text, o->argument);
	return false;
}

/* Into the member of the command that the table names. */
static bool set_value(struct command *command, const struct option_entry *o, const char *text)
{
	void *member = (char *)command + o->offset;
	const bool is_true = true;
	uint64_t number;
	uint32_t small;
	double real;
	int word;

	switch (o->kind) {
	case VALUE_OF_ITS_OWN:
		return false;
	case VALUE_SWITCH:
		memcpy(member, &is_true, sizeof is_true);
		return true;
	case VALUE_TEXT:
		memcpy(member, &text, sizeof text);
		return true;
	case VALUE_WORD:
		if (!parse_word(o, text, &word))
			return false;
		memcpy(member, &word, sizeof word); /* enums of the public header are ints */
		return true;
	case VALUE_REAL:
		if (!parse_real(o, text, &real))
			return false;
		memcpy(member, &real, sizeof real);
		return true;
	case VALUE_COUNT:
	case VALUE_SIZE:
		if (!parse_whole(o, text, &number))
			return false;
		small = (uint32_t)number; /* o->most fits where the member is one */
		memcpy(member, o->n_bytes == sizeof small ? (const void *)&small : &number, o->n_bytes);
		return true;
	}
	return false;
}

/* ---- Options with values of their own ---------------------------------------------------- */

/* The first word, or two of them, if they are a command, take the place of -z, -d, -t, -l. Returns
 * how many words it took. */
static int parse_command_word(struct command *command, int argc, char **argv, bool *is_named)
{
	*is_named = true;
	for (size_t i = 0; i < n_commands; i++) {
		const struct command_entry *c = &command_table[i];
		const int n_words = c->sub ? 2 : 1;

		if (argc > n_words && strcmp(argv[1], c->word) == 0 && (!c->sub || strcmp(argv[2], c->sub) == 0)) {
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
static bool parse_range(struct command *command, const struct option_entry *o, const char *text)
{
	struct option_entry last = *o;
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
	if (!parse_whole(o, first, &command->first_record))
		return false;
	last.least = command->first_record;
	return !dash[1] || parse_whole(&last, dash + 1, &command->last_record);
}

static bool parse_record(struct command *command, const struct option_entry *o, const char *text)
{
	command->has_range = true;
	if (!parse_whole(o, text, &command->first_record))
		return false;
	command->last_record = command->first_record;
	return true;
}

/* What names the command, or is none of its options. */
static bool parse_action(struct command *command, int option, bool *is_named)
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
	case 'V':
		command->action = ACTION_VERSION;
		*is_named = true;
		return true;
	}
	return true;
}

static bool parse_option(struct command *command, const struct option_entry *o, const char *text)
{
	if (o->kind != VALUE_OF_ITS_OWN)
		return set_value(command, o, text);
	switch (o->code) {
	case 'q': command->verbosity = -1; return true;
	case 'v': command->verbosity = 1; return true;
	case 'k': command->remove = false; return true;
	case '0': command->options.records = LAC_RECORDS_NUL; return true;
	case OPTION_RECORDS:
		if (!command->options.records)
			command->options.records = LAC_RECORDS_LINES;
		return true;
	case OPTION_NO_INDEX: command->options.is_indexed = false; return true;
	case OPTION_ADAPTER: return add_adapter(command, text);
	case OPTION_RECORD: return is_only_range(command) && parse_record(command, o, text);
	case OPTION_RANGE: return is_only_range(command) && parse_range(command, o, text);
	}
	return true; /* it was looked at, or says what is so */
}

/* A command after an option would be taken for a file. */
static bool is_misplaced_command(const char *word)
{
	for (size_t i = 0; i < n_commands; i++)
		if (strcmp(word, command_table[i].word) == 0 && access(word, F_OK) != 0)
			return true;
	return false;
}

/* ---- What goes together ---------------------------------------------------------------- */

/* Names the commands that take what this one does not. */
static void complain_of_option(int code)
{
	char commands[256] = "";
	const char *name = "";

	for (size_t i = 0; i < n_commands; i++) {
		const struct command_entry *c = &command_table[i];
		const struct option_entry *o = find_option(code, c->action);
		const size_t n = strlen(commands);

		if (!o)
			continue;
		name = o->name;
		snprintf(commands + n, sizeof commands - n, "%s%s%s%s", n ? ", " : "", c->word, c->sub ? " " : "", c->sub ? c->sub : "");
	}
	complain("--%s goes with %s", name, commands);
}

static bool check_seen(const struct command *command, const bool seen[N_OPTION_CODES])
{
	for (int code = 0; code < N_OPTION_CODES; code++)
		if (seen[code] && !find_option(code, command->action)) {
			complain_of_option(code);
			return false;
		}
	return true;
}

static bool is_among(int code, const int *others)
{
	while (*others && *others != code)
		others++;
	return *others;
}

/* The first option that goes against the rule; 0: none does. */
static int find_excluded(const struct command *command, const struct option_rule *rule, const bool seen[N_OPTION_CODES])
{
	for (int code = 1; code < N_OPTION_CODES; code++)
		if (seen[code] && code != rule->option && is_among(code, rule->others) == (rule->kind == RULE_EXCLUDES) &&
		    !is_command_letter(find_option(code, command->action)))
			return code;
	return 0;
}

static bool has_needed(const struct option_rule *rule, const bool seen[N_OPTION_CODES])
{
	for (const int *other = rule->others; *other; other++)
		if (seen[*other])
			return true;
	return false;
}

static void complain_of_rule(const struct command *command, const struct option_rule *rule, int excluded)
{
	char text[256];
	int n = snprintf(text, sizeof text, "--%s ", find_option(rule->option, command->action)->name);

	if (excluded)
		n += snprintf(text + n, sizeof text - (size_t)n, "excludes --%s", find_option(excluded, command->action)->name);
	for (const int *other = rule->others; !excluded && *other; other++)
		n += snprintf(text + n, sizeof text - (size_t)n, "%s --%s", other == rule->others ? "goes with" : " or",
			find_option(*other, command->action)->name);
	complain("%s%s%s", text, rule->why ? ": " : "", rule->why ? rule->why : "");
}

static bool check_rules(const struct command *command, const bool seen[N_OPTION_CODES])
{
	for (size_t i = 0; i < n_option_rules; i++) {
		const struct option_rule *rule = &option_rules[i];
		const bool is_asked = rule->actions & FOR(command->action) && seen[rule->option];
		const int excluded = is_asked && rule->kind != RULE_NEEDS ? find_excluded(command, rule, seen) : 0;

		if (excluded || (is_asked && rule->kind == RULE_NEEDS && !has_needed(rule, seen))) {
			complain_of_rule(command, rule, excluded);
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

/* What the rules of the table cannot say. */
static const char *find_contradiction(const struct command *command)
{
	if (command->is_message && command->n_adapters > 1)
		return "a message does not say which adapter it takes: one at most goes with --message";
	if (command->remove && (reads_stdin(command) || writes_to_stdout(command)))
		return "--rm goes with files: what is read from or written to a pipe is not removed";
	if (command->json && !command->estimate && writes_to_stdout(command))
		return "--json and the output cannot share the standard output; name a file with -o";
	if (command->action == ACTION_MODELS_SHOW && command->model_path && command->n_files)
		return "models show takes files, or one --model";
	if (command->action == ACTION_CLUSTER && command->cluster.model && !command->cluster.assign && command->cluster.embedding != LAC_STATES)
		return "--model goes with --embedding states: runs of bytes are compared without a model";
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
	if (command->import && command->n_files) {
		complain("%s: --import takes no texts: nothing is trained", command->files[0]);
		return false;
	}
	if (command->output && command->n_files > 1 && action < ACTION_TRAIN) {
		complain("-o names one output for %d inputs; use -c to join them", command->n_files);
		return false;
	}
	return true;
}

static bool check(const struct command *command, const bool seen[N_OPTION_CODES])
{
	const char *contradiction;

	if (!check_rules(command, seen) || !check_files(command))
		return false;
	contradiction = find_contradiction(command);
	if (contradiction)
		complain("%s", contradiction);
	return !contradiction;
}

/* ---- All of it --------------------------------------------------------------------------- */

static bool is_code(int code)
{
	for (size_t i = 0; i < n_options; i++)
		if (option_table[i].code == code)
			return true;
	return false;
}

/* What getopt stopped at: optopt is the code, or a letter that is none, or 0 for a word. */
static void complain_of_word(int option, const char *word)
{
	if (option == ':')
		complain("option '%s' wants an argument; see laconic --help", word);
	else if (!optopt)
		complain("unrecognized option '%s': none or several begin so; see laconic --help", word);
	else if (is_code(optopt))
		complain("option '%s' takes no argument; see laconic --help", word);
	else
		complain("unrecognized option '-%c'; see laconic --help", optopt);
}

/* Which command it is, and which options are seen: what an option means, the command says. */
static bool find_action(struct command *command, int argc, char **argv, const char *letters, const struct option *options, bool is_named,
	bool seen[N_OPTION_CODES])
{
	int option;

	opterr = 0; /* names are shown tame */
	optind = 0; /* getopt begins anew */
	while ((option = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		if (option == '?' || option == ':') {
			complain_of_word(option, argv[optind - 1]);
			return false;
		}
		if (!parse_action(command, option, &is_named))
			return false;
		seen[option] = true;
	}
	return true;
}

static bool parse_options(struct command *command, int argc, char **argv, const char *letters, const struct option *options)
{
	int option;

	optind = 0;
	while ((option = getopt_long(argc, argv, letters, options, NULL)) != -1)
		if (!parse_option(command, find_option(option, command->action), optarg))
			return false;
	return true;
}

/* --help and --version go before whatever else was asked for. */
static bool is_told_at_once(const struct command *command, const bool seen[N_OPTION_CODES])
{
	return (command->action == ACTION_HELP || command->action == ACTION_VERSION) && (seen['h'] || seen['V']);
}

static void default_values(struct command *command)
{
	command->options = (struct lac_options)LAC_OPTIONS_DEFAULT;
	command->options.is_indexed = true; /* of records, unless told otherwise */
	command->cache_bytes = UINT64_MAX;
	set_training_defaults(command);
}

bool command_parse(struct command *command, int argc, char **argv)
{
	static char *standard_input[] = { "-", NULL };
	struct option options[N_OPTION_CODES];
	char letters[2 * OPTION_KERNELS];
	bool is_named, seen[N_OPTION_CODES] = { false };
	int n_words;

	*command = (struct command){ .action = ACTION_COMPRESS, .topic = ACTION_HELP };
	list_options(options, letters);
	n_words = parse_command_word(command, argc, argv, &is_named);
	argv[n_words] = argv[0];
	argc -= n_words;
	argv += n_words;
	if (!find_action(command, argc, argv, letters, options, is_named, seen))
		return false;
	command->words = argv + 1;
	command->files = argv + optind;
	command->n_files = argc - optind;
	default_values(command);
	if (is_told_at_once(command, seen)) {
		command->json = seen[OPTION_JSON];
		return true;
	}
	if (!check_seen(command, seen) || !parse_options(command, argc, argv, letters, options))
		return false;
	if (command->n_files == 0 && command->action <= ACTION_LIST) {
		command->files = standard_input;
		command->n_files = 1;
	}
	if (command->output && command->action < ACTION_TRAIN && find_open_file(command->output) == STDOUT_FILENO)
		command->output = "-";
	command->verify = command->verify || (command->remove && command->action == ACTION_COMPRESS);
	if (!check(command, seen))
		return false;
	command->options.is_indexed = command->options.is_indexed && command->options.records;
	if (command->action == ACTION_CAT && !command->output)
		command->to_stdout = true;
	if (command->action == ACTION_CAT && !command->has_range)
		command->action = ACTION_DECOMPRESS;
	return true;
}
