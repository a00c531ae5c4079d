/* carried.h: models and adapters that archives bring along (format.md section 4.5), opened within the memory that the caller allows. */
#ifndef LAC_ARCHIVE_CARRIED_H
#define LAC_ARCHIVE_CARRIED_H

#include "archive/models.h"

/* What was opened. */
struct lac_carried {
	struct lac_carried_model {
		struct lac_model *model;      /* owned */
		const struct lac_model *base; /* what an adapter changed, a carried one or not; NULL: it is a base */
		uint64_t n_bytes;             /* that it takes */
	} *at;      /* owned; a base comes before what adapters make of it */
	size_t n, capacity;
	uint64_t n_bytes; /* of all */
};

void lac_carried_free(struct lac_carried *carried);

/* base NULL: a base. NULL: it is not there. */
const struct lac_model *lac_carried_find(const struct lac_carried *carried, const struct lac_model *base, const uint8_t identity[16]);

/* A file while its pieces arrive: memory grows with them, to twice their length at most. */
struct lac_arriving {
	bool is_begun, is_wanted;
	uint8_t *bytes; /* owned */
	size_t length, capacity;
};

void lac_arriving_free(struct lac_arriving *arriving);

#endif
