/* range_coder.h: a 64-bit range coder with carry (G. N. N. Martin, "Range encoding", 1979;
 * byte-wise renormalisation). arithmetic.md section 8 is its definition.
 *
 * An interval is (low, size) of `total`, 0 < size, low + size <= total <= LAC_TOTAL_MAX. The
 * overhead over -log2(size/total) is under 2^-7 of a bit a symbol in the worst case and far less
 * for totals under 2^40, and at most 2 bytes a stream. Thread rule: one object, one thread at a
 * time.
 */
#ifndef LAC_CODER_RANGE_CODER_H
#define LAC_CODER_RANGE_CODER_H

#include "base/bytes.h"

#define LAC_TOTAL_MAX (UINT64_C(1) << 48)
#define LAC_RANGE_MIN (UINT64_C(1) << 56) /* below it a byte of low is settled but for a carry */
#define LAC_BIT_TOTAL 65536               /* of which a bit's probability is a part: 1 to 65535 */

struct lac_range_encoder {
	uint64_t low, range;
	struct lac_buffer out; /* owned: the payload so far */
};

/* zero-initialise before the first; reuses memory */
void lac_range_encoder_start(struct lac_range_encoder *encoder);
void lac_range_encode(struct lac_range_encoder *encoder, uint64_t low, uint64_t size, uint64_t total);
/* Ends the stream with the fewest bytes from which it decodes when zeros follow. The payload is
 * encoder->out; look at out.failed. The intervals of a stream have exactly one payload. */
void lac_range_encoder_finish(struct lac_range_encoder *encoder);
void lac_range_encoder_free(struct lac_range_encoder *encoder);

void lac_range_encoder_carry(struct lac_range_encoder *encoder); /* low passed 2^64 */
/* writes bytes until range >= LAC_RANGE_MIN */
void lac_range_encoder_shift(struct lac_range_encoder *encoder);

/* The same as lac_range_encode() with (0, one, 65536) for a 1 and (one, 65536 - one, 65536) for a
 * 0, without a division. */
static inline void lac_range_encode_bit(struct lac_range_encoder *encoder, unsigned bit, uint32_t one)
{
	const uint64_t step = encoder->range / LAC_BIT_TOTAL, bound = step * one;

	const uint64_t distance = bit ? 0 : bound;

	encoder->low += distance;
	encoder->range = bit ? bound : step * LAC_BIT_TOTAL - bound;
	if (encoder->low < distance)
		lac_range_encoder_carry(encoder);
	if (encoder->range < LAC_RANGE_MIN)
		lac_range_encoder_shift(encoder);
}

struct lac_range_decoder {
	uint64_t code, range, step;
	/* the encoder's, without what it has written: code = the payload's digits - low */
	uint64_t low;
	struct lac_reader in; /* bytes past the end read as zeros */
	bool is_lost;         /* code was not below range: no encoder wrote this */
	bool has_zero_end;    /* the payload's last byte is 0 */
};

void lac_range_decoder_start(struct lac_range_decoder *decoder, const uint8_t *payload, size_t n_bytes);
/* The place of the next symbol in [0, total). A payload that no encoder wrote can give a place >=
 * total: it is corrupt. */
uint64_t lac_range_decoder_target(struct lac_range_decoder *decoder, uint64_t total);
/* Removes the symbol whose interval holds that target. */
void lac_range_decoder_advance(struct lac_range_decoder *decoder, uint64_t low, uint64_t size);
/* After the last symbol: true if the payload is, bit for bit, what an encoder writes for these
 * symbols. */
bool lac_range_decoder_finish(const struct lac_range_decoder *decoder);

/* reads bytes until range >= LAC_RANGE_MIN */
void lac_range_decoder_shift(struct lac_range_decoder *decoder);

/* The symbol of lac_range_encode_bit(). In a payload that no encoder wrote it is 0 where the target
 * is >= the total, and lac_range_decoder_finish() will say so. */
static inline unsigned lac_range_decode_bit(struct lac_range_decoder *decoder, uint32_t one)
{
	const uint64_t step = decoder->range / LAC_BIT_TOTAL, bound = step * one;
	const unsigned bit = decoder->code < bound;

	if (bit) {
		decoder->range = bound;
	} else {
		decoder->code -= bound;
		decoder->low += bound;
		decoder->range = step * LAC_BIT_TOTAL - bound;
	}
	if (decoder->range < LAC_RANGE_MIN)
		lac_range_decoder_shift(decoder);
	return bit;
}

/* How far above low the payload's number lies: in [low, low + range), the one with most zero bytes
 * at its end, the smallest of these. */
uint64_t lac_range_end(uint64_t low, uint64_t range);

#endif
