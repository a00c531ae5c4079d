/* fields.h: where in a line of JSON a text is. */
#ifndef LAC_TRAIN_FIELDS_H
#define LAC_TRAIN_FIELDS_H

#include "base/bytes.h"
#include "train/json.h"

enum lac_field_result {
	LAC_FIELD_FOUND,
	LAC_FIELD_ABSENT,  /* no such member, or it is null */
	LAC_FIELD_NO_TEXT, /* it is something else than a string */
};

/* Appends the text that a field names: a member, or members within members, as "a.b" and "a[].b"
 * have it. After [] all elements of an array are gone through, and their texts, if they have any,
 * stand one behind the other with an empty line between. A member that has the whole name comes
 * first. */
enum lac_field_result lac_field_append(struct lac_buffer *out, const json_t *object, const char *field);

/* The names of an object's members, with commas; cut where there is no more room. */
void lac_field_names(char *out, size_t capacity, const json_t *object);

#endif
