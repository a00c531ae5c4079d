/* command.h: what the command line asked for, and the commands that do it. Every command returns
 * its exit status. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "laconic.h"
#include "laconic_train.h"
#include "action.h"

enum exit_status {
	EXIT_OK = 0,
	EXIT_ERROR = 1,  /* something asked for was not done */
	EXIT_WARNING = 2 /* all was done but for files that were rightly skipped */
};

struct command {
	enum action action;
	enum action topic;      /* of ACTION_HELP: the command meant, or ACTION_HELP */
	struct lac_options options;
	const char *model_path; /* NULL: the embedded model */
	const char *adapters[LAC_ADAPTED_MAX]; /* paths */
	uint32_t n_adapters;
	const char *output;     /* -o */
	bool to_stdout, force, json, verify;
	bool remove;            /* --rm: the source, when all else is done */
	bool estimate;
	uint64_t cache_bytes;   /* --cache, of open_model_file() */
	bool is_message;        /* not an archive, a message */
	bool with_model;        /* compress: the archive carries the model's file */
	bool has_range;         /* cat: of records, both included */
	uint64_t first_record, last_record; /* UINT64_MAX: the last there is */
	int verbosity;          /* -1 quiet, 0, 1 verbose */
	char **files;           /* borrowed from argv; "-" is the standard input */
	int n_files;
	/* borrowed: argv behind the command's word, which may stand in another order */
	char **words;

	/* of train and adapt, and of cluster, without what stands above */
	struct lac_train_options train;
	struct lac_cluster_options cluster;
	const char *import, *validation, *log; /* paths, or NULL */
};

/* Fills `command`, or prints what is wrong and returns false. */
bool command_parse(struct command *command, int argc, char **argv);

int run_transfer(const struct command *command); /* compress, decompress, test */
int run_cat(const struct command *command); /* single records */
int run_list(const struct command *command);
int run_models_show(const struct command *command);
int run_models_list(const struct command *command);
int run_models_export(const struct command *command);
int run_models_path(const struct command *command);
int run_help(enum action topic);
/* laconic help WORD... */
int run_help_of(char **words, int n);
int run_version(const struct command *command);

int run_training(const struct command *command); /* train, adapt */
int run_cluster(const struct command *command);
/* Sets command->train or command->cluster to what its action has where nothing else is said. */
void set_training_defaults(struct command *command);
/* Why this laconic cannot train; NULL: it can. */
const char *training_lacks(void);

/* Opens the model that the command names, or the embedded one. Prints why it cannot. */
bool open_model(const struct command *command, struct lac_model **model);
/* With -v; `cache` is what lac_finder_told() says. */
void tell_of_model(const struct command *command, const struct lac_model *model, const char *cache);
/* Whether it is the name or the identity of the embedded model. */
bool is_embedded_model(const char *name);

/* The model and what the adapters of the command make of it. */
struct models {
	struct lac_model *base, *adapted[LAC_ADAPTED_MAX];
	uint32_t n_adapted;
	/* borrowed: what --verify decodes with, or NULL. Without a base it is what the archive
	 * carries */
	const struct models *verifier;
	/* mapped, to be carried: of the base, then of the adapted ones. NULL: not asked for */
	struct lac_file files[1 + LAC_ADAPTED_MAX];
	/* borrowed: what blocks took of them is noted there; NULL: nowhere */
	struct chosen *chosen;
};
bool open_models(const struct command *command, struct models *models);
/* Maps the files to be carried into models->files; close_models() unmaps them. Prints why it
 * cannot. */
bool map_models(const struct command *command, struct models *models);
void close_models(struct models *models);
/* Whether a file is a model or an adapter that the command names. Where that cannot be known it
 * counts as one, and the reason is printed. */
struct stat;
bool is_model_at_work(const struct command *command, const struct stat *info);

struct output;

/* The best kernels but those of `name`; these if there are no others. */
const char *other_kernels(const char *name);

/* Opens models->verifier: the same models with the best other kernels of this CPU, unless the
 * archive carries them. Prints why it cannot. */
bool open_verifier(const struct command *command, struct models *models, struct models *verifier);

/* Decodes the written archive with models->verifier and compares the text's hash and length with
 * those in `written`. Prints what differs. */
bool verify_output(const struct command *command, const struct models *models, struct output *output,
	const struct lac_stats *written);

/* compress --estimate. */
int estimate_file(const struct command *command, const struct models *models, const char *file);
/* lac_compress() and lac_decompress() for messages. */
enum lac_status transfer_message(const struct command *command, const struct models *models, struct lac_source source,
	struct lac_sink sink, struct lac_stats *stats, struct lac_error *error);

/* The base model, if it has that identity; else NULL. `models` may be NULL. */
const struct lac_model *find_base(const struct models *models, const uint8_t identity[16]);

/* What is known of the open adapter with that identity, or NULL. */
const struct lac_model_info *find_adapter(const struct models *models, const uint8_t identity[16]);

#endif
