/* scope.h: what the frames so far say of the next one (format.md sections 4 and 5). */
#ifndef LAC_FORMAT_SCOPE_H
#define LAC_FORMAT_SCOPE_H

#include "format/frame.h"

struct lac_frame_scope {
	enum lac_records records;
	uint32_t n_models; /* declared so far */
	uint8_t is_adapted[(LAC_FRAME_MODELS_MAX + 8) / 8]; /* a bit for each of them */
	bool is_first;     /* the next frame is the archive's first */
	bool has_block;
	/* the frame before, indexes apart, declares a model: its file may follow */
	bool may_carry;
	uint64_t n_left;   /* bytes of a file that must follow */
};

/* What is wrong with a frame; NULL: nothing. */
typedef const char *lac_complaint;

/* Adds a frame. */
void lac_frame_scope_add(struct lac_frame_scope *scope, const struct lac_frame *frame);

/* What the tag alone and the frames before rule out. The type is a known one. */
lac_complaint lac_frame_scope_check(const struct lac_frame_scope *scope, uint8_t tag);

#endif
