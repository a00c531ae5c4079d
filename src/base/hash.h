/* hash.h: XXH3 (xxHash 0.8, https://github.com/Cyan4973/xxHash), whose results are the same on
 * every CPU and either byte order. The only file that knows the library is hash.c. */
#ifndef LAC_BASE_HASH_H
#define LAC_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* XXH3-64 of the bytes with a seed. */
uint64_t lac_hash64(const void *bytes, size_t n_bytes, uint64_t seed);

/* XXH3-128, seed 0, in canonical (big-endian) form. */
void lac_hash128(const void *bytes, size_t n_bytes, uint8_t digest[16]);

/* The same, streaming. NULL from create: out of memory. */
struct lac_hash128;
struct lac_hash128 *lac_hash128_create(void);
void lac_hash128_update(struct lac_hash128 *hash, const void *bytes, size_t n_bytes);
void lac_hash128_u32(struct lac_hash128 *hash, uint32_t value); /* four little-endian bytes */
/* their patterns, likewise */
void lac_hash128_floats(struct lac_hash128 *hash, const float *x, size_t n);
/* Writes the canonical form, and frees the state. */
void lac_hash128_finish(struct lac_hash128 **hash, uint8_t digest[16]);

#endif
