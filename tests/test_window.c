/* Laws of the context a text is coded with (arithmetic.md section 6.5, format.md section 4.2):
 * test_window [DIRECTORY] [--short]. From the project's folder. */
#include "test.h"
#include "memory_io.h"
#include "sampled_text.h"

#include "base/hash.h"
#include "engine/session.h"

static struct lac_model *grouped; /* made for 48 tokens */
static uint8_t text[1000]; /* the model is asked of so few, whatever they are */

/* Text that the model foretells when it has this window. */
static void draw(const struct lac_model *model, uint32_t window)
{
	struct sampler sampler = sampler_create_narrow(model, window, window);

	sample_stream(&sampler, sizeof text);
	memcpy(text, sampler.text, sizeof text);
	sampler_free(&sampler);
	for (size_t i = 299; i < sizeof text; i += 300)
		text[i] = '\n';
}

static enum lac_status compress(uint32_t window, enum lac_records records, struct bytes *archive, struct lac_error *error)
{
	struct lac_options options = { .window = window, .records = records, .is_indexed = records != LAC_RECORDS_NONE, .n_threads = 2 };

	return transfer(lac_compress, grouped, text, sizeof text, 0, &options, archive, NULL, error);
}

static void texts_of_any_window_come_back(void)
{
	static const uint32_t windows[] = { 2, 3, 17, 32, 47, 48 };

	for (size_t i = 0; i < 12; i++) {
		const uint32_t window = windows[i / 2];
		const enum lac_records records = i % 2 ? LAC_RECORDS_LINES : LAC_RECORDS_NONE;
		struct bytes archive, back = { NULL, 0 };
		struct lac_stats stats = { .n_models = 0 };
		struct lac_error error = { 0 };

		draw(grouped, window);
		CHECK(!compress(window, records, &archive, &error));
		CHECK_NOTE(!transfer(lac_decompress, grouped, archive.at, archive.length, 0, NULL, &back, &stats, &error), "window %u: %s",
			(unsigned)window, error.text);
		CHECK_NOTE(same_bytes(back, text, sizeof text) && stats.models[0].window == window, "window %u, told %u", (unsigned)window,
			(unsigned)stats.models[0].window);
		free(archive.at);
		free(back.at);
	}
}

static void the_default_is_the_models_own(void)
{
	struct bytes archive, same, other;

	CHECK(!compress(0, LAC_RECORDS_NONE, &archive, NULL));
	CHECK(!compress(48, LAC_RECORDS_NONE, &same, NULL));
	CHECK(!compress(47, LAC_RECORDS_NONE, &other, NULL));
	CHECK(same_bytes(same, archive.at, archive.length));
	CHECK(!same_bytes(other, archive.at, archive.length));
	free(archive.at);
	free(same.at);
	free(other.at);
}

/* The windows of concatenated archives differ, and one context reads them and then writes its
 * own. */
static void archives_of_different_windows_follow_each_other(void)
{
	struct lac_options options = { .window = 30, .n_threads = 2 };
	struct lac_context *context = NULL;
	struct bytes parts[3], again;
	struct memory_sink joined = { { NULL, 0 }, 0, 0 }, back = { { NULL, 0 }, 0, 0 };
	struct lac_stats stats = { .n_models = 0 };
	struct lac_error error = { 0 };

	CHECK(!compress(17, LAC_RECORDS_NONE, &parts[0], NULL) && !compress(0, LAC_RECORDS_LINES, &parts[1], NULL) &&
		!compress(30, LAC_RECORDS_NONE, &parts[2], NULL));
	for (size_t i = 0; i < 3; i++)
		memory_write(&joined, parts[i].at, parts[i].length);
	CHECK(!lac_context_open(&context, grouped, &options, &error));
	{
		struct memory_source source = { .at = joined.bytes.at, .left = joined.bytes.length };

		CHECK_NOTE(!lac_context_decompress(context, (struct lac_source){ memory_read, &source }, (struct lac_sink){ memory_write, &back },
			&stats, &error), "%s", error.text);
	}
	CHECK(back.bytes.length == 3 * sizeof text && stats.n_models == 1 && stats.models[0].window == 48);
	for (size_t i = 0; i < 3 && back.bytes.length == 3 * sizeof text; i++)
		CHECK(memcmp(back.bytes.at + i * sizeof text, text, sizeof text) == 0);
	{
		struct memory_source source = { .at = text, .left = sizeof text };
		struct memory_sink sink = { { NULL, 0 }, 0, 0 };

		CHECK(!lac_context_compress(context, (struct lac_source){ memory_read, &source }, (struct lac_sink){ memory_write, &sink }, NULL,
			&error));
		again = sink.bytes;
	}
	CHECK(same_bytes(again, parts[2].at, parts[2].length));
	lac_context_close(&context);
	for (size_t i = 0; i < 3; i++)
		free(parts[i].at);
	free(again.at);
	free(joined.bytes.at);
	free(back.bytes.at);
}

/* A sink that fails once, as a disk that was full for a moment. */
struct moody_sink {
	struct memory_sink sink;
	unsigned n_writes, fails_at;
};

static bool write_or_fail(void *payload, const void *bytes, size_t n)
{
	struct moody_sink *sink = payload;

	return ++sink->n_writes != sink->fails_at && memory_write(&sink->sink, bytes, n);
}

/* What is in flight is written where the window changes: after a failure there nothing else is. */
static void nothing_is_written_after_a_failure(void)
{
	static const uint32_t windows[] = { 48, 48, 48, 47 };
	struct memory_sink joined = { { NULL, 0 }, 0, 0 };

	for (size_t i = 0; i < 4; i++) {
		struct bytes part;

		CHECK(!compress(windows[i], LAC_RECORDS_NONE, &part, NULL));
		memory_write(&joined, part.at, part.length);
		free(part.at);
	}
	for (unsigned n = 1; n <= 4; n++) {
		struct moody_sink sink = { .fails_at = n };
		struct memory_source source = { .at = joined.bytes.at, .left = joined.bytes.length };
		struct lac_error error = { 0 };

		CHECK(lac_decompress(grouped, (struct lac_source){ memory_read, &source }, (struct lac_sink){ write_or_fail, &sink }, NULL, NULL,
			&error) == LAC_WRITE_FAILED);
		CHECK_NOTE(sink.n_writes == n && sink.sink.bytes.length == (n - 1) * sizeof text, "write %u failed, %u were asked for", n, sink.n_writes);
		free(sink.sink.bytes.at);
	}
	free(joined.bytes.at);
}

static void messages_have_the_contexts_window(void)
{
	struct lac_options options = { .window = 20 };
	struct lac_context *narrow = NULL, *own = NULL;
	uint8_t message[300], other[300], back[200];
	size_t n, n_other, n_back;

	CHECK(!lac_context_open(&narrow, grouped, &options, NULL) && !lac_context_open(&own, grouped, NULL, NULL));
	CHECK(!lac_message_compress(narrow, text, 200, message, sizeof message, &n, NULL));
	CHECK(!lac_message_compress(own, text, 200, other, sizeof other, &n_other, NULL));
	CHECK(n != n_other || memcmp(message, other, n) != 0);
	CHECK(!lac_message_decompress(narrow, message, n, back, sizeof back, &n_back, NULL) && n_back == 200 && memcmp(back, text, 200) == 0);
	lac_context_close(&narrow);
	lac_context_close(&own);
}

static void windows_the_model_was_not_made_for_are_refused(void)
{
	static const uint32_t windows[] = { 1, 49, LAC_CONTEXT_MAX + 1 };

	for (size_t i = 0; i < 3; i++) {
		struct bytes archive;
		struct lac_error error = { 0 };

		CHECK_NOTE(compress(windows[i], LAC_RECORDS_NONE, &archive, &error) == LAC_BAD_ARGUMENT && strstr(error.text, "2 to 48"), "%s",
			error.text);
		free(archive.at);
	}
}

/* A model that was made for many tokens: its file is changed, for nothing else depends on that
 * number. */
static struct lac_model *open_far(void)
{
	static const char key[] = "llama.context_length";
	struct bytes file = read_file("tests/golden/models/grouped.gguf");
	const uint32_t far = 1 << 20;
	struct lac_model *model = NULL;

	for (size_t i = 0; i + sizeof key + 8 < file.length; i++)
		if (memcmp(file.at + i, key, sizeof key - 1) == 0)
			for (unsigned k = 0; k < 4; k++)
				file.at[i + sizeof key - 1 + 4 + k] = (uint8_t)(far >> 8 * k);
	CHECK(!lac_model_open_memory(&model, file.at, file.length, NULL, NULL));
	free(file.at);
	return model;
}

/* A context says so every time, and is good for other windows. */
static void try_twice(const struct lac_model *far, const struct lac_options *poor, struct bytes archive)
{
	struct lac_context *context = NULL;
	struct bytes small = { NULL, 0 };

	CHECK(!transfer(lac_compress, far, text, sizeof text, 0, NULL, &small, NULL, NULL));
	CHECK(!lac_context_open(&context, far, poor, NULL));
	for (unsigned i = 0; i < 4; i++) {
		const struct bytes one = i == 2 ? small : archive;
		struct memory_source source = { .at = one.at, .left = one.length };
		enum lac_status s = lac_context_decompress(context, (struct lac_source){ memory_read, &source }, (struct lac_sink){ NULL, NULL }, NULL, NULL);

		CHECK_NOTE(s == (i == 2 ? LAC_OK : LAC_NO_MEMORY), "call %u: %d", i, (int)s);
	}
	lac_context_close(&context);
	free(small.at);
}

static void a_large_window_needs_the_memory_for_it(void)
{
	struct lac_model *far = open_far();
	struct lac_options wide = { .window = 100000, .n_threads = 1 }, poor = { .memory_bytes = 1 << 20, .n_threads = 1 };
	struct lac_options both = { .window = 100000, .memory_bytes = 1 << 20 };
	struct bytes archive = { NULL, 0 }, back = { NULL, 0 }, none = { NULL, 0 };
	struct lac_error error = { 0 };

	draw(far, 2048);
	CHECK(transfer(lac_compress, far, text, sizeof text, 0, &both, &none, NULL, &error) == LAC_NO_MEMORY && strstr(error.text, "allowed"));
	free(none.at);
	CHECK(!transfer(lac_compress, far, text, sizeof text, 0, &wide, &archive, NULL, &error));
	CHECK(!transfer(lac_decompress, far, archive.at, archive.length, 0, NULL, &back, NULL, &error));
	CHECK(same_bytes(back, text, sizeof text));
	free(back.at);
	CHECK(transfer(lac_decompress, far, archive.at, archive.length, 0, &poor, &back, NULL, &error) == LAC_NO_MEMORY && !back.length);
	free(back.at);
	try_twice(far, &poor, archive);
	free(archive.at);
	lac_model_close(&far);
}

int main(void)
{
	struct lac_error error = { 0 };

	if (lac_model_open_file(&grouped, "tests/golden/models/grouped.gguf", NULL, &error)) {
		fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	draw(grouped, 48);
	LAW(texts_of_any_window_come_back);
	LAW(the_default_is_the_models_own);
	LAW(archives_of_different_windows_follow_each_other);
	LAW(nothing_is_written_after_a_failure);
	LAW(messages_have_the_contexts_window);
	LAW(windows_the_model_was_not_made_for_are_refused);
	LAW(a_large_window_needs_the_memory_for_it);
	lac_model_close(&grouped);
	return test_report();
}
