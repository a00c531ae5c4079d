/* group.c: what writer and parser of a group have in common, and the writer. */
#include "format/group.h"
#include "base/bits.h"
#include "base/hash.h"

uint8_t lac_group_check(const uint8_t *text, size_t n_bytes)
{
	return (uint8_t)lac_hash64(text, n_bytes, 0);
}

unsigned lac_group_choice_bits(uint32_t n_models)
{
	unsigned n_bits = 0;

	while (UINT32_C(1) << n_bits < n_models)
		n_bits++;
	return n_bits;
}

static bool is_same(struct lac_model_reference a, struct lac_model_reference b)
{
	return a.is_published == b.is_published && a.model_index == b.model_index;
}

struct lac_group_models lac_group_models(const struct lac_frame *frame)
{
	struct lac_group_models models = { .n = 0 };

	for (uint32_t i = 0; i < frame->n_streams; i++) {
		uint32_t at = 0;

		while (at < models.n && !is_same(models.at[at], frame->routes[i]))
			at++;
		if (at == models.n)
			models.at[models.n++] = frame->routes[i];
		models.of_stream[i] = (uint8_t)at;
	}
	return models;
}

/* How many bits the lengths take. */
static uint64_t length_bits(const struct lac_frame *frame, unsigned width)
{
	uint64_t n_bits = 0;

	for (uint32_t i = 0; i < frame->n_streams; i++)
		n_bits += (frame->stream_bytes[i] >> width) + 1 + width;
	return n_bits;
}

unsigned lac_group_width(const struct lac_frame *frame)
{
	unsigned best = 0;

	for (unsigned width = 1; width <= LAC_GROUP_WIDTH_MAX; width++)
		if (length_bits(frame, width) < length_bits(frame, best))
			best = width;
	return best;
}

static uint64_t number_of(struct lac_model_reference model)
{
	return 2 * (uint64_t)model.model_index + model.is_published;
}

size_t lac_group_bytes(const struct lac_frame *frame)
{
	const struct lac_group_models models = lac_group_models(frame);
	size_t n = lac_varint_bytes(frame->n_text_bytes) + lac_varint_bytes(frame->n_tokens) + 8 + lac_varint_bytes(frame->n_streams) +
		lac_varint_bytes(models.n);

	for (uint32_t i = 0; i < models.n; i++)
		n += lac_varint_bytes(number_of(models.at[i]));
	n += (frame->n_streams * lac_group_choice_bits(models.n) + 7) / 8;
	n += 1 + (size_t)(length_bits(frame, lac_group_width(frame)) + 7) / 8 + frame->n_streams;
	for (uint32_t i = 0; i < frame->n_streams; i++)
		n += frame->stream_bytes[i];
	return n;
}

static void write_models(struct lac_buffer *out, const struct lac_frame *frame)
{
	const struct lac_group_models models = lac_group_models(frame);
	struct lac_bit_writer bits = { .out = out };

	lac_buffer_varint(out, models.n);
	for (uint32_t i = 0; i < models.n; i++)
		lac_buffer_varint(out, number_of(models.at[i]));
	for (uint32_t i = 0; i < frame->n_streams; i++)
		lac_bits_write(&bits, models.of_stream[i], lac_group_choice_bits(models.n));
}

static void write_lengths(struct lac_buffer *out, const struct lac_frame *frame)
{
	const unsigned width = lac_group_width(frame);
	struct lac_bit_writer bits = { .out = out };

	lac_buffer_u8(out, (uint8_t)width);
	for (uint32_t i = 0; i < frame->n_streams; i++) {
		for (size_t high = frame->stream_bytes[i] >> width; high; high--)
			lac_bits_write(&bits, 1, 1);
		lac_bits_write(&bits, 0, 1);
		lac_bits_write(&bits, frame->stream_bytes[i], width);
	}
}

void lac_group_write(struct lac_buffer *out, const struct lac_frame *frame)
{
	lac_buffer_varint(out, frame->n_text_bytes);
	lac_buffer_varint(out, frame->n_tokens);
	lac_buffer_u64(out, frame->text_hash);
	lac_buffer_varint(out, frame->n_streams);
	write_models(out, frame);
	write_lengths(out, frame);
	lac_buffer_append(out, frame->stream_checks, frame->n_streams);
	for (uint32_t i = 0; i < frame->n_streams; i++)
		lac_buffer_append(out, frame->streams[i], frame->stream_bytes[i]);
}
