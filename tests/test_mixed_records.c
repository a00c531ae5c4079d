/* Laws of records that the language model cannot win (format.md sections 5.11 and 5.12):
 * test_mixed_records [DIRECTORY] [--short]. From the project's folder. */
#include "base/strict_float.h"
#include "test.h"
#include "random_io.h"
#include "sampled_text.h"

#include "archive/probes.h"
#include "format/frame.h"

static struct lac_model *model;
static bool is_short; /* for slow builds */

/* ---- Texts ----------------------------------------------------------------------------------- */

static void draw(struct memory_sink *sink, uint64_t seed, size_t n_bytes)
{
	struct sampler sampler = sampler_create(model, seed);

	sample_stream(&sampler, n_bytes);
	(void)memory_write(sink, sampler.text, sampler.n_bytes);
	sampler_free(&sampler);
}

/* As a picture in base64 looks. */
static void picture(struct memory_sink *sink, uint64_t seed, size_t n_bytes)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < n_bytes; i++)
		(void)memory_write(sink, &digits[test_random(&seed) % 64], 1);
}

static void end_record(struct memory_sink *sink, char separator)
{
	(void)memory_write(sink, &separator, 1);
}

static struct bytes compress(struct bytes text, const struct lac_options *options, struct lac_stats *stats)
{
	struct lac_error error = { 0 };
	struct bytes archive;

	CHECK_NOTE(!transfer(lac_compress, model, text.at, text.length, 0, options, &archive, stats, &error), "%s", error.text);
	return archive;
}

/* The types of an archive's blocks, a letter each. */
static void read_types(struct bytes archive, char types[64])
{
	static const char letters[] = "EMSTRXAGgIFm";
	struct memory_source source = { .at = archive.at, .left = archive.length };
	struct lac_frame_reader *reader = NULL;
	struct lac_buffer body = { 0 };
	struct lac_frame frame = { .is_last = false };
	struct lac_header header;
	size_t n = 0;
	bool at_end;

	if (lac_frame_reader_create(&reader, (struct lac_source){ memory_read, &source }, NULL) ||
	    lac_frame_reader_header(reader, &header, &at_end, NULL))
		abort();
	while (!frame.is_last && n < 63) {
		if (lac_frame_reader_next(reader, &body, &frame, NULL))
			abort();
		if (lac_frame_is_block(frame.type))
			types[n++] = letters[frame.type];
	}
	types[n] = 0;
	lac_frame_reader_free(&reader);
	lac_buffer_free(&body);
}

static void check_types(struct bytes text, const struct lac_options *options, const char *wanted)
{
	struct bytes archive = compress(text, options, NULL);
	char types[64];

	read_types(archive, types);
	CHECK_NOTE(strcmp(types, wanted) == 0, "%s instead of %s", types, wanted);
	free(archive.at);
}

/* ---- Laws ------------------------------------------------------------------------------------ */

/* As small as the same text that is no records, but for a byte or two, and the model evaluates
 * nothing. */
static void what_the_model_cannot_win_is_mixed(void)
{
	struct lac_options plain = LAC_OPTIONS_DEFAULT, lines = { .records = LAC_RECORDS_LINES };
	struct memory_sink text = { .capacity = 0 };
	struct bytes as_text, as_lines;
	struct lac_stats stats;

	picture(&text, 1, 150000);
	end_record(&text, '\n');
	as_text = compress(text.bytes, &plain, NULL);
	as_lines = compress(text.bytes, &lines, &stats);
	CHECK_NOTE(as_lines.length <= as_text.length + 2, "%zu bytes, and %zu as a text", as_lines.length, as_text.length);
	CHECK(stats.n_tokens == 0 && stats.n_models == 0 && stats.n_records == 1 && stats.n_blocks == 1 && stats.n_mixed_blocks == 1);
	free(as_lines.at);
	free(as_text.at);
	free(text.bytes.at);
}

/* The records of the model stay with the model, whatever stands beside them. */
static void only_what_the_model_cannot_win_is_mixed(void)
{
	struct lac_options options = { .records = LAC_RECORDS_LINES };
	struct memory_sink text = { .capacity = 0 };

	for (unsigned i = 0; i < 5; i++) {
		draw(&text, i, 60);
		end_record(&text, '\n');
	}
	check_types(text.bytes, &options, "R");
	picture(&text, 1, 3000);
	end_record(&text, '\n');
	check_types(text.bytes, &options, "Rm");
	picture(&text, 2, 3000);
	end_record(&text, '\n');
	check_types(text.bytes, &options, "Rm"); /* two of them are one text */
	draw(&text, 9, 100);
	end_record(&text, '\n');
	check_types(text.bytes, &options, "RmR");
	options.is_indexed = true;
	check_types(text.bytes, &options, "gmg");
	options.block_bytes = 4096; /* a block's bytes bound what is decoded for one record */
	check_types(text.bytes, &options, "gmmg");
	free(text.bytes.at);
}

/* Short ones are asked for all the same: format.md section 5.6. */
static void short_records_are_the_models(void)
{
	struct lac_options options = { .records = LAC_RECORDS_LINES, .block_bytes = LAC_BLOCK_BYTES_MIN };
	struct memory_sink text = { .capacity = 0 };
	struct bytes archive;
	struct lac_stats stats;

	for (unsigned i = 0; i < 30; i++) {
		picture(&text, i, 90);
		end_record(&text, '\n');
	}
	archive = compress(text.bytes, &options, &stats);
	CHECK(stats.n_mixed_blocks == 0);
	free(archive.at);
	options.block_bytes = 0; /* together they are long */
	archive = compress(text.bytes, &options, &stats);
	CHECK(stats.n_mixed_blocks == 1 && stats.n_blocks == 1 && stats.n_records == 30);
	free(archive.at);
	free(text.bytes.at);
}

/* The rule of format.md section 5.12, at its ends: of n bytes, t tokens, m bytes of the mixing
 * model. */
static void noise_is_told_by_numbers(void)
{
	static const struct { size_t n; uint64_t t; size_t m; bool is_noise; } cases[] = {
		{ 4096, 3000, 3000, true }, { 4095, 3000, 3000, false }, /* 4096 bytes */
		{ 8000, 5000, 5000, true }, { 8000, 5000, 4999, false }, /* 5 bits a byte */
		{ 9500, 5001, 9000, true }, { 9500, 5000, 9000, false }, /* 1.9 bytes a token */
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct lac_probe probe = { .stream = { .in_bytes = cases[i].n, .n_tokens = cases[i].t, .out.length = cases[i].m } };

		CHECK_NOTE(lac_probe_is_noise(&probe) == cases[i].is_noise, "case %zu", i);
	}
}

/* ---- Any records ----------------------------------------------------------------------------- */

static struct bytes draw_any(uint64_t *state, char separator)
{
	struct memory_sink text = { .capacity = 0 };

	for (unsigned n = 1 + (unsigned)(test_random(state) % 40); n; n--) {
		const uint64_t kind = test_random(state) % 8, size = test_random(state);

		if (kind < 3)
			draw(&text, size, size % 300);
		else if (kind < 5)
			picture(&text, size, 800 + size % 3000);
		else if (kind < 6)
			picture(&text, size, size % 200);
		else if (kind < 7) /* of which the mixing model makes less than a byte each */
			for (uint64_t i = size % 1000; i; i--) {
				(void)memory_write(&text, "again", 5);
				end_record(&text, separator);
			}
		if (n > 1 || size % 2)
			end_record(&text, separator);
	}
	if (!text.bytes.length)
		end_record(&text, separator);
	/* what the model draws may have some */
	for (size_t i = 0; separator && i < text.bytes.length; i++)
		text.bytes.at[i] = text.bytes.at[i] ? text.bytes.at[i] : ' ';
	return text.bytes;
}

/* Record `number` of a text, its separator included. */
static struct bytes record_of(struct bytes text, char separator, uint64_t number)
{
	uint8_t *at = text.at, *end;

	for (;; number--, at = end + 1) {
		end = memchr(at, separator, text.length - (size_t)(at - text.at));
		if (!end || !number)
			break;
	}
	return (struct bytes){ at, end ? (size_t)(end + 1 - at) : text.length - (size_t)(at - text.at) };
}

static void check_single_ones(struct bytes archive, struct bytes text, char separator, uint64_t n_records, uint64_t *state)
{
	struct random_memory memory = { .at = archive.at, .length = archive.length };
	struct lac_context *context = NULL;
	struct lac_error error = { 0 };

	CHECK(!lac_context_open(&context, model, NULL, NULL));
	for (unsigned i = 0; i < 8; i++) {
		const uint64_t number = test_random(state) % n_records;
		const struct bytes wanted = record_of(text, separator, number);
		struct bytes found;

		CHECK_NOTE(!read_records(context, &memory, number, 1, &found, NULL, &error) && same_bytes(found, wanted.at, wanted.length),
			"record %llu: %s", (unsigned long long)number, error.text);
		free(found.at);
	}
	lac_context_close(&context);
}

static void any_records_come_back(void)
{
	uint64_t state = 4;

	for (unsigned i = 0; i < (is_short ? 12u : 120u); i++) {
		struct lac_options options = { .records = i % 3 ? LAC_RECORDS_LINES : LAC_RECORDS_NUL, .is_indexed = i % 2,
			.block_bytes = i % 5 ? 0 : 1024u << i % 4, .n_threads = 1 + i % 3 };
		const char separator = i % 3 ? '\n' : 0;
		struct bytes text = draw_any(&state, separator), archive, back, again;
		struct lac_stats stats, told;
		struct lac_error error = { 0 };

		archive = compress(text, &options, &stats);
		options.n_threads = 4 - options.n_threads;
		again = compress(text, &options, NULL);
		CHECK_NOTE(same_bytes(again, archive.at, archive.length), "text %u: other threads, other bytes", i);
		CHECK_NOTE(!transfer(lac_decompress, model, archive.at, archive.length, 0, &options, &back, &told, &error), "text %u: %s", i, error.text);
		CHECK_NOTE(same_bytes(back, text.at, text.length), "text %u", i);
		CHECK(told.n_records == stats.n_records && told.n_mixed_blocks == stats.n_mixed_blocks && told.n_tokens == stats.n_tokens);
		if (options.is_indexed)
			check_single_ones(archive, text, separator, stats.n_records, &state);
		free(again.at);
		free(back.at);
		free(archive.at);
		free(text.at);
	}
}

int main(int argc, char **argv)
{
	struct lac_error error = { 0 };

	is_short = test_effort(argc, argv) == SHORT;
	if (lac_model_open_file(&model, "tests/golden/models/grouped.gguf", NULL, &error)) {
		fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	LAW(what_the_model_cannot_win_is_mixed);
	LAW(only_what_the_model_cannot_win_is_mixed);
	LAW(short_records_are_the_models);
	LAW(noise_is_told_by_numbers);
	LAW(any_records_come_back);
	lac_model_close(&model);
	return test_report();
}
