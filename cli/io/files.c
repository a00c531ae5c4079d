#include "io/files.h"
#include "io/report.h"
#include "io/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Input ------------------------------------------------------------------- */

/* Why what can be opened is skipped all the same; NULL: it is not. */
static const char *find_obstacle(const struct stat *info, bool waits)
{
	if (S_ISDIR(info->st_mode))
		return "is a directory";
	if (!waits && !S_ISREG(info->st_mode))
		return "is a pipe or a device, which may be waited for without end";
	return NULL;
}

bool input_open(struct input *input, const char *path, bool waits, bool *is_skipped)
{
	const bool is_standard = strcmp(path, "-") == 0, may_wait = waits || is_standard || find_open_file(path) >= 0;
	const char *obstacle;

	*is_skipped = false;
	*input = (struct input){ .name = is_standard ? "standard input" : path,
		.file = is_standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | (may_wait ? 0 : O_NONBLOCK)) };
	if (input->file < 0 || fstat(input->file, &input->info) != 0) {
		complain("%s: %s", input->name, strerror(errno));
		input_close(input);
		return false;
	}
	obstacle = find_obstacle(&input->info, may_wait);
	if (obstacle) {
		complain("%s %s: skipped", input->name, obstacle);
		*is_skipped = true;
		input_close(input);
		return false;
	}
	return true;
}

static bool input_read(void *payload, void *buffer, size_t capacity, size_t *n_read)
{
	struct input *input = payload;
	ssize_t n;

	do
		n = read(input->file, buffer, capacity);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		input->error = errno;
		return false;
	}
	*n_read = (size_t)n;
	return true;
}

struct lac_source input_source(struct input *input)
{
	return (struct lac_source){ input_read, input };
}

static bool input_read_at(void *payload, uint64_t offset, void *buffer, size_t n_bytes)
{
	struct input *input = payload;
	char *at = buffer;

	while (n_bytes) {
		const ssize_t n = pread(input->file, at, n_bytes, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			input->error = n < 0 ? errno : EIO; /* the file became shorter */
			return false;
		}
		at += n;
		offset += (uint64_t)n;
		n_bytes -= (size_t)n;
	}
	return true;
}

bool input_random_source(struct input *input, struct lac_random_source *source)
{
	if (!S_ISREG(input->info.st_mode))
		complain("%s: single records are read from any place of a file, and this is none; save it in one, or decompress all of it",
			input->name);
	*source = (struct lac_random_source){ input_read_at, input, (uint64_t)input->info.st_size };
	return S_ISREG(input->info.st_mode);
}

void input_close(struct input *input)
{
	if (input->file > STDIN_FILENO)
		close(input->file);
	input->file = -1;
}

/* ---- Signals ------------------------------------------------------------------- */

static char *volatile unfinished; /* the temporary file to remove */
static char *volatile unkept;     /* the same of a cache */

static void on_signal(int number)
{
	static const char shortened[] = "laconic: a model's file became shorter while it was read\n";
	char *path = unfinished, *cached = unkept;

	if (number == SIGBUS) /* they are mapped */
		(void)!write(STDERR_FILENO, shortened, sizeof shortened - 1);
	if (path)
		unlink(path);
	if (cached)
		unlink(cached);
	/* the handler was reset: the default action ends the program, and the caller sees the
	 * signal */
	raise(number);
}

void remove_on_signals(char *path)
{
	unkept = path;
}

void remove_output_on_signals(void)
{
	static const int numbers[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGXCPU, SIGBUS };
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };
	struct sigaction old;

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		/* nohup's wish is kept */
		if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	signal(SIGXFSZ, SIG_IGN); /* a file that grows too large is a failed write */
}

/* ---- Output -------------------------------------------------------------------- */

/* A hidden name in the directory of `path`, so that the rename stays within a file system. */
static char *temporary_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	const size_t n_directory = slash ? (size_t)(slash + 1 - path) : 0;
	static const char pattern[] = ".laconic-XXXXXX";
	char *name = malloc(n_directory + sizeof pattern);

	if (name) {
		memcpy(name, path, n_directory);
		memcpy(name + n_directory, pattern, sizeof pattern);
	}
	return name;
}

/* False, and said why. */
static bool fail(const struct output *output)
{
	complain("%s: %s", output->name, strerror(errno));
	return false;
}

/* open_file: its number, if it is open already: opened again it would be written over from its
 * beginning. */
static bool open_directly(struct output *output, int open_file)
{
	output->file = open_file >= 0 ? fcntl(open_file, F_DUPFD_CLOEXEC, 0) : open(output->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	return output->file >= 0 || fail(output);
}

bool is_one_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* What may not be written over. A link that leads nowhere is something all the same. */
static bool is_free(const struct output *output, const struct stat *info, int open_file)
{
	if (S_ISDIR(info->st_mode))
		complain("%s is a directory", output->path);
	else if (S_ISBLK(info->st_mode) && open_file < 0 && !output->force)
		complain("%s is a block device; -f writes over what is on it", output->path);
	else if ((S_ISREG(info->st_mode) || S_ISLNK(info->st_mode)) && open_file < 0 && !output->force)
		complain("%s exists already; -f replaces it", output->path);
	else
		return true;
	return false;
}

/* The folder is kept open, to make the new name durable. */
static bool open_temporary(struct output *output)
{
	const char *slash = strrchr(output->path, '/');
	char *folder = slash ? strndup(output->path, (size_t)(slash + 1 - output->path)) : strdup(".");

	output->temporary = temporary_name(output->path);
	if (folder && output->temporary) {
		output->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		/* one that may be written and not read is let be */
		if (output->folder >= 0 || errno == EACCES) {
			/* before it is there, so that no signal comes in between */
			unfinished = output->temporary;
			output->file = mkostemp(output->temporary, O_CLOEXEC);
		}
	}
	free(folder);
	if (output->file >= 0)
		return true;
	complain("%s: cannot create a file beside it: %s", output->path, strerror(errno));
	unfinished = NULL;
	free(output->temporary);
	output->temporary = NULL;
	return false;
}

bool could_make(const char *path)
{
	size_t n = strlen(path);
	char *folder;
	bool could;

	while (n > 1 && path[n - 1] == '/')
		n--;
	while (n > 0 && path[n - 1] != '/')
		n--;
	folder = n ? strndup(path, n) : strdup(".");
	could = folder && access(folder, W_OK | X_OK) == 0;
	if (!could)
		complain("cannot write %s: %s", path, strerror(errno));
	free(folder);
	return could;
}

bool output_open(struct output *output, const char *path, bool force)
{
	struct stat info;
	int open_file;

	*output = (struct output){ .name = path ? path : "standard output", .file = STDOUT_FILENO, .folder = -1, .force = force };
	if (!path)
		return true;
	output->file = -1;
	output->path = strdup(path);
	if (!output->path)
		return fail(output);
	open_file = find_open_file(path);
	if (open_file >= 0 && fstat(open_file, &info) != 0)
		return fail(output);
	if (open_file < 0 && stat(path, &info) != 0 && (errno != ENOENT || lstat(path, &info) != 0))
		return errno == ENOENT ? open_temporary(output) : fail(output);
	if (!is_free(output, &info, open_file))
		return false;
	return open_file < 0 && (S_ISREG(info.st_mode) || S_ISLNK(info.st_mode)) ? open_temporary(output) : open_directly(output, open_file);
}

bool output_takes_binary(const struct output *output, const char *what)
{
	if (output->force || !isatty(output->file))
		return true;
	complain("%s is not written to a terminal; use -o FILE, or -f to insist", what);
	return false;
}

static bool output_write(void *payload, const void *bytes, size_t n_bytes)
{
	struct output *output = payload;
	const char *at = bytes;

	while (n_bytes) {
		ssize_t n = write(output->file, at, n_bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			output->error = n < 0 ? errno : EIO;
			return false;
		}
		at += n;
		n_bytes -= (size_t)n;
		output->n_written += (uint64_t)n;
	}
	return true;
}

struct lac_sink output_sink(struct output *output)
{
	return (struct lac_sink){ output_write, output };
}

static bool output_reread(void *payload, void *buffer, size_t capacity, size_t *n_read)
{
	struct output *output = payload;
	ssize_t n;

	do
		n = pread(output->file, buffer, capacity, output->n_reread);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		output->error = errno;
		return false;
	}
	output->n_reread += n;
	*n_read = (size_t)n;
	return true;
}

struct lac_source output_source(struct output *output)
{
	output->n_reread = 0;
	return (struct lac_source){ output_reread, output };
}

static void remove_temporary(const struct output *output)
{
	if (unlink(output->temporary) != 0)
		complain("%s: left behind: %s", output->temporary, strerror(errno));
}

/* An empty file takes the name, if it is free, and is replaced: two steps, between which no signal
 * comes. */
static bool reserve_name(const struct output *output)
{
	sigset_t all, before;
	int file, error;
	bool is_done;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	file = open(output->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	is_done = file >= 0 && rename(output->temporary, output->path) == 0;
	error = errno;
	if (file >= 0)
		close(file);
	if (file >= 0 && !is_done)
		unlink(output->path);
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = error;
	return is_done;
}

/* Without force nothing is replaced that came into being meanwhile, as by rename(). Not every file
 * system has hard links, nor RENAME_NOREPLACE. */
static bool give_name(const struct output *output)
{
	if (output->force)
		return rename(output->temporary, output->path) == 0;
	if (link(output->temporary, output->path) == 0) {
		remove_temporary(output);
		return true;
	}
	if (errno == EEXIST)
		return false;
	if (renameat2(AT_FDCWD, output->temporary, AT_FDCWD, output->path, RENAME_NOREPLACE) == 0)
		return true;
	return errno != EEXIST && reserve_name(output);
}

static bool sync_file(int file)
{
	/* file systems that know no such thing */
	return fsync(file) == 0 || errno == EINVAL || errno == ENOTSUP;
}

/* The owner, the group and the mode. Where the group cannot be kept, another gets no more than
 * everybody has. */
static void keep_mode(int file, const struct stat *info)
{
	mode_t mode = info->st_mode & 0777;

	(void)!fchown(file, info->st_uid, (gid_t)-1);
	if (fchown(file, (uid_t)-1, info->st_gid) != 0)
		mode &= ~(mode_t)0070 | (mode & 0007) << 3;
	(void)!fchmod(file, mode);
}

/* Mode, time and bytes. What cannot be kept (another owner's file system) is no reason to fail. */
static bool make_durable(const struct output *output, const struct input *input)
{
	const bool is_copy = S_ISREG(input->info.st_mode);
	const struct timespec times[2] = { input->info.st_atim, input->info.st_mtim };
	const mode_t mask = umask(0);

	umask(mask);
	if (is_copy) {
		keep_mode(output->file, &input->info);
		(void)!futimens(output->file, times);
	} else {
		(void)!fchmod(output->file, 0666 & ~mask);
	}
	return sync_file(output->file);
}

static void forget_temporary(struct output *output)
{
	unfinished = NULL;
	free(output->temporary);
	output->temporary = NULL;
}

static bool publish(struct output *output)
{
	if (!give_name(output))
		return fail(output);
	forget_temporary(output);
	if (output->folder < 0 || sync_file(output->folder))
		return true;
	complain("%s: whole, but its name may not outlast a crash: %s", output->name, strerror(errno));
	return false;
}

bool output_commit(struct output *output, const struct input *input)
{
	int closed;

	if (!output->path)
		return true; /* the standard output stays open */
	if (output->temporary && !make_durable(output, input))
		return fail(output);
	closed = close(output->file);
	output->file = -1;
	if (closed != 0 && errno != EINTR)
		return fail(output);
	return !output->temporary || publish(output);
}

void output_close(struct output *output)
{
	if (output->path && output->file >= 0)
		close(output->file);
	if (output->folder >= 0)
		close(output->folder);
	output->file = output->folder = -1;
	if (output->temporary) {
		remove_temporary(output);
		forget_temporary(output);
	}
	free(output->path);
	output->path = NULL;
}
