#include "command.h"
#include "files.h"
#include "report.h"

#include <errno.h>
#include <string.h>

static int run(const struct command *command)
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

int main(int argc, char **argv)
{
	struct command command;
	int status;

	remove_output_on_signals();
	if (argc > 1 && (strcmp(argv[1], "train") == 0 || strcmp(argv[1], "adapt") == 0))
		return run_training(argv[1][0] == 'a', argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "cluster") == 0)
		return run_cluster(argc - 1, argv + 1);
	if (!command_parse(&command, argc, argv))
		return EXIT_ERROR;
	status = run(&command);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		complain("standard output: %s", strerror(errno));
		return EXIT_ERROR;
	}
	return status;
}
