#include "training/texts.h"
#include "io/report.h"
#include "io/used_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that is there until it is closed. -1, and errno. */
static int open_nameless(void)
{
	const char *folder = getenv("TMPDIR");
	char *path = NULL;
	int file;

	if (asprintf(&path, "%s/laconic-XXXXXX", folder && folder[0] ? folder : "/tmp") < 0)
		return -1;
	file = mkostemp(path, O_CLOEXEC);
	if (file >= 0)
		unlink(path);
	free(path);
	return file;
}

/* Returns 0, or errno. */
static int copy(int from, int to)
{
	char buffer[1 << 16];
	ssize_t n;

	while ((n = read(from, buffer, sizeof buffer)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		for (ssize_t at = 0, written; at < n; at += written) {
			written = write(to, buffer + at, (size_t)(n - at));
			if (written <= 0)
				return errno ? errno : EIO;
		}
	}
	return 0;
}

/* Owned: a path to a copy. NULL: there is none, which was said. */
static char *copy_stream(const char *name, int from)
{
	const int to = open_nameless();
	const int error = to < 0 ? errno : copy(from, to);
	struct stat info = { .st_size = 0 };
	char *path = NULL;

	if (error || fstat(to, &info) != 0 || !info.st_size)
		complain("%s: %s", name, error ? strerror(error) : "there is no text; name a file");
	else if (asprintf(&path, "/dev/fd/%d", to) < 0)
		path = NULL;
	return path; /* the file stays open */
}

/* Owned. What can be read as often as it is wanted has its own path. */
static char *take_text(const char *path)
{
	const bool is_standard = strcmp(path, "-") == 0;
	struct stat info;
	char *copied;
	int file;

	if (!is_standard && (stat(path, &info) != 0 || S_ISREG(info.st_mode) || S_ISDIR(info.st_mode)))
		return strdup(path); /* the library says what is wrong with it */
	file = is_standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0) {
		complain("%s: %s", path, strerror(errno));
		return NULL;
	}
	copied = copy_stream(is_standard ? "standard input" : path, file);
	if (!is_standard)
		close(file);
	return copied;
}

static const char *const standard[] = { "-" };

bool add_texts(const char *const *paths, size_t n)
{
	if (n == 0 && isatty(STDIN_FILENO)) {
		complain("no file of texts is named; the standard input is read if it is no terminal");
		return false;
	}
	for (size_t i = 0; i < n; i++)
		if (!used_files_add_input(paths[i]))
			return false;
	return n || used_files_add_input(standard[0]);
}

bool take_texts(struct lac_train_texts *texts, const char *const *paths, size_t n)
{
	const char **files, **names;

	if (n == 0) {
		paths = standard;
		n = 1;
	}
	files = calloc(n, sizeof *files);
	names = calloc(n, sizeof *names);
	texts->files = files;
	texts->names = names;
	if (!files || !names) {
		complain("out of memory");
		return false;
	}
	for (; texts->n_files < n; texts->n_files++) {
		const char *path = paths[texts->n_files];

		names[texts->n_files] = strcmp(path, "-") == 0 ? "standard input" : path;
		if (!(files[texts->n_files] = take_text(path)))
			return false;
	}
	return true;
}

void free_texts(struct lac_train_texts *texts)
{
	for (size_t i = 0; texts->files && i < texts->n_files; i++)
		free((void *)(uintptr_t)texts->files[i]);
	free((void *)(uintptr_t)texts->files);
	free((void *)(uintptr_t)texts->names);
	texts->files = texts->names = NULL;
	texts->n_files = 0;
}
