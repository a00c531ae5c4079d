/* archive.h: an archive that is read at any place: how it was opened, and where it is read. */
#ifndef LAC_ARCHIVE_ARCHIVE_H
#define LAC_ARCHIVE_ARCHIVE_H

#include "archive/context.h"
#include "archive/declared.h"
#include "archive/index_tree.h"

/* One of the archives in the source. */
struct lac_archive_part {
	uint64_t end;
	uint64_t first, n_records;
};

struct lac_archive {
	struct lac_context *context;
	struct lac_random_reader reader;
	struct lac_archive_part *parts; /* owned */
	size_t n_parts, capacity;
	uint64_t n_records;
	/* of the part that was read last: */
	size_t current;
	struct lac_index_tree tree;
	struct lac_declared declared; /* its first models, as many as were asked for */
	struct lac_frame_scope scope; /* what they settle */
};

/* Makes one of the parts the one that is read. */
LAC_MUST_CHECK enum lac_status lac_archive_turn_to(struct lac_archive *archive, size_t part, struct lac_error *error);

#endif
