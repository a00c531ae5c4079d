/* used_files.h: every file that a call reads or writes, so that what it writes takes the place of
 * none of them.
 *
 * A command adds all that it reads, then checks all that it writes, and only then opens anything
 * for writing. What turns out to be read later, such as a model that is looked for, is added when
 * it is found.
 */
#ifndef CLI_USED_FILES_H
#define CLI_USED_FILES_H

#include <stdbool.h>

/* NULL: nothing; "-": the standard input. A file that is not there is no fault here: whoever opens
 * it says so. Prints that the call writes this file, and returns false. */
bool used_files_add_input(const char *path);

/* NULL: nothing; "-": the standard output. Prints that the call reads this file, or writes it
 * already, and returns false. Files are the same by device and inode, names by folder and last
 * part. Only what holds bytes is compared: nothing is lost in a terminal or a pipe. */
bool used_files_check_output(const char *path);

#endif
