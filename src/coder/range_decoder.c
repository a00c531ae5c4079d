#include "coder/range_coder.h"

#define RANGE_MIN (UINT64_C(1) << 56)

static uint8_t next_byte(struct lac_range_decoder *decoder)
{
	uint8_t byte = 0; /* past the end */

	(void)lac_read_u8(&decoder->in, &byte);
	return byte;
}

void lac_range_decoder_start(struct lac_range_decoder *decoder, const uint8_t *payload, size_t n_bytes)
{
	*decoder = (struct lac_range_decoder){ .range = UINT64_MAX, .in = { payload, n_bytes } };
	for (unsigned i = 0; i < 8; i++)
		decoder->code = decoder->code << 8 | next_byte(decoder);
}

uint64_t lac_range_decoder_target(struct lac_range_decoder *decoder, uint64_t total)
{
	decoder->step = decoder->range / total;
	return decoder->code / decoder->step;
}

void lac_range_decoder_advance(struct lac_range_decoder *decoder, uint64_t low, uint64_t size)
{
	decoder->code -= decoder->step * low;
	decoder->range = decoder->step * size;
	while (decoder->range < RANGE_MIN) {
		decoder->code = decoder->code << 8 | next_byte(decoder);
		decoder->range <<= 8;
	}
}
