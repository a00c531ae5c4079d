/* unpacker.h: blocks -> workers -> text -> sink, in order. A block's hash, or the checks of the
 * records that are wanted of it, are compared before a byte of it reaches the sink. */
#ifndef LAC_ARCHIVE_UNPACKER_H
#define LAC_ARCHIVE_UNPACKER_H

#include "archive/carried.h"
#include "archive/reporter.h"

struct lac_unpacker_item;

struct lac_unpacker {
	struct lac_context *context;
	struct lac_sink sink;
	struct lac_workers *workers; /* NULL until a block needs them */
	struct lac_unpacker_item *oldest, **newest;
	uint64_t n_in_flight, bytes_in_flight;
	uint64_t n_read;          /* of the archive, when a block was written last */
	uint64_t text_bytes;      /* of all blocks that were pushed whole */
	struct lac_buffer text;
	struct lac_hash128 *hash; /* of what was written */
	struct lac_arriving arriving; /* a carried file */
	struct lac_reporter reporter;
	struct lac_stats stats;
};

LAC_MUST_CHECK enum lac_status lac_unpacker_open(struct lac_unpacker *unpacker, struct lac_context *context, struct lac_sink sink,
	struct lac_error *error);
/* Leaves the context without work; `s` is how the call ended. */
void lac_unpacker_close(struct lac_unpacker *unpacker, enum lac_status s);

/* A block as it was read. */
struct lac_packed_block {
	struct lac_frame frame;
	struct lac_buffer bytes; /* that frame borrows */
	struct lac_place place;
	enum lac_records records;
	/* Which of its records are wanted; one that begins or ends elsewhere counts too. Archives
	 * of records; else 0 and UINT32_MAX */
	uint32_t first, end;
};

/* How many records, or parts, a block has: those that end in it and what it leaves open. */
uint32_t lac_packed_records(const struct lac_frame *frame, enum lac_records records);

/* Whether another block may be pushed: memory and threads want no more at once. */
bool lac_unpacker_has_room(const struct lac_unpacker *unpacker);

/* Puts a block in flight and takes block->bytes over, also when it fails. LAC_OVER_LIMIT, and
 * errors of lac_declared_find(). */
LAC_MUST_CHECK enum lac_status lac_unpacker_push(struct lac_unpacker *unpacker, struct lac_packed_block *block,
	const struct lac_declared *declared, struct lac_error *error);

/* Writes all blocks in flight, waiting for them. No stream is with the workers afterwards, also
 * after a failure. */
LAC_MUST_CHECK enum lac_status lac_unpacker_drain(struct lac_unpacker *unpacker, struct lac_error *error);

/* Sets *is_open: whether a declared model is open. One that is not is asked for
 * (options->find_model), after the blocks in flight are written. LAC_NO_MEMORY, LAC_BAD_ARGUMENT,
 * and errors of writing. */
LAC_MUST_CHECK enum lac_status lac_unpacker_seek(struct lac_unpacker *unpacker, struct lac_declared_model model,
	bool *is_open, struct lac_error *error);

/* Takes the next piece of a file that the archive carries, of declared model `number`. With
 * options->opens_carried the model is opened when its file is whole, unless it is open already.
 * n_read: bytes of the archive read so far. Errors as lac_unpacker_seek(), LAC_CORRUPT,
 * LAC_UNSUPPORTED, LAC_CANCELLED. */
LAC_MUST_CHECK enum lac_status lac_unpacker_carry(struct lac_unpacker *unpacker, const struct lac_frame *frame,
	const struct lac_declared *declared, uint32_t number, struct lac_place place, uint64_t n_read, struct lac_error *error);

/* Waits for the oldest block and writes its text. n_read: of the archive, for the progress. */
LAC_MUST_CHECK enum lac_status lac_unpacker_write(struct lac_unpacker *unpacker, uint64_t n_read, struct lac_error *error);

#endif
