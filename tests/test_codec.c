/* Laws of whole archives, with tiny random models: test_codec DIRECTORY_OF_MODELS [--short|--long].
 * What goes in comes out, and the bytes depend on nothing but input, model and options. Damage is
 * test_damage's. */
#include "test.h"
#include "memory_io.h"

#include "base/hash.h"
#include "format/published.h"
#include "model/model.h"

#define SMALL 600 /* inputs up to here are concatenated */

/* all bytes and an end token; bytes missing; no end token */
static struct lac_model *tiny, *dropped, *endless;
static const char *directory;
static enum test_effort effort;
static size_t longest = SIZE_MAX; /* inputs above it are left out */

static struct lac_model *open_model(const char *name, const char *kernels)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct lac_error error = { 0 };
	struct lac_model *model = NULL;
	char path[4096];

	options.kernels = kernels;
	snprintf(path, sizeof path, "%s/%s.gguf", directory, name);
	if (lac_model_open_file(&model, path, &options, &error)) {
		fprintf(stderr, "%s: %s\n", path, error.text);
		exit(1);
	}
	return model;
}

/* ---- Inputs -------------------------------------------------------------------- */

struct input {
	const char *name;
	uint8_t *at;
	size_t n;
};

#define N_INPUTS 19
static struct input inputs[N_INPUTS];
static size_t n_inputs;

static struct input *add(const char *name, size_t n)
{
	struct input *input = &inputs[n_inputs++];

	if (n_inputs > N_INPUTS)
		abort();
	*input = (struct input){ name, calloc(n + 1, 1), n };
	return input;
}

static void add_text(const char *name, const char *text, size_t times)
{
	size_t n = strlen(text);
	struct input *input = add(name, n * times);

	for (size_t i = 0; i < times; i++)
		memcpy(input->at + i * n, text, n);
}

static const char prose[] = "The answer is that each of the blocks is coded on its own. It's what you'd expect, isn't it?\n"
	"1. First, read 42 lines.\r\n2. Then write\tthem -- all of them!\n\n   Caf\xc3\xa9, na\xc3\xafve, \xe4\xbd\xa0\xe5\xa5\xbd \xf0\x9f\x98\x80.\n";

static void make_inputs(void)
{
	static const uint8_t broken[] = "\xff\xfe\xc3(\xed\xa0\x80\xf4\x90\x80\x80\xc0\xaf\xe2\x82 \xf0\x9f\x98 end\xc3";
	struct input *input;
	uint64_t state = 5;

	add("empty", 0);
	add_text("one byte", "a", 1);
	add("one NUL", 1);
	add_text("one newline", "\n", 1);
	add_text("newlines", "\n", 200);
	add_text("CRLF", "one line\r\nand another\r\n\r\n\rthe last, unended", 5);
	add_text("prose", prose, 1);
	add_text("sentences", "the answer is that there are more than one of these\n", 8);
	add_text("control tokens", "<|endoftext|><|im_start|>user\n<|endoftext|>\n</s><s>[INST] <|endoftext|", 8);
	add_text("spaces", "  \t \xc2\xa0 \xe3\x80\x80    x  ", 40);
	input = add("broken UTF-8", sizeof broken - 1);
	memcpy(input->at, broken, sizeof broken - 1);
	input = add("all bytes", 512);
	for (size_t i = 0; i < 512; i++)
		input->at[i] = (uint8_t)(i < 256 ? i : 511 - i);
	input = add("short lines and NULs", 900);
	for (size_t i = 0; i < 900; i++)
		input->at[i] = (uint8_t)"ab\nthe \0 of"[test_random(&state) % 11];
	add_text("much prose", prose, 100);
	add_text("a long run of one letter", "e", 150000);
	input = add("random", 300000);
	for (size_t i = 0; i < input->n; i++)
		input->at[i] = (uint8_t)test_random(&state);
	add("2 MB of zeros", 2000000);
	add_text("many short records", "the one\nand\n\nthat is\n", 230);
	add_text("a record longer than a block", "the first\nthis one goes on and on, and then goes on ", 95);
}

/* ---- Laws ---------------------------------------------------------------------- */

/* XXH3-128 of the input, whatever pieces it was read in. */
static bool is_hash_of(const uint8_t found[16], const struct input *input)
{
	struct lac_hash128 *hash = lac_hash128_create();
	uint8_t wanted[16];

	lac_hash128_update(hash, input->at, input->n);
	lac_hash128_finish(&hash, wanted);
	return memcmp(found, wanted, sizeof wanted) == 0;
}

static void try_round_trip(const struct lac_model *model, const struct input *input, const struct lac_options *options)
{
	struct lac_error error = { 0 };
	struct lac_stats packed = { 0 }, unpacked = { 0 }, listed = { 0 };
	struct memory_source source;
	struct bytes archive, text;

	CHECK_NOTE(!transfer(lac_compress, model, input->at, input->n, 0, options, &archive, &packed, &error), "%s: %s",
		input->name, error.text);
	CHECK_NOTE(!transfer(lac_decompress, model, archive.at, archive.length, 0, options, &text, &unpacked, &error), "%s: %s",
		input->name, error.text);
	CHECK_NOTE(same_bytes(text, input->at, input->n), "%s, records %d", input->name, (int)options->records);
	CHECK(packed.bytes_in == input->n && packed.bytes_out == archive.length);
	CHECK(unpacked.bytes_out == input->n && unpacked.bytes_in == archive.length);
	CHECK_NOTE(is_hash_of(packed.text_hash, input) && is_hash_of(unpacked.text_hash, input), "%s", input->name);
	/* format.md section 1: an input of one block costs at most 24 bytes more than itself */
	if (input->n <= (options->block_bytes ? options->block_bytes : LAC_BLOCK_BYTES_DEFAULT) && packed.n_blocks <= 1)
		CHECK_NOTE(archive.length <= input->n + 24, "%s: %zu for %zu", input->name, archive.length, input->n);

	source = (struct memory_source){ .at = archive.at, .left = archive.length, .chunk = 13 };
	CHECK(!lac_list((struct lac_source){ memory_read, &source }, &listed, &error));
	CHECK(listed.bytes_in == archive.length && listed.bytes_out == input->n);
	CHECK_NOTE(listed.n_records == packed.n_records && unpacked.n_records == packed.n_records, "%s: %llu, %llu, %llu", input->name,
		(unsigned long long)listed.n_records, (unsigned long long)packed.n_records, (unsigned long long)unpacked.n_records);
	CHECK(listed.n_tokens == packed.n_tokens && unpacked.n_tokens == packed.n_tokens);
	CHECK(listed.n_blocks == packed.n_blocks && listed.n_stored_blocks == packed.n_stored_blocks);
	CHECK(listed.n_models == packed.n_models && listed.n_archives == 1);
	free(archive.at);
	free(text.at);
}

static void the_first_archive_is_listed_alone(void)
{
	static const char *const names[] = { "one-block", "stored", "lines", "one-block", "empty" };
	struct bytes file = read_file("tests/golden/archives/concatenated.lac");
	struct lac_error error = { 0 };
	struct lac_stats listed;
	size_t at = 0;

	for (unsigned i = 0; i < 5; i++) {
		struct memory_source source = { .at = file.at + at, .left = file.length - at }, whole;
		struct lac_stats alone;
		char path[64];
		struct bytes part;

		snprintf(path, sizeof path, "tests/golden/archives/%s.lac", names[i]);
		part = read_file(path);
		whole = (struct memory_source){ .at = part.at, .left = part.length };
		CHECK_NOTE(!lac_list_first((struct lac_source){ memory_read, &source }, &listed, &error), "%s: %s", names[i], error.text);
		CHECK(!lac_list((struct lac_source){ memory_read, &whole }, &alone, &error));
		CHECK_NOTE(listed.n_archives == 1 && listed.bytes_in == part.length && memcmp(&listed, &alone, sizeof alone) == 0, "%s", names[i]);
		at += part.length;
		free(part.at);
		if (i == 0 || i == 3)
			file.at[file.length - 1] ^= 1; /* what comes after it is not looked at */
	}
	CHECK(at == file.length);
	free(file.at);
}

static void every_input_comes_back(void)
{
	const struct lac_model *const models[] = { tiny, dropped, endless };

	for (unsigned m = 0; m < 3; m++)
		for (size_t i = 0; i < n_inputs; i++)
			for (int records = LAC_RECORDS_NONE; records <= LAC_RECORDS_NUL; records++) {
				struct lac_options options = LAC_OPTIONS_DEFAULT;

				options.records = (enum lac_records)records;
				if (inputs[i].n > longest || (inputs[i].n > 200000 && (m || records == LAC_RECORDS_LINES)))
					continue; /* the same as with another model, and slow */
				try_round_trip(models[m], &inputs[i], &options);
				options.block_bytes = LAC_BLOCK_BYTES_MIN;
				if (inputs[i].n <= 100000)
					try_round_trip(models[m], &inputs[i], &options);
			}
}

static uint64_t count_records(const struct input *input, uint8_t separator)
{
	uint64_t n = 0;

	for (size_t i = 0; i < input->n; i++)
		n += input->at[i] == separator;
	return n + (input->n && input->at[input->n - 1] != separator);
}

static void records_are_counted(void)
{
	for (size_t i = 0; i < n_inputs; i++)
		for (int records = LAC_RECORDS_LINES; records <= LAC_RECORDS_NUL; records++) {
			struct lac_options options = LAC_OPTIONS_DEFAULT;
			struct lac_stats stats = { 0 };
			struct bytes archive;

			if (inputs[i].n > 100000 || inputs[i].n > longest)
				continue;
			options.records = (enum lac_records)records;
			options.block_bytes = LAC_BLOCK_BYTES_MIN;
			CHECK(!transfer(lac_compress, tiny, inputs[i].at, inputs[i].n, 0, &options, &archive, &stats, NULL));
			CHECK_NOTE(stats.n_records == count_records(&inputs[i], records == LAC_RECORDS_NUL ? 0 : '\n'), "%s: %llu",
				inputs[i].name, (unsigned long long)stats.n_records);
			free(archive.at);
		}
}

/* arithmetic.md section 1: threads, instruction sets and how the input arrives leave no trace. */
static void nothing_but_the_input_decides_the_bytes(void)
{
	static const unsigned threads[] = { 1, 2, 3, 8 };
	static const size_t chunks[] = { 0, 1, 7, 1000 };

	for (int records = LAC_RECORDS_NONE; records <= LAC_RECORDS_LINES; records++)
		for (size_t i = 0; i < n_inputs; i++) {
			struct lac_options options = LAC_OPTIONS_DEFAULT;
			struct bytes first, other, text;

			if (inputs[i].n > longest || inputs[i].n > (effort == LONG ? 30000 : 5000))
				continue;
			options.records = (enum lac_records)records;
			options.block_bytes = LAC_BLOCK_BYTES_MIN;
			options.n_threads = 1;
			CHECK(!transfer(lac_compress, tiny, inputs[i].at, inputs[i].n, 0, &options, &first, NULL, NULL));
			for (unsigned k = 0; lac_kernels_name(k); k++) {
				/* two threads are enough */
				const bool is_slow = effort != LONG && k;
				struct lac_model *model = open_model("tiny", lac_kernels_name(k));

				CHECK(strcmp(lac_model_info(model)->kernels, lac_kernels_name(k)) == 0);
				for (unsigned t = is_slow; t < (is_slow ? 2 : 4); t++) {
					options.n_threads = threads[t];
					CHECK(!transfer(lac_compress, model, inputs[i].at, inputs[i].n, chunks[t], &options, &other, NULL, NULL));
					CHECK_NOTE(same_bytes(other, first.at, first.length), "%s: kernels %s, %u threads", inputs[i].name,
						lac_kernels_name(k), threads[t]);
					CHECK(!transfer(lac_decompress, model, first.at, first.length, chunks[t], &options, &text, NULL, NULL));
					CHECK(same_bytes(text, inputs[i].at, inputs[i].n));
					free(other.at);
					free(text.at);
				}
				lac_model_close(&model);
			}
			free(first.at);
		}
}

static void make_log(struct input *input)
{
	uint64_t state = 3;
	size_t n = 0;

	*input = (struct input){ "log", calloc(300000, 1), 0 };
	while (n + 100 < 300000)
		n += (size_t)sprintf((char *)input->at + n, "2026-11-24 12:%02u:%02u INFO worker-%u request %u done in %u us\n",
			(unsigned)(n / 6000), (unsigned)(n / 100 % 60), (unsigned)(test_random(&state) % 4), (unsigned)(n / 64),
			(unsigned)(test_random(&state) % 9000));
	input->n = n;
}

/* format.md section 5.6: the model is not asked, neighbours are one block, and no model is needed
 * to read them. */
static void texts_the_model_cannot_win_are_mixed(void)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct memory_sink sink = { .capacity = 0 }, back = { .capacity = 0 };
	struct lac_stats stats = { .n_blocks = 0 }, listed = { .n_blocks = 0 };
	struct memory_source source;
	struct input input;

	make_log(&input);
	source = (struct memory_source){ .at = input.at, .left = input.n };
	CHECK(!lac_compress(tiny, (struct lac_source){ memory_read, &source }, (struct lac_sink){ memory_write, &sink }, &options, &stats, NULL));
	CHECK_NOTE(stats.n_blocks == 1 && stats.n_mixed_blocks == 1 && !stats.n_models && stats.n_tokens == 0, "%u blocks, %u mixed",
		(unsigned)stats.n_blocks, (unsigned)stats.n_mixed_blocks);
	CHECK_NOTE(sink.bytes.length < input.n / 8, "%zu bytes", sink.bytes.length);
	source = (struct memory_source){ .at = sink.bytes.at, .left = sink.bytes.length };
	CHECK(!lac_list((struct lac_source){ memory_read, &source }, &listed, NULL) && listed.n_mixed_blocks == 1 && listed.bytes_out == input.n);
	source = (struct memory_source){ .at = sink.bytes.at, .left = sink.bytes.length };
	CHECK(!lac_decompress(NULL, (struct lac_source){ memory_read, &source }, (struct lac_sink){ memory_write, &back }, &options, &stats, NULL));
	CHECK(back.bytes.length == input.n && memcmp(back.bytes.at, input.at, input.n) == 0 && stats.n_mixed_blocks == 1);
	free(input.at);
	free(sink.bytes.at);
	free(back.bytes.at);
}

/* Else every archive would carry its identity (models/README.md). */
static void the_embedded_model_is_published(void)
{
	struct lac_model *model = NULL;
	struct lac_model_frame frame = { .arithmetic_version = LAC_ARITHMETIC_VERSION };
	uint32_t number;

	CHECK(!lac_model_open_default(&model, NULL, NULL));
	frame.window = lac_model_window(model);
	memcpy(frame.identity, model->info.identity, sizeof frame.identity);
	CHECK(lac_published_number(&frame, &number));
	lac_model_close(&model);
}

static void archives_concatenate(void)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct memory_sink all = { { NULL, 0 }, 0, 0 }, expected = { { NULL, 0 }, 0, 0 };
	struct lac_stats stats;
	struct bytes text;
	uint64_t n = 0;

	for (size_t i = 0; i < n_inputs; i++) {
		struct bytes archive;

		if (inputs[i].n > SMALL)
			continue;
		options.records = (enum lac_records)(i % 3);
		CHECK(!transfer(lac_compress, tiny, inputs[i].at, inputs[i].n, 0, &options, &archive, NULL, NULL));
		CHECK(memory_write(&all, archive.at, archive.length) && memory_write(&expected, inputs[i].at, inputs[i].n));
		free(archive.at);
		n++;
	}
	CHECK(!transfer(lac_decompress, tiny, all.bytes.at, all.bytes.length, 0, NULL, &text, &stats, NULL));
	CHECK(same_bytes(text, expected.bytes.at, expected.bytes.length) && stats.n_archives == n);
	free(text.at);
	CHECK(memory_write(&all, "x", 1));
	CHECK(transfer(lac_decompress, tiny, all.bytes.at, all.bytes.length, 0, NULL, &text, NULL, NULL) == LAC_CORRUPT);
	free(text.at);
	free(all.bytes.at);
	free(expected.bytes.at);
}

/* ---- Listing ---------------------------------------------------------------------- */

/* Listing and decoding say the same of an archive of one frame. */
static void try_frame(const struct lac_frame *frame, enum lac_records records, enum lac_status expected, const char *what)
{
	const struct lac_header header = { .records = records };
	struct lac_error listing = { 0 }, decoding = { 0 };
	struct lac_buffer archive = { 0 };
	struct memory_source source;
	struct bytes text;

	lac_header_write(&archive, &header);
	lac_frame_write(&archive, frame, 0);
	source = (struct memory_source){ .at = archive.bytes, .left = archive.length };
	CHECK_NOTE(lac_list((struct lac_source){ memory_read, &source }, NULL, &listing) == expected, "%s: %s", what, listing.text);
	CHECK_NOTE(transfer(lac_decompress, tiny, archive.bytes, archive.length, 0, NULL, &text, NULL, &decoding) == expected, "%s: %s", what,
		decoding.text);
	CHECK_NOTE(listing.offset == decoding.offset, "%s: byte %u or %u", what, (unsigned)listing.offset, (unsigned)decoding.offset);
	free(text.at);
	lac_buffer_free(&archive);
}

static void listing_refuses_what_is_in_view(void)
{
	static const uint8_t line[] = "a line\n";
	struct lac_frame mixed = { .type = LAC_FRAME_MIXED, .is_last = true, .arithmetic_version = 2, .n_text_bytes = 1, .n_streams = 1 };
	struct lac_frame stored = { .type = LAC_FRAME_STORED, .is_last = true, .n_streams = 1, .streams = { line } };

	try_frame(&mixed, LAC_RECORDS_NONE, LAC_UNSUPPORTED, "another arithmetic");
	for (unsigned is_ended = 0; is_ended < 2; is_ended++)
		for (unsigned is_open = 0; is_open < 2; is_open++) {
			stored.n_text_bytes = stored.stream_bytes[0] = 6 + is_ended;
			stored.is_open = is_open;
			try_frame(&stored, LAC_RECORDS_LINES, is_ended == is_open ? LAC_CORRUPT : LAC_OK, is_open ? "open" : "not open");
		}
}

/* ---- The caller's failures ------------------------------------------------------- */

static bool cancel(void *payload, uint64_t bytes_in, uint64_t bytes_out)
{
	(void)bytes_in;
	(void)bytes_out;
	return --*(int *)payload > 0;
}

/* Whoever is asked at least every second is asked while the model is at work on a block of this
 * size. */
static void work_on_one_block_can_be_cancelled(void)
{
	static const char *const names[] = { "01-explain-science", "04-roleplay-story", "06-travel-plan", "07-philosophy-essay" };
	struct lac_options options = { .n_threads = 1, .progress = cancel };
	struct memory_sink text = { { NULL, 0 }, 0, 0 };
	struct lac_model *model = NULL;
	struct bytes archive, back;
	int calls = 2;

	for (size_t i = 0; i < 4; i++) {
		char path[100];
		struct bytes one;

		snprintf(path, sizeof path, "examples/%s.txt", names[i]);
		one = read_file(path);
		memory_write(&text, one.at, one.length);
		free(one.at);
	}
	options.progress_payload = &calls;
	CHECK(!lac_model_open_default(&model, NULL, NULL));
	CHECK(transfer(lac_compress, model, text.bytes.at, text.bytes.length, 0, &options, &archive, NULL, NULL) == LAC_CANCELLED);
	CHECK(archive.length < 100); /* the block was not written */
	free(archive.at);
	options.progress = NULL;
	CHECK(!transfer(lac_compress, model, text.bytes.at, text.bytes.length, 0, &options, &archive, NULL, NULL));
	calls = 1;
	options.progress = cancel;
	CHECK(transfer(lac_decompress, model, archive.at, archive.length, 0, &options, &back, NULL, NULL) == LAC_CANCELLED && !back.length);
	free(back.at);
	free(archive.at);
	free(text.bytes.at);
	lac_model_close(&model);
}

static void failures_of_the_caller_are_returned(void)
{
	/* much prose: several blocks, which as records only the model codes */
	const struct input *input = &inputs[13];
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct memory_source source = { .at = input->at, .left = input->n, .fails_at_end = true };
	struct memory_sink sink = { { NULL, 0 }, 0, 100 };
	struct lac_source in = { memory_read, &source };
	struct lac_error error = { 0 };
	struct bytes archive, text;
	int calls = 3;

	options.records = LAC_RECORDS_LINES;
	options.block_bytes = LAC_BLOCK_BYTES_MIN; /* too short to be mixed: the model is asked */
	CHECK(lac_compress(tiny, in, (struct lac_sink){ memory_write, &(struct memory_sink){ { NULL, 0 }, 0, 1 } }, &options, NULL,
		&error) == LAC_WRITE_FAILED);
	CHECK(error.status == LAC_WRITE_FAILED && error.text[0]);
	source = (struct memory_source){ .at = input->at, .left = input->n, .fails_at_end = true };
	sink.limit = 0;
	CHECK(lac_compress(tiny, in, (struct lac_sink){ memory_write, &sink }, &options, NULL, &error) == LAC_READ_FAILED);
	free(sink.bytes.at);
	options.progress = cancel;
	options.progress_payload = &calls;
	CHECK(transfer(lac_compress, tiny, input->at, input->n, 0, &options, &archive, NULL, &error) == LAC_CANCELLED);
	free(archive.at);
	options = (struct lac_options)LAC_OPTIONS_DEFAULT;
	options.records = LAC_RECORDS_LINES;
	options.block_bytes = LAC_BLOCK_BYTES_MIN;
	CHECK(!transfer(lac_compress, tiny, input->at, input->n, 0, &options, &archive, NULL, &error));
	CHECK(transfer(lac_decompress, dropped, archive.at, archive.length, 0, &options, &text, NULL, &error) == LAC_OTHER_MODEL);
	CHECK_NOTE(strstr(error.text, "tiny random"), "%s", error.text);
	free(text.at);
	CHECK(transfer(lac_decompress, NULL, archive.at, archive.length, 0, &options, &text, NULL, &error) == LAC_OTHER_MODEL);
	free(text.at);
	options.block_bytes = 100;
	CHECK(transfer(lac_compress, tiny, input->at, input->n, 0, &options, &text, NULL, &error) == LAC_BAD_ARGUMENT);
	free(text.at);
	CHECK(transfer(lac_decompress, tiny, "hello, world", 12, 0, NULL, &text, NULL, &error) == LAC_NOT_ARCHIVE);
	free(text.at);
	free(archive.at);
}

int main(int argc, char **argv)
{
	directory = argc > 1 ? argv[1] : "build/models";
	effort = test_effort(argc, argv);
	if (effort == SHORT)
		longest = 4000;
	make_inputs();
	tiny = open_model("tiny", NULL);
	dropped = open_model("dropped", NULL);
	endless = open_model("endless", NULL);
	LAW(the_first_archive_is_listed_alone);
	LAW(every_input_comes_back);
	LAW(records_are_counted);
	LAW(nothing_but_the_input_decides_the_bytes);
	LAW(texts_the_model_cannot_win_are_mixed);
	LAW(the_embedded_model_is_published);
	LAW(archives_concatenate);
	LAW(listing_refuses_what_is_in_view);
	LAW(failures_of_the_caller_are_returned);
	LAW(work_on_one_block_can_be_cancelled);
	for (size_t i = 0; i < n_inputs; i++)
		free(inputs[i].at);
	lac_model_close(&tiny);
	lac_model_close(&dropped);
	lac_model_close(&endless);
	return test_report();
}
