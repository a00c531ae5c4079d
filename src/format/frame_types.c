#include "format/frame_types.h"
#include "format/group.h"
#include "format/index.h"

#include <string.h>

#define WINDOW_MAX (UINT64_C(1) << 20)

const struct lac_frame_traits lac_frame_traits[LAC_N_FRAME_TYPES] = {
	/*                           check bytes; in texts, in records, may be last, is a block */
	[LAC_FRAME_END]           = { 4, true,  true,  true,  false },
	[LAC_FRAME_MODEL]         = { 4, true,  true,  false, false },
	[LAC_FRAME_STORED]        = { 8, true,  true,  true,  true },
	[LAC_FRAME_TEXT]          = { 4, true,  false, true,  true },
	[LAC_FRAME_RECORDS]       = { 4, false, true,  true,  true },
	[LAC_FRAME_MIXED]         = { 4, true,  false, true,  true },
	[LAC_FRAME_ADAPTED]       = { 4, true,  true,  false, false },
	[LAC_FRAME_ROUTED]        = { 4, false, true,  true,  true },
	[LAC_FRAME_GROUP]         = { 8, false, true,  true,  true },
	[LAC_FRAME_INDEX]         = { 8, false, true,  true,  false },
	[LAC_FRAME_FILE]          = { 8, true,  true,  false, false },
	[LAC_FRAME_MIXED_RECORDS] = { 4, false, true,  true,  true },
};

/* Another version may have other fields (format.md section 4.2). It is refused when this was
 * read. */
static lac_complaint skip_rest(struct lac_fields *f)
{
	f->in->left = 0;
	return NULL;
}

/* ---- Models ---------------------------------------------------------------------------------- */

static lac_complaint name(struct lac_fields *f, char text[LAC_MODEL_NAME_MAX + 1])
{
	uint8_t length = (uint8_t)strlen(text);

	if (!lac_field_u8(f, &length))
		return "a model frame is too short";
	if (length > LAC_MODEL_NAME_MAX || !lac_field_array(f, (uint8_t *)text, length))
		return "a model frame's name is too long";
	for (uint8_t i = 0; i < length; i++)
		if (text[i] < ' ' || text[i] > '~')
			return "a model frame's name is not printable ASCII";
	return NULL;
}

static lac_complaint model_fields(struct lac_fields *f, struct lac_frame *frame)
{
	struct lac_model_frame *m = &frame->model;
	uint64_t window = m->window;

	if (!lac_field_u8(f, &m->arithmetic_version))
		return "a model frame is too short";
	if (f->in && m->arithmetic_version != LAC_FRAME_ARITHMETIC)
		return skip_rest(f);
	if (!lac_field_array(f, m->identity, sizeof m->identity) || !lac_field_varint(f, &window))
		return "a model frame is too short, or its window is padded";
	if (f->in && (window < 2 || window > WINDOW_MAX))
		return "a model frame's window is outside 2 to 2^20";
	m->window = (uint32_t)window;
	return name(f, m->name);
}

/* The model that a frame names as a whole. */
static lac_complaint own_model(struct lac_fields *f, struct lac_frame *frame)
{
	struct lac_model_reference reference = { frame->is_published, frame->model_index };
	lac_complaint why = lac_field_reference(f, &reference);

	frame->is_published = reference.is_published;
	frame->model_index = reference.model_index;
	return why;
}

static lac_complaint adapted_fields(struct lac_fields *f, struct lac_frame *frame)
{
	lac_complaint why = own_model(f, frame);

	if (why)
		return why;
	if (f->in && !frame->is_published && f->scope->is_adapted[frame->model_index / 8] >> frame->model_index % 8 & 1)
		return "an adapted model is made of an adapted model";
	if (!lac_field_array(f, frame->model.identity, sizeof frame->model.identity))
		return "a frame of an adapted model is too short";
	return name(f, frame->model.name);
}

/* All pieces but the last are of one length, so that a file has one form. */
static lac_complaint file_fields(struct lac_fields *f, struct lac_frame *frame)
{
	frame->n_streams = 1;
	if (!lac_field_varint(f, &frame->n_left))
		return "how much of a file is left is missing or padded";
	lac_field_rest(f, &frame->streams[0], &frame->stream_bytes[0]);
	if (!frame->stream_bytes[0] || frame->stream_bytes[0] > LAC_FILE_PIECE_BYTES ||
	    (frame->n_left && frame->stream_bytes[0] != LAC_FILE_PIECE_BYTES))
		return "a piece of a file has an impossible length";
	if (f->in && f->scope->n_left && frame->n_left + frame->stream_bytes[0] != f->scope->n_left)
		return "a piece of a file says otherwise than the one before it";
	return NULL;
}

/* ---- Blocks ---------------------------------------------------------------------------------- */

static lac_complaint stored_fields(struct lac_fields *f, struct lac_frame *frame)
{
	frame->n_streams = 1;
	lac_field_rest(f, &frame->streams[0], &frame->stream_bytes[0]);
	frame->n_text_bytes = frame->stream_bytes[0];
	return frame->n_text_bytes >= 1 && frame->n_text_bytes <= LAC_BLOCK_BYTES_MAX ? NULL :
		"a stored block is empty or larger than a block may be";
}

/* What text and records blocks begin with. In a routed one each record names its model. */
static lac_complaint counts(struct lac_fields *f, struct lac_frame *frame)
{
	lac_complaint why = frame->type == LAC_FRAME_ROUTED ? NULL : own_model(f, frame);

	if (why)
		return why;
	if (!lac_field_varint(f, &frame->n_text_bytes) || !lac_field_varint(f, &frame->n_tokens) || !lac_field_u64(f, &frame->text_hash))
		return "a coded block is too short, or a number in it is padded";
	if (frame->n_text_bytes > LAC_BLOCK_BYTES_MAX || frame->n_tokens > frame->n_text_bytes)
		return "a block's number of bytes or tokens is impossible";
	return NULL;
}

static lac_complaint text_fields(struct lac_fields *f, struct lac_frame *frame)
{
	lac_complaint why = counts(f, frame);

	if (why)
		return why;
	if (frame->n_text_bytes == 0 || frame->n_tokens == 0)
		return "a text block is empty";
	frame->n_streams = 1;
	lac_field_rest(f, &frame->streams[0], &frame->stream_bytes[0]);
	return NULL;
}

static lac_complaint record_length(struct lac_fields *f, struct lac_frame *frame, uint32_t i)
{
	uint64_t n_bytes = frame->stream_bytes[i];
	lac_complaint why = frame->type == LAC_FRAME_ROUTED ? lac_field_reference(f, &frame->routes[i]) : NULL;

	if (why)
		return why;
	if (!lac_field_varint(f, &n_bytes) || (f->in && n_bytes > f->in->left))
		return "a record's payload is longer than its block, or its length is padded";
	frame->stream_bytes[i] = (size_t)n_bytes;
	return NULL;
}

static lac_complaint records_fields(struct lac_fields *f, struct lac_frame *frame)
{
	lac_complaint why = counts(f, frame);
	uint64_t n_streams = frame->n_streams;

	if (why)
		return why;
	if (!lac_field_varint(f, &n_streams) || n_streams < 1 || n_streams > LAC_GROUP_RECORDS_MAX)
		return "a records block has no record or more than 64";
	frame->n_streams = (uint32_t)n_streams;
	if (frame->n_text_bytes == 0 && n_streams == 1 && frame->is_open)
		return "an open record is empty";
	for (uint32_t i = 0; !why && i < frame->n_streams; i++)
		why = record_length(f, frame, i);
	for (uint32_t i = 0; !why && i < frame->n_streams; i++)
		if (!lac_field_bytes(f, &frame->streams[i], frame->stream_bytes[i]))
			why = "the records' payloads are longer than their block";
	return why;
}

static lac_complaint mixed_fields(struct lac_fields *f, struct lac_frame *frame)
{
	if (!lac_field_u8(f, &frame->arithmetic_version))
		return "a mixed block is too short";
	if (f->in && frame->arithmetic_version != LAC_FRAME_ARITHMETIC)
		return skip_rest(f);
	if (!lac_field_varint(f, &frame->n_text_bytes) || !lac_field_u64(f, &frame->text_hash))
		return "a mixed block is too short, or its number of bytes is padded";
	if (frame->n_text_bytes == 0 || frame->n_text_bytes > LAC_BLOCK_BYTES_MAX)
		return "a mixed block's number of bytes is impossible";
	if (frame->type == LAC_FRAME_MIXED_RECORDS && !lac_field_varint(f, &frame->n_ended))
		return "a mixed block's number of records is missing or padded";
	if (frame->n_ended > frame->n_text_bytes - frame->is_open)
		return "a mixed block has more records than bytes";
	frame->n_streams = 1;
	lac_field_rest(f, &frame->streams[0], &frame->stream_bytes[0]);
	return NULL;
}

/* ---- Fields of their own kind ---------------------------------------------------------------- */

static lac_complaint end_fields(struct lac_fields *f, struct lac_frame *frame)
{
	(void)f;
	(void)frame;
	return NULL;
}

/* Bits, of which each depends on those before. */
static lac_complaint group_fields(struct lac_fields *f, struct lac_frame *frame)
{
	if (f->in)
		return lac_group_parse(frame, f);
	f->n_bytes += lac_group_bytes(frame);
	if (f->out)
		lac_group_write(f->out, frame);
	return NULL;
}

/* Its length stands in it. */
static lac_complaint index_fields(struct lac_fields *f, struct lac_frame *frame)
{
	if (f->in)
		return lac_index_parse(frame, f->in);
	f->n_bytes += lac_index_bytes(frame);
	if (f->out)
		lac_index_write(f->out, frame);
	return NULL;
}

lac_fields_function *const lac_frame_fields[LAC_N_FRAME_TYPES] = {
	[LAC_FRAME_END] = end_fields,
	[LAC_FRAME_MODEL] = model_fields,
	[LAC_FRAME_STORED] = stored_fields,
	[LAC_FRAME_TEXT] = text_fields,
	[LAC_FRAME_RECORDS] = records_fields,
	[LAC_FRAME_MIXED] = mixed_fields,
	[LAC_FRAME_ADAPTED] = adapted_fields,
	[LAC_FRAME_ROUTED] = records_fields,
	[LAC_FRAME_GROUP] = group_fields,
	[LAC_FRAME_INDEX] = index_fields,
	[LAC_FRAME_FILE] = file_fields,
	[LAC_FRAME_MIXED_RECORDS] = mixed_fields,
};
