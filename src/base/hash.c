#include "base/strict_float.h"
#include "base/hash.h"
#include "base/memory.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t lac_hash64(const void *bytes, size_t n_bytes, uint64_t seed)
{
	return XXH3_64bits_withSeed(bytes, n_bytes, seed);
}

void lac_hash128(const void *bytes, size_t n_bytes, uint8_t digest[16])
{
	XXH128_canonical_t canonical;

	XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes, n_bytes));
	memcpy(digest, canonical.digest, 16);
}

struct lac_hash128 {
	XXH3_state_t state; /* aligned to 64 bytes, as is what holds it */
};

struct lac_hash128 *lac_hash128_create(void)
{
	struct lac_hash128 *hash = lac_aligned_calloc(1, sizeof *hash);

	if (hash)
		(void)XXH3_128bits_reset(&hash->state); /* fails only for NULL */
	return hash;
}

void lac_hash128_update(struct lac_hash128 *hash, const void *bytes, size_t n_bytes)
{
	/* Fails only for a NULL state or input, neither of which occurs. */
	(void)XXH3_128bits_update(&hash->state, bytes, n_bytes);
}

void lac_hash128_u32(struct lac_hash128 *hash, uint32_t value)
{
	uint8_t bytes[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24) };

	lac_hash128_update(hash, bytes, sizeof bytes);
}

void lac_hash128_floats(struct lac_hash128 *hash, const float *x, size_t n)
{
	uint8_t bytes[64][4];

	for (size_t i = 0; i < n; i++) {
		uint8_t *to = bytes[i % 64];
		uint32_t bits;

		memcpy(&bits, x + i, sizeof bits);
		to[0] = (uint8_t)bits;
		to[1] = (uint8_t)(bits >> 8);
		to[2] = (uint8_t)(bits >> 16);
		to[3] = (uint8_t)(bits >> 24);
		if (i % 64 == 63)
			lac_hash128_update(hash, bytes, sizeof bytes);
	}
	lac_hash128_update(hash, bytes, n % 64 * 4);
}

void lac_hash128_finish(struct lac_hash128 **hash, uint8_t digest[16])
{
	XXH128_canonical_t canonical;

	if (!*hash)
		return;
	XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&(*hash)->state));
	memcpy(digest, canonical.digest, 16);
	lac_aligned_free(*hash);
	*hash = NULL;
}
