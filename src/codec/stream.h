/* stream.h: the unit of work: symbols coded from a fresh context by one range coder. */
#ifndef LAC_CODEC_STREAM_H
#define LAC_CODEC_STREAM_H

#include "base/bytes.h"
#include "base/error.h"
#include "model/model.h"

struct lac_block;

/* What is done to a stream's bytes. */
enum lac_stream_kind {
	LAC_STREAM_TEXT,   /* coded with the model; the length of the text ends it */
	LAC_STREAM_RECORD, /* coded with the model, to an end symbol */
	LAC_STREAM_PROBE,  /* compression only: coded without the model, and its tokens counted */
	LAC_STREAM_MIXED,  /* coded without the model */
};

struct lac_stream {
	enum lac_stream_kind kind;
	struct lac_block *block;
	const struct lac_model *model; /* that codes it; compression by choice: not before its trials are finished */
	struct lac_stream *trial_of;   /* NULL, or the stream whose beginning this one codes with a model on trial */
	struct lac_stream *next; /* the workers' queue */

	/* Compression: text (borrowed from the block) -> payload. Decompression: payload (borrowed) -> text. */
	const uint8_t *in;
	size_t in_bytes;
	struct lac_buffer out;

	bool is_cut;            /* result of a trial: there are more symbols than it coded */
	uint32_t window;        /* decompression: positions of its context, at most those of the sessions; 0: the model's */
	uint64_t text_bytes;    /* decompression: exact length, of a record a bound */
	bool is_limited;        /* the bound is the caller's, not the archive's */
	uint64_t n_tokens;      /* result: coded symbols, the end not counted */
	struct lac_error error; /* result: status LAC_OK unless it failed; text is about the stream alone */
};

struct lac_workers;
struct lac_plan;

/* The two bodies of a worker thread: take streams, code them in batches, report each, until the queue is closed.
 * format.md section 6 and arithmetic.md sections 6.5 to 9. */
void lac_encode_streams(struct lac_workers *workers, const struct lac_model *model, const struct lac_plan *plan);
void lac_decode_streams(struct lac_workers *workers, const struct lac_model *model, const struct lac_plan *plan);

#define LAC_TRIAL_SYMBOLS 128u /* format.md section 5.8 */
#define LAC_ENCODE_SLOTS 8u  /* at most: streams that may share a batch */
#define LAC_DECODE_SLOTS 64u /* at most: streams decoded in lockstep: each step gives every one of them a token */

#endif
