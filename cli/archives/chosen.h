/* chosen.h: which of the models that were given some block took. One that none took was given in
 * vain, which is told. */
#ifndef CLI_CHOSEN_H
#define CLI_CHOSEN_H

#include "command.h"

/* Of all files of a call. */
struct chosen {
	bool is_any_done, base, adapted[LAC_ADAPTED_MAX];
};

/* Whether a block of this file took the adapted model; true where it is not known. */
bool is_chosen(const struct lac_model *adapted, const struct lac_stats *stats);

/* Adds what a file took to models->chosen, if it is there. */
void note_chosen(const struct models *models, const struct lac_stats *stats);

/* On standard error, of what the command line names. */
void tell_of_unchosen(const struct command *command, const struct chosen *chosen);

#endif
