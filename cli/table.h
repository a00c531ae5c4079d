/* table.h: the options of a command that has many, from a table. -o, -T, -f and -q are those of the long names that begin so. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>

#define ARGUMENTS_MAX 48

enum kind { TEXT, COUNT, COUNT_32, REAL, SWITCH, WORD };

struct argument {
	const char *name;
	enum kind kind;
	void *value;       /* const char *, uint64_t, uint32_t, double, bool, an enum */
	const char *words; /* of kind WORD: "one|other", in the order of the enum */
};

/* Sets what argv asks for, and orders it so that the files are the last; the first of them is argv[optind]. Prints what is wrong and
 * returns false. */
bool table_parse(const struct argument *arguments, int n, int argc, char **argv);

#endif
