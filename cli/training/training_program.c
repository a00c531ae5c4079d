/* training_program.c: laconic train, adapt and cluster as the command has them, which only starts
 * laconic-train. That is the same command with train.c and cluster.c in the place of this file:
 * OpenBLAS starts its threads in every program that is linked with it. */
#include "command.h"
#include "io/report.h"
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef LACONIC_LIBEXEC
#define LACONIC_LIBEXEC "/usr/local/libexec/laconic"
#endif

#ifdef TRAINING_LACKS

const char *training_lacks(void)
{
	return "built without " TRAINING_LACKS;
}

static int start(const struct command *command)
{
	complain("%s: this laconic was built without " TRAINING_LACKS ", which training needs; install libopenblas-dev and libjansson-dev and "
		"build it again", find_command(command->action)->word);
	return EXIT_ERROR;
}

#else

/* Beside this program (a folder of a build), where an installation has it, and where it was to be
 * installed. */
static bool find_program(char path[PATH_MAX])
{
	static const char *const places[] = { "laconic-train", "../libexec/laconic/laconic-train" };
	const ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
	char *end = NULL;

	if (n > 0) {
		path[n] = 0;
		end = strrchr(path, '/');
	}
	for (size_t i = 0; end && i < sizeof places / sizeof *places; i++) {
		const size_t n_left = (size_t)(path + PATH_MAX - (end + 1));

		if ((size_t)snprintf(end + 1, n_left, "%s", places[i]) < n_left && access(path, X_OK) == 0)
			return true;
	}
	return snprintf(path, PATH_MAX, "%s/laconic-train", LACONIC_LIBEXEC) < PATH_MAX && access(path, X_OK) == 0;
}

const char *training_lacks(void)
{
	char path[PATH_MAX];

	return find_program(path) ? NULL : "laconic-train is neither beside laconic nor in " LACONIC_LIBEXEC;
}

/* Returns only if it cannot. */
static int start(const struct command *command)
{
	char path[PATH_MAX];
	char **words;
	size_t n = 0;

	if (!find_program(path)) {
		complain("%s: %s; install laconic again, with OpenBLAS and jansson", find_command(command->action)->word, training_lacks());
		return EXIT_ERROR;
	}
	while (command->words[n])
		n++;
	words = calloc(n + 3, sizeof *words);
	if (!words) {
		complain("out of memory");
		return EXIT_ERROR;
	}
	words[0] = path;
	/* execv() changes none */
	words[1] = (char *)(uintptr_t)find_command(command->action)->word;
	memcpy(words + 2, command->words, n * sizeof *words);
	/* threads are the trainer's: those of OpenBLAS would wait for work in a loop, and where
	 * memory is short never end */
	setenv("OPENBLAS_NUM_THREADS", "1", 1);
	execv(path, words);
	complain("%s: %s", path, strerror(errno));
	free(words);
	return EXIT_ERROR;
}

#endif

int run_training(const struct command *command)
{
	return start(command);
}

int run_cluster(const struct command *command)
{
	return start(command);
}

/* They are the program's that is started; here the words are only looked at. */
void set_training_defaults(struct command *command)
{
	(void)command;
}
