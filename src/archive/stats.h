/* stats.h: what a call counts for its caller. */
#ifndef LAC_ARCHIVE_STATS_H
#define LAC_ARCHIVE_STATS_H

#include "format/frame.h"

/* Counts a block, and the records that end in it. */
void lac_stats_add_block(struct lac_stats *stats, const struct lac_frame *frame, enum lac_records records);

/* Counts a piece of a file. */
void lac_stats_add_piece(struct lac_stats *stats, const struct lac_frame *frame);

/* Notes what coding n_streams streams took. */
void lac_stats_add_model(struct lac_stats *stats, const struct lac_model_frame *model);
void lac_stats_add_adapter(struct lac_stats *stats, const uint8_t identity[16], const char *name, uint64_t n_streams);

#endif
