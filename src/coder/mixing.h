/* mixing.h: the bytewise model for what a language model does not win: programs, logs, foreign
 * scripts. Eight predictions of the next bit (seven contexts and a match) are mixed by weights that
 * learn; arithmetic.md section 12 is its definition. Nothing but integers: every machine writes the
 * same bytes. Ideas: M. Mahoney, "Adaptive weighing of context models for lossless data
 * compression" (2005), and the published descriptions of the PAQ series; the design of every part
 * here is our own.
 *
 * Threads: nothing is shared between calls.
 */
#ifndef LAC_CODER_MIXING_H
#define LAC_CODER_MIXING_H

#include "base/bytes.h"

#define LAC_MIXING_TEXT_MAX ((size_t)1 << 24)

/* The memory that coding a text of this many bytes takes, besides text and payload: at most 24.2
 * MiB. */
size_t lac_mixing_bytes(size_t n_bytes);

/* Appends the payload of a text of at most LAC_MIXING_TEXT_MAX bytes (NULL if it has none). It may
 * be longer than the text, by 1% where the text is noise. False: no memory, and nothing was
 * appended. */
bool lac_mixing_encode(const uint8_t *text, size_t n_bytes, struct lac_buffer *out);

enum lac_mixing_result {
	LAC_MIXING_OK,
	/* not the payload of any text of n_bytes; text is then without meaning */
	LAC_MIXING_CORRUPT,
	LAC_MIXING_NO_MEMORY,
};

/* Fills text with n_bytes <= LAC_MIXING_TEXT_MAX. Any payload is survived, in a time that n_bytes
 * bounds. OK means that the payload is, bit for bit, what lac_mixing_encode() appends for this
 * text. */
enum lac_mixing_result lac_mixing_decode(const uint8_t *payload, size_t n_payload, uint8_t *text, size_t n_bytes);

#endif
