#include "io/streams.h"
#include "io/report.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINKS_MAX 40 /* that Linux follows */

bool occupy_standard_streams(void)
{
	static const int wrong_way[] = { O_WRONLY, O_RDONLY, O_RDONLY };

	for (int number = STDIN_FILENO; number <= STDERR_FILENO; number++)
		/* the lowest number that is free is taken, and those below are not */
		if (fcntl(number, F_GETFD) < 0 && errno == EBADF && open("/dev/null", wrong_way[number]) != number)
			return false;
	return true;
}

static int find_number(const char *path)
{
	static const char *const folders[] = { "/proc/self/fd/", "/dev/fd/" };

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		const size_t n = strlen(folders[i]);
		const char *digits = path + n;

		/* Linux knows no name with more zeros */
		if (strncmp(path, folders[i], n) != 0 || (digits[0] == '0' && digits[1]))
			continue;
		if (digits[0] && strlen(digits) < 9 && strspn(digits, "0123456789") == strlen(digits))
			return (int)strtol(digits, NULL, 10);
	}
	return -1;
}

/* Where the link at `path` leads, in its place. False: it is none, or too long. */
static bool follow(char path[PATH_MAX])
{
	char target[PATH_MAX];
	const ssize_t n = readlink(path, target, sizeof target - 1);
	const char *slash = strrchr(path, '/');
	const size_t n_folder = n > 0 && target[0] != '/' && slash ? (size_t)(slash + 1 - path) : 0;

	if (n <= 0 || n_folder + (size_t)n >= PATH_MAX)
		return false;
	memcpy(path + n_folder, target, (size_t)n);
	path[n_folder + (size_t)n] = 0;
	return true;
}

int find_open_file(const char *path)
{
	char at[PATH_MAX];
	int number = find_number(path);

	if (number >= 0 || strlen(path) >= sizeof at)
		return number;
	memcpy(at, path, strlen(path) + 1);
	for (int n_links = 0; number < 0 && n_links < LINKS_MAX && follow(at); n_links++)
		number = find_number(at);
	return number;
}

bool finish_standard_output(void)
{
	const bool has_failed = ferror(stdout);

	errno = 0;
	if (fflush(stdout) == 0 && !has_failed && close(STDOUT_FILENO) == 0)
		return true;
	complain("standard output: %s", errno ? strerror(errno) : "not everything could be written");
	return false;
}
