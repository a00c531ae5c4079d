#include "base/bits.h"
#include "format/group.h"

/* What is wrong with a body; NULL: nothing. */
typedef lac_complaint complaint;

static complaint parse_counts(struct lac_frame *frame, struct lac_reader *body)
{
	uint64_t n_streams;

	if (!lac_read_varint(body, &frame->n_text_bytes) || !lac_read_varint(body, &frame->n_tokens) ||
	    !lac_read_u64(body, &frame->text_hash) || !lac_read_varint(body, &n_streams))
		return "a group is too short";
	if (frame->n_text_bytes > LAC_BLOCK_BYTES_MAX || frame->n_tokens > frame->n_text_bytes)
		return "a group's number of bytes or tokens is impossible";
	if (n_streams < 1 || n_streams > LAC_GROUP_RECORDS_MAX)
		return "a group has no record or more than 64";
	frame->n_streams = (uint32_t)n_streams;
	if (frame->n_text_bytes == 0 && n_streams == 1 && frame->is_open)
		return "an open record is empty";
	return NULL;
}

/* Distinct, all named, and in the order in which the records first name them. */
static bool are_canonical(const struct lac_frame *frame, const struct lac_model_reference *models, uint64_t n_models)
{
	const struct lac_group_models wanted = lac_group_models(frame);
	bool is_same = wanted.n == n_models;

	for (uint64_t i = 0; is_same && i < n_models; i++)
		is_same = wanted.at[i].is_published == models[i].is_published && wanted.at[i].model_index == models[i].model_index;
	return is_same;
}

/* Their numbers, then which of them each record has. */
static complaint parse_models(struct lac_frame *frame, struct lac_fields *fields)
{
	struct lac_model_reference models[LAC_GROUP_RECORDS_MAX] = { { 0 } };
	struct lac_bit_reader bits = { .in = fields->in };
	uint64_t n_models, choice;

	if (!lac_field_varint(fields, &n_models) || n_models < 1 || n_models > frame->n_streams)
		return "a group has no model or more than records";
	for (uint64_t i = 0; i < n_models; i++) {
		complaint why = lac_field_reference(fields, &models[i]);

		if (why)
			return why;
	}
	for (uint32_t i = 0; i < frame->n_streams; i++) {
		if (!lac_bits_read(&bits, lac_group_choice_bits((uint32_t)n_models), &choice) || choice >= n_models)
			return "a group's choice of models is damaged";
		frame->routes[i] = models[choice];
	}
	return lac_bits_end(&bits) && are_canonical(frame, models, n_models) ? NULL :
		"a group names its models in another way than an encoder does";
}

/* Ones, a zero, and the low bits. */
static bool read_length(struct lac_bit_reader *bits, unsigned width, uint64_t most, uint64_t *length)
{
	uint64_t bit, low;

	*length = 0;
	do {
		if (*length > most || !lac_bits_read(bits, 1, &bit))
			return false;
		*length += bit << width;
	} while (bit);
	if (!lac_bits_read(bits, width, &low))
		return false;
	*length += low;
	return true;
}

static complaint parse_lengths(struct lac_frame *frame, struct lac_reader *body)
{
	struct lac_bit_reader bits = { .in = body };
	uint64_t length;
	uint8_t width;

	if (!lac_read_u8(body, &width) || width > LAC_GROUP_WIDTH_MAX)
		return "the width of a group's lengths is damaged";
	for (uint32_t i = 0; i < frame->n_streams; i++) {
		if (!read_length(&bits, width, body->left, &length))
			return "a group's lengths are damaged";
		frame->stream_bytes[i] = (size_t)length;
	}
	if (!lac_bits_end(&bits) || lac_group_width(frame) != width)
		return "a group's lengths are written in another way than an encoder does";
	return NULL;
}

complaint lac_group_parse(struct lac_frame *frame, struct lac_fields *fields)
{
	struct lac_reader *body = fields->in;
	complaint why = parse_counts(frame, body);
	const uint8_t *checks;

	if (!why)
		why = parse_models(frame, fields);
	if (!why)
		why = parse_lengths(frame, body);
	if (why)
		return why;
	if (!lac_read_bytes(body, frame->n_streams, &checks))
		return "a group is too short for its checks";
	for (uint32_t i = 0; i < frame->n_streams; i++) {
		frame->stream_checks[i] = checks[i];
		if (!lac_read_bytes(body, frame->stream_bytes[i], &frame->streams[i]))
			return "the records' payloads are longer than their group";
	}
	return NULL;
}
