/* stream.h: the unit of work: symbols coded from a fresh context by one range coder. */
#ifndef LAC_CODEC_STREAM_H
#define LAC_CODEC_STREAM_H

#include "base/bytes.h"
#include "base/error.h"
#include "model/model.h"

#include <stdatomic.h>

/* What is done to a stream's bytes. */
enum lac_stream_kind {
	LAC_STREAM_TEXT,   /* coded with the model; the length of the text ends it */
	LAC_STREAM_RECORD, /* coded with the model, to an end symbol */
	/* compression only: coded without the model, and the model's tokens counted */
	LAC_STREAM_PROBE,
	LAC_STREAM_MIXED,  /* coded without the model */
};

/* Streams that somebody waits for together. */
struct lac_tally {
	uint32_t n_unfinished; /* guarded by the workers' lock */
};

struct lac_stream {
	enum lac_stream_kind kind;
	/* that codes it, or counts its tokens; NULL: none is asked */
	const struct lac_model *model;
	struct lac_tally *tally;       /* set when it is pushed */
	struct lac_stream *next;       /* in the workers' queue */

	/* Compression: text (borrowed) -> payload. Decompression: payload (borrowed) -> text. */
	const uint8_t *in;
	size_t in_bytes;
	struct lac_buffer out;

	uint32_t window;        /* tokens of context: 2 to those of the workers' plan */
	/* compression: so many from the beginning are coded, and no end if there are more; 0:
	 * all */
	uint32_t most_symbols;
	bool is_cut;            /* result: there are more */
	uint64_t text_bytes;    /* decompression: the exact length, of a record a bound */
	/* decompression, modelled: bytes that streams which share it may still add to the text */
	_Atomic uint64_t *text_left;
	bool is_limited;        /* decompression: the bound is the caller's, not the archive's */
	_Atomic uint64_t n_done; /* bytes of text coded so far, for whoever waits */
	uint64_t n_tokens;      /* result: coded symbols, the end not counted */
	/* result: status LAC_OK unless it failed; text is about the stream alone */
	struct lac_error error;
};

static inline bool lac_stream_is_modelled(const struct lac_stream *stream)
{
	return stream->kind == LAC_STREAM_TEXT || stream->kind == LAC_STREAM_RECORD;
}

/* Codes a stream that no model codes. */
void lac_encode_mixed_stream(struct lac_stream *stream);
void lac_decode_mixed_stream(struct lac_stream *stream);

#endif
