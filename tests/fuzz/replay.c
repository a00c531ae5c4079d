/* replay.c: runs a fuzz target on every file named, and on every file of every folder named, with
 * any compiler and without a fuzzer. Usage: fuzz_TARGET FILE|FOLDER... from the project's folder */
#include "target.h"

#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char input_path[4096]; /* being run */
static unsigned n_inputs;

static void say(const char *text)
{
	(void)!write(STDERR_FILENO, text, strlen(text));
}

/* A law is broken, or worse: names the file, and lets the signal do what it does. */
static void name_input(int number)
{
	say("while running ");
	say(input_path);
	say("\n");
	signal(number, SIG_DFL);
	raise(number);
}

static void watch_signals(void)
{
	static const int numbers[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL };

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		signal(numbers[i], name_input);
}

/* In memory that ends where the input does, so that sanitizers see a read past it. */
static void run_file(const char *path, size_t n_bytes)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes = malloc(n_bytes ? n_bytes : 1);

	snprintf(input_path, sizeof input_path, "%s", path);
	if (!file || !bytes || fread(bytes, 1, n_bytes, file) != n_bytes) {
		perror(path);
		exit(1);
	}
	fclose(file);
	LLVMFuzzerTestOneInput(bytes, n_bytes);
	free(bytes);
	n_inputs++;
}

static void run_path(const char *path);

static void run_folder(const char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;

	if (!folder) {
		perror(path);
		exit(1);
	}
	while ((entry = readdir(folder))) {
		char inside[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
		run_path(inside);
	}
	closedir(folder);
}

static void run_path(const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0) {
		perror(path);
		exit(1);
	}
	if (S_ISDIR(status.st_mode))
		run_folder(path);
	else
		run_file(path, (size_t)status.st_size);
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');

	watch_signals();
	for (int i = 1; i < argc; i++)
		run_path(argv[i]);
	printf("%s  %s: no input of %u breaks a law\n", n_inputs ? "ok    " : "not ok", slash ? slash + 1 : argv[0], n_inputs);
	printf("%d passed, %d failed, 0 skipped\n", n_inputs > 0, n_inputs == 0);
	return n_inputs == 0;
}
