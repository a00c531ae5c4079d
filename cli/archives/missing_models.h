/* missing_models.h: an archive that was made with other models than those that are open. */
#ifndef CLI_MISSING_MODELS_H
#define CLI_MISSING_MODELS_H

#include "command.h"

struct missing {
	char text[128];
	bool is_misnamed; /* the model, of this identity, is not the one of --model */
	uint8_t identity[16];
};

/* Opens in `found` what `archive` names, from the folders where models are looked for: its model, if none was named with --model, and
 * its adapters, those of the command among them. What is in none of them, the last of which `missing` names ("": none is), is taken
 * from an archive that carries any. False: it carries none; "": that was not the reason. */
bool open_missing_models(const struct command *command, const struct models *open, const struct lac_stats *archive, struct models *found,
	struct missing *missing);
/* Says where it was looked for, or that it is found without --model; nothing where nothing is missing. To be said after the error. */
void complain_of_missing(const struct missing *missing);

#endif
