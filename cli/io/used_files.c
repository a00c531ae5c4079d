#include "io/used_files.h"
#include "io/files.h"
#include "io/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct used_file {
	const char *path;             /* owned, once it is among them */
	bool is_there, is_output;
	struct stat info, folder;     /* info: if it is there */
	bool has_folder;
	const char *name;             /* in that folder; a part of the path */
};

static struct used_file *used; /* owned, to the end of the program */
static size_t n_used;

static bool stat_folder(const char *path, const char *name, struct stat *info)
{
	char *folder = name == path ? strdup(".") : strndup(path, (size_t)(name - path));
	const bool is_there = folder && stat(folder, info) == 0;

	free(folder);
	return is_there;
}

/* False, and it was said: what it is cannot be known. */
static bool look(struct used_file *file, const char *path, bool is_output)
{
	const char *slash = strrchr(path, '/');

	*file = (struct used_file){ .path = path, .is_output = is_output, .name = slash ? slash + 1 : path };
	if (strcmp(path, "-") == 0)
		file->is_there = fstat(is_output ? STDOUT_FILENO : STDIN_FILENO, &file->info) == 0;
	else
		file->is_there = stat(path, &file->info) == 0;
	if (!file->is_there && (errno == EIO || errno == ENOMEM)) {
		complain("%s: %s", strcmp(path, "-") != 0 ? path : is_output ? "standard output" : "standard input", strerror(errno));
		return false;
	}
	if (strcmp(path, "-") == 0)
		return true;
	file->has_folder = stat_folder(path, file->name, &file->folder);
	return true;
}

static bool holds_bytes(const struct used_file *file)
{
	return S_ISREG(file->info.st_mode) || S_ISBLK(file->info.st_mode);
}

static bool is_same(const struct used_file *a, const struct used_file *b)
{
	if (a->is_there && b->is_there && is_one_file(&a->info, &b->info))
		return holds_bytes(a);
	if ((a->is_there && !holds_bytes(a)) || (b->is_there && !holds_bytes(b)))
		return false;
	if (!a->is_output || !b->is_output) /* an input that is not there cannot be lost */
		return false;
	return a->has_folder && b->has_folder && is_one_file(&a->folder, &b->folder) && strcmp(a->name, b->name) == 0;
}

static bool add(const struct used_file *file)
{
	struct used_file *grown = realloc(used, (n_used + 1) * sizeof *used);
	char *path = strdup(file->path);

	if (grown)
		used = grown;
	if (!grown || !path) {
		free(path);
		complain("out of memory");
		return false;
	}
	used[n_used] = *file;
	used[n_used].path = path;
	used[n_used++].name = path + (file->name - file->path);
	return true;
}

static void complain_of_both(const char *output, const char *input)
{
	const char *one = strcmp(output, "-") == 0 ? "standard output" : output;
	const char *other = strcmp(input, "-") == 0 ? "standard input" : input;

	if (strcmp(one, other) == 0)
		complain("%s is both input and output; name another output", one);
	else
		complain("%s is both input and output, the same file as %s; name another output", one, other);
}

bool used_files_add_input(const char *path)
{
	struct used_file file;

	if (!path)
		return true;
	if (!look(&file, path, false))
		return false;
	for (size_t i = 0; i < n_used; i++)
		if (used[i].is_output && is_same(&file, &used[i])) {
			complain_of_both(used[i].path, path);
			return false;
		}
	return add(&file);
}

bool used_files_check_output(const char *path)
{
	struct used_file file;

	if (!path)
		return true;
	if (!*path) {
		complain("the name of an output is empty; name a file, or - for the standard output");
		return false;
	}
	if (!look(&file, path, true))
		return false;
	for (size_t i = 0; i < n_used; i++) {
		if (used[i].is_output && strcmp(path, "-") == 0 && strcmp(used[i].path, "-") == 0)
			return true; /* one text after the other goes there */
		if (!is_same(&file, &used[i]))
			continue;
		if (used[i].is_output)
			complain("%s would be written twice: each output wants a name of its own", path);
		else
			complain_of_both(path, used[i].path);
		return false;
	}
	return add(&file);
}
