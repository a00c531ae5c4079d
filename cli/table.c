#include "table.h"
#include "io/report.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool parse_count(const char *name, const char *text, uint64_t most, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno || *value > most) {
		complain("--%s %s: a whole number is wanted, %" PRIu64 " at most", name, text, most);
		return false;
	}
	return true;
}

static bool parse_word(const char *name, const char *text, const char *words, int *value)
{
	const size_t length = strlen(text);
	const char *at = words;

	for (*value = 0; *at; (*value)++) {
		const size_t n = strcspn(at, "|");

		if (n == length && strncmp(at, text, n) == 0)
			return true;
		at += n + (at[n] == '|');
	}
	complain("--%s %s: one of %s is wanted", name, text, words);
	return false;
}

static bool set_argument(const struct argument *argument, const char *text)
{
	uint64_t count;
	char *end;
	int word;

	switch (argument->kind) {
	case TEXT:
		*(const char **)argument->value = text;
		return true;
	case SWITCH:
		*(bool *)argument->value = true;
		return true;
	case COUNT:
		return parse_count(argument->name, text, INT64_MAX, argument->value);
	case COUNT_32:
		if (!parse_count(argument->name, text, UINT32_MAX, &count))
			return false;
		*(uint32_t *)argument->value = (uint32_t)count;
		return true;
	case REAL:
		*(double *)argument->value = strtod(text, &end);
		if (end == text || *end || !isfinite(*(double *)argument->value)) {
			complain("--%s %s: a number is wanted", argument->name, text);
			return false;
		}
		return true;
	case WORD:
		if (!parse_word(argument->name, text, argument->words, &word))
			return false;
		memcpy(argument->value, &word, sizeof word); /* enums of the public header are ints */
		return true;
	}
	return false;
}

/* What a letter stands for; NULL: nothing here. */
static const struct argument *find_letter(const struct argument *arguments, int n, int letter)
{
	static const struct { char letter; const char *name; } letters[] = { { 'o', "output" }, { 'T', "threads" }, { 'f', "force" },
		{ 'q', "quiet" } };

	for (size_t k = 0; k < sizeof letters / sizeof *letters; k++)
		for (int i = 0; letters[k].letter == letter && i < n; i++)
			if (strcmp(arguments[i].name, letters[k].name) == 0)
				return &arguments[i];
	return NULL;
}

bool table_parse(const struct argument *arguments, int n, int argc, char **argv)
{
	struct option options[ARGUMENTS_MAX + 1] = { { 0 } };
	int option, index;

	for (int i = 0; i < n; i++)
		options[i] = (struct option){ arguments[i].name, arguments[i].kind == SWITCH ? no_argument : required_argument, NULL, 0 };
	while ((option = getopt_long(argc, argv, "o:T:fq", options, &index)) != -1) {
		const struct argument *argument = option == 0 ? &arguments[index] : find_letter(arguments, n, option);

		if (!argument) {
			if (option != '?')
				complain("there is no option -%c here", option);
			fprintf(stderr, "Try 'laconic --help'.\n");
			return false;
		}
		if (!set_argument(argument, optarg))
			return false;
	}
	return true;
}
