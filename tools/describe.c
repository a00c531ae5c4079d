/* describe.c: the tables of cli/options.h as parts of the manual page and as completions of three
 * shells. Run by make. Usage: describe man <doc/laconic.1.in, or describe bash|zsh|fish */
#include "../cli/options.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool takes(const struct command_entry *c, const struct option_entry *o)
{
	return o->actions & FOR(c->action) && !is_command_letter(o);
}

/* ---- The manual page ------------------------------------------------------------- */

static void print_roff(const char *text)
{
	for (; *text; text++) {
		if (*text == '-')
			fputs("\\-", stdout);
		else if (*text == '\\')
			fputs("\\e", stdout);
		else
			putchar(*text);
	}
}

static void print_man_option(const struct option_entry *o)
{
	fputs(".TP\n.BR ", stdout);
	if (o->code < OPTION_KERNELS)
		printf("\\-%c \", \" ", o->code);
	fputs("\\-\\-", stdout);
	print_roff(o->name);
	if (o->argument) {
		fputs(" \" \\fI", stdout);
		print_roff(o->argument);
		fputs("\\fR\"", stdout);
	}
	putchar('\n');
	print_roff(o->help);
	fputs(".\n", stdout);
}

static void print_man_command(const struct command_entry *c)
{
	printf(".SS \"laconic %s%s%s [\\fIoption\\fP]...%s%s\"\n", c->word, c->sub ? " " : "", c->sub ? c->sub : "", *c->arguments ? " " : "",
		c->arguments);
	print_roff(c->summary);
	fputs(".\n", stdout);
	for (size_t i = 0; i < n_options; i++)
		if (takes(c, &option_table[i]) && option_table[i].code != 'h' && option_table[i].code != 'V')
			print_man_option(&option_table[i]);
}

static void print_man(void)
{
	char line[1024];

	while (fgets(line, sizeof line, stdin)) {
		if (strcmp(line, "@COMMANDS@\n") != 0) {
			fputs(line, stdout);
			continue;
		}
		for (size_t i = 0; i < n_commands; i++)
			print_man_command(&command_table[i]);
	}
}

/* ---- Completions ----------------------------------------------------------------- */

/* Every first word, or every second word of `word`. */
static void print_words(const char *word)
{
	const char *last = "";

	for (size_t i = 0; i < n_commands; i++) {
		const struct command_entry *c = &command_table[i];

		if (word ? c->sub && strcmp(c->word, word) == 0 : strcmp(last, c->word) != 0)
			printf("%s ", word ? c->sub : c->word);
		last = c->word;
	}
}

static void print_bash_options(const struct command_entry *c)
{
	for (size_t i = 0; i < n_options; i++) {
		if (takes(c, &option_table[i]))
			printf(" --%s", option_table[i].name);
		if (takes(c, &option_table[i]) && option_table[i].code < OPTION_KERNELS)
			printf(" -%c", option_table[i].code);
	}
}

static bool is_path(const char *argument)
{
	return strcmp(argument, "FILE") == 0 || strcmp(argument, "FOLDER") == 0;
}

static bool is_choice(const char *argument)
{
	return strchr(argument, '|') && !strchr(argument, '[');
}

/* What stands behind an option: files, words, or nothing that a shell knows. */
static void print_bash_arguments(void)
{
	for (size_t i = 0; i < n_options; i++) {
		const struct option_entry *o = &option_table[i];

		if (!o->argument || is_path(o->argument))
			continue;
		printf("\t--%s", o->name);
		if (o->code < OPTION_KERNELS)
			printf("|-%c", o->code);
		fputs(") COMPREPLY=(", stdout);
		if (is_choice(o->argument)) {
			fputs("$(compgen -W '", stdout);
			for (const char *at = o->argument; *at; at++)
				putchar(*at == '|' ? ' ' : *at);
			fputs("' -- \"$word\")", stdout);
		} else if (o->code == OPTION_KERNELS) {
			fputs("$(compgen -W \"$(laconic --version | sed -n 's/^kernels://p')\" -- \"$word\")", stdout);
		}
		fputs("); return ;;\n", stdout);
	}
}

static void print_bash(void)
{
	fputs("# bash completion of laconic\n"
		"_laconic()\n{\n"
		"\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} options\n"
		"\t[ \"$command\" != models ] || command=\"models ${COMP_WORDS[2]}\"\n"
		"\tcase $before in\n", stdout);
	print_bash_arguments();
	fputs("\tesac\n\tcase $command in\n", stdout);
	for (size_t i = 0; i < n_commands; i++) {
		printf("\t'%s%s%s') options='", command_table[i].word, command_table[i].sub ? " " : "",
			command_table[i].sub ? command_table[i].sub : "");
		print_bash_options(&command_table[i]);
		fputs("' ;;\n", stdout);
	}
	fputs("\t*) options='-d -t -l", stdout);
	print_bash_options(&command_table[0]);
	fputs("' ;;\n\tesac\n"
		"\tif [[ $word == -* ]]; then\n\t\tCOMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
		"\telif [ \"$COMP_CWORD\" = 1 ]; then\n\t\tCOMPREPLY=($(compgen -f -W '", stdout);
	print_words(NULL);
	fputs("' -- \"$word\"))\n\telif [ \"$COMP_CWORD\" = 2 ] && [ \"${COMP_WORDS[1]}\" = models ]; then\n\t\tCOMPREPLY=($(compgen -W '", stdout);
	print_words("models");
	fputs("' -- \"$word\"))\n\telse\n\t\tcompopt -o filenames\n\t\tCOMPREPLY=($(compgen -f -- \"$word\"))\n\tfi\n}\n"
		"complete -F _laconic laconic\n", stdout);
}

/* Without what zsh would take for its own. */
static void print_zsh_text(const char *text)
{
	for (; *text; text++) {
		if (strchr("[]:\\", *text))
			putchar('\\');
		if (*text == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*text);
	}
}

static void print_zsh_argument(const struct option_entry *o)
{
	if (!o->argument)
		return;
	if (strcmp(o->argument, "FILE") == 0) {
		fputs(":file:_files", stdout);
	} else if (strcmp(o->argument, "FOLDER") == 0) {
		fputs(":folder:_files -/", stdout);
	} else if (is_choice(o->argument)) {
		fputs(":word:(", stdout);
		for (const char *at = o->argument; *at; at++)
			putchar(*at == '|' ? ' ' : *at);
		putchar(')');
	} else {
		fputs(":value: ", stdout);
	}
}

static void print_zsh_option(const char *dashes, const char *name, const struct option_entry *o)
{
	printf("\t\t\t'*%s%s[", dashes, name);
	print_zsh_text(o->help);
	putchar(']');
	print_zsh_argument(o);
	fputs("' \\\n", stdout);
}

static void print_zsh_command(const struct command_entry *c)
{
	printf("\t'%s%s%s')\n\t\t_arguments -s -S \\\n", c->word, c->sub ? " " : "", c->sub ? c->sub : "");
	for (size_t i = 0; i < n_options; i++) {
		const char letter[2] = { (char)(option_table[i].code < OPTION_KERNELS ? option_table[i].code : 0), 0 };

		if (!takes(c, &option_table[i]))
			continue;
		print_zsh_option("--", option_table[i].name, &option_table[i]);
		if (letter[0])
			print_zsh_option("-", letter, &option_table[i]);
	}
	fputs("\t\t\t'*:file:_files' ;;\n", stdout);
}

static void print_zsh(void)
{
	fputs("#compdef laconic\nlocal -a commands\nlocal command=$words[2]\n\n"
		"if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n\tcommands=(", stdout);
	print_words(NULL);
	fputs(")\n\tcompadd -a commands\n\t_files\n\treturn\nfi\n"
		"if [[ $command == models ]]; then\n\tif (( CURRENT == 3 )); then\n\t\tcommands=(", stdout);
	print_words("models");
	fputs(")\n\t\tcompadd -a commands\n\t\treturn\n\tfi\n\tcommand=\"models $words[3]\"\nfi\ncase $command in\n", stdout);
	for (size_t i = 1; i < n_commands; i++)
		print_zsh_command(&command_table[i]);
	fputs("\t*) # compress is the default\n", stdout);
	fputs("\t\t;&\n", stdout);
	print_zsh_command(&command_table[0]);
	fputs("esac\n", stdout);
}

static void print_fish_text(const char *text)
{
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
}

static void print_fish_option(const struct command_entry *c, const struct option_entry *o)
{
	printf("complete -c laconic -n '__fish_seen_subcommand_from %s%s%s' -l %s", c->word,
		c->sub ? "; and __fish_seen_subcommand_from " : "", c->sub ? c->sub : "", o->name);
	if (o->code < OPTION_KERNELS)
		printf(" -s %c", o->code);
	if (o->argument)
		fputs(is_path(o->argument) ? " -r -F" : " -x", stdout);
	if (o->argument && is_choice(o->argument)) {
		fputs(" -a '", stdout);
		for (const char *at = o->argument; *at; at++)
			putchar(*at == '|' ? ' ' : *at);
		putchar('\'');
	}
	fputs(" -d '", stdout);
	print_fish_text(o->help);
	fputs("'\n", stdout);
}

static void print_fish(void)
{
	fputs("# fish completion of laconic\n", stdout);
	for (size_t i = 0; i < n_commands; i++) {
		const struct command_entry *c = &command_table[i];

		printf("complete -c laconic -n '%s%s' -a %s -d '", c->sub ? "__fish_seen_subcommand_from " : "__fish_use_subcommand",
			c->sub ? c->word : "", c->sub ? c->sub : c->word);
		print_fish_text(c->summary);
		fputs("'\n", stdout);
		if (c->sub && strcmp(c->sub, "show") == 0)
			printf("complete -c laconic -n __fish_use_subcommand -a %s\n", c->word);
		for (size_t k = 0; k < n_options; k++)
			if (takes(c, &option_table[k]))
				print_fish_option(c, &option_table[k]);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "man") == 0)
		print_man();
	else if (strcmp(what, "bash") == 0)
		print_bash();
	else if (strcmp(what, "zsh") == 0)
		print_zsh();
	else if (strcmp(what, "fish") == 0)
		print_fish();
	else
		return 1;
	return fflush(stdout) != 0 || ferror(stdout);
}
