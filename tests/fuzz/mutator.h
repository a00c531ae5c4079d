/* mutator.h: what libFuzzer asks of a mutator of our own (https://llvm.org/docs/LibFuzzer.html),
 * and offers it. */
#ifndef LAC_FUZZ_MUTATOR_H
#define LAC_FUZZ_MUTATOR_H

#include "test.h"

#include "base/bytes.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size); /* libFuzzer's own */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t n_a, const uint8_t *b, size_t n_b, uint8_t *out, size_t max_out,
	unsigned seed);

/* In place, to at most `room` bytes more. */
static inline void mutate_buffer(struct lac_buffer *buffer, size_t room)
{
	const size_t most = buffer->length + room;

	if (!lac_buffer_reserve(buffer, most + !most))
		abort();
	buffer->length = LLVMFuzzerMutate(buffer->bytes, buffer->length, most);
}

/* Numbers at the borders of what fields may hold. */
static inline uint64_t border_number(uint64_t *seed)
{
	static const uint64_t borders[] = { 0, 1, 2, 31, 32, 63, 64, 65, 127, 128, 255, 1024, 4096, 16383, 16384, 65535, 65536, 131071, 131072,
		(1 << 20) - 1, 1 << 20, (1 << 20) + 1, (1 << 24) - 1, 1 << 24, (1 << 24) + 1, INT32_MAX, UINT32_MAX, INT64_MAX };

	return borders[test_random(seed) % (sizeof borders / sizeof *borders)];
}

/* The result, if it fits; else what was there. */
static inline size_t give_back(const struct lac_buffer *result, uint8_t *data, size_t size, size_t max_size)
{
	if (result->failed || result->length > max_size)
		return size;
	if (result->length)
		memcpy(data, result->bytes, result->length);
	return result->length;
}

#endif
