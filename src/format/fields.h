/* fields.h: the fields of a frame's body, one after another: read, written, or counted. A type of
 * frames lists its fields once, for all three (frame_types.c). */
#ifndef LAC_FORMAT_FIELDS_H
#define LAC_FORMAT_FIELDS_H

#include "format/scope.h"

struct lac_fields {
	struct lac_reader *in;               /* what is read; NULL: fields are written */
	const struct lac_frame_scope *scope; /* of what is read */
	/* where they are written; NULL: nowhere, they are counted */
	struct lac_buffer *out;
	size_t n_bytes;                      /* of what was written, or counted */
};

/* Each reads a field into *value, or writes *value. False: there is no such field in what is
 * read. */
bool lac_field_u8(struct lac_fields *fields, uint8_t *value);
bool lac_field_u64(struct lac_fields *fields, uint64_t *value);
bool lac_field_varint(struct lac_fields *fields, uint64_t *value);
bool lac_field_array(struct lac_fields *fields, uint8_t *bytes, size_t n_bytes);

/* Bytes that are borrowed: n of them, or, with the second, all that are left. */
bool lac_field_bytes(struct lac_fields *fields, const uint8_t **bytes, size_t n_bytes);
void lac_field_rest(struct lac_fields *fields, const uint8_t **bytes, size_t *n_bytes);

/* The number by which a model is named (format.md section 4.3). */
lac_complaint lac_field_reference(struct lac_fields *fields, struct lac_model_reference *reference);

#endif
