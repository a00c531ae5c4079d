/* help.c: what the tables of options.h say, for people. */
#include "command.h"
#include "io/report.h"
#include "options.h"

#include <stdio.h>
#include <string.h>

#define HELP_COLUMN 30
#define LINE_COLUMNS 132

/* At HELP_COLUMN, with the lines behind it indented as much. */
static void print_wrapped(const char *text)
{
	int column = HELP_COLUMN;

	while (*text) {
		const int n = (int)strcspn(text, " ");

		if (column + n > LINE_COLUMNS && column > HELP_COLUMN) {
			printf("\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
		}
		printf("%.*s%s", n, text, text[n] ? " " : "");
		column += n + 1;
		text += n + (text[n] == ' ');
	}
	putchar('\n');
}

static void print_option(const struct option_entry *o)
{
	char left[64];
	int n;

	if (o->code < OPTION_KERNELS)
		n = snprintf(left, sizeof left, "  -%c, --%s", o->code, o->name);
	else
		n = snprintf(left, sizeof left, "      --%s", o->name);
	if (o->argument)
		n += snprintf(left + n, sizeof left - (size_t)n, " %s", o->argument);
	if (n >= HELP_COLUMN)
		printf("%s\n%*s", left, HELP_COLUMN, "");
	else
		printf("%-*s", HELP_COLUMN, left);
	print_wrapped(o->help);
}

static void print_usage(const struct command_entry *c)
{
	printf("usage: laconic %s%s%s [OPTION]...%s%s\n\n%s\n\n", c->word, c->sub ? " " : "", c->sub ? c->sub : "", *c->arguments ? " " : "",
		c->arguments, c->summary);
}

static void print_command(const struct command_entry *c)
{
	char left[64];

	snprintf(left, sizeof left, "  %s%s%s %s", c->word, c->sub ? " " : "", c->sub ? c->sub : "", c->arguments);
	if (strlen(left) >= HELP_COLUMN)
		printf("%s\n%*s", left, HELP_COLUMN, "");
	else
		printf("%-*s", HELP_COLUMN, left);
	print_wrapped(c->summary);
}

static void print_overview(void)
{
	fputs("laconic: lossless compression of LLM-written text with a language model\n"
		"\n"
		"usage: laconic [COMMAND] [OPTION]... [FILE]...\n"
		"\n"
		"  laconic FILE                FILE -> FILE.lac (FILE is kept)\n"
		"  laconic -d FILE.lac         FILE.lac -> FILE\n"
		"  ... | laconic | ...         without FILE, or with -: standard input to standard output\n"
		"\n"
		"Commands (laconic COMMAND --help tells the options of each)\n", stdout);
	for (size_t i = 0; i < n_commands; i++)
		print_command(&command_table[i]);
	fputs("\nCommon options\n", stdout);
	for (size_t i = 0; i < n_options; i++)
		if (option_table[i].code < OPTION_KERNELS && strchr("ocfTqv", option_table[i].code) && option_table[i].actions & FOR(ACTION_COMPRESS))
			print_option(&option_table[i]);
	fputs("\nExit status: 0 done, 1 error, 2 some file was skipped. The manual: man laconic.\n", stdout);
}

int run_help(enum action topic)
{
	const struct command_entry *c = topic == ACTION_HELP ? NULL : find_command(topic);

	if (!c) {
		print_overview();
		return EXIT_OK;
	}
	print_usage(c);
	for (size_t i = 0; i < n_options; i++)
		/* the letters that are commands, and the version, are told by the overview */
		if (option_table[i].actions & FOR(topic) && !is_command_letter(&option_table[i]) && option_table[i].code != 'V')
			print_option(&option_table[i]);
	return EXIT_OK;
}

int run_help_of(char **words, int n)
{
	int n_found = 0;

	if (n == 0 || strcmp(words[0], "-") == 0)
		return run_help(ACTION_HELP);
	for (size_t i = 0; i < n_commands; i++) {
		const struct command_entry *c = &command_table[i];

		if (strcmp(c->word, words[0]) != 0 || (n > 1 && (!c->sub || strcmp(c->sub, words[1]) != 0)))
			continue;
		if (n_found++)
			putchar('\n');
		run_help(c->action);
	}
	if (!n_found)
		complain("there is no command \"%s\"; laconic --help lists them", words[0]);
	return n_found ? EXIT_OK : EXIT_ERROR;
}

static void print_json_version(void)
{
	printf("{\"status\": \"ok\", \"version\": \"%s\", \"kernels\": [", lac_version());
	for (unsigned i = 0; lac_kernels_name(i); i++)
		printf("%s\"%s\"", i ? ", " : "", lac_kernels_name(i));
	printf("], \"training\": %s}\n", training_lacks() ? "false" : "true");
}

int run_version(const struct command *command)
{
	if (command->json) {
		print_json_version();
		return EXIT_OK;
	}
	printf("laconic %s\nkernels:", lac_version());
	for (unsigned i = 0; lac_kernels_name(i); i++)
		printf(" %s", lac_kernels_name(i));
	if (training_lacks())
		printf("\ntraining: no, %s\n", training_lacks());
	else
		printf("\ntraining: with OpenBLAS and jansson\n");
	return EXIT_OK;
}
