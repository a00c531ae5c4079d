#include "command.h"
#include "files.h"
#include "streams.h"

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
	case ACTION_HELP: return run_help();
	case ACTION_VERSION: return run_version();
	}
	return EXIT_ERROR;
}

static int run(int argc, char **argv)
{
	struct command command;

	if (argc > 1 && (strcmp(argv[1], "train") == 0 || strcmp(argv[1], "adapt") == 0))
		return run_training(argv[1][0] == 'a', argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "cluster") == 0)
		return run_cluster(argc - 1, argv + 1);
	return command_parse(&command, argc, argv) ? run_action(&command) : EXIT_ERROR;
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
