/* advice.h: what the user can do about an error of the library, which states facts and knows of no
 * options. */
#ifndef CLI_ADVICE_H
#define CLI_ADVICE_H

#include "command.h"

/* complain()s: "NAME: ", unless `name` is NULL, then the error's text and the advice on it. */
void complain_of(const struct command *command, const char *name, const struct lac_error *error);

/* "; --memory allows more", to stand behind the error's text; "" if this command takes nothing that
 * helps. */
const char *advice_on(const struct command *command, const struct lac_error *error);

#endif
