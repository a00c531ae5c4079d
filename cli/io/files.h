/* files.h: where bytes come from and go to. An output file appears whole or not at all. */
#ifndef CLI_FILES_H
#define CLI_FILES_H

#include "laconic.h"

#include <sys/stat.h>

struct input {
	const char *name; /* for messages */
	int file;
	int error;        /* errno of a failed read */
	struct stat info;
};

/* Opens a file; "-" is the standard input. `waits`: a pipe or a device is waited for; else it is
 * skipped. Directories are always skipped, files that are open already (/dev/fd/3) never. Prints
 * why it cannot; *is_skipped tells whether that is no error. */
bool input_open(struct input *input, const char *path, bool waits, bool *is_skipped);
struct lac_source input_source(struct input *input);
/* Any place of a regular file. False, and it was said why: it is none. */
bool input_random_source(struct input *input, struct lac_random_source *source);
void input_close(struct input *input);

struct output {
	const char *name;
	/* owned; temporary NULL: written directly (standard output, a device, a pipe) */
	char *path, *temporary;
	int file, folder;       /* the folder of a new file; -1: none, or it may not be read */
	int error;              /* errno of a failed write, or of a failed read of it */
	off_t n_reread;         /* bytes read again */
	uint64_t n_written;
	bool force;
};

/* Whether two names are of one file: hard links, and what symbolic ones lead to. */
bool is_one_file(const struct stat *a, const struct stat *b);

/* Whether a file or a folder of that name could be made: to know it before long work. Prints why it
 * could not. */
bool could_make(const char *path);

/* path NULL: the standard output. An existing regular file, or a symbolic link as such, is replaced
 * only with `force`, and only at the end. What else exists (a device, a pipe, a file that is open
 * already) is written directly. Prints why it cannot. That the call does not use the file already
 * was checked before: used_files.h. */
bool output_open(struct output *output, const char *path, bool force);
/* Without `force`, what is no text is not for a terminal: prints that `what` is not written there,
 * and returns false. */
bool output_takes_binary(const struct output *output, const char *what);
struct lac_sink output_sink(struct output *output);
/* What was written so far, from its beginning. For files with a temporary name only. */
struct lac_source output_source(struct output *output);
/* Finishes the output. A new file gets mode and time of `input`, its owner and group if allowed, is
 * made durable, and then gets its name. Prints why it cannot. */
bool output_commit(struct output *output, const struct input *input);
/* Closes the output and removes an unfinished new file. Harmless after a commit. */
void output_close(struct output *output);

/* Removes the input's file if it has not changed and `output`, with its name, is durable. Prints
 * why not. */
bool remove_source(const struct input *input, const struct output *output);

/* Removes an unfinished output when a signal ends the program. */
void remove_output_on_signals(void);
/* And this file beside it, from now on; NULL: none. Borrowed. */
void remove_on_signals(char *path);

#endif
