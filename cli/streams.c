#include "streams.h"
#include "report.h"

#include <errno.h>
#include <fcntl.h>
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

bool finish_standard_output(void)
{
	const bool has_failed = ferror(stdout);

	errno = 0;
	if (fflush(stdout) == 0 && !has_failed && close(STDOUT_FILENO) == 0)
		return true;
	complain("standard output: %s", errno ? strerror(errno) : "not everything could be written");
	return false;
}
