/* finder.h: where this program finds models: in the folders, and with the caches, of the user. */
#ifndef CLI_FINDER_H
#define CLI_FINDER_H

#include "command.h"

/* One for the whole program, made when it is first asked for, and kept. NULL: no memory. */
struct lac_finder *the_finder(const struct command *command);

/* Owned: the path of a file in the folders with this name, or of a model or adapter with this name
 * or identity inside (lac_finder_named). NULL: there is none. */
char *find_named(const struct command *command, const char *name, enum lac_found_kind kind);

/* The file in the folders of the model or adapter with this identity, as it was when the folders
 * were read last. Borrowed until the finder is used again. NULL: there is none. */
const struct lac_found *find_known(const struct command *command, const uint8_t identity[16], enum lac_found_kind kind);

/* lac_model_open_file(), with the cache of packed forms if the command uses it. */
enum lac_status open_model_file(const struct command *command, struct lac_model **model, const char *path, struct lac_error *error);

#endif
