/* frame.h: the fields of an archive <-> bytes (format.md sections 3 to 5). Knows sizes and checks;
 * a model is an opaque identity and a payload is opaque bytes. Streaming: one frame in memory at a
 * time.
 *
 * Archive: header, frames, the last one marked. The hash of a frame is seeded with its ordinal, so
 * that frames cannot be swapped, dropped or repeated unseen.
 */
#ifndef LAC_FORMAT_FRAME_H
#define LAC_FORMAT_FRAME_H

#include "base/bytes.h"
#include "base/error.h"
#include "format/place.h"

#define LAC_FORMAT_VERSION 1
#define LAC_HEADER_BYTES 10
#define LAC_MAGIC_BYTES 4
#define LAC_GROUP_RECORDS_MAX 64u  /* records in one frame */
#define LAC_FRAME_BODY_MAX (LAC_BLOCK_BYTES_MAX + (1u << 20)) /* bytes; larger is corrupt */
#define LAC_FRAME_MODELS_MAX 65535u /* model frames in one archive */
#define LAC_FILE_PIECE_BYTES (1u << 24) /* of every piece of a file but its last */
#define LAC_INDEX_ENTRIES_MAX 256u /* in one index */
#define LAC_INDEX_LEVELS_MAX 8u
/* the only version of arithmetic.md; frames of others are unsupported, and no further field of them
 * is read */
#define LAC_FRAME_ARITHMETIC 1

struct lac_header {
	enum lac_records records;
};

enum lac_frame_type {
	LAC_FRAME_END = 0,     /* empty body; only in an archive with no block, and always last */
	/* declares a model that later blocks name by number, counted from 0 */
	LAC_FRAME_MODEL = 1,
	LAC_FRAME_STORED = 2,  /* the bytes as they are, separators included */
	LAC_FRAME_TEXT = 3,    /* one stream */
	LAC_FRAME_RECORDS = 4, /* 1 to 64 streams */
	LAC_FRAME_MIXED = 5,   /* one text without a model, by the coder's own bytewise one */
	/* declares a model that an adapter makes of another; takes the next number too */
	LAC_FRAME_ADAPTED = 6,
	LAC_FRAME_ROUTED = 7,  /* 1 to 64 streams, each with a model of its own */
	LAC_FRAME_GROUP = 8,   /* the same, each to be decoded alone */
	LAC_FRAME_INDEX = 9,   /* where records are: index.h */
	LAC_FRAME_FILE = 10,   /* a piece of the GGUF file of what the frame before it declares */
	/* as MIXED, in an archive of records: the text of some, separators included */
	LAC_FRAME_MIXED_RECORDS = 11,
	LAC_N_FRAME_TYPES
};

struct lac_model_frame {
	uint8_t arithmetic_version;
	uint32_t window; /* positions of context the streams were coded with, 2 to 2^20 */
	uint8_t identity[16];
	char name[LAC_MODEL_NAME_MAX + 1]; /* printable ASCII */
};

/* What is known of a type: a row of format.md section 4. */
struct lac_frame_traits {
	/* 8 where nothing else checks the frame, or not whenever it is read */
	uint8_t n_check_bytes;
	bool in_texts, in_records; /* archives that may have it */
	bool may_be_last;
	bool is_block; /* it holds text */
};

extern const struct lac_frame_traits lac_frame_traits[LAC_N_FRAME_TYPES];

/* Types that are not known hold no text. */
static inline bool lac_frame_is_block(enum lac_frame_type type)
{
	return (unsigned)type < LAC_N_FRAME_TYPES && lac_frame_traits[type].is_block;
}

/* Blocks of an archive of records whose streams are coded. */
static inline bool lac_frame_holds_records(enum lac_frame_type type)
{
	return type == LAC_FRAME_RECORDS || type == LAC_FRAME_ROUTED || type == LAC_FRAME_GROUP;
}

/* Blocks that the bytewise model decodes. */
static inline bool lac_frame_is_mixed(enum lac_frame_type type)
{
	return type == LAC_FRAME_MIXED || type == LAC_FRAME_MIXED_RECORDS;
}

/* Blocks that a language model decodes. */
static inline bool lac_frame_is_modelled(enum lac_frame_type type)
{
	return type == LAC_FRAME_TEXT || lac_frame_holds_records(type);
}

static inline bool lac_frame_declares_model(enum lac_frame_type type)
{
	return type == LAC_FRAME_MODEL || type == LAC_FRAME_ADAPTED;
}

/* A model as format.md section 4.3 names it. */
struct lac_model_reference {
	bool is_published;    /* the model is one of published.h, not one declared by a frame */
	uint32_t model_index; /* its number there, or among the archive's model frames */
};

/* A parsed frame. Pointers borrow the frame's bytes. */
struct lac_frame {
	enum lac_frame_type type;
	bool is_last;
	/* records archives, block frames: the final record is not followed by a separator */
	bool is_open;

	struct lac_model_frame model; /* MODEL; ADAPTED: identity and name of the adapter */

	/* TEXT, RECORDS: the model; ADAPTED: the base. As in a struct lac_model_reference */
	bool is_published;
	uint32_t model_index;

	/* block frames: */
	/* ROUTED, GROUP: the model of each stream */
	struct lac_model_reference routes[LAC_GROUP_RECORDS_MAX];
	/* STORED: body bytes; else decoded bytes, without the separators of coded records; >= 1 but
	 * for them */
	uint64_t n_text_bytes;
	/* TEXT, RECORDS, ROUTED, GROUP: coded symbols, ends of records not counted */
	uint64_t n_tokens;
	uint8_t arithmetic_version; /* MIXED, MIXED_RECORDS */
	uint64_t n_ended;        /* MIXED_RECORDS: separators in its text */
	/* all but STORED: XXH3-64 of the decoded bytes, separators included */
	uint64_t text_hash;
	uint32_t n_streams;      /* RECORDS, ROUTED, GROUP: 1 to 64; else 1 */
	/* STORED: streams[0] is the text; INDEX: its entries; FILE: the piece */
	const uint8_t *streams[LAC_GROUP_RECORDS_MAX];
	size_t stream_bytes[LAC_GROUP_RECORDS_MAX];
	uint8_t stream_checks[LAC_GROUP_RECORDS_MAX]; /* GROUP: of the text of each */

	uint32_t level, n_entries; /* INDEX */
	uint64_t n_left;           /* FILE: bytes after this piece */
};

/* The model of a stream of a TEXT, RECORDS, ROUTED or GROUP frame. */
static inline struct lac_model_reference lac_frame_route(const struct lac_frame *frame, uint32_t stream)
{
	return frame->type == LAC_FRAME_ROUTED || frame->type == LAC_FRAME_GROUP ? frame->routes[stream] :
		(struct lac_model_reference){ frame->is_published, frame->model_index };
}

/* What a block adds to the text: the separators of coded records are not among their bytes. */
static inline uint64_t lac_frame_text_bytes(const struct lac_frame *frame)
{
	return frame->n_text_bytes + (lac_frame_holds_records(frame->type) ? frame->n_streams - (frame->is_open ? 1u : 0u) : 0u);
}

/* ---- Writing: every function appends to `out`; look at out->failed at the end. ---- */

void lac_header_write(struct lac_buffer *out, const struct lac_header *header);

/* Appends a whole frame, tag to check. `ordinal` counts the archive's frames from 0. The structure
 * must be within limits. */
void lac_frame_write(struct lac_buffer *out, const struct lac_frame *frame, uint64_t ordinal);

/* The exact size lac_frame_write() would append. */
size_t lac_frame_bytes(const struct lac_frame *frame);

/* ---- Reading -------------------------------------------------------------- */

/* Pulls an archive's bytes from a source through a bounded buffer and hands out verified frames. */
struct lac_frame_reader;

LAC_MUST_CHECK enum lac_status lac_frame_reader_create(struct lac_frame_reader **out, struct lac_source source,
	struct lac_error *error);
void lac_frame_reader_free(struct lac_frame_reader **reader);

/* Reads the next archive's header. *at_end = true, at the end of the source, after at least one
 * archive. LAC_NOT_ARCHIVE: the magic is absent (also: empty source); bytes after an archive that
 * are no header are LAC_CORRUPT "trailing bytes". LAC_CORRUPT: check differs. LAC_UNSUPPORTED:
 * version or reserved bits. LAC_TRUNCATED. */
LAC_MUST_CHECK enum lac_status lac_frame_reader_header(struct lac_frame_reader *reader, struct lac_header *header,
	bool *at_end, struct lac_error *error);

/* Reads the next frame of the current archive and verifies its check before any field is believed.
 * `body` receives the frame's bytes (cleared first) and the frame borrows from it, so a caller may
 * keep several frames by using several buffers. Not to be called after a frame with is_last. */
LAC_MUST_CHECK enum lac_status lac_frame_reader_next(struct lac_frame_reader *reader, struct lac_buffer *body,
	struct lac_frame *frame, struct lac_error *error);

/* Bytes consumed from the source: where the next header or frame begins. */
uint64_t lac_frame_reader_offset(const struct lac_frame_reader *reader);

/* Of the header or frame read last. */
struct lac_place lac_frame_reader_place(const struct lac_frame_reader *reader);

#endif
