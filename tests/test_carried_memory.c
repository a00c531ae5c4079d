/* Laws of what archives that carry their models can take (format.md section 4.5):
 * test_carried_memory [DIRECTORY]. From the project's folder. */
#include "carried.h"

/* What the library holds, and held at most. */
static uint64_t n_held, n_peak;

static void *allocate(void *payload, size_t n_bytes)
{
	size_t *memory = malloc(n_bytes + 16);

	(void)payload;
	if (!memory)
		return NULL;
	*memory = n_bytes;
	n_held += n_bytes;
	n_peak = n_held > n_peak ? n_held : n_peak;
	return memory + 2;
}

static void release(void *payload, void *memory)
{
	(void)payload;
	n_held -= ((size_t *)memory)[-2];
	free((size_t *)memory - 2);
}

static void what_is_carried_takes_no_more_than_allowed(void)
{
	struct bytes padded = pad_file(files[GROUPED]), archive, found, text = { (uint8_t *)(uintptr_t)"text", 4 };
	struct lac_options options = opening();
	struct lac_error error;
	struct lac_buffer out = { 0 };
	struct lac_frame frame = { .type = LAC_FRAME_MODEL, .model = { .arithmetic_version = 1, .window = 16, .name = "long" } };
	const struct lac_allocator counting = { allocate, release, NULL };

	options.n_threads = 1;
	memcpy(frame.model.identity, lac_model_info(bases[GROUPED])->identity, 16);
	lac_header_write(&out, &(struct lac_header){ LAC_RECORDS_NONE });
	lac_frame_write(&out, &frame, 0);
	for (size_t at = 0, ordinal = 1; at < padded.length; at += LAC_FILE_PIECE_BYTES, ordinal++) {
		const size_t n = padded.length - at < LAC_FILE_PIECE_BYTES ? padded.length - at : LAC_FILE_PIECE_BYTES;

		frame = (struct lac_frame){ .type = LAC_FRAME_FILE, .n_left = padded.length - at - n, .n_streams = 1, .streams = { padded.at + at },
			.stream_bytes = { n } };
		lac_frame_write(&out, &frame, ordinal);
	}
	frame = (struct lac_frame){ .type = LAC_FRAME_STORED, .is_last = true, .n_text_bytes = 4, .n_streams = 1, .streams = { text.at }, .stream_bytes = { 4 } };
	lac_frame_write(&out, &frame, 4);
	archive = copy_of(&out);
	close_models(); /* another allocator is set while none is open */
	if (lac_set_allocator(&counting, NULL))
		exit(1);
	n_peak = 0;
	options.memory_bytes = 2 * PADDED_BYTES - 1;
	CHECK(restore(NULL, archive, 0, &options, &found, NULL, &error) == LAC_NO_MEMORY && strstr(error.text, "allowed"));
	/* the frame's buffer as it grew */
	CHECK_NOTE(n_peak < 3 * LAC_FILE_PIECE_BYTES + (1u << 20), "%llu bytes", (unsigned long long)n_peak);
	free(found.at);
	/* twice its file is more than the model that comes of it */
	n_peak = 0;
	options.memory_bytes = 2 * PADDED_BYTES;
	CHECK_NOTE(!restore(NULL, archive, 0, &options, &found, NULL, &error), "%s", error.text);
	CHECK_NOTE(n_peak < 2 * PADDED_BYTES + 3 * LAC_FILE_PIECE_BYTES + (LAC_MODEL_FILES << 20) + (64u << 20), "%llu bytes", (unsigned long long)n_peak);
	free(found.at);
	CHECK(n_held == 0);
	/* a claim alone takes nothing */
	archive.length = LAC_HEADER_BYTES + 64 + LAC_FILE_PIECE_BYTES / 2;
	n_peak = 0;
	CHECK(restore(NULL, archive, 0, &options, &found, NULL, &error) == LAC_TRUNCATED);
	CHECK_NOTE(n_peak < 2 * LAC_FILE_PIECE_BYTES, "%llu bytes", (unsigned long long)n_peak);
	free(found.at);
	if (lac_set_allocator(NULL, NULL))
		exit(1);
	open_models();
	free(archive.at);
	free(padded.at);
}

/* Small ones are no way to take much: of one archive as many are opened as an encoder can offer,
 * and each counts for what it takes. */
static void many_small_files_take_no_more(void)
{
	enum { MANY = LAC_ADAPTED_MAX + 6 };
	struct bytes adapter = read_file("tests/golden/hostile/good-adapter.gguf"), archive, found, model = read_file(MODELS "grouped.gguf");
	const struct bytes text = { (uint8_t *)(uintptr_t)"text", 4 };
	const struct lac_allocator counting = { allocate, release, NULL };
	struct lac_frame frame = { .type = LAC_FRAME_MODEL, .model = { .arithmetic_version = 1, .window = 48 } };
	struct lac_options options = opening();
	struct lac_buffer out = { 0 };
	struct lac_error error;

	memcpy(frame.model.identity, lac_model_info(bases[GROUPED])->identity, 16);
	memcpy(frame.model.name, lac_model_info(bases[GROUPED])->name, sizeof frame.model.name);
	options.n_threads = 1;
	options.memory_bytes = UINT64_C(64) << 20;
	lac_header_write(&out, &(struct lac_header){ LAC_RECORDS_NONE });
	lac_frame_write(&out, &frame, 0);
	frame = (struct lac_frame){ .type = LAC_FRAME_FILE, .n_streams = 1, .streams = { model.at }, .stream_bytes = { model.length } };
	lac_frame_write(&out, &frame, 1);
	for (unsigned i = 0; i < MANY; i++) {
		struct lac_model *made = NULL;

		adapter.at[adapter.length - 3] = (uint8_t)i; /* of a weight */
		if (lac_model_adapt_memory(&made, bases[GROUPED], adapter.at, adapter.length, NULL))
			exit(1);
		frame = (struct lac_frame){ .type = LAC_FRAME_ADAPTED };
		memcpy(frame.model.identity, lac_model_info(made)->adapter_identity, 16);
		lac_model_close(&made);
		lac_frame_write(&out, &frame, 2 + 2 * i);
		frame = (struct lac_frame){ .type = LAC_FRAME_FILE, .n_streams = 1, .streams = { adapter.at }, .stream_bytes = { adapter.length } };
		lac_frame_write(&out, &frame, 3 + 2 * i);
	}
	frame = (struct lac_frame){ .type = LAC_FRAME_STORED, .is_last = true, .n_text_bytes = 4, .n_streams = 1, .streams = { text.at }, .stream_bytes = { 4 } };
	lac_frame_write(&out, &frame, 2 + 2 * MANY);
	archive = copy_of(&out);
	close_models();
	if (lac_set_allocator(&counting, NULL))
		exit(1);
	n_peak = 0;
	CHECK_NOTE(!restore(NULL, archive, 0, &options, &found, NULL, &error) && same_bytes(found, text.at, 4), "%s", error.text);
	CHECK_NOTE(n_peak < options.memory_bytes && n_held == 0, "%llu bytes", (unsigned long long)n_peak);
	free(found.at);
	if (lac_set_allocator(NULL, NULL))
		exit(1);
	open_models();
	free(archive.at);
	free(adapter.at);
	free(model.at);
}

/* From what only twice the file could need upwards, a small model opens at some point and never
 * stops. */
static void more_memory_never_refuses(void)
{
	struct bytes text = text_of(&samples[6]), archive = compress(&samples[6], text, NULL);
	struct lac_options options = opening();
	bool was_opened = false;

	for (options.memory_bytes = 1; options.memory_bytes < UINT64_C(1) << 34; options.memory_bytes *= 2) {
		struct lac_error error;
		struct bytes found;
		const enum lac_status s = restore(NULL, archive, 0, &options, &found, NULL, &error);

		CHECK_NOTE(s ? s == LAC_NO_MEMORY && !was_opened && !found.length && strstr(error.text, "allowed") : same_bytes(found, text.at, text.length),
			"%llu: %d, %s", (unsigned long long)options.memory_bytes, (int)s, error.text);
		CHECK_NOTE(!s || options.memory_bytes < 64u << 20, "%llu: %s", (unsigned long long)options.memory_bytes, error.text);
		was_opened |= !s;
		free(found.at);
	}
	CHECK(was_opened);
	free(archive.at);
	free(text.at);
}

/* Also of one that no block uses. */
static void what_is_opened_leaves_less_for_streams(void)
{
	struct bytes archive = forge(lac_model_info(bases[ESCAPES])->identity, files[ESCAPES]), text = text_of(&samples[0]), more;
	const uint64_t stream = lac_session_bytes(bases[GROUPED], lac_model_window(bases[GROUPED]), 1, 64);
	struct lac_options options = opening(), with = compressing(&samples[0], NULL);
	struct lac_context *context;

	CHECK(!transfer(lac_compress, bases[GROUPED], text.at, text.length, 0, &with, &more, NULL, NULL));
	append(&archive, more); /* of the model at hand */
	options.memory_bytes = 1 << 20;
	if (lac_context_open(&context, bases[GROUPED], &options, NULL))
		exit(1);
	for (unsigned i = 0; i < 2; i++) {
		struct memory_source source = { .at = archive.at, .left = archive.length };
		const struct lac_plan *plan = &context->decoding.plan;
		uint64_t n_bytes;

		CHECK(!lac_context_decompress(context, (struct lac_source){ memory_read, &source }, (struct lac_sink){ NULL, NULL }, NULL, NULL));
		n_bytes = plan->n_threads * lac_session_bytes(bases[GROUPED], plan->window, plan->n_slots, plan->batch_rows);
		CHECK(context->decoding.models.at[0] == bases[GROUPED] && context->shelf.n == 1 && context->shelf.n_bytes > files[ESCAPES].length);
		CHECK_NOTE(context->shelf.n_bytes + n_bytes <= options.memory_bytes && n_bytes >= stream, "%llu and %llu bytes",
			(unsigned long long)context->shelf.n_bytes, (unsigned long long)n_bytes);
	}
	lac_context_close(&context);
	free(archive.at);
	free(more.at);
	free(text.at);
}

/* In one context, a model that stays open and the given one: a stream of either fits beside, or is
 * refused before it is taken. */
static void a_stream_fits_beside_or_is_refused(void)
{
	struct bytes brought = forge(lac_model_info(bases[ESCAPES])->identity, files[ESCAPES]), more;
	static const char text[] = "A language model predicts the next word of a text from the words that it has read before.";
	struct lac_options options = opening();
	bool was_refused = false, was_read = false;
	struct lac_model *large = NULL;
	uint64_t stream;

	if (lac_model_open_default(&large, NULL, NULL))
		exit(1);
	stream = lac_model_stream_bytes(large, 0);
	options.n_threads = 1;
	CHECK(!transfer(lac_compress, large, text, sizeof text - 1, 0, NULL, &more, NULL, NULL));
	for (options.memory_bytes = 1 << 18; options.memory_bytes < 2 * stream; options.memory_bytes += 1 << 16) {
		struct memory_source first = { .at = brought.at, .left = brought.length }, second = { .at = more.at, .left = more.length };
		struct lac_context *context = NULL;
		struct lac_error error = { .status = LAC_OK };
		enum lac_status s;

		if (lac_context_open(&context, large, &options, NULL))
			exit(1);
		if (!lac_context_decompress(context, (struct lac_source){ memory_read, &first }, (struct lac_sink){ NULL, NULL }, NULL, NULL)) {
			s = lac_context_decompress(context, (struct lac_source){ memory_read, &second }, (struct lac_sink){ NULL, NULL }, NULL, &error);
			CHECK_NOTE(s ? s == LAC_NO_MEMORY && strstr(error.text, "archive 1, block 1, ") && strstr(error.text, "allowed")
				: context->shelf.n_bytes + stream <= options.memory_bytes, "%d, %s", (int)s, error.text);
			was_refused |= s;
			was_read |= !s;
		}
		lac_context_close(&context);
	}
	CHECK(was_refused && was_read);
	lac_model_close(&large);
	free(brought.at);
	free(more.at);
}

int main(void)
{
	open_models();
	LAW(what_is_carried_takes_no_more_than_allowed);
	LAW(many_small_files_take_no_more);
	LAW(more_memory_never_refuses);
	LAW(what_is_opened_leaves_less_for_streams);
	LAW(a_stream_fits_beside_or_is_refused);
	close_models();
	return test_report();
}
