/* index_tree.h: finds frames of one archive by its indexes (format.md section 5.10), which are read
 * as they are needed. */
#ifndef LAC_ARCHIVE_INDEX_TREE_H
#define LAC_ARCHIVE_INDEX_TREE_H

#include "format/index.h"

/* A source that counts. */
struct lac_random_reader {
	struct lac_random_source source;
	uint64_t n_read;
};

/* Fills `out` with bytes of the source, which are all there. LAC_READ_FAILED, LAC_NO_MEMORY. */
LAC_MUST_CHECK enum lac_status lac_random_read(struct lac_random_reader *reader, uint64_t offset, size_t n_bytes, struct lac_buffer *out,
	struct lac_error *error);

/* What lies before a frame in its archive, and what its entry says of it. */
struct lac_indexed_frame {
	uint64_t offset;                 /* in the source */
	struct lac_index_entry before;   /* is_open: a record goes on in this frame */
	struct lac_index_entry entry;
};

struct lac_index_tree {
	struct lac_random_reader *reader;
	enum lac_records records;
	uint64_t archive;     /* its number, for errors */
	uint64_t begin, end;  /* its first frame; after its last */
	uint32_t n_levels;
	/* [level - 1]: the index read last. What it covers begins at `first`; what lies before it
	 * has the sums `before` */
	struct lac_index_node {
		struct lac_buffer bytes; /* owned; empty: none was read yet */
		struct lac_frame frame;  /* borrows bytes */
		uint64_t first;
		struct lac_index_entry before;
	} nodes[LAC_INDEX_LEVELS_MAX];
};

/* Reads the root of the archive that ends at `end`. *is_index = false: it does not end with what
 * looks like one. LAC_CORRUPT: it does, and is damaged. On success tree->begin is known. The caller
 * frees also after a failure. */
LAC_MUST_CHECK enum lac_status lac_index_tree_open(struct lac_index_tree *tree, struct lac_random_reader *reader, uint64_t end,
	bool *is_index, struct lac_error *error);
void lac_index_tree_free(struct lac_index_tree *tree);

/* The sum of all that the root covers. */
struct lac_index_entry lac_index_tree_sum(const struct lac_index_tree *tree);

enum lac_index_key { LAC_KEY_FRAMES, LAC_KEY_RECORDS, LAC_KEY_MODELS };

/* Finds the block or model frame with what has this number, counted from 0 in the archive.
 * *is_found = false: an index has it (frames are numbered by their ordinals), or nothing.
 * LAC_CORRUPT: indexes contradict each other. */
LAC_MUST_CHECK enum lac_status lac_index_tree_find(struct lac_index_tree *tree, enum lac_index_key key, uint64_t number,
	struct lac_indexed_frame *out, bool *is_found, struct lac_error *error);

#endif
