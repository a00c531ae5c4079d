/* splitter.h: cuts the input into blocks (format.md section 5.1). Where it cuts is the encoder's
 * choice: a decoder needs no rule. */
#ifndef LAC_ARCHIVE_SPLITTER_H
#define LAC_ARCHIVE_SPLITTER_H

#include "archive/block.h"
#include "base/error.h"

struct lac_splitter {
	struct lac_source source;
	enum lac_records records;
	uint32_t block_bytes;
	uint8_t *buffer; /* owned: block_bytes + 1, so that "there is more" is known */
	size_t length;
	bool at_end;     /* the source gave its last byte */
	uint64_t n_read;
	struct lac_hash128 *hash; /* owned: of what was read */
};

/* Reads ahead. The caller frees also after a failure. */
LAC_MUST_CHECK enum lac_status lac_splitter_create(struct lac_splitter *splitter, struct lac_source source,
	enum lac_records records, uint32_t block_bytes, struct lac_error *error);
void lac_splitter_free(struct lac_splitter *splitter);

struct lac_piece {
	struct lac_block *block; /* owned by the caller: bytes and streams set */
	bool is_open;            /* records: the last one is not followed by a separator */
};

/* The next block; block NULL at the end of the input. */
LAC_MUST_CHECK enum lac_status lac_splitter_next(struct lac_splitter *splitter, struct lac_piece *piece, struct lac_error *error);

#endif
