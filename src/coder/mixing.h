/* mixing.h: the bytewise model for what a language model does not win: binaries, logs, foreign scripts. Eight predictions of the next
 * bit (seven contexts and the longest match) are mixed by a small learning network; arithmetic.md section 12 is its definition. Nothing but
 * integers; every machine writes the same bytes. Methods: M. Mahoney, "Adaptive weighing of context models" (2005) and his descriptions of
 * PAQ; the code is ours. Threads: no shared state.
 */
#ifndef LAC_CODER_MIXING_H
#define LAC_CODER_MIXING_H

#include "base/bytes.h"

#define LAC_MIXING_TEXT_MAX ((size_t)1 << 24)

/* The memory that coding a text of this many bytes takes, besides text and payload. */
size_t lac_mixing_bytes(size_t n_bytes);

/* Appends the payload of a text of at most LAC_MIXING_TEXT_MAX bytes. False, and out as it was: no memory. */
bool lac_mixing_encode(const uint8_t *text, size_t n_bytes, struct lac_buffer *out);

enum lac_mixing_result {
	LAC_MIXING_OK,
	LAC_MIXING_CORRUPT, /* not the payload of any text of n_bytes; text is then without meaning */
	LAC_MIXING_NO_MEMORY,
};

/* Fills text with n_bytes <= LAC_MIXING_TEXT_MAX. Any payload is survived, in a time that n_bytes bounds. */
enum lac_mixing_result lac_mixing_decode(const uint8_t *payload, size_t n_payload, uint8_t *text, size_t n_bytes);

#endif
