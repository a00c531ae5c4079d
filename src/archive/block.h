/* block.h: a block of text while it is coded: its bytes, and the streams made of them. */
#ifndef LAC_ARCHIVE_BLOCK_H
#define LAC_ARCHIVE_BLOCK_H

#include "codec/stream.h"
#include "format/place.h"
#include "shelf/models.h"

/* A part of a block that is coded without the model first. */
struct lac_probe {
	struct lac_stream stream;
	uint32_t end; /* the stream of the block behind its last */
};

struct lac_block {
	struct lac_stream *streams; /* owned: [n_streams] */
	uint32_t n_streams;
	struct lac_stream *trials;  /* owned: [n_models][n_streams], or NULL: see trials.h */
	uint32_t n_models;
	struct lac_probe *probes;   /* compression, owned: [n_probes], see probes.h */
	uint32_t n_probes;
	/* compression: all of the text without the model, if its kind is LAC_STREAM_MIXED */
	struct lac_stream mixed;
	struct lac_tally tally;     /* of whichever of these are with the workers */
	struct lac_buffer bytes;    /* owned: the text, or the frame, that streams borrow from */
	struct lac_place place;     /* decompression: the frame's */
	/* decompression: bytes that the streams may still add to the text */
	_Atomic uint64_t text_left;
	struct lac_block *next;     /* in a queue of blocks, oldest first */
};

/* Allocates a block with zeroed streams; NULL: out of memory. */
struct lac_block *lac_block_create(uint32_t n_streams);
void lac_block_free(struct lac_block **block);

/* How much text its streams have coded so far, while they are with the workers. */
uint64_t lac_block_done(const struct lac_block *block);

#endif
