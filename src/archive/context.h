/* context.h: what calls share that are made one after the other: models, options, and threads.
 *
 * Each of both ways has models at work, a plan for them, and threads that follow it. Encoders work
 * with what was given and nothing else: what an archive brought is no part of what others are made
 * with. */
#ifndef LAC_ARCHIVE_CONTEXT_H
#define LAC_ARCHIVE_CONTEXT_H

#include "codec/workers.h"
#include "format/place.h"
#include "shelf/shelf.h"

struct lac_side {
	struct lac_models models;    /* at work: a base, and what adapters make of it */
	struct lac_plan plan;        /* how, with which window */
	uint64_t shelf_bytes;        /* of the shelf when it was made */
	struct lac_workers *workers; /* NULL until a call needs them */
};

struct lac_context {
	struct lac_shelf shelf;
	struct lac_options options; /* a copy; `adapted` is on the shelf */
	struct lac_side encoding, decoding;
};

/* What archives are made and read with is a base: else LAC_BAD_ARGUMENT, as in a child of the
 * process that started the context's threads. For every call to ask first. */
LAC_MUST_CHECK enum lac_status lac_context_check(const struct lac_context *context, bool needs_base, struct lac_error *error);

/* What a call works with, no stream in it. Encoders have what was given; decoders what was turned
 * to last. LAC_NO_MEMORY. */
LAC_MUST_CHECK enum lac_status lac_context_encoders(struct lac_context *context, struct lac_workers **out, struct lac_error *error);
LAC_MUST_CHECK enum lac_status lac_context_decoders(struct lac_context *context, struct lac_workers **out, struct lac_error *error);

/* After a failure: drops what is in work; streams that were pushed may then be freed. The next call
 * starts its threads anew. */
void lac_context_stop(struct lac_context *context);

/* Turns decoding to a base, which is on the shelf or given, with what adapts it and with a window:
 * no stream is in work. LAC_NO_MEMORY: not even one stream of it has room beside what the shelf
 * took, or with a window above the default. */
LAC_MUST_CHECK enum lac_status lac_context_turn_to(struct lac_context *context, const struct lac_model *base, uint32_t window,
	struct lac_place place, struct lac_error *error);

/* Whether decoding has turned to these already. */
bool lac_context_works_with(const struct lac_context *context, const struct lac_model *base, uint32_t window);

/* The window of streams that nothing says another of; 0: no model was given. */
uint32_t lac_context_window(const struct lac_context *context);

/* Before models leave the shelf: nothing that may be of it is at work. No stream is. */
void lac_context_let_go(struct lac_context *context);

/* What the caller allows for streams and for what archives bring, beside what is open. */
uint64_t lac_context_memory_left(const struct lac_context *context);

#endif
