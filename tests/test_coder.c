/* Laws of the range coder (arithmetic.md section 8). */
#include "test.h"

#include "coder/range_coder.h"

#include <math.h>

struct interval {
	uint64_t low, size, total;
};

/* Totals of every magnitude, and sizes from one to all. */
static struct interval random_interval(uint64_t *state)
{
	struct interval i;

	i.total = 1 + test_random(state) % (LAC_TOTAL_MAX >> (test_random(state) % 48));
	i.low = test_random(state) % 4 ? test_random(state) % i.total : 0;
	i.size = 1 + test_random(state) % (i.total - i.low);
	switch (test_random(state) % 4) {
	case 0: i.size = 1; break;
	case 1: i.size = i.total - i.low; break; /* ends at the total: long carries */
	}
	return i;
}

static void encode(struct lac_range_encoder *encoder, const struct interval *intervals, size_t n)
{
	lac_range_encoder_start(encoder);
	for (size_t i = 0; i < n; i++)
		lac_range_encode(encoder, intervals[i].low, intervals[i].size, intervals[i].total);
	lac_range_encoder_finish(encoder);
}

static void what_was_encoded_is_decoded(void)
{
	static struct interval intervals[4000];
	struct lac_range_encoder encoder = { 0 };
	uint64_t state = 1;

	for (unsigned round = 0; round < 500; round++) {
		const size_t n = test_random(&state) % (round % 10 ? 40 : 4000);
		struct lac_range_decoder decoder;
		double bits = 0;

		for (size_t i = 0; i < n; i++) {
			intervals[i] = random_interval(&state);
			bits -= log2((double)intervals[i].size / (double)intervals[i].total);
		}
		encode(&encoder, intervals, n);
		CHECK_NOTE((double)encoder.out.length * 8 <= bits + (double)n / 128 + 16, "round %u: %zu bytes for %f bits", round,
			encoder.out.length, bits);
		lac_range_decoder_start(&decoder, encoder.out.bytes, encoder.out.length);
		for (size_t i = 0; i < n; i++) {
			uint64_t target = lac_range_decoder_target(&decoder, intervals[i].total);

			if (target < intervals[i].low || target - intervals[i].low >= intervals[i].size) {
				CHECK_NOTE(0, "round %u, symbol %zu", round, i);
				break;
			}
			lac_range_decoder_advance(&decoder, intervals[i].low, intervals[i].size);
		}
	}
	lac_range_encoder_free(&encoder);
}

static void certain_symbols_cost_nothing(void)
{
	struct lac_range_encoder encoder = { 0 };

	lac_range_encoder_start(&encoder);
	for (unsigned i = 0; i < 100000; i++)
		lac_range_encode(&encoder, 0, 1, 1);
	lac_range_encoder_finish(&encoder);
	CHECK(encoder.out.length == 0);
	lac_range_encoder_free(&encoder);
}

/* Every value below 2^16 read as a payload: the decoder stays in bounds, and if the symbols it
 * finds are encoded again, either the same payload comes back or a shorter or other one, never two
 * payloads of the same symbols that both come back. */
static void a_sequence_has_one_payload(void)
{
	static char owner[3][3][3]; /* symbols found -> payloads that come back */
	struct lac_range_encoder encoder = { 0 };
	static const struct interval table[3] = { { 0, 5, 12 }, { 5, 1, 12 }, { 6, 6, 12 } };

	memset(owner, 0, sizeof owner);
	for (unsigned value = 0; value < 0x10000; value++) {
		const uint8_t payload[2] = { (uint8_t)(value >> 8), (uint8_t)value };
		const size_t n_bytes = value & 0xff ? 2 : value ? 1 : 0;
		struct lac_range_decoder decoder;
		unsigned symbols[3];
		struct interval found[3];

		lac_range_decoder_start(&decoder, payload, n_bytes);
		for (unsigned i = 0; i < 3; i++) {
			uint64_t target = lac_range_decoder_target(&decoder, 12);

			/* holds for these payloads: 0xffff is not all ones of 64 bits */
			CHECK(target < 12);
			symbols[i] = target < 5 ? 0 : target < 6 ? 1 : 2;
			found[i] = table[symbols[i]];
			lac_range_decoder_advance(&decoder, found[i].low, found[i].size);
		}
		encode(&encoder, found, 3);
		if (encoder.out.length == n_bytes && (n_bytes == 0 || memcmp(encoder.out.bytes, payload, n_bytes) == 0))
			owner[symbols[0]][symbols[1]][symbols[2]]++;
	}
	for (unsigned i = 0; i < 27; i++)
		CHECK_NOTE(owner[i / 9][i / 3 % 3][i % 3] == 1, "sequence %u has %d", i, owner[i / 9][i / 3 % 3][i % 3]);
	lac_range_encoder_free(&encoder);
}

/* No shorter payload decodes to the same symbols: tried over all payloads of one and two bytes. */
static void the_payload_is_the_shortest(void)
{
	struct lac_range_encoder encoder = { 0 };
	uint64_t state = 3;

	for (unsigned round = 0; round < 300; round++) {
		struct interval intervals[4];

		for (unsigned i = 0; i < 4; i++) {
			intervals[i].total = 2 + test_random(&state) % 30;
			intervals[i].low = test_random(&state) % intervals[i].total;
			intervals[i].size = 1 + test_random(&state) % (intervals[i].total - intervals[i].low);
		}
		encode(&encoder, intervals, 4);
		if (encoder.out.length > 3)
			continue;
		for (unsigned value = 0; value < 0x10000; value++) {
			const uint8_t payload[2] = { (uint8_t)(value >> 8), (uint8_t)value };
			const size_t n_bytes = value & 0xff ? 2 : value ? 1 : 0;
			struct lac_range_decoder decoder;
			unsigned i;

			if (n_bytes >= encoder.out.length)
				continue;
			lac_range_decoder_start(&decoder, payload, n_bytes);
			for (i = 0; i < 4; i++) {
				uint64_t target = lac_range_decoder_target(&decoder, intervals[i].total);

				if (target < intervals[i].low || target - intervals[i].low >= intervals[i].size)
					break;
				lac_range_decoder_advance(&decoder, intervals[i].low, intervals[i].size);
			}
			CHECK_NOTE(i < 4, "round %u: payload %04x of %zu bytes beats %zu", round, value, n_bytes, encoder.out.length);
		}
	}
	lac_range_encoder_free(&encoder);
}

/* Any bytes at all: a decoder that stops at a target >= total never leaves its payload or divides
 * by zero. */
static void any_payload_is_survived(void)
{
	uint64_t state = 4;

	for (unsigned round = 0; round < 20000; round++) {
		uint8_t payload[12];
		struct lac_range_decoder decoder;

		for (unsigned i = 0; i < sizeof payload; i++)
			payload[i] = test_random(&state) % 3 ? (uint8_t)test_random(&state) : 0xff;
		lac_range_decoder_start(&decoder, payload, sizeof payload);
		for (unsigned i = 0; i < 30; i++) {
			struct interval interval = random_interval(&state);
			uint64_t target = lac_range_decoder_target(&decoder, interval.total);

			if (target >= interval.total)
				break;
			lac_range_decoder_advance(&decoder, target, 1);
			CHECK(decoder.code < decoder.range);
		}
	}
}

int main(void)
{
	LAW(what_was_encoded_is_decoded);
	LAW(certain_symbols_cost_nothing);
	LAW(a_sequence_has_one_payload);
	LAW(the_payload_is_the_shortest);
	LAW(any_payload_is_survived);
	return test_report();
}
