/* opening.h: models are opened: made of their files, and refused if a stream of theirs takes too
 * much. */
#ifndef LAC_SHELF_OPENING_H
#define LAC_SHELF_OPENING_H

#include "model/model.h"

/* lac_model_open_memory() within an allowance: lac_model_load(), and LAC_UNSUPPORTED_MODEL for a
 * model of which one stream takes more than laconic.h promises. */
LAC_MUST_CHECK enum lac_status lac_model_open_within(struct lac_model **out, const void *gguf, size_t gguf_bytes,
	const struct lac_options *options, struct lac_allowance *allowance, struct lac_error *error);

#endif
