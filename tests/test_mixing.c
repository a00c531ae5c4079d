/* Laws of the mixing model (arithmetic.md section 12): test_mixing [MODELS [--short]]. */
#include "test.h"

#include "base/hash.h"
#include "coder/mixing.h"
#include "coder/mixing_tables.h"
#include "coder/range_coder.h"
#include "textbook_mixing.h"
#include "texts.h"

#include <math.h>

static size_t shortened = 1; /* by so much --short divides lengths */

struct text {
	uint8_t *bytes;
	size_t n_bytes;
};

static struct text zeros(size_t n_bytes)
{
	struct text text = { calloc(n_bytes + 1, 1), n_bytes };

	if (!text.bytes)
		abort();
	return text;
}

static struct text noise(size_t n_bytes, uint64_t seed)
{
	struct text text = zeros(n_bytes);

	for (size_t i = 0; i < n_bytes; i++)
		text.bytes[i] = (uint8_t)test_random(&seed);
	return text;
}

static struct text words(size_t n_bytes, uint64_t seed)
{
	struct text text = zeros(n_bytes);

	for (size_t i = 0; i < n_bytes;)
		for (const char *c = snippets[test_random(&seed) % N_SNIPPETS]; *c && i < n_bytes; c++)
			text.bytes[i++] = (uint8_t)*c;
	return text;
}

static struct text repeated(size_t n_bytes, size_t period)
{
	struct text text = noise(n_bytes, period);

	for (size_t i = period; i < n_bytes; i++)
		text.bytes[i] = text.bytes[i - period];
	return text;
}

/* Every byte value, in an order that turns; noise beside order. */
static struct text table(size_t n_bytes)
{
	struct text text = noise(n_bytes, 5);

	for (size_t i = 0; i < n_bytes; i++)
		if (i % 4)
			text.bytes[i] = (uint8_t)(i % 4 == 1 ? i / 4 : i / 1024 * i % 4);
	return text;
}

static struct lac_buffer encoded(const struct text *text)
{
	struct lac_buffer payload = { 0 };

	if (!lac_mixing_encode(text->bytes, text->n_bytes, &payload))
		abort();
	return payload;
}

static bool is_payload(const struct lac_buffer *payload, const struct text *text)
{
	struct text again = zeros(text->n_bytes);
	bool is = lac_mixing_decode(payload->bytes, payload->length, again.bytes, text->n_bytes) == LAC_MIXING_OK &&
		memcmp(again.bytes, text->bytes, text->n_bytes) == 0;

	free(again.bytes);
	return is;
}

/* The size of the payload, after a look that it decodes. Frees the text. */
static size_t round_trip(struct text text, const char *name)
{
	struct lac_buffer payload = encoded(&text);
	const size_t n_payload = payload.length;

	CHECK_NOTE(is_payload(&payload, &text), "%s of %zu bytes", name, text.n_bytes);
	lac_buffer_free(&payload);
	free(text.bytes);
	return n_payload;
}

static void what_was_encoded_is_decoded(void)
{
	for (size_t n = 0; n <= 12; n++) {
		round_trip(noise(n, n), "noise");
		round_trip(zeros(n), "zeros");
		round_trip(words(n, n), "words");
	}
	for (size_t n = 1000; n <= 1030 / shortened; n += 3)
		round_trip(words(n, n), "words");
	round_trip(words(300000 / shortened, 1), "words");
	round_trip(table(200000 / shortened), "table");
	for (size_t period = 1; period < 40000; period = period * 3 + 1)
		round_trip(repeated(80000 / shortened, period), "repeated");
}

static void what_is_certain_costs_nothing(void)
{
	size_t n_bytes = 2000000 / shortened;

	CHECK(round_trip(zeros(n_bytes), "zeros") < 60);
	CHECK(round_trip(repeated(n_bytes / 4, 7), "repeated") < 60);
	CHECK(round_trip(repeated(n_bytes / 4, 10000), "repeated") < 10000 + 10000 / 50 + 100);
}

static void noise_hardly_grows(void)
{
	for (size_t n = 1; n <= 300000 / shortened; n = n * 3 + 1) {
		const size_t n_payload = round_trip(noise(n, n), "noise");

		CHECK_NOTE(n_payload <= n + n / 64 + 16, "%zu bytes became %zu", n, n_payload);
	}
}

static void all_machines_write_these_bytes(void)
{
	const struct {
		struct text text;
		uint64_t hash;
	} known[] = {
		{ zeros(5000), 0x040c3b9f032f3106 },
		{ noise(5000, 1), 0x87512b4ef46a5a75 },
		{ words(30000, 2), 0xb53c5142d1520493 },
		{ table(70000), 0x8e0d056fd7cf6685 },
		{ repeated(20000, 3000), 0xb9439dc6a87524de },
	};

	for (unsigned i = 0; i < sizeof known / sizeof *known; i++) {
		struct lac_buffer payload = encoded(&known[i].text);
		const uint64_t hash = lac_hash64(payload.bytes, payload.length, 0);

		CHECK_NOTE(hash == known[i].hash, "answer %u: %zu bytes, 0x%016llx", i, payload.length, (unsigned long long)hash);
		lac_buffer_free(&payload);
		free(known[i].text.bytes);
	}
}

/* The same payloads as by section 12 once more, word by word. */
static void it_is_the_textbooks_model(void)
{
	struct text texts[] = { words(9000, 11), table(3000), repeated(3000, 500), zeros(66000 / shortened), noise(1500, 12),
		words(1, 13) };

	for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct lac_buffer payload = encoded(&texts[i]);
		struct lac_range_encoder encoder = { 0 };

		textbook_start(texts[i].bytes, texts[i].n_bytes);
		lac_range_encoder_start(&encoder);
		for (size_t at = 0; at < 8 * texts[i].n_bytes; at++) {
			const int bit = texts[i].bytes[at / 8] >> (7 - at % 8) & 1, one = textbook.one;

			lac_range_encode(&encoder, bit ? 0 : (uint64_t)one, (uint64_t)(bit ? one : 65536 - one), 65536);
			textbook_learn(bit);
		}
		lac_range_encoder_finish(&encoder);
		textbook_free();
		CHECK_NOTE(encoder.out.length == payload.length && memcmp(encoder.out.bytes, payload.bytes, payload.length) == 0,
			"text %u: %zu bytes, textbook %zu", i, payload.length, encoder.out.length);
		lac_range_encoder_free(&encoder);
		lac_buffer_free(&payload);
		free(texts[i].bytes);
	}
}

/* Decodes what need not be a payload, from memory of exactly its size. If it is accepted, it must
 * be what the encoder writes. */
static bool is_accepted(const uint8_t *bytes, size_t n_payload, size_t n_bytes)
{
	uint8_t *payload = exact_copy(bytes, n_payload);
	struct text text = { malloc(n_bytes + !n_bytes), n_bytes };
	bool is;

	if (!text.bytes)
		abort();
	is = lac_mixing_decode(payload, n_payload, text.bytes, n_bytes) == LAC_MIXING_OK;
	if (is) {
		struct lac_buffer again = encoded(&text);

		CHECK(again.length == n_payload && (n_payload == 0 || memcmp(again.bytes, payload, n_payload) == 0));
		lac_buffer_free(&again);
	}
	free(text.bytes);
	free(payload);
	return is;
}

static void a_text_has_one_payload(void)
{
	struct text text = words(120, 7);
	struct lac_buffer payload = encoded(&text), cut = payload;

	CHECK(is_accepted(payload.bytes, payload.length, text.n_bytes));
	for (size_t i = 0; i < payload.length; i += shortened) {
		for (unsigned bit = 0; bit < 8; bit += (unsigned)(shortened > 1 ? 3 : 1)) {
			payload.bytes[i] ^= (uint8_t)(1 << bit);
			CHECK_NOTE(!is_payload(&payload, &text), "bit %u of byte %zu", bit, i);
			(void)is_accepted(payload.bytes, payload.length, text.n_bytes);
			payload.bytes[i] ^= (uint8_t)(1 << bit);
		}
		cut.length = i;
		CHECK_NOTE(!is_payload(&cut, &text), "cut to %zu", i);
		(void)is_accepted(payload.bytes, i, text.n_bytes);
	}
	lac_buffer_u8(&payload, 0);
	CHECK(!is_accepted(payload.bytes, payload.length, text.n_bytes));
	payload.bytes[payload.length - 1] = 1;
	CHECK(!is_accepted(payload.bytes, payload.length, text.n_bytes));
	lac_buffer_free(&payload);
	free(text.bytes);
}

static void any_payload_is_survived(void)
{
	static const uint8_t ones[40] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	uint64_t state = 8;

	CHECK(!is_accepted(ones, 12, 5));
	CHECK(!is_accepted(ones, 12, 0));
	CHECK(!is_accepted(ones, 40, 1000));
	CHECK(is_accepted(ones, 0, 0));
	for (unsigned round = 0; round < 200 / shortened; round++) {
		struct text payload = noise(test_random(&state) % 60, round);

		(void)is_accepted(payload.bytes, payload.n_bytes, test_random(&state) % 300);
		free(payload.bytes);
	}
}

/* Section 8 with a total of 65536, by its division and without: one payload, and each decoder reads
 * it. */
static void a_bit_is_an_interval_of_65536(void)
{
	struct lac_range_encoder a = { 0 }, b = { 0 };
	struct lac_range_decoder decoder;
	uint64_t state = 9, again = 9;

	lac_range_encoder_start(&a);
	lac_range_encoder_start(&b);
	for (unsigned i = 0; i < 20000; i++) {
		const uint32_t one = 1 + (uint32_t)(test_random(&state) % (i % 3 ? 65535 : 3)), bit = test_random(&state) % 5 != 0;

		lac_range_encode(&a, bit ? 0 : one, bit ? one : 65536 - one, 65536);
		lac_range_encode_bit(&b, bit, one);
	}
	lac_range_encoder_finish(&a);
	lac_range_encoder_finish(&b);
	CHECK(a.out.length == b.out.length && memcmp(a.out.bytes, b.out.bytes, a.out.length) == 0);
	lac_range_decoder_start(&decoder, a.out.bytes, a.out.length);
	for (unsigned i = 0; i < 20000; i++) {
		const uint32_t one = 1 + (uint32_t)(test_random(&again) % (i % 3 ? 65535 : 3)), bit = test_random(&again) % 5 != 0;

		CHECK(lac_range_decode_bit(&decoder, one) == bit);
	}
	CHECK(lac_range_decoder_finish(&decoder));
	lac_range_encoder_free(&a);
	lac_range_encoder_free(&b);
}

/* Whether the payload is what an encoder writes for the bits it decodes to, found by encoding them
 * again. */
static bool comes_back(const uint8_t *payload, size_t n_payload, const uint32_t *ones, unsigned n_bits, bool *by_the_end)
{
	struct lac_range_encoder encoder = { 0 };
	struct lac_range_decoder decoder;
	bool is;

	lac_range_encoder_start(&encoder);
	lac_range_decoder_start(&decoder, payload, n_payload);
	for (unsigned i = 0; i < n_bits; i++)
		lac_range_encode_bit(&encoder, lac_range_decode_bit(&decoder, ones[i]), ones[i]);
	lac_range_encoder_finish(&encoder);
	*by_the_end = lac_range_decoder_finish(&decoder);
	is = encoder.out.length == n_payload && (n_payload == 0 || memcmp(encoder.out.bytes, payload, n_payload) == 0);
	lac_range_encoder_free(&encoder);
	return is;
}

static void one_look_at_the_end_is_as_good_as_encoding_again(void)
{
	uint64_t state = 10;
	unsigned n_accepted = 0;

	for (unsigned round = 0; round < 400000 / shortened; round++) {
		uint8_t payload[12];
		uint32_t ones[40];
		const unsigned n_bits = (unsigned)(test_random(&state) % 41);
		size_t n_payload = test_random(&state) % (round % 2 ? 4 : sizeof payload);
		bool by_the_end, is;

		for (unsigned i = 0; i < sizeof payload; i++)
			payload[i] = test_random(&state) % 4 ? (uint8_t)test_random(&state) : test_random(&state) % 2 ? 0xff : 0;
		for (unsigned i = 0; i < n_bits; i++)
			ones[i] = test_random(&state) % 3 ? 1 + (uint32_t)(test_random(&state) % 65535) :
				test_random(&state) % 2 ? 1 : 65535;
		is = comes_back(payload, n_payload, ones, n_bits, &by_the_end);
		n_accepted += is;
		CHECK_NOTE(is == by_the_end, "round %u", round);
	}
	CHECK_NOTE(n_accepted > 1000 / shortened, "only %u tried both ways", n_accepted);
}

static void squash_and_stretch_are_the_logistic_function(void)
{
	static struct lac_mixing_tables tables;

	lac_mixing_tables_fill(&tables);
	for (int x = -LAC_STRETCH_MAX; x <= LAC_STRETCH_MAX; x++) {
		const double p = 65536 / (1 + exp(-x / 256.0));

		CHECK_NOTE(fabs(tables.squash[x + LAC_STRETCH_MAX] - p) <= 1.1, "x %d", x);
		CHECK(tables.squash[x + LAC_STRETCH_MAX] + tables.squash[LAC_STRETCH_MAX - x] == 65536 || x == 0);
	}
	for (unsigned i = 0; i < 4096; i++) {
		const double x = 256 * log((i + 0.5) / (4095.5 - i)), to_the_end = i < 2048 ? i : 4095 - i;

		CHECK_NOTE(fabs(x - tables.stretch[i]) <= 2 + 125 / (1 + to_the_end), "p %u", i);
	}
}

/* From the empty history every one can be reached, none has two numbers, and a run of one bit is
 * remembered as such. */
static void histories_are_closed(void)
{
	static struct lac_mixing_tables tables;
	bool is_reached[LAC_HISTORIES] = { true };
	unsigned n_reached = 0, n_ones = 0;

	lac_mixing_tables_fill(&tables);
	for (unsigned pass = 0; pass < 100; pass++)
		for (unsigned i = 0; i < LAC_HISTORIES; i++)
			for (unsigned bit = 0; bit < 2 && is_reached[i]; bit++)
				is_reached[tables.next[bit][i]] = true;
	for (unsigned i = 0; i < LAC_HISTORIES; i++) {
		n_reached += is_reached[i];
		CHECK(!is_reached[i] || tables.expected[i] > 0);
	}
	for (unsigned i = 0; i < 50; i++)
		n_ones = tables.next[1][n_ones];
	CHECK(tables.n_seen[n_ones] == LAC_HISTORY_MAX);
	CHECK_NOTE(n_reached == 153, "%u", n_reached);
}

static void memory_is_bounded(void)
{
	CHECK(lac_mixing_bytes(0) < 400000);
	CHECK(lac_mixing_bytes(65536) < (size_t)6 << 20);
	CHECK(lac_mixing_bytes(LAC_MIXING_TEXT_MAX) < (size_t)25 << 20);
}

int main(int argc, char **argv)
{
	if (test_effort(argc, argv) == SHORT)
		shortened = 8;
	LAW(squash_and_stretch_are_the_logistic_function);
	LAW(histories_are_closed);
	LAW(a_bit_is_an_interval_of_65536);
	LAW(one_look_at_the_end_is_as_good_as_encoding_again);
	LAW(what_was_encoded_is_decoded);
	LAW(what_is_certain_costs_nothing);
	LAW(noise_hardly_grows);
	LAW(all_machines_write_these_bytes);
	LAW(it_is_the_textbooks_model);
	LAW(a_text_has_one_payload);
	LAW(any_payload_is_survived);
	LAW(memory_is_bounded);
	return test_report();
}
