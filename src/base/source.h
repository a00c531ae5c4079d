/* source.h: so many bytes of a source (laconic.h). */
#ifndef LAC_BASE_SOURCE_H
#define LAC_BASE_SOURCE_H

#include "laconic.h"

/* False: it failed, or ended before. */
static inline bool lac_source_fill(struct lac_source source, void *bytes, size_t n_bytes)
{
	uint8_t *at = bytes;
	size_t n;

	for (; n_bytes; at += n, n_bytes -= n)
		if (!source.read(source.payload, at, n_bytes, &n) || n == 0 || n > n_bytes)
			return false;
	return true;
}

#endif
