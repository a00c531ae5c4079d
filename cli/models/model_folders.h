/* model_folders.h: where models are looked for. The library reads no environment; the command does,
 * here. */
#ifndef CLI_MODEL_FOLDERS_H
#define CLI_MODEL_FOLDERS_H

#include <stddef.h>

/* Owned: the folders of $LACONIC_MODELS, of the user, and of the installation, in that order, NULL
 * behind the last. NULL: out of memory. */
char **model_folders(void);
void model_folders_free(char ***folders);

/* Owned: $VARIABLE/laconic/NAME, or ~/FALLBACK/laconic/NAME if it is unset (or relative, as the XDG
 * specification has it). NULL: there is no such place, or no memory. */
char *user_path(const char *variable, const char *fallback, const char *name);

/* Prints which folders were looked in for what, on standard error. */
void complain_of_folders(const char *what);

#endif
