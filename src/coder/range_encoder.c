#include "coder/range_coder.h"

#define RANGE_MIN (UINT64_C(1) << 56) /* below it a byte of low is settled but for a carry */

void lac_range_encoder_start(struct lac_range_encoder *encoder)
{
	encoder->low = 0;
	encoder->range = UINT64_MAX;
	lac_buffer_clear(&encoder->out);
}

/* low passed 2^64: one more in the bytes already written. The whole lies below 1, so some byte can take it. */
static void carry(struct lac_buffer *out)
{
	for (size_t i = out->length; i > 0; i--)
		if (++out->bytes[i - 1] != 0)
			return;
}

static void add_to_low(struct lac_range_encoder *encoder, uint64_t distance)
{
	encoder->low += distance;
	if (encoder->low < distance && !encoder->out.failed)
		carry(&encoder->out);
}

void lac_range_encode(struct lac_range_encoder *encoder, uint64_t low, uint64_t size, uint64_t total)
{
	const uint64_t step = encoder->range / total;

	add_to_low(encoder, step * low);
	encoder->range = step * size;
	while (encoder->range < RANGE_MIN) {
		lac_buffer_u8(&encoder->out, (uint8_t)(encoder->low >> 56));
		encoder->low <<= 8;
		encoder->range <<= 8;
	}
}

void lac_range_encoder_finish(struct lac_range_encoder *encoder)
{
	struct lac_buffer *out = &encoder->out;

	/* the first number from low on with as many zero bytes at its end as the range allows */
	for (unsigned zeros = 8; zeros <= 8; zeros--) {
		const uint64_t mask = zeros == 8 ? UINT64_MAX : (UINT64_C(1) << (8 * zeros)) - 1;
		const uint64_t distance = (0 - encoder->low) & mask;

		if (distance < encoder->range) {
			add_to_low(encoder, distance);
			break;
		}
	}
	for (; encoder->low; encoder->low <<= 8)
		lac_buffer_u8(out, (uint8_t)(encoder->low >> 56));
	while (!out->failed && out->length && out->bytes[out->length - 1] == 0)
		out->length--;
}

void lac_range_encoder_free(struct lac_range_encoder *encoder)
{
	lac_buffer_free(&encoder->out);
}
