#include "coder/range_coder.h"

void lac_range_encoder_start(struct lac_range_encoder *encoder)
{
	encoder->low = 0;
	encoder->range = UINT64_MAX;
	lac_buffer_clear(&encoder->out);
}

/* low passed 2^64: one more in the bytes already written. The whole lies below 1, so some byte can
 * take it. */
void lac_range_encoder_carry(struct lac_range_encoder *encoder)
{
	struct lac_buffer *out = &encoder->out;

	if (out->failed)
		return;
	for (size_t i = out->length; i > 0; i--)
		if (++out->bytes[i - 1] != 0)
			return;
}

static void add_to_low(struct lac_range_encoder *encoder, uint64_t distance)
{
	encoder->low += distance;
	if (encoder->low < distance)
		lac_range_encoder_carry(encoder);
}

void lac_range_encoder_shift(struct lac_range_encoder *encoder)
{
	while (encoder->range < LAC_RANGE_MIN) {
		lac_buffer_u8(&encoder->out, (uint8_t)(encoder->low >> 56));
		encoder->low <<= 8;
		encoder->range <<= 8;
	}
}

void lac_range_encode(struct lac_range_encoder *encoder, uint64_t low, uint64_t size, uint64_t total)
{
	const uint64_t step = encoder->range / total;

	add_to_low(encoder, step * low);
	encoder->range = step * size;
	lac_range_encoder_shift(encoder);
}

uint64_t lac_range_end(uint64_t low, uint64_t range)
{
	for (unsigned zeros = 8; zeros > 0; zeros--) {
		const uint64_t mask = zeros == 8 ? UINT64_MAX : (UINT64_C(1) << (8 * zeros)) - 1;
		const uint64_t distance = (0 - low) & mask;

		if (distance < range)
			return distance;
	}
	return 0;
}

void lac_range_encoder_finish(struct lac_range_encoder *encoder)
{
	struct lac_buffer *out = &encoder->out;

	add_to_low(encoder, lac_range_end(encoder->low, encoder->range));
	for (; encoder->low; encoder->low <<= 8)
		lac_buffer_u8(out, (uint8_t)(encoder->low >> 56));
	while (!out->failed && out->length && out->bytes[out->length - 1] == 0)
		out->length--;
}

void lac_range_encoder_free(struct lac_range_encoder *encoder)
{
	lac_buffer_free(&encoder->out);
}
