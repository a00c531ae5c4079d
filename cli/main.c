#include "command.h"
#include "io/files.h"
#include "json.h"
#include "io/report.h"
#include "io/streams.h"

#include <unistd.h>

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
	case ACTION_ADAPT: return run_training(command);
	case ACTION_CLUSTER: return run_cluster(command);
	case N_ACTIONS: break;
	}
	return EXIT_ERROR;
}

static int run(int argc, char **argv)
{
	struct command command;
	int status;

	if (argc < 2 && isatty(STDIN_FILENO)) {
		complain("there is nothing to do: no file is named, and nothing comes through a pipe; laconic --help tells what there is");
		return EXIT_ERROR;
	}
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
