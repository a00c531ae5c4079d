/* context.h: what calls share that are made one after the other: models, options, and threads with their sessions. */
#ifndef LAC_ARCHIVE_CONTEXT_H
#define LAC_ARCHIVE_CONTEXT_H

#include "archive/carried.h"
#include "archive/declared.h"
#include "codec/workers.h"

struct lac_context {
	struct lac_models given;    /* as the caller gave them; at[0] may be an adapted one, for messages */
	struct lac_carried carried; /* what archives brought; it stays until it is in the way of others */
	struct lac_models opened;   /* those at work: a base, given or carried, and what adapters make of it */
	struct lac_models models;   /* the same, or views of them */
	struct lac_model *views;    /* owned: [opened.n] with another window and the same weights, or NULL */
	struct lac_options options; /* a copy; `adapted` is in given */
	struct lac_plan encoding, decoding;
	uint64_t planned_beside;   /* what was carried when they were made */
	struct lac_workers *encoders, *decoders; /* NULL until a call needs them */
};

/* What a call works with, no stream in it. LAC_NO_MEMORY. */
LAC_MUST_CHECK enum lac_status lac_context_encoders(struct lac_context *context, struct lac_workers **out, struct lac_error *error);
LAC_MUST_CHECK enum lac_status lac_context_decoders(struct lac_context *context, struct lac_workers **out, struct lac_error *error);

/* After a failure: drops what is in work; blocks that were pushed may then be freed. The next call starts its threads anew. */
void lac_context_stop(struct lac_context *context);

/* The opened model, given or carried, or NULL. */
const struct lac_model *lac_context_find(const struct lac_context *context, struct lac_declared_model model);

/* Puts a base, one of those that are found, to work with what adapters make of it, given or carried; or what was given and nothing else, as
 * encoders do: what an archive brought is no part of what others are made with. No stream is in work. */
void lac_context_turn_to(struct lac_context *context, const struct lac_model *base);
void lac_context_turn_to_given(struct lac_context *context);
bool lac_context_works_with(const struct lac_context *context, const struct lac_model *base);

/* LAC_NO_MEMORY: beside what archives brought since, no stream of the models at work is allowed. */
LAC_MUST_CHECK enum lac_status lac_context_check_stream(const struct lac_context *context, struct lac_place place, struct lac_error *error);

/* What the caller allows for streams and for what archives carry, beside what is open. */
uint64_t lac_context_memory_left(const struct lac_context *context);

/* Gives the models a window, 0 that of the options; no stream is in work. It lasts until another is asked for, but encoders take that
 * of the options again. LAC_NO_MEMORY: also for a window above the default of which a stream does not fit in options.memory_bytes. */
LAC_MUST_CHECK enum lac_status lac_context_set_window(struct lac_context *context, uint32_t window, struct lac_error *error);

/* LAC_BAD_ARGUMENT: archives are made and read with a base. */
LAC_MUST_CHECK enum lac_status lac_context_check_base(const struct lac_context *context, struct lac_error *error);

#endif
