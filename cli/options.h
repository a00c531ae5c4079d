/* options.h: every command and every option, once: parsing, help, the manual page and completions
 * are made of these tables. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "action.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FOR(action) (1u << (action))

/* Of options without a letter. Rows of one name have one code. */
enum option_code { OPTION_KERNELS = 256, OPTION_MODEL, OPTION_RECORDS, OPTION_BLOCK_SIZE, OPTION_JSON, OPTION_MEMORY, OPTION_BATCH,
	OPTION_ADAPTER, OPTION_LIMIT, OPTION_VERIFY, OPTION_RM, OPTION_ESTIMATE, OPTION_RECORD, OPTION_RANGE, OPTION_NO_INDEX,
	OPTION_MESSAGE, OPTION_CONTEXT, OPTION_WITH_MODEL, OPTION_CACHE, OPTION_NAME, OPTION_FIELD, OPTION_PROMPT_FIELD,
	OPTION_PROMPT_SHARE, OPTION_RESPONSE_ONLY, OPTION_SKIP_BAD, OPTION_VALIDATE, OPTION_VALIDATION_STEPS, OPTION_SEED, OPTION_STEPS, OPTION_EPOCHS,
	OPTION_OPTIMIZER, OPTION_RATE, OPTION_WEIGHT_DECAY, OPTION_CLIP, OPTION_WARMUP, OPTION_DECAY, OPTION_DECAY_SHARE,
	OPTION_CHECKPOINT, OPTION_CHECKPOINT_STEPS, OPTION_RESUME, OPTION_LOG, OPTION_INIT, OPTION_TOKENIZER, OPTION_DIM, OPTION_FFN,
	OPTION_LAYERS, OPTION_HEADS, OPTION_KV_HEADS, OPTION_HEAD_DIM, OPTION_VOCABULARY, OPTION_UNTIED, OPTION_TYPE, OPTION_BASE,
	OPTION_RANK, OPTION_ALPHA, OPTION_TARGETS, OPTION_IMPORT, OPTION_CLUSTERS, OPTION_EMBEDDING, OPTION_ASSIGN, OPTION_RESTARTS,
	N_OPTION_CODES };

/* What becomes of an option's argument. */
enum value_kind {
	VALUE_OF_ITS_OWN, /* what arguments.c makes of it */
	VALUE_SWITCH,     /* true */
	VALUE_TEXT,       /* the argument itself */
	VALUE_WORD,       /* the place of one of the words of `argument` */
	VALUE_COUNT,      /* a whole number */
	VALUE_SIZE,       /* one that may end in K, M or G */
	VALUE_REAL        /* a number */
};

struct option_entry {
	const char *name;
	int code;             /* a letter, or an option_code */
	/* NULL: none; FILE and FOLDER are completed as such, "one|other" as words */
	const char *argument;
	unsigned actions;     /* FOR(...) of every command in which it has an effect */
	const char *help;
	enum value_kind kind;
	size_t offset, n_bytes; /* where struct command has the value */
	uint64_t least, most;   /* of a number, both included */
	const char *unit;       /* of a number; NULL: the option's name says it */
};

struct command_entry {
	const char *word, *sub; /* sub: the second word, or NULL */
	enum action action;
	const char *arguments;  /* behind the options */
	const char *summary;
};

/* What an option asks of the others that are given with it, because one of them would have no
 * effect. */
enum rule_kind {
	RULE_NEEDS,    /* one of the others */
	RULE_EXCLUDES, /* each of the others */
	RULE_ONLY      /* excludes all but the others */
};

struct option_rule {
	unsigned actions; /* FOR(...) of every command for which it holds */
	int option;
	enum rule_kind kind;
	int others[12];   /* codes; 0 behind the last */
	const char *why;  /* NULL: that is plain */
};

extern const struct option_entry option_table[];
extern const size_t n_options;
extern const struct command_entry command_table[];
extern const size_t n_commands;
extern const struct option_rule option_rules[];
extern const size_t n_option_rules;

/* NULL: it has none (or, of find_option, the command does not take it). */
const struct command_entry *find_command(enum action action);
const struct option_entry *find_option(int code, enum action action);

/* Whether the option is a command by a letter, which options of commands are told without. */
bool is_command_letter(const struct option_entry *option);

#endif
