/* index.h: where records are (format.md section 5.10). What an index says follows from the frames
 * before it, so whoever writes an archive and whoever reads one from its beginning keep the same
 * account, and the reader compares. */
#ifndef LAC_FORMAT_INDEX_H
#define LAC_FORMAT_INDEX_H

#include "format/scope.h"

#define LAC_INDEX_BYTES_MAX (10u << 10) /* of the whole frame */
#define LAC_INDEX_TAIL_BYTES 12u        /* its last bytes: its length, and its check */

struct lac_index_entry {
	uint64_t n_bytes, n_frames, n_records, n_models;
	bool is_open; /* a record is begun and not ended after it */
};

/* Takes the next entry of an index of that level. False: there is none, or it is impossible. */
bool lac_index_next(struct lac_reader *entries, uint32_t level, struct lac_index_entry *entry);

size_t lac_index_bytes(const struct lac_frame *frame);
void lac_index_write(struct lac_buffer *out, const struct lac_frame *frame);
lac_complaint lac_index_parse(struct lac_frame *frame, struct lac_reader *body);

/* What is not described yet. */
struct lac_index {
	struct lac_index_level {
		struct lac_buffer entries;   /* owned */
		struct lac_index_entry sum;
		/* past LAC_INDEX_ENTRIES_MAX only that there are more */
		uint32_t n;
	/* [level - 1]; the last takes a root of the highest level */
	} levels[LAC_INDEX_LEVELS_MAX + 1];
	uint32_t last_level; /* of the frame before; 0: it is none */
	bool is_open;
	bool is_wanted;      /* a frame needs one: the archive must end with its root */
};

void lac_index_clear(struct lac_index *index); /* a new archive; keeps memory */
void lac_index_free(struct lac_index *index);

/* Whether the frame may follow and, if it is an index, says what it should. */
lac_complaint lac_index_check(const struct lac_index *index, const struct lac_frame *frame);

/* Takes any frame but an end. False: no memory. */
bool lac_index_add(struct lac_index *index, const struct lac_frame *frame, size_t n_bytes, enum lac_records records);

/* The frame of an index of that level, which borrows from `index`. */
struct lac_frame lac_index_frame(const struct lac_index *index, uint32_t level);

/* The highest level that has something to describe; 0: none. */
uint32_t lac_index_top(const struct lac_index *index);

#endif
