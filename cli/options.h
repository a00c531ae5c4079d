/* options.h: every command and every option, once: parsing, help, the manual page and completions are made of these tables. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stddef.h>

enum action { ACTION_COMPRESS, ACTION_DECOMPRESS, ACTION_TEST, ACTION_CAT, ACTION_LIST, ACTION_MODELS_SHOW, ACTION_MODELS_LIST, ACTION_MODELS_EXPORT,
	ACTION_MODELS_PATH, ACTION_HELP, ACTION_VERSION, ACTION_TRAIN, ACTION_ADAPT, ACTION_CLUSTER, N_ACTIONS };

#define FOR(action) (1u << (action))

/* Of options without a letter. */
enum option_code { OPTION_KERNELS = 256, OPTION_MODEL, OPTION_RECORDS, OPTION_BLOCK_SIZE, OPTION_JSON, OPTION_MEMORY, OPTION_BATCH,
	OPTION_ADAPTER, OPTION_LIMIT, OPTION_VERIFY, OPTION_RM, OPTION_ESTIMATE, OPTION_RECORD, OPTION_RANGE,
	OPTION_NO_INDEX, OPTION_MESSAGE, OPTION_CONTEXT, OPTION_WITH_MODEL, OPTION_CACHE, OPTION_OF_TRAINING };

struct option_entry {
	const char *name;
	int code;             /* a letter, or an option_code */
	const char *argument; /* NULL: none; FILE and FOLDER are completed as such, "one|other" as words */
	unsigned actions;     /* FOR(...) of every command that takes it */
	const char *help;
};

struct command_entry {
	const char *word, *sub; /* sub: the second word, or NULL */
	enum action action;
	const char *arguments;  /* behind the options */
	const char *summary;
};

extern const struct option_entry option_table[];
extern const size_t n_options;
extern const struct command_entry command_table[];
extern const size_t n_commands;

/* NULL: it has none (or, of find_option, the command does not take it). */
const struct command_entry *find_command(enum action action);
const struct option_entry *find_option(int code, enum action action);

#endif
