/* fuzz_arguments.c: any words on the command line. The input is the words after the command's name,
 * a NUL behind each. */
#include "target.h"

#include "command.h"

#include <string.h>

#define WORDS_MAX 200

struct words {
	char name[8];
	char *at[WORDS_MAX + 2]; /* the name first, NULL behind the last */
	int n;
	char *bytes;             /* owned */
};

static struct words cut_words(const uint8_t *data, size_t size)
{
	struct words words = { .name = "laconic", .n = 1, .bytes = malloc(size + 1) };

	if (!words.bytes)
		abort();
	if (size)
		memcpy(words.bytes, data, size);
	words.bytes[size] = 0;
	for (char *at = words.bytes; at < words.bytes + size && words.n <= WORDS_MAX; at += strlen(at) + 1)
		words.at[words.n++] = at;
	return words;
}

/* ---- What is said ----------------------------------------------------------------- */

struct said {
	FILE *terminal, *file;
	char *text;
	size_t n_bytes;
};

/* Catches what is written to the standard error. */
static void listen(struct said *said)
{
	said->terminal = stderr;
	said->file = open_memstream(&said->text, &said->n_bytes);
	if (!said->file)
		abort();
	stderr = said->file;
}

/* A refusal is told, in whole lines, the first with the command's name; and nothing is told
 * besides. */
static void check_said(struct said *said, bool is_accepted, const char *name)
{
	stderr = said->terminal;
	fclose(said->file);
	if (is_accepted)
		MUST(said->n_bytes == 0, "accepted, but told: %s", said->text);
	else
		MUST(strncmp(said->text, name, strlen(name)) == 0 && said->text[said->n_bytes - 1] == '\n', "refused, and told: %s", said->text);
	free(said->text);
}

/* ---- What is accepted --------------------------------------------------------------- */

void set_training_defaults(struct command *command)
{
	(void)command; /* the trainer is not here */
}

static bool is_of(const char *pointer, const struct words *words)
{
	for (int i = 1; i < words->n; i++)
		if (pointer >= words->at[i] && pointer <= words->at[i] + strlen(words->at[i]))
			return true;
	return false;
}

/* What leads to the standard output becomes "-". */
static bool is_output_of(const char *output, const struct words *words)
{
	bool is_named = is_of(output, words);

	for (int i = 1; !is_named && i < words->n; i++)
		is_named = strcmp(output, "-") == 0 && strchr(words->at[i], '/');
	return is_named;
}

static void check_options(const struct command *command, const struct words *words)
{
	const struct lac_options *o = &command->options;

	MUST(o->n_threads <= LAC_THREADS_MAX && o->batch_rows <= LAC_BATCH_ROWS_MAX && (unsigned)o->records <= LAC_RECORDS_NUL,
		"%u threads, batches of %u, records %d", (unsigned)o->n_threads, (unsigned)o->batch_rows, (int)o->records);
	MUST(!o->block_bytes || (o->block_bytes >= LAC_BLOCK_BYTES_MIN && o->block_bytes <= LAC_BLOCK_BYTES_MAX), "blocks of %u",
		(unsigned)o->block_bytes);
	MUST((!o->records && !command->verify) || command->action == ACTION_COMPRESS, "what goes with compression, and action %d",
		(int)command->action);
	MUST(!o->limit_bytes || command->action == ACTION_DECOMPRESS || command->action == ACTION_TEST ||
		command->action == ACTION_CAT, "a limit, and action %d",
		(int)command->action);
	MUST(!command->remove || ((command->action == ACTION_COMPRESS || command->action == ACTION_DECOMPRESS) && !command->to_stdout &&
		(command->verify || command->action == ACTION_DECOMPRESS)), "a source to remove, and action %d", (int)command->action);
	MUST(!command->estimate || (command->action == ACTION_COMPRESS && !command->output && !command->remove), "an estimate, and action %d",
		(int)command->action);
	MUST((!o->kernels || is_of(o->kernels, words)) && (!command->model_path || is_of(command->model_path, words)) &&
		(!command->output || is_output_of(command->output, words)), "a text of no word");
	MUST(command->n_adapters <= LAC_ADAPTED_MAX, "%u adapters", (unsigned)command->n_adapters);
	for (uint32_t i = 0; i < command->n_adapters; i++)
		MUST(is_of(command->adapters[i], words), "adapter %u is no word", (unsigned)i);
}

static void check_training(const struct command *command, const struct words *words)
{
	const struct lac_train_options *o = &command->train;
	const char *const texts[] = { o->name, o->texts.field, o->texts.prompt_field, o->checkpoint, o->init, o->tokenizer, o->base,
		o->targets, command->import, command->validation, command->log, command->cluster.model, command->cluster.assign,
		command->cluster.texts.field };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		MUST(!texts[i] || is_of(texts[i], words), "text %zu is no word", i);
	MUST(o->rate - o->rate == 0 && o->texts.prompt_share >= 0 && o->texts.prompt_share <= 1 && o->seed <= INT64_MAX &&
		o->rank <= 1024 && (unsigned)o->optimizer <= LAC_ADAMW && (unsigned)o->decay <= LAC_DECAY_NONE,
		"rate %g, share %g, seed %llu, rank %u", o->rate, o->texts.prompt_share, (unsigned long long)o->seed, (unsigned)o->rank);
}

static void check_files(const struct command *command, const struct words *words)
{
	const bool may_be_none = command->action > ACTION_LIST;
	const int least = !may_be_none, most = words->n > 1 ? words->n - 1 : 1;

	MUST(command->n_files >= least && command->n_files <= most, "%d files of %d words", command->n_files, words->n - 1);
	MUST(!command->files[command->n_files], "%d files, and more", command->n_files);
	MUST(!command->output || command->action >= ACTION_TRAIN || (!command->to_stdout && command->n_files <= 1), "one output for %d files", command->n_files);
	for (int i = 0; i < command->n_files; i++)
		MUST(is_of(command->files[i], words) || (command->n_files == 1 && strcmp(command->files[i], "-") == 0), "file %d is no word", i);
}

static void parse_command(struct words *words)
{
	struct command command;
	struct said said;
	bool is_accepted;

	listen(&said);
	is_accepted = command_parse(&command, words->n, words->at);
	check_said(&said, is_accepted, "laconic: ");
	if (!is_accepted)
		return;
	check_options(&command, words);
	check_training(&command, words);
	check_files(&command, words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct words words = cut_words(data, size);

	words.at[0] = words.name;
	parse_command(&words);
	free(words.bytes);
	return 0;
}
