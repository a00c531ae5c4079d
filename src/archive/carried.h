/* carried.h: pieces of files that an archive brings along (format.md section 4.5) -> opened models
 * on the shelf, within the memory that the caller allows. */
#ifndef LAC_ARCHIVE_CARRIED_H
#define LAC_ARCHIVE_CARRIED_H

#include "archive/context.h"
#include "archive/declared.h"

/* A file while its pieces arrive: memory grows with them, to twice their length at most. */
struct lac_arriving {
	bool is_begun, is_wanted;
	uint8_t *bytes; /* owned */
	size_t length, capacity;
	uint64_t archive; /* the one for which others' models made room last; 0: none */
};

void lac_arriving_free(struct lac_arriving *arriving);

/* Before the first piece of a wanted file, with no stream in work: threads and what other archives
 * brought make room. LAC_NO_MEMORY: it is more than the caller allows. is_wanted becomes false if
 * so many are open that no call could have been given more. */
LAC_MUST_CHECK enum lac_status lac_arriving_begin(struct lac_arriving *arriving, struct lac_context *context,
	struct lac_declared_model model, const struct lac_frame *frame, const struct lac_declared *declared,
	struct lac_place place, struct lac_error *error);

/* Takes a piece; after the last one the model is opened and put on the shelf. LAC_CORRUPT,
 * LAC_UNSUPPORTED, LAC_NO_MEMORY. */
LAC_MUST_CHECK enum lac_status lac_arriving_add(struct lac_arriving *arriving, struct lac_context *context,
	struct lac_declared_model model, const struct lac_frame *frame, struct lac_place place, struct lac_error *error);

#endif
