#include "coder/range_coder.h"

static uint8_t next_byte(struct lac_range_decoder *decoder)
{
	uint8_t byte = 0; /* past the end */

	(void)lac_read_u8(&decoder->in, &byte);
	return byte;
}

void lac_range_decoder_start(struct lac_range_decoder *decoder, const uint8_t *payload, size_t n_bytes)
{
	*decoder = (struct lac_range_decoder){ .range = UINT64_MAX, .in = { payload, n_bytes } };
	decoder->has_zero_end = n_bytes && payload[n_bytes - 1] == 0;
	for (unsigned i = 0; i < 8; i++)
		decoder->code = decoder->code << 8 | next_byte(decoder);
}

uint64_t lac_range_decoder_target(struct lac_range_decoder *decoder, uint64_t total)
{
	decoder->step = decoder->range / total;
	return decoder->code / decoder->step;
}

void lac_range_decoder_shift(struct lac_range_decoder *decoder)
{
	while (decoder->range < LAC_RANGE_MIN) {
		decoder->is_lost |= decoder->code >= decoder->range;
		decoder->code = decoder->code << 8 | next_byte(decoder);
		decoder->low <<= 8;
		decoder->range <<= 8;
	}
}

void lac_range_decoder_advance(struct lac_range_decoder *decoder, uint64_t low, uint64_t size)
{
	decoder->code -= decoder->step * low;
	decoder->low += decoder->step * low;
	decoder->range = decoder->step * size;
	lac_range_decoder_shift(decoder);
}

/* While it is below range, code is exactly the payload's number minus the encoder's low. A code
 * that is not below stays so until bytes are read, where it is noticed: no later interval can hold
 * it. So one look at the end settles what encoding everything again would: the number has the
 * distance of arithmetic.md section 8.2 from low, no byte follows, and none is 0 at its end. */
bool lac_range_decoder_finish(const struct lac_range_decoder *decoder)
{
	return !decoder->is_lost && decoder->code < decoder->range && decoder->in.left == 0 && !decoder->has_zero_end &&
		decoder->code == lac_range_end(decoder->low, decoder->range);
}
