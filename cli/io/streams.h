/* streams.h: the three files that a program is given. */
#ifndef CLI_STREAMS_H
#define CLI_STREAMS_H

#include <stdbool.h>

/* To be called first. Whoever started us with one of them closed shall not have the next file that
 * is opened in its place: it would be given the messages. What reads or writes such a one fails.
 * False: it cannot be done. */
bool occupy_standard_streams(void);

/* The number of the open file that a path like /dev/stdout, /dev/fd/3 or /proc/self/fd/3 names, or
 * a link to one, or to such a link; -1: it names none. */
int find_open_file(const char *path);

/* To be called last: closes the standard output. Prints why not all that was written to it has
 * arrived, and returns false. */
bool finish_standard_output(void);

#endif
