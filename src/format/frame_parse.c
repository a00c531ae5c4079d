#include "format/frame_parse.h"
#include "format/check.h"
#include "format/group.h"
#include "format/index.h"

#include <string.h>

#define WINDOW_MAX (UINT64_C(1) << 20)

typedef lac_complaint complaint; /* every caller turns it into LAC_CORRUPT */

/* Another version may have other fields (format.md section 4.2); it is refused when this was parsed. */
static complaint skip_rest(struct lac_reader *body)
{
	body->left = 0;
	return NULL;
}

static complaint parse_name(struct lac_reader *body, char *out)
{
	const uint8_t *name;
	uint8_t length;

	if (!lac_read_u8(body, &length))
		return "a model frame is too short";
	if (length > LAC_MODEL_NAME_MAX || !lac_read_bytes(body, length, &name))
		return "a model frame's name is too long";
	for (uint8_t i = 0; i < length; i++)
		if (name[i] < ' ' || name[i] > '~')
			return "a model frame's name is not printable ASCII";
	memcpy(out, name, length);
	return NULL;
}

static complaint parse_model(struct lac_frame *frame, struct lac_reader *body)
{
	struct lac_model_frame *model = &frame->model;
	const uint8_t *identity;
	uint64_t window;

	if (!lac_read_u8(body, &model->arithmetic_version))
		return "a model frame is too short";
	if (model->arithmetic_version != LAC_FRAME_ARITHMETIC)
		return skip_rest(body);
	if (!lac_read_bytes(body, sizeof model->identity, &identity) || !lac_read_varint(body, &window))
		return "a model frame is too short, or its window is padded";
	if (window < 2 || window > WINDOW_MAX)
		return "a model frame's window is outside 2 to 2^20";
	model->window = (uint32_t)window;
	memcpy(model->identity, identity, sizeof model->identity);
	return parse_name(body, model->name);
}

complaint lac_parse_reference(struct lac_reader *body, const struct lac_frame_scope *scope, struct lac_model_reference *reference)
{
	uint64_t number;

	if (!lac_read_varint(body, &number))
		return "the number of a model is missing or padded";
	if (number % 2 == 0 && number / 2 >= scope->n_models)
		return "a frame names a model that was not declared";
	if (number / 2 > LAC_FRAME_MODELS_MAX)
		return "a frame names a model by too large a number";
	*reference = (struct lac_model_reference){ number % 2, (uint32_t)(number / 2) };
	return NULL;
}

static complaint parse_adapted(struct lac_frame *frame, struct lac_reader *body, const struct lac_frame_scope *scope)
{
	struct lac_model_reference base = { 0 };
	complaint why = lac_parse_reference(body, scope, &base);
	const uint8_t *identity;

	if (why)
		return why;
	if (!base.is_published && scope->is_adapted[base.model_index / 8] >> base.model_index % 8 & 1)
		return "an adapted model is made of an adapted model";
	if (!lac_read_bytes(body, sizeof frame->model.identity, &identity))
		return "a frame of an adapted model is too short";
	frame->is_published = base.is_published;
	frame->model_index = base.model_index;
	memcpy(frame->model.identity, identity, sizeof frame->model.identity);
	return parse_name(body, frame->model.name);
}

static complaint parse_stored(struct lac_frame *frame, struct lac_reader *body)
{
	if (body->left == 0 || body->left > LAC_BLOCK_BYTES_MAX)
		return "a stored block is empty or larger than a block may be";
	frame->n_text_bytes = body->left;
	frame->n_streams = 1;
	frame->stream_bytes[0] = body->left;
	(void)lac_read_bytes(body, body->left, &frame->streams[0]);
	return NULL;
}

/* The fields that text and records blocks begin with; in a routed one each record names its model. */
static complaint parse_coded(struct lac_frame *frame, struct lac_reader *body, const struct lac_frame_scope *scope)
{
	struct lac_model_reference model = { 0 };
	complaint why = frame->type == LAC_FRAME_ROUTED ? NULL : lac_parse_reference(body, scope, &model);

	if (why)
		return why;
	if (!lac_read_varint(body, &frame->n_text_bytes) || !lac_read_varint(body, &frame->n_tokens) ||
	    !lac_read_u64(body, &frame->text_hash))
		return "a coded block is too short, or a number in it is padded";
	if (frame->n_text_bytes > LAC_BLOCK_BYTES_MAX || frame->n_tokens > frame->n_text_bytes)
		return "a block's number of bytes or tokens is impossible";
	frame->is_published = model.is_published;
	frame->model_index = model.model_index;
	return NULL;
}

static complaint parse_text(struct lac_frame *frame, struct lac_reader *body, const struct lac_frame_scope *scope)
{
	complaint why = parse_coded(frame, body, scope);

	if (why)
		return why;
	if (frame->n_text_bytes == 0 || frame->n_tokens == 0)
		return "a text block is empty";
	frame->n_streams = 1;
	frame->stream_bytes[0] = body->left;
	(void)lac_read_bytes(body, body->left, &frame->streams[0]);
	return NULL;
}

static complaint parse_records(struct lac_frame *frame, struct lac_reader *body, const struct lac_frame_scope *scope)
{
	complaint why = parse_coded(frame, body, scope);
	uint64_t n_streams, n_bytes;

	if (why)
		return why;
	if (!lac_read_varint(body, &n_streams) || n_streams < 1 || n_streams > LAC_GROUP_RECORDS_MAX)
		return "a records block has no record or more than 64";
	frame->n_streams = (uint32_t)n_streams;
	if (frame->n_text_bytes == 0 && n_streams == 1 && frame->is_open)
		return "an open record is empty";
	for (uint32_t i = 0; i < frame->n_streams; i++) {
		if (frame->type == LAC_FRAME_ROUTED)
			why = lac_parse_reference(body, scope, &frame->routes[i]);
		if (why)
			return why;
		if (!lac_read_varint(body, &n_bytes) || n_bytes > body->left)
			return "a record's payload is longer than its block, or its length is padded";
		frame->stream_bytes[i] = (size_t)n_bytes;
	}
	for (uint32_t i = 0; i < frame->n_streams; i++)
		if (!lac_read_bytes(body, frame->stream_bytes[i], &frame->streams[i]))
			return "the records' payloads are longer than their block";
	return NULL;
}

static complaint parse_mixed(struct lac_frame *frame, struct lac_reader *body)
{
	if (!lac_read_u8(body, &frame->arithmetic_version))
		return "a mixed block is too short";
	if (frame->arithmetic_version != LAC_FRAME_ARITHMETIC)
		return skip_rest(body);
	if (!lac_read_varint(body, &frame->n_text_bytes) || !lac_read_u64(body, &frame->text_hash))
		return "a mixed block is too short, or its number of bytes is padded";
	if (frame->n_text_bytes == 0 || frame->n_text_bytes > LAC_BLOCK_BYTES_MAX)
		return "a mixed block's number of bytes is impossible";
	if (frame->type == LAC_FRAME_MIXED_RECORDS && !lac_read_varint(body, &frame->n_ended))
		return "a mixed block's number of records is missing or padded";
	if (frame->n_ended > frame->n_text_bytes - frame->is_open)
		return "a mixed block has more records than bytes";
	frame->n_streams = 1;
	frame->stream_bytes[0] = body->left;
	(void)lac_read_bytes(body, body->left, &frame->streams[0]);
	return NULL;
}

/* All pieces but the last are of one length, so that a file has one form. */
static complaint parse_file(struct lac_frame *frame, struct lac_reader *body, const struct lac_frame_scope *scope)
{
	if (!lac_read_varint(body, &frame->n_left))
		return "how much of a file is left is missing or padded";
	if (body->left == 0 || body->left > LAC_FILE_PIECE_BYTES || (frame->n_left && body->left != LAC_FILE_PIECE_BYTES))
		return "a piece of a file has an impossible length";
	if (scope->n_left && frame->n_left + body->left != scope->n_left)
		return "a piece of a file says otherwise than the one before it";
	frame->n_streams = 1;
	frame->stream_bytes[0] = body->left;
	(void)lac_read_bytes(body, body->left, &frame->streams[0]);
	return NULL;
}

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

/* What the tag alone and the frames before it rule out. */
static complaint check_place(uint8_t tag, const struct lac_frame_scope *scope)
{
	const unsigned type = tag & LAC_TAG_TYPE;

	if ((tag & LAC_TAG_OPEN) && (!lac_frame_is_block((enum lac_frame_type)type) || scope->records == LAC_RECORDS_NONE))
		return "an open flag outside the blocks of a records archive";
	if ((type == LAC_FRAME_TEXT || type == LAC_FRAME_MIXED) && scope->records != LAC_RECORDS_NONE)
		return "a text or mixed block in a records archive";
	if ((lac_frame_holds_records((enum lac_frame_type)type) || type == LAC_FRAME_MIXED_RECORDS) && scope->records == LAC_RECORDS_NONE)
		return "a records block in an archive of one text";
	if (type == LAC_FRAME_INDEX && scope->records == LAC_RECORDS_NONE)
		return "an index in an archive of one text";
	if (lac_frame_declares_model((enum lac_frame_type)type) && (tag & LAC_TAG_LAST))
		return "a model frame at the end of an archive";
	if (lac_frame_declares_model((enum lac_frame_type)type) && scope->n_models == LAC_FRAME_MODELS_MAX)
		return "more than 65535 models";
	if (scope->n_left && ((type != LAC_FRAME_FILE && type != LAC_FRAME_INDEX) || (tag & LAC_TAG_LAST)))
		return "a file that is carried is cut short";
	if (type == LAC_FRAME_FILE && !scope->n_left && !scope->may_carry)
		return "a file that is not carried right after its model, before all blocks";
	if (type == LAC_FRAME_FILE && (tag & LAC_TAG_LAST))
		return "a file at the end of an archive";
	if (type == LAC_FRAME_END && (!(tag & LAC_TAG_LAST) || !scope->is_first))
		return "an end frame that is not an archive's only one";
	return NULL;
}

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
	complaint why;

	if (type > LAC_FRAME_MIXED_RECORDS || (tag & LAC_TAG_RESERVED))
		return lac_fail_at(error, LAC_UNSUPPORTED, place, "a frame with tag 0x%02x, which needs a newer laconic", (unsigned)tag);
	*frame = (struct lac_frame){ .type = (enum lac_frame_type)type, .is_last = tag & LAC_TAG_LAST, .is_open = tag & LAC_TAG_OPEN };
	why = check_place(tag, scope);
	if (!why && type == LAC_FRAME_MODEL)
		why = parse_model(frame, &body);
	else if (!why && type == LAC_FRAME_STORED)
		why = parse_stored(frame, &body);
	else if (!why && type == LAC_FRAME_TEXT)
		why = parse_text(frame, &body, scope);
	else if (!why && type == LAC_FRAME_GROUP)
		why = lac_group_parse(frame, &body, scope);
	else if (!why && type == LAC_FRAME_INDEX)
		why = lac_index_parse(frame, &body);
	else if (!why && lac_frame_holds_records(frame->type))
		why = parse_records(frame, &body, scope);
	else if (!why && lac_frame_is_mixed(frame->type))
		why = parse_mixed(frame, &body);
	else if (!why && type == LAC_FRAME_ADAPTED)
		why = parse_adapted(frame, &body, scope);
	else if (!why && type == LAC_FRAME_FILE)
		why = parse_file(frame, &body, scope);
	if (!why && body.left)
		why = "a frame is longer than its fields";
	if (why)
		return lac_fail_at(error, LAC_CORRUPT, place, "%s", why);
	return check_arithmetic(frame, place, error);
}
