#include "command.h"
#include "io/files.h"
#include "json.h"
#include "io/report.h"
#include "io/streams.h"

#include <string.h>

static int run_action(const struct command *command)
{
	switch (command->action) {
	case ACTION_COMPRESS:
	case ACTION_DECOMPRESS:
	case ACTION_TEST: return run_transfer(command);
	case ACTION_CAT: return run_cat(command);
	case ACTION_LIST: return run_list(command);
	case ACTION_MODELS_SHOW: return run_models_show(command);
	case ACTION_MODELS_LIST: return run_models_list(command);
	case ACTION_MODELS_EXPORT: return run_models_export(command);
	case ACTION_MODELS_PATH: return run_models_path(command);
	case ACTION_HELP: return command->topic == ACTION_HELP ? run_help_of(command->files, command->n_files) : run_help(command->topic);
	case ACTION_VERSION: return run_version(command);
	case ACTION_TRAIN:
	case ACTION_ADAPT:
	case ACTION_CLUSTER:
	case N_ACTIONS: break; /* they parse for themselves */
	}
	return EXIT_ERROR;
}

static bool is_learning(const char *word)
{
	return strcmp(word, "train") == 0 || strcmp(word, "adapt") == 0 || strcmp(word, "cluster") == 0;
}

/* Of a command that parses for itself. */
static bool asks_for_help(int argc, char **argv)
{
	for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

static int run(int argc, char **argv)
{
	struct command command;
	int status;

	if (argc > 1 && is_learning(argv[1]) && asks_for_help(argc, argv))
		return run_help_of(argv + 1, 1);
	if (argc > 1 && (strcmp(argv[1], "train") == 0 || strcmp(argv[1], "adapt") == 0))
		return run_training(argv[1][0] == 'a', argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "cluster") == 0)
		return run_cluster(argc - 1, argv + 1);
	if (!command_parse(&command, argc, argv))
		return EXIT_ERROR;
	status = run_action(&command);
	if (status != EXIT_OK && command.json && was_complained())
		print_json_failure(NULL, status); /* that of no file */
	return status;
}

int main(int argc, char **argv)
{
	int status;

	if (!occupy_standard_streams())
		return EXIT_ERROR;
	remove_output_on_signals();
	status = run(argc, argv);
	return finish_standard_output() ? status : EXIT_ERROR;
}
