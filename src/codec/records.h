/* records.h: what a block of a records archive must look like (format.md section 5.4), whoever reads it. */
#ifndef LAC_CODEC_RECORDS_H
#define LAC_CODEC_RECORDS_H

#include "codec/splitter.h"
#include "format/frame.h"

/* How many records end in this block; the last block's open record counts. 0 if the archive holds no records. */
uint64_t lac_records_count(const struct lac_frame *frame, enum lac_records records);

/* NULL, or what is wrong: a separator inside a record, or an open flag that contradicts the text. */
const char *lac_records_check(const struct lac_frame *frame, enum lac_records records, const uint8_t *text, size_t n_bytes);

#endif
