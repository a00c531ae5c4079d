/* frame_parse.h: the fields of one frame's body, whose check was verified (format.md sections 4 and 5). */
#ifndef LAC_FORMAT_FRAME_PARSE_H
#define LAC_FORMAT_FRAME_PARSE_H

#include "format/frame.h"

/* What earlier frames of the archive settled. */
struct lac_frame_scope {
	enum lac_records records;
	uint32_t n_models; /* declared so far */
	uint8_t is_adapted[(LAC_FRAME_MODELS_MAX + 8) / 8]; /* a bit for each of them */
	bool is_first;     /* the archive's first frame */
	bool has_block;
	bool may_carry;    /* the frame before, indexes apart, declares a model: its file may follow */
	uint64_t n_left;   /* bytes of a file that must follow */
};

/* What is wrong with a body; NULL: nothing. */
typedef const char *lac_complaint;

/* A model's name by number (format.md section 4.3). */
lac_complaint lac_parse_reference(struct lac_reader *body, const struct lac_frame_scope *scope, struct lac_model_reference *reference);

/* Remembers what a frame declares. */
void lac_frame_scope_add(struct lac_frame_scope *scope, const struct lac_frame *frame);

/* `place` is the frame's, for the errors: LAC_UNSUPPORTED for what a newer version may have written,
 * LAC_CORRUPT for what contradicts itself. */
LAC_MUST_CHECK enum lac_status lac_frame_parse(struct lac_frame *frame, uint8_t tag, struct lac_reader body,
	const struct lac_frame_scope *scope, struct lac_place place, struct lac_error *error);

/* The same for a whole frame, tag to check, which is verified first. */
LAC_MUST_CHECK enum lac_status lac_frame_unpack(struct lac_frame *frame, const uint8_t *bytes, size_t n_bytes, uint64_t ordinal,
	const struct lac_frame_scope *scope, struct lac_place place, struct lac_error *error);

/* The same for a header of LAC_HEADER_BYTES that begins with the magic. */
LAC_MUST_CHECK enum lac_status lac_header_unpack(struct lac_header *header, const uint8_t *bytes, struct lac_place place,
	struct lac_error *error);

#endif
