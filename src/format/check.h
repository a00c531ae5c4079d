/* check.h: the checks of headers and frames (format.md section 2.4), shared by reader and
 * writer. */
#ifndef LAC_FORMAT_CHECK_H
#define LAC_FORMAT_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "format/frame.h"

#define LAC_MAGIC "\x8cLAC"

#define LAC_TAG_TYPE 0x0fu
#define LAC_TAG_RESERVED 0x30u
#define LAC_TAG_OPEN 0x40u
#define LAC_TAG_LAST 0x80u

/* Of the header's bytes before its check. */
static inline uint32_t lac_header_check(const uint8_t *bytes)
{
	return (uint32_t)lac_hash64(bytes, LAC_HEADER_BYTES - 4, 0);
}

/* Of a frame's tag, length and body. */
static inline uint64_t lac_frame_check(const uint8_t *bytes, size_t n_bytes, uint64_t ordinal)
{
	return lac_hash64(bytes, n_bytes, ordinal);
}

/* Also of a type that is not known. */
static inline size_t lac_frame_check_bytes(uint8_t tag)
{
	const unsigned type = tag & LAC_TAG_TYPE;

	return type < LAC_N_FRAME_TYPES ? lac_frame_traits[type].n_check_bytes : 4;
}

#endif
