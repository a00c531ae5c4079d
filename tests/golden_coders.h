/* golden_coders.h: the files of tests/golden/arithmetic on what is no kernel: angles, the range
 * coder, the mixing model. */
#ifndef LAC_GOLDEN_CODERS_H
#define LAC_GOLDEN_CODERS_H

#include "golden_maker.h"
#include "textbook_coder.h"
#include "textbook_mixing.h"
#include "textbook_rotary.h"
#include "texts.h"

#include "coder/mixing.h"
#include "coder/range_coder.h"
#include "engine/rotary.h"

static void golden_steps(struct golden_maker *maker)
{
	static const struct { unsigned dim; float base; } cases[] = { { 2, 10000.0f }, { 12, 1.0f }, { 40, 10000.0f }, { 64, 500000.0f },
		{ 128, 1e6f } };

	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint64_t steps[64];

		if (maker->is_textbook)
			for (unsigned pair = 0; pair < cases[i].dim / 2; pair++)
				steps[pair] = book_step(pair, cases[i].dim, cases[i].base, 1.0f, 1.0f);
		else
			lac_rotary_steps(steps, cases[i].dim, cases[i].base, 1.0f, NULL);
		golden_case(maker, "rotary_dim %u", cases[i].dim);
		golden_floats(maker, "base", &cases[i].base, 1);
		golden_numbers(maker, "steps", steps, cases[i].dim / 2);
	}
}

/* Factors as of Llama 3's files, and the ends of what is read; positions divided, too. */
static void golden_steps_scaled(struct golden_maker *maker)
{
	static const struct { unsigned dim; float base, scaling; } cases[] = { { 8, 10000.0f, 1.0f }, { 24, 500000.0f, 4.0f },
		{ 16, 1.0f, 0.5f }, { 6, 1e6f, 0x1p20f }, { 10, 10000.0f, 3.7f } };

	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const unsigned n = cases[i].dim / 2;
		float factors[12];
		uint64_t steps[12];

		for (unsigned pair = 0; pair < n; pair++)
			factors[pair] = pair == 0 ? (i % 2 ? 1.0f : 0.5f) : pair + 1 == n ? (i % 2 ? 65504.0f : 8.0f) :
				1.0f + (float)(test_random(&maker->state) >> 40) * 0x1p-22f;
		if (maker->is_textbook)
			for (unsigned pair = 0; pair < n; pair++)
				steps[pair] = book_step(pair, cases[i].dim, cases[i].base, factors[pair], cases[i].scaling);
		else
			lac_rotary_steps(steps, cases[i].dim, cases[i].base, cases[i].scaling, factors);
		golden_case(maker, "rotary_dim %u", cases[i].dim);
		golden_floats(maker, "base", &cases[i].base, 1);
		golden_floats(maker, "scaling", &cases[i].scaling, 1);
		golden_floats(maker, "factors", factors, n);
		golden_numbers(maker, "steps", steps, n);
	}
}

static void golden_angles(struct golden_maker *maker)
{
	for (unsigned i = 0; i < 96; i++) {
		/* around every eighth of a turn, then anywhere */
		const uint64_t angle = i < 48 ? (uint64_t)(i / 6) << 61 : test_random(&maker->state);
		const uint64_t near = i < 48 ? angle + (uint64_t)((int64_t)(i % 6) - 3) * (i % 2 ? 1 : 1u << 30) : angle;
		float pair[2];

		if (maker->is_textbook)
			book_angle(near, &pair[0], &pair[1]);
		else
			lac_rotary_angle(near, &pair[0], &pair[1]);
		golden_case(maker, "%u", i);
		golden_numbers(maker, "angle", &near, 1);
		golden_floats(maker, "cos_sin", pair, 2);
	}
}

#define GOLDEN_SYMBOLS 40

/* Totals of every size; sizes from 1 to all there is, so that carries run long. */
static void golden_intervals(struct golden_maker *maker, uint64_t (*intervals)[3], size_t n, unsigned kind)
{
	for (size_t i = 0; i < n; i++) {
		const uint64_t most = LAC_TOTAL_MAX >> test_random(&maker->state) % 48;
		const uint64_t total = kind == 3 ? LAC_TOTAL_MAX : 1 + test_random(&maker->state) % most;
		const uint64_t low = kind == 1 ? total - 1 : kind == 2 ? 0 : test_random(&maker->state) % total;

		intervals[i][0] = low;
		intervals[i][1] = kind == 2 ? total : kind == 3 ? 1 : 1 + test_random(&maker->state) % (total - low);
		intervals[i][2] = total;
	}
}

static void golden_range_coder(struct golden_maker *maker)
{
	static const char *const kinds[] = { "anywhere", "at the end: carries", "certain: no payload", "the smallest" };

	for (unsigned i = 0; i < 16; i++) {
		const size_t n = i * i % 41;
		uint64_t intervals[GOLDEN_SYMBOLS][3], targets[GOLDEN_SYMBOLS];
		struct lac_range_encoder encoder = { 0 };
		struct lac_range_decoder decoder;
		struct book_coder coder = book_coder_start();

		golden_intervals(maker, intervals, n, i % 4);
		golden_case(maker, "%zu symbols, %s", n, kinds[i % 4]);
		for (size_t j = 0; j < n; j++)
			golden_numbers(maker, "low_size_total", intervals[j], 3);
		if (maker->is_textbook) {
			for (size_t j = 0; j < n; j++)
				book_code(&coder, intervals[j][0], intervals[j][1], intervals[j][2]);
			book_coder_end(&coder);
			book_targets(targets, &coder, (const uint64_t (*)[3])intervals, n);
			golden_hex(maker, "payload", coder.digits, coder.n_digits);
		} else {
			lac_range_encoder_start(&encoder);
			for (size_t j = 0; j < n; j++)
				lac_range_encode(&encoder, intervals[j][0], intervals[j][1], intervals[j][2]);
			lac_range_encoder_finish(&encoder);
			golden_hex(maker, "payload", encoder.out.bytes, encoder.out.length);
			lac_range_decoder_start(&decoder, encoder.out.bytes, encoder.out.length);
			for (size_t j = 0; j < n; j++) {
				targets[j] = lac_range_decoder_target(&decoder, intervals[j][2]);
				lac_range_decoder_advance(&decoder, intervals[j][0], intervals[j][1]);
			}
			lac_range_encoder_free(&encoder);
		}
		golden_numbers(maker, "targets", targets, n);
		free(coder.digits);
	}
}

static void golden_mix(struct golden_maker *maker, const uint8_t *text, size_t n)
{
	struct book_coder coder = book_coder_start();
	struct lac_buffer payload = { 0 };

	if (maker->is_textbook) {
		textbook_start(text, n);
		for (size_t at = 0; at < 8 * n; at++) {
			const int bit = text[at / 8] >> (7 - at % 8) & 1, one = textbook.one;

			book_code(&coder, bit ? 0 : (uint64_t)one, (uint64_t)(bit ? one : 65536 - one), 65536);
			textbook_learn(bit);
		}
		textbook_free();
		book_coder_end(&coder);
		golden_hex(maker, "payload", coder.digits, coder.n_digits);
	} else {
		if (!lac_mixing_encode(text, n, &payload))
			abort();
		golden_hex(maker, "payload", payload.bytes, payload.length);
		lac_buffer_free(&payload);
	}
	free(coder.digits);
}

static void golden_mix_text(struct golden_maker *maker, const char *name, const uint8_t *text, size_t n)
{
	golden_case(maker, "%s of %zu", name, n);
	golden_hex(maker, "text", text, n);
	golden_mix(maker, text, n);
}

static void golden_mixing(struct golden_maker *maker)
{
	enum { MOST = 5000 };
	static const size_t lengths[] = { 0, 1, 2, 7, 400, MOST };
	uint8_t *text = malloc(MOST + 64);

	for (unsigned i = 0; i < 6; i++) {
		size_t n = 0;

		while (n < lengths[i]) {
			const char *snippet = snippets[test_random(&maker->state) % N_SNIPPETS];

			memcpy(text + n, snippet, strlen(snippet));
			n += strlen(snippet);
		}
		golden_mix_text(maker, "words", text, lengths[i]);
	}
	for (size_t i = 0; i < 100; i++)
		text[i] = (uint8_t)test_random(&maker->state);
	golden_mix_text(maker, "noise", text, 100);
	for (size_t i = 40; i < 1500; i++) /* a match through all its classes */
		text[i] = text[i - 40];
	golden_mix_text(maker, "a period of 40", text, 1500);
	memset(text, 0, 2000);
	golden_mix_text(maker, "zeros", text, 2000);
	free(text);
}

/* A text told in a few lines, for it is long. */
struct golden_long_text {
	struct golden_maker *maker;
	uint8_t *bytes;
	size_t n;
};

static void golden_add_line(struct golden_long_text *text, const char *name, uint64_t from, uint64_t n)
{
	const uint64_t line[] = { from, n };

	golden_numbers(text->maker, name, line, 2);
}

/* The minimal standard generator (Park and Miller 1988), of each number the byte above the
 * lowest. */
static void golden_add_noise(struct golden_long_text *text, uint64_t seed, size_t n)
{
	golden_add_line(text, "noise", seed, n);
	while (n--) {
		seed = seed * 16807 % 2147483647;
		text->bytes[text->n++] = (uint8_t)(seed >> 8);
	}
}

/* Bytes from a place on, which may be among those added. */
static void golden_add_again(struct golden_long_text *text, size_t at, size_t n)
{
	golden_add_line(text, "again", at, n);
	while (n--)
		text->bytes[text->n++] = text->bytes[at++];
}

static void golden_add_pieces(struct golden_long_text *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		golden_add_again(text, i * 7919 % 15900, 8 + i * 5 % 83);
}

/* Longer than the largest tables, with contexts enough to crowd them, pieces that are found by the
 * match alone and end at any of its lengths, one from the first byte on, one longer than lengths
 * are counted, and runs. */
static void golden_mixing_long(struct golden_maker *maker)
{
	struct golden_long_text text = { maker, malloc((1 << 20) + (1 << 18)), 0 };

	golden_case(maker, "a long text");
	golden_add_noise(&text, 1, 16000);
	golden_add_again(&text, 0, 30);
	golden_add_pieces(&text, 500);
	golden_add_again(&text, 0, 140000);
	golden_add_noise(&text, 2, 3);
	golden_add_again(&text, text.n - 1, (1 << 20) - text.n);
	golden_add_noise(&text, 3, 100);
	golden_add_pieces(&text, 500);
	golden_mix(maker, text.bytes, text.n);
	free(text.bytes);
}

#endif
