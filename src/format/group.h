/* group.h: the body of a group of records (format.md section 5.9). */
#ifndef LAC_FORMAT_GROUP_H
#define LAC_FORMAT_GROUP_H

#include "format/fields.h"

/* What the check of a record's text is, which has no separator. */
uint8_t lac_group_check(const uint8_t *text, size_t n_bytes);

/* Bits that tell n_models apart. */
unsigned lac_group_choice_bits(uint32_t n_models);

/* What follows from a group's records, so that a group has one form: who writes it and who parses
 * it compute it alike. */
#define LAC_GROUP_WIDTH_MAX 24u

struct lac_group_models {
	struct lac_model_reference at[LAC_GROUP_RECORDS_MAX]; /* in the order of their first use */
	uint8_t of_stream[LAC_GROUP_RECORDS_MAX];
	uint32_t n;
};

struct lac_group_models lac_group_models(const struct lac_frame *frame);

/* The low bits of a payload's length that are written as they are. */
unsigned lac_group_width(const struct lac_frame *frame);

size_t lac_group_bytes(const struct lac_frame *frame);
void lac_group_write(struct lac_buffer *out, const struct lac_frame *frame);

lac_complaint lac_group_parse(struct lac_frame *frame, struct lac_fields *fields);

#endif
