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

/* To be called first by every call with a context. LAC_BAD_ARGUMENT: needs_base is true and the
 * model given is an adapted one, or this process is a child of the one that started the context's
 * threads. */
LAC_MUST_CHECK enum lac_status lac_context_check(const struct lac_context *context, bool needs_base, struct lac_error *error);

/* The workers that encode with what was given, or decode with what lac_context_turn_to() set; no
 * stream is with them. LAC_NO_MEMORY. */
LAC_MUST_CHECK enum lac_status lac_context_encoders(struct lac_context *context, struct lac_workers **out, struct lac_error *error);
LAC_MUST_CHECK enum lac_status lac_context_decoders(struct lac_context *context, struct lac_workers **out, struct lac_error *error);

/* Drops all streams in work and ends the threads, after a failure. The streams may then be freed;
 * the next call starts threads anew. */
void lac_context_stop(struct lac_context *context);

/* Sets the base, with its adapters, and the window that decoding goes on with. The base is given or
 * on the shelf, and no stream is with the workers. LAC_NO_MEMORY: one stream does not fit into the
 * memory beside the shelf. */
LAC_MUST_CHECK enum lac_status lac_context_turn_to(struct lac_context *context, const struct lac_model *base, uint32_t window,
	struct lac_place place, struct lac_error *error);

/* Whether decoding is set to this base and window. */
bool lac_context_works_with(const struct lac_context *context, const struct lac_model *base, uint32_t window);

/* The window of streams that nothing says another of; 0: no model was given. */
uint32_t lac_context_window(const struct lac_context *context);

/* Sets decoding back to what was given, before models leave the shelf. No stream is with the
 * workers. */
void lac_context_let_go(struct lac_context *context);

/* What the caller allows for streams and for what archives bring, beside what is open. */
uint64_t lac_context_memory_left(const struct lac_context *context);

#endif
