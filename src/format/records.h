/* records.h: what a block of a records archive must look like (format.md section 5.4), whoever
 * reads it. */
#ifndef LAC_FORMAT_RECORDS_H
#define LAC_FORMAT_RECORDS_H

#include "format/frame.h"

/* The byte that ends a record. */
static inline uint8_t lac_records_separator(enum lac_records records)
{
	return records == LAC_RECORDS_NUL ? 0 : '\n';
}

/* How many records end in a text. */
uint64_t lac_records_count(const uint8_t *text, size_t n_bytes, enum lac_records records);

/* How many records end in this block. 0 if the archive holds no records. The archive has one more
 * if its last block is open. */
uint64_t lac_records_ended(const struct lac_frame *frame, enum lac_records records);

/* NULL, or what is wrong: a separator inside a record, or an open flag that contradicts the
 * text. */
const char *lac_records_check(const struct lac_frame *frame, enum lac_records records, const uint8_t *text, size_t n_bytes);

#endif
