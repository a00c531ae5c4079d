/* frame_writer.c: fields -> bytes (format.md sections 3 to 5). */
#include "format/check.h"
#include "format/group.h"
#include "format/index.h"

#include <string.h>

void lac_header_write(struct lac_buffer *out, const struct lac_header *header)
{
	uint8_t bytes[LAC_HEADER_BYTES - 4] = { 0 };

	memcpy(bytes, LAC_MAGIC, LAC_MAGIC_BYTES);
	bytes[4] = LAC_FORMAT_VERSION;
	bytes[5] = (uint8_t)header->records;
	lac_buffer_append(out, bytes, sizeof bytes);
	lac_buffer_u32(out, lac_header_check(bytes));
}

static uint64_t model_reference(const struct lac_frame *frame)
{
	return 2 * (uint64_t)frame->model_index + frame->is_published;
}

static uint64_t route(const struct lac_frame *frame, uint32_t stream)
{
	return 2 * (uint64_t)frame->routes[stream].model_index + frame->routes[stream].is_published;
}

static size_t body_bytes(const struct lac_frame *frame)
{
	size_t n = 0;

	switch (frame->type) {
	case LAC_FRAME_MODEL:
		return 1 + sizeof frame->model.identity + lac_varint_bytes(frame->model.window) + 1 + strlen(frame->model.name);
	case LAC_FRAME_STORED:
		return frame->stream_bytes[0];
	case LAC_FRAME_ADAPTED:
		return lac_varint_bytes(model_reference(frame)) + sizeof frame->model.identity + 1 + strlen(frame->model.name);
	case LAC_FRAME_RECORDS:
	case LAC_FRAME_ROUTED:
		n += lac_varint_bytes(frame->n_streams);
		for (uint32_t i = 0; i < frame->n_streams; i++)
			n += lac_varint_bytes(frame->stream_bytes[i]) + (frame->type == LAC_FRAME_ROUTED ? lac_varint_bytes(route(frame, i)) : 0);
		/* fall through */
	case LAC_FRAME_TEXT:
		n += frame->type == LAC_FRAME_ROUTED ? 0 : lac_varint_bytes(model_reference(frame));
		n += lac_varint_bytes(frame->n_text_bytes) + lac_varint_bytes(frame->n_tokens) + 8;
		for (uint32_t i = 0; i < frame->n_streams; i++)
			n += frame->stream_bytes[i];
		return n;
	case LAC_FRAME_GROUP:
		return lac_group_bytes(frame);
	case LAC_FRAME_INDEX:
		return lac_index_bytes(frame);
	case LAC_FRAME_FILE:
		return lac_varint_bytes(frame->n_left) + frame->stream_bytes[0];
	case LAC_FRAME_MIXED_RECORDS:
		n += lac_varint_bytes(frame->n_ended);
		/* fall through */
	case LAC_FRAME_MIXED:
		return n + 1 + lac_varint_bytes(frame->n_text_bytes) + 8 + frame->stream_bytes[0];
	case LAC_FRAME_END:
		break;
	}
	return 0;
}

size_t lac_frame_bytes(const struct lac_frame *frame)
{
	const size_t n = body_bytes(frame);

	return 1 + lac_varint_bytes(n) + n + lac_frame_check_bytes((uint8_t)frame->type);
}

static void write_name(struct lac_buffer *out, const char *name)
{
	lac_buffer_u8(out, (uint8_t)strlen(name));
	lac_buffer_append(out, name, strlen(name));
}

static void write_body(struct lac_buffer *out, const struct lac_frame *frame)
{
	switch (frame->type) {
	case LAC_FRAME_MODEL:
		lac_buffer_u8(out, frame->model.arithmetic_version);
		lac_buffer_append(out, frame->model.identity, sizeof frame->model.identity);
		lac_buffer_varint(out, frame->model.window);
		write_name(out, frame->model.name);
		break;
	case LAC_FRAME_ADAPTED:
		lac_buffer_varint(out, model_reference(frame));
		lac_buffer_append(out, frame->model.identity, sizeof frame->model.identity);
		write_name(out, frame->model.name);
		break;
	case LAC_FRAME_STORED:
		lac_buffer_append(out, frame->streams[0], frame->stream_bytes[0]);
		break;
	case LAC_FRAME_TEXT:
	case LAC_FRAME_RECORDS:
	case LAC_FRAME_ROUTED:
		if (frame->type != LAC_FRAME_ROUTED)
			lac_buffer_varint(out, model_reference(frame));
		lac_buffer_varint(out, frame->n_text_bytes);
		lac_buffer_varint(out, frame->n_tokens);
		lac_buffer_u64(out, frame->text_hash);
		if (frame->type != LAC_FRAME_TEXT)
			lac_buffer_varint(out, frame->n_streams);
		for (uint32_t i = 0; frame->type != LAC_FRAME_TEXT && i < frame->n_streams; i++) {
			if (frame->type == LAC_FRAME_ROUTED)
				lac_buffer_varint(out, route(frame, i));
			lac_buffer_varint(out, frame->stream_bytes[i]);
		}
		for (uint32_t i = 0; i < frame->n_streams; i++)
			lac_buffer_append(out, frame->streams[i], frame->stream_bytes[i]);
		break;
	case LAC_FRAME_GROUP:
		lac_group_write(out, frame);
		break;
	case LAC_FRAME_INDEX:
		lac_index_write(out, frame);
		break;
	case LAC_FRAME_FILE:
		lac_buffer_varint(out, frame->n_left);
		lac_buffer_append(out, frame->streams[0], frame->stream_bytes[0]);
		break;
	case LAC_FRAME_MIXED:
	case LAC_FRAME_MIXED_RECORDS:
		lac_buffer_u8(out, frame->arithmetic_version);
		lac_buffer_varint(out, frame->n_text_bytes);
		lac_buffer_u64(out, frame->text_hash);
		if (frame->type == LAC_FRAME_MIXED_RECORDS)
			lac_buffer_varint(out, frame->n_ended);
		lac_buffer_append(out, frame->streams[0], frame->stream_bytes[0]);
		break;
	case LAC_FRAME_END:
		break;
	}
}

void lac_frame_write(struct lac_buffer *out, const struct lac_frame *frame, uint64_t ordinal)
{
	const size_t start = out->length;
	const uint8_t tag = (uint8_t)(frame->type | (frame->is_open ? LAC_TAG_OPEN : 0) | (frame->is_last ? LAC_TAG_LAST : 0));
	uint64_t check;

	lac_buffer_u8(out, tag);
	lac_buffer_varint(out, body_bytes(frame));
	write_body(out, frame);
	if (out->failed)
		return;
	check = lac_frame_check(out->bytes + start, out->length - start, ordinal);
	if (lac_frame_check_bytes(tag) == 8)
		lac_buffer_u64(out, check);
	else
		lac_buffer_u32(out, (uint32_t)check);
}
