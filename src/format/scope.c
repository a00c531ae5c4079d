#include "format/scope.h"
#include "format/check.h"

void lac_frame_scope_add(struct lac_frame_scope *scope, const struct lac_frame *frame)
{
	scope->is_first = false;
	scope->has_block |= lac_frame_is_block(frame->type);
	if (frame->type == LAC_FRAME_INDEX)
		return;
	scope->may_carry = lac_frame_declares_model(frame->type) && !scope->has_block;
	scope->n_left = frame->type == LAC_FRAME_FILE ? frame->n_left : 0;
	if (!lac_frame_declares_model(frame->type))
		return;
	if (frame->type == LAC_FRAME_ADAPTED)
		scope->is_adapted[scope->n_models / 8] |= (uint8_t)(1 << scope->n_models % 8);
	scope->n_models++;
}

lac_complaint lac_frame_scope_check(const struct lac_frame_scope *scope, uint8_t tag)
{
	const enum lac_frame_type type = (enum lac_frame_type)(tag & LAC_TAG_TYPE);
	const bool is_last = tag & LAC_TAG_LAST, has_records = scope->records != LAC_RECORDS_NONE;

	if ((tag & LAC_TAG_OPEN) && (!lac_frame_is_block(type) || !has_records))
		return "an open flag outside the blocks of a records archive";
	if (!(has_records ? lac_frame_traits[type].in_records : lac_frame_traits[type].in_texts))
		return has_records ? "a frame that an archive of records does not have" : "a frame that an archive of one text does not have";
	if (is_last && !lac_frame_traits[type].may_be_last)
		return "a frame at the end of an archive that cannot be there";
	if (lac_frame_declares_model(type) && scope->n_models == LAC_FRAME_MODELS_MAX)
		return "more than 65535 models";
	if (scope->n_left && ((type != LAC_FRAME_FILE && type != LAC_FRAME_INDEX) || is_last))
		return "a file that is carried is cut short";
	if (type == LAC_FRAME_FILE && !scope->n_left && !scope->may_carry)
		return "a file that is not carried right after its model, before all blocks";
	if (type == LAC_FRAME_END && (!is_last || !scope->is_first))
		return "an end frame that is not an archive's only one";
	return NULL;
}
