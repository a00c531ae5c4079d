/* range_coder.h: a 64-bit range coder with carry (G. N. N. Martin, "Range encoding", 1979; byte-wise
 * renormalisation). arithmetic.md section 8 is its definition.
 *
 * An interval is (low, size) of `total`, 0 < size, low + size <= total <= LAC_TOTAL_MAX. The overhead over
 * -log2(size/total) is under 2^-7 of a bit a symbol in the worst case and far less for totals under 2^40, and at
 * most 2 bytes a stream. Thread rule: one object, one thread at a time.
 */
#ifndef LAC_CODER_RANGE_CODER_H
#define LAC_CODER_RANGE_CODER_H

#include "base/bytes.h"

#define LAC_TOTAL_MAX (UINT64_C(1) << 48)

struct lac_range_encoder {
	uint64_t low, range;
	struct lac_buffer out; /* owned: the payload so far */
};

void lac_range_encoder_start(struct lac_range_encoder *encoder); /* zero-initialise before the first; reuses memory */
void lac_range_encode(struct lac_range_encoder *encoder, uint64_t low, uint64_t size, uint64_t total);
/* Ends the stream with the fewest bytes that decode whatever is taken to follow as zeros; the payload is encoder->out
 * (look at out.failed). Canonical: a stream of intervals has one payload. */
void lac_range_encoder_finish(struct lac_range_encoder *encoder);
void lac_range_encoder_free(struct lac_range_encoder *encoder);

struct lac_range_decoder {
	uint64_t code, range, step;
	struct lac_reader in; /* bytes past the end read as zeros */
};

void lac_range_decoder_start(struct lac_range_decoder *decoder, const uint8_t *payload, size_t n_bytes);
/* Where in [0, total) the next symbol lies. A payload that no encoder wrote can give a value >= total: corrupt. */
uint64_t lac_range_decoder_target(struct lac_range_decoder *decoder, uint64_t total);
/* Removes the symbol whose interval holds that target. */
void lac_range_decoder_advance(struct lac_range_decoder *decoder, uint64_t low, uint64_t size);

#endif
