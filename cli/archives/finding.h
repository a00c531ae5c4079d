/* finding.h: what the library is told when an archive needs a model that was not given: it is
 * looked for in the folders of models. */
#ifndef CLI_FINDING_H
#define CLI_FINDING_H

#include "command.h"

/* Of a model or an adapter that was found, what the reader must hold. */
struct found {
	uint8_t identity[16]; /* an adapter's own */
	bool is_adapter;
	uint64_t file_bytes;
	uint64_t memory_bytes; /* an adapter's, or a stream's of the model */
};

struct finding {
	const struct command *command; /* borrowed */
	struct found *at;              /* owned: in all inputs of the call */
	size_t n;
	struct lac_model_wanted missing; /* in this input, the last; its name "": none is */
	bool is_misnamed;                /* --model names another model than `missing` */
};

/* Sets find_model in `options`, which must not outlast the finding. */
void finding_begin(struct finding *finding, const struct command *command, struct lac_options *options);
void finding_end(struct finding *finding);

/* To be called before each input. */
void finding_next(struct finding *finding);

/* Says where the missing one was looked for, or that it is found without --model; nothing where
 * nothing is missing. To be said after the error. */
void complain_of_missing(const struct finding *finding);

/* NULL: it was not found. */
const struct found *find_found(const struct finding *finding, const uint8_t identity[16], bool is_adapter);

#endif
