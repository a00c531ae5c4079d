#include "format/frame_parse.h"
#include "format/check.h"
#include "format/frame_types.h"

static enum lac_status check_arithmetic(const struct lac_frame *frame, struct lac_place place, struct lac_error *error)
{
	const uint8_t version = frame->type == LAC_FRAME_MODEL ? frame->model.arithmetic_version : frame->arithmetic_version;

	if ((frame->type != LAC_FRAME_MODEL && !lac_frame_is_mixed(frame->type)) || version == LAC_FRAME_ARITHMETIC)
		return LAC_OK;
	return lac_fail_at(error, LAC_UNSUPPORTED, place, "arithmetic version %u; this build evaluates version %u", (unsigned)version,
		LAC_FRAME_ARITHMETIC);
}

enum lac_status lac_frame_parse(struct lac_frame *frame, uint8_t tag, struct lac_reader body,
	const struct lac_frame_scope *scope, struct lac_place place, struct lac_error *error)
{
	const unsigned type = tag & LAC_TAG_TYPE;
	struct lac_fields fields = { .in = &body, .scope = scope };
	lac_complaint why;

	if (type >= LAC_N_FRAME_TYPES || (tag & LAC_TAG_RESERVED))
		return lac_fail_at(error, LAC_UNSUPPORTED, place, "a frame with tag 0x%02x, which needs a newer laconic", (unsigned)tag);
	*frame = (struct lac_frame){ .type = (enum lac_frame_type)type, .is_last = tag & LAC_TAG_LAST, .is_open = tag & LAC_TAG_OPEN };
	why = lac_frame_scope_check(scope, tag);
	if (!why)
		why = lac_frame_fields[type](&fields, frame);
	if (!why && body.left)
		why = "a frame is longer than its fields";
	if (why)
		return lac_fail_at(error, LAC_CORRUPT, place, "%s", why);
	return check_arithmetic(frame, place, error);
}
