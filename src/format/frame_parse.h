/* frame_parse.h: the fields of one frame's body, whose check was verified (format.md sections 4 and
 * 5). */
#ifndef LAC_FORMAT_FRAME_PARSE_H
#define LAC_FORMAT_FRAME_PARSE_H

#include "format/scope.h"

/* `place` is the frame's, for the errors: LAC_UNSUPPORTED for what a newer version may have
 * written, LAC_CORRUPT for what contradicts itself. */
LAC_MUST_CHECK enum lac_status lac_frame_parse(struct lac_frame *frame, uint8_t tag, struct lac_reader body,
	const struct lac_frame_scope *scope, struct lac_place place, struct lac_error *error);

/* The same for a whole frame, tag to check, which is verified first. */
LAC_MUST_CHECK enum lac_status lac_frame_unpack(struct lac_frame *frame, const uint8_t *bytes, size_t n_bytes, uint64_t ordinal,
	const struct lac_frame_scope *scope, struct lac_place place, struct lac_error *error);

/* The same for a header of LAC_HEADER_BYTES that begins with the magic. */
LAC_MUST_CHECK enum lac_status lac_header_unpack(struct lac_header *header, const uint8_t *bytes, struct lac_place place,
	struct lac_error *error);

#endif
