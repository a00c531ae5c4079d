/* group_fields.h: what follows from a group's records (format.md section 5.9), so that a group has one form: who writes it and who parses it compute it alike. */
#ifndef LAC_FORMAT_GROUP_FIELDS_H
#define LAC_FORMAT_GROUP_FIELDS_H

#include "base/bits.h"
#include "format/group.h"

#define LAC_GROUP_WIDTH_MAX 24u

struct lac_group_models {
	struct lac_model_reference at[LAC_GROUP_RECORDS_MAX]; /* in the order of their first use */
	uint8_t of_stream[LAC_GROUP_RECORDS_MAX];
	uint32_t n;
};

struct lac_group_models lac_group_models(const struct lac_frame *frame);

/* The low bits of a payload's length that are written as they are. */
unsigned lac_group_width(const struct lac_frame *frame);

#endif
