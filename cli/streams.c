#include "streams.h"
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

		if (strncmp(path, folders[i], n) == 0 && path[n] && strlen(path + n) < 9 && strspn(path + n, "0123456789") == strlen(path + n))
			return (int)strtol(path + n, NULL, 10);
	}
	return -1;
}

int find_open_file(const char *path)
{
	char target[64];
	const ssize_t n = readlink(path, target, sizeof target - 1);
	const int number = find_number(path);

	if (number >= 0 || n < 0)
		return number;
	target[n] = 0;
	return find_number(target);
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
