/* Laws of archives that carry their models (format.md section 4.5): test_carried [DIRECTORY]. From
 * the project's folder. */
#include "carried.h"

#include "format/index.h"

/* ---- Laws: there and back ----------------------------------------------------------- */

static void an_archive_is_restored_by_who_has_no_model(void)
{
	const struct lac_options options = opening();

	for (size_t i = 0; i < N_SAMPLES; i++) {
		struct bytes text = text_of(&samples[i]), archive = compress(&samples[i], text, NULL), found;
		const struct lac_model *const at_hand[] = { NULL, bases[GROUPED], bases[ESCAPES] };
		struct lac_error error;

		for (unsigned j = 0; j < 3; j++)
			expect_text(archive, at_hand[j], &options, text, samples[i].text);
		CHECK(!restore(NULL, archive, 997, &options, &found, NULL, &error) && same_bytes(found, text.at, text.length));
		free(found.at);
		free(archive.at);
		free(text.at);
	}
}

static void nothing_is_opened_unless_asked_for(void)
{
	const struct lac_options options = LAC_OPTIONS_DEFAULT;

	for (size_t i = 0; i + 1 < N_SAMPLES; i++) {
		struct bytes text = text_of(&samples[i]), archive = compress(&samples[i], text, NULL);

		expect_failure(archive, NULL, &options, LAC_OTHER_MODEL, "made with", samples[i].text);
		if (samples[i].is_adapted)
			expect_failure(archive, bases[GROUPED], &options, LAC_OTHER_ADAPTER, "made with adapter", samples[i].text);
		else
			expect_text(archive, bases[samples[i].base], &options, text, samples[i].text);
		free(archive.at);
		free(text.at);
	}
}

static void models_at_hand_are_not_opened_again(void)
{
	struct lac_options options = opening();

	options.memory_bytes = 1; /* nothing could be */
	options.adapted = (const struct lac_model *const *)adapted;
	options.n_adapted = 2;
	for (size_t i = 0; i < N_SAMPLES; i++) {
		struct bytes text = text_of(&samples[i]), archive = compress(&samples[i], text, NULL);

		if (samples[i].base == GROUPED)
			expect_text(archive, bases[GROUPED], &options, text, samples[i].text);
		free(archive.at);
		free(text.at);
	}
}

static void what_is_carried_is_counted(void)
{
	const struct lac_options options = opening();

	for (size_t i = 0; i < N_SAMPLES; i++) {
		struct lac_stats written, listed, read;
		struct bytes text = text_of(&samples[i]), archive = compress(&samples[i], text, &written), found;
		struct memory_source source = { .at = archive.at, .left = archive.length };
		struct lac_error error;

		CHECK(!lac_list((struct lac_source){ memory_read, &source }, &listed, NULL));
		CHECK(!restore(NULL, archive, 0, &options, &found, &read, &error));
		CHECK(written.n_carried == (samples[i].is_adapted ? 3 : 1) && written.carried_bytes == carried_bytes(&samples[i]));
		CHECK(listed.n_carried == written.n_carried && listed.carried_bytes == written.carried_bytes);
		CHECK(read.n_carried == written.n_carried && read.carried_bytes == written.carried_bytes);
		CHECK(written.bytes_out == archive.length && listed.bytes_in == archive.length);
		CHECK(listed.n_indexed == samples[i].is_indexed && listed.n_records == written.n_records);
		free(found.at);
		free(archive.at);
		free(text.at);
	}
}

/* But for the files, and the frame of a published model. */
static void the_rest_of_the_archive_is_as_without(void)
{
	for (size_t i = 0; i + 1 < N_SAMPLES; i++) {
		struct bytes text = text_of(&samples[i]), with = compress(&samples[i], text, NULL), without;
		struct lac_options options = compressing(&samples[i], NULL);
		uint64_t n = 0;

		CHECK(!transfer(lac_compress, bases[samples[i].base], text.at, text.length, 0, &options, &without, NULL, NULL));
		n = with.length - without.length - carried_bytes(&samples[i]);
		CHECK_NOTE(n < 150, "%s: %zu bytes, %zu without", samples[i].text, with.length, without.length);
		free(with.at);
		free(without.at);
		free(text.at);
	}
}

static void an_empty_text_carries_nothing(void)
{
	const struct bytes nothing = { NULL, 0 };
	struct lac_stats stats;
	struct bytes archive = compress(&samples[0], nothing, &stats);

	CHECK(archive.length == LAC_HEADER_BYTES + 6 && stats.n_carried == 0 && stats.carried_bytes == 0);
	free(archive.at);
}

static void a_published_model_is_declared(void)
{
	const struct lac_options options = opening();
	struct lac_file carried = { NULL, 0 };
	struct lac_options with = compressing(&samples[0], &carried);
	struct lac_model *model = NULL;
	struct bytes text = read_file(ARCHIVES "published.txt"), archive;
	struct lac_stats stats;

	carried.bytes = lac_default_model_gguf(&carried.n_bytes);
	if (lac_model_open_default(&model, NULL, NULL))
		exit(1);
	CHECK(!transfer(lac_compress, model, text.at, text.length, 0, &with, &archive, &stats, NULL));
	CHECK(stats.n_carried == 1 && stats.n_models == 1 && archive.at[LAC_HEADER_BYTES] == LAC_FRAME_MODEL);
	lac_model_close(&model);
	expect_text(archive, NULL, &options, text, "published");
	free(archive.at);
	free(text.at);
}

/* ---- Laws: single records ------------------------------------------------------------ */

static void read_each(struct lac_context *context, struct bytes archive, struct bytes text, uint8_t separator, const char *note)
{
	struct random_memory memory = { .at = archive.at, .length = archive.length };
	const struct pieces wanted = cut_records(text, separator);
	struct memory_sink sink = { .capacity = 0 };
	struct lac_archive *opened = NULL;
	struct lac_error error = { .status = LAC_OK };

	CHECK_NOTE(!lac_archive_open(&opened, context, random_source(&memory), &error), "%s: %s", note, error.text);
	if (!opened)
		exit(1);
	CHECK(lac_archive_n_records(opened) == wanted.n);
	for (size_t i = wanted.n; i-- > 0;) {
		sink.bytes.length = 0;
		CHECK_NOTE(!lac_archive_read(opened, i, 1, (struct lac_sink){ memory_write, &sink }, NULL, &error) &&
			same_bytes(sink.bytes, text.at + wanted.begins[i], wanted.begins[i + 1] - wanted.begins[i]), "%s, record %zu: %s", note, i,
			error.text);
	}
	sink.bytes.length = 0;
	CHECK_NOTE(!lac_archive_read(opened, 0, wanted.n, (struct lac_sink){ memory_write, &sink }, NULL, &error) &&
		same_bytes(sink.bytes, text.at, text.length), "%s, all: %s", note, error.text);
	lac_archive_close(&opened);
	free(sink.bytes.at);
	free(wanted.begins);
}

static void single_records_need_no_model_either(void)
{
	const struct lac_options options = opening();
	const struct lac_model *const at_hand[] = { NULL, bases[GROUPED], bases[ESCAPES] };

	for (size_t i = 0; i < N_SAMPLES; i++) {
		struct bytes text = text_of(&samples[i]), archive = compress(&samples[i], text, NULL);

		for (unsigned j = 0; j < 3 && samples[i].is_indexed; j++) {
			struct lac_context *context;

			if (lac_context_open(&context, at_hand[j], &options, NULL))
				exit(1);
			read_each(context, archive, text, samples[i].records == LAC_RECORDS_NUL ? 0 : '\n', samples[i].text);
			lac_context_close(&context);
		}
		free(archive.at);
		free(text.at);
	}
}

/* A record without a model's help, in blocks before whose first one files lie: none of these is
 * taken for a block. */
static void a_record_begins_behind_the_files(void)
{
	struct sample sample = samples[4];
	const struct lac_options options = opening();
	struct bytes text = read_file(MODELS "grouped.gguf"), archive;
	struct lac_context *context;

	text.length = 9000;
	for (size_t i = 0; i < text.length; i++)
		text.at[i] = (uint8_t)(text.at[i] == '\n' ? '.' : text.at[i]);
	text.at[8000] = '\n';
	archive = compress(&sample, text, NULL);
	if (lac_context_open(&context, NULL, &options, NULL))
		exit(1);
	read_each(context, archive, text, '\n', "noise");
	lac_context_close(&context);
	free(archive.at);
	free(text.at);
}

static const struct sample concatenated[] = {
	{ "indexed-adapted", LAC_RECORDS_LINES, true, true, GROUPED }, { "empty", LAC_RECORDS_LINES, true, false, GROUPED },
	{ "indexed-raw", LAC_RECORDS_LINES, true, false, ESCAPES }, { "indexed-lines", LAC_RECORDS_LINES, true, false, GROUPED },
	{ "empty", LAC_RECORDS_LINES, true, false, ESCAPES }, { "indexed-raw", LAC_RECORDS_LINES, true, false, ESCAPES },
};

/* Several models one after the other, an archive of nothing between them. The context has a model
 * of its own too. */
static void concatenated_archives_bring_their_own(void)
{
	struct lac_options options = opening();
	struct bytes archive = { NULL, 0 }, text = { NULL, 0 };
	uint8_t message[256], again[256];
	struct lac_context *context;
	size_t n_message, n_again;

	for (size_t i = 0; i < sizeof concatenated / sizeof *concatenated; i++) {
		struct bytes one = text_of(&concatenated[i]), packed = compress(&concatenated[i], one, NULL);

		if (one.length && one.at[one.length - 1] != '\n') {
			one.at[one.length++] = '\n'; /* read_file() leaves room for it */
			free(packed.at);
			packed = compress(&concatenated[i], one, NULL);
		}
		append(&archive, packed);
		append(&text, one);
		free(packed.at);
		free(one.at);
	}
	expect_text(archive, NULL, &options, text, "one after the other");
	if (lac_context_open(&context, bases[ESCAPES], &options, NULL))
		exit(1);
	CHECK(!lac_message_compress(context, "some text", 9, message, sizeof message, &n_message, NULL));
	for (unsigned i = 0; i < 2; i++) {
		read_each(context, archive, text, '\n', "one after the other");
		CHECK(!lac_message_compress(context, "some text", 9, again, sizeof again, &n_again, NULL));
		CHECK(n_again == n_message && memcmp(again, message, n_again) == 0);
		read_each(context, archive, text, '\n', "again");
		CHECK(!lac_message_decompress(context, message, n_message, again, sizeof again, &n_again, NULL) && n_again == 9);
	}
	lac_context_close(&context);
	free(archive.at);
	free(text.at);
}

/* ---- Laws: pieces --------------------------------------------------------------------- */

/* The archive's frames once more, each followed by an index of level 1 and the last by their
 * root. */
static struct lac_buffer index_every_frame(struct bytes archive)
{
	struct memory_source source = { .at = archive.at, .left = archive.length };
	struct lac_frame frame = { .is_last = false };
	struct lac_frame_reader *reader;
	struct lac_buffer out = { 0 }, bytes = { 0 };
	struct lac_index index = { .is_open = false };
	struct lac_header header;
	uint64_t ordinal = 0;
	bool at_end;

	if (lac_frame_reader_create(&reader, (struct lac_source){ memory_read, &source }, NULL) ||
	    lac_frame_reader_header(reader, &header, &at_end, NULL))
		exit(1);
	lac_header_write(&out, &header);
	while (!frame.is_last) {
		if (lac_frame_reader_next(reader, &bytes, &frame, NULL))
			exit(1);
		for (unsigned i = 0; i < 2 && frame.type != LAC_FRAME_INDEX; i++) {
			const struct lac_frame described = i ? lac_index_frame(&index, 1) : frame;
			const size_t before = out.length;

			lac_frame_write(&out, &described, ordinal++);
			if (!lac_index_add(&index, &described, out.length - before, header.records))
				abort();
		}
	}
	frame = lac_index_frame(&index, 2);
	frame.is_last = true;
	lac_frame_write(&out, &frame, ordinal);
	if (out.failed)
		abort();
	lac_frame_reader_free(&reader);
	lac_buffer_free(&bytes);
	lac_index_free(&index);
	return out;
}

static void a_long_file_is_cut_into_pieces(void)
{
	struct bytes padded = pad_file(files[GROUPED]), text = text_of(&samples[4]), archive;
	const struct lac_file carried = { padded.at, padded.length };
	struct lac_options with = compressing(&samples[4], &carried), options = opening();
	struct lac_context *context;
	struct lac_buffer indexed;
	struct lac_model *model;
	struct lac_stats stats;

	if (lac_model_open_memory(&model, padded.at, padded.length, NULL, NULL) || lac_context_open(&context, NULL, &options, NULL))
		exit(1);
	CHECK(!transfer(lac_compress, model, text.at, text.length, 0, &with, &archive, &stats, NULL));
	CHECK(stats.n_carried == 1 && stats.carried_bytes == PADDED_BYTES);
	lac_model_close(&model);
	expect_text(archive, NULL, &options, text, "three pieces");
	expect_text(archive, bases[GROUPED], &options, text, "three pieces that are not needed");
	read_each(context, archive, text, '\n', "three pieces");
	lac_context_close(&context);
	/* indexes between pieces */
	indexed = index_every_frame(archive);
	free(archive.at);
	archive = (struct bytes){ indexed.bytes, indexed.length };
	expect_text(archive, NULL, &options, text, "an index behind every piece");
	if (lac_context_open(&context, NULL, &options, NULL))
		exit(1);
	read_each(context, archive, text, '\n', "an index behind every piece");
	lac_context_close(&context);
	lac_buffer_free(&indexed);
	free(padded.at);
	free(text.at);
}

static void a_file_is_given_back(void)
{
	struct bytes text = text_of(&samples[6]), archive = compress(&samples[6], text, NULL), more = compress(&samples[1], text, NULL);
	const struct bytes wanted[] = { files[GROUPED], adapters[0], adapters[1], files[ESCAPES] };

	append(&archive, more);
	for (uint64_t i = 0; i < 5; i++) {
		struct memory_source source = { .at = archive.at, .left = archive.length };
		struct memory_sink sink = { .capacity = 0 };
		struct lac_error error = { .status = LAC_OK };
		struct lac_carried_info info;
		const enum lac_status s = lac_carried_file((struct lac_source){ memory_read, &source }, i, (struct lac_sink){ memory_write, &sink },
			&info, &error);

		CHECK_NOTE(s == (i < 4 ? LAC_OK : LAC_BAD_ARGUMENT) && error.status == s, "%d: %s", (int)s, error.text);
		if (i < 4)
			CHECK(same_bytes(sink.bytes, wanted[i].at, wanted[i].length) && info.is_adapter == (i == 1 || i == 2));
		if (i == 1)
			CHECK(memcmp(info.identity, lac_model_info(adapted[0])->adapter_identity, 16) == 0 &&
				strcmp(info.name, lac_model_info(adapted[0])->name) == 0);
		free(sink.bytes.at);
	}
	free(more.at);
	free(archive.at);
	free(text.at);
}

/* ---- Laws: refusals ------------------------------------------------------------------ */

static void expect_refused(const struct lac_file *carried, const char *note)
{
	const struct lac_options options = compressing(&samples[2], carried);
	struct lac_error error = { .status = LAC_OK };
	struct bytes archive;

	CHECK_NOTE(transfer(lac_compress, bases[GROUPED], "text", 4, 0, &options, &archive, NULL, &error) == LAC_BAD_ARGUMENT &&
		strstr(error.text, "to be carried"), "%s: %s", note, error.text);
	CHECK_NOTE(archive.length == 0, "%s", note);
	free(archive.at);
}

static void only_the_very_files_are_carried(void)
{
	struct lac_file carried[3];
	struct bytes changed = read_file(MODELS "grouped.gguf");

	list_files(carried, &samples[2]);
	carried[0].bytes = changed.at;
	changed.at[changed.length - 1] ^= 1;
	expect_refused(carried, "a byte");
	list_files(carried, &samples[2]);
	carried[0].n_bytes--;
	expect_refused(carried, "a byte less");
	list_files(carried, &samples[2]);
	carried[2] = carried[1];
	expect_refused(carried, "the other adapter");
	list_files(carried, &samples[2]);
	carried[1] = (struct lac_file){ NULL, 0 };
	expect_refused(carried, "none");
	free(changed.at);
}

static void another_file_is_told(void)
{
	const struct lac_options options = opening(), closed = LAC_OPTIONS_DEFAULT;
	const uint8_t *identity = lac_model_info(bases[GROUPED])->identity;
	struct bytes cut = { files[GROUPED].at, files[GROUPED].length - 1000 }, unsupported = read_file("tests/golden/hostile/unsupported-key.gguf");
	const struct bytes others[] = { files[ESCAPES], cut, unsupported, adapters[0] };
	static const enum lac_status wanted[] = { LAC_CORRUPT, LAC_CORRUPT, LAC_UNSUPPORTED, LAC_UNSUPPORTED };
	const struct bytes text = { (uint8_t *)(uintptr_t)"text", 4 };

	for (unsigned i = 0; i < 4; i++) {
		struct bytes archive = forge(identity, others[i]);

		expect_failure(archive, NULL, &options, wanted[i], "carries", "another file");
		expect_text(archive, NULL, &closed, text, "a file that is not opened");
		expect_text(archive, bases[GROUPED], &options, text, "a file that is not needed");
		free(archive.at);
	}
	free(unsupported.at);
}

/* A declared model, pieces of zeros of these lengths with what is said to be left, and a block. A
 * length of 0 ends them. */
static struct bytes make_pieces(const size_t *lengths, const uint64_t *left, bool has_block)
{
	static uint8_t zeros[LAC_FILE_PIECE_BYTES + 1];
	struct lac_frame frame = { .type = LAC_FRAME_MODEL, .model = { .arithmetic_version = 1, .window = 16 } };
	struct lac_buffer out = { 0 };
	uint64_t ordinal = 0;

	lac_header_write(&out, &(struct lac_header){ LAC_RECORDS_NONE });
	lac_frame_write(&out, &frame, ordinal++);
	for (size_t i = 0; lengths[i]; i++) {
		frame = (struct lac_frame){ .type = LAC_FRAME_FILE, .n_left = left[i], .n_streams = 1, .streams = { zeros }, .stream_bytes = { lengths[i] } };
		lac_frame_write(&out, &frame, ordinal++);
	}
	frame = (struct lac_frame){ .type = LAC_FRAME_STORED, .is_last = true, .n_text_bytes = 4, .n_streams = 1, .streams = { (const uint8_t *)"text" },
		.stream_bytes = { 4 } };
	if (has_block)
		lac_frame_write(&out, &frame, ordinal);
	return copy_of(&out);
}

/* All pieces but the last are of one length and agree on what is left; nothing is between them. */
static void a_file_has_one_form(void)
{
	enum { WHOLE = LAC_FILE_PIECE_BYTES };
	static const struct {
		size_t lengths[4];
		uint64_t left[4];
		enum lac_status status;
		const char *said;
	} cases[] = {
		{ { 5 }, { 0 }, LAC_OK, "" },
		{ { WHOLE }, { 0 }, LAC_OK, "" },
		{ { WHOLE, 5 }, { 5, 0 }, LAC_OK, "" },
		{ { WHOLE, WHOLE, 1 }, { WHOLE + 1, 1, 0 }, LAC_OK, "" },
		{ { WHOLE + 1 }, { 0 }, LAC_CORRUPT, "impossible length" },
		{ { WHOLE - 1, 5 }, { 5, 0 }, LAC_CORRUPT, "impossible length" },
		{ { WHOLE, 5 }, { 6, 0 }, LAC_CORRUPT, "otherwise than the one before" },
		{ { WHOLE, 5 }, { 4, 0 }, LAC_CORRUPT, "otherwise than the one before" },
		{ { WHOLE, WHOLE }, { 5, 5 }, LAC_CORRUPT, "otherwise than the one before" },
		{ { WHOLE }, { INT64_MAX }, LAC_CORRUPT, "cut short" },
		{ { WHOLE, WHOLE }, { INT64_MAX, INT64_MAX - WHOLE }, LAC_CORRUPT, "cut short" },
		{ { 5, 5 }, { 0, 0 }, LAC_CORRUPT, "right after its model" },
	};
	const struct lac_options closed = LAC_OPTIONS_DEFAULT;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct bytes text = { (uint8_t *)(uintptr_t)"text", 4 };
		struct bytes archive = make_pieces(cases[i].lengths, cases[i].left, true);
		char note[32];

		snprintf(note, sizeof note, "pieces %zu", i);
		if (cases[i].status)
			expect_failure(archive, NULL, &closed, cases[i].status, cases[i].said, note);
		else
			expect_text(archive, NULL, &closed, text, note);
		free(archive.at);
		archive = make_pieces(cases[i].lengths, cases[i].left, false);
		if (!cases[i].status)
			expect_failure(archive, NULL, &closed, LAC_TRUNCATED, "cut off", note);
		free(archive.at);
	}
}

/* ---- Laws: contexts and callers ------------------------------------------------------- */

static struct bytes compress_in(struct lac_context *context, struct bytes text)
{
	struct memory_source source = { .at = text.at, .left = text.length };
	struct memory_sink sink = { { NULL, 0 }, 0, 0 };

	CHECK(!lac_context_compress(context, (struct lac_source){ memory_read, &source }, (struct lac_sink){ memory_write, &sink }, NULL, NULL));
	return sink.bytes;
}

/* Adapters of the given model that an archive brought are for what it holds, and not for what is
 * made after it. */
static void what_is_made_knows_nothing_of_what_was_read(void)
{
	struct bytes text = text_of(&samples[2]), brought = compress(&samples[2], text, NULL);
	struct bytes other_text = text_of(&samples[1]), other = compress(&samples[1], other_text, NULL);
	struct lac_file file = { files[GROUPED].at, files[GROUPED].length };

	for (unsigned carries = 0; carries < 2; carries++) {
		struct lac_options options = opening();
		struct lac_context *context = NULL;
		struct bytes before, after;
		uint8_t message[2][4096];
		size_t n[2];

		options.carried = carries ? &file : NULL;
		if (lac_context_open(&context, bases[GROUPED], &options, NULL))
			exit(1);
		before = compress_in(context, text);
		CHECK(!lac_message_compress(context, text.at, 300, message[0], sizeof message[0], &n[0], NULL));
		for (unsigned i = 0; i < 2; i++) {
			struct memory_source source = { .at = brought.at, .left = brought.length };

			CHECK(!lac_context_decompress(context, (struct lac_source){ memory_read, &source }, (struct lac_sink){ NULL, NULL }, NULL, NULL));
			CHECK(context->shelf.n == 2);
			after = compress_in(context, text);
			CHECK_NOTE(same_bytes(after, before.at, before.length), "%zu bytes, not %zu", after.length, before.length);
			free(after.at);
			CHECK(!lac_message_compress(context, text.at, 300, message[1], sizeof message[1], &n[1], NULL));
			CHECK(n[0] == n[1] && memcmp(message[0], message[1], n[0]) == 0);
			/* of another base */
			source = (struct memory_source){ .at = other.at, .left = other.length };
			CHECK(!lac_context_decompress(context, (struct lac_source){ memory_read, &source }, (struct lac_sink){ NULL, NULL }, NULL, NULL));
			CHECK(!lac_message_decompress(context, message[0], n[0], message[1], sizeof message[1], &n[1], NULL));
			CHECK(n[1] == 300 && memcmp(message[1], text.at, 300) == 0);
		}
		free(before.at);
		lac_context_close(&context);
	}
	free(other_text.at);
	free(other.at);
	free(brought.at);
	free(text.at);
}

static bool stop_at(void *payload, uint64_t bytes_in, uint64_t bytes_out)
{
	unsigned *n_left = payload;

	(void)bytes_in, (void)bytes_out;
	return *n_left && --*n_left;
}

static void a_file_can_be_cancelled(void)
{
	struct bytes text = text_of(&samples[2]), archive = compress(&samples[2], text, NULL), out;
	struct lac_file carried[3];

	list_files(carried, &samples[2]);
	/* the header and three files, before a block is written */
	for (unsigned n = 1; n < 5; n++) {
		struct lac_options with = compressing(&samples[2], carried), options = opening();
		unsigned n_left = n;

		with.progress = options.progress = stop_at;
		with.progress_payload = options.progress_payload = &n_left;
		CHECK(transfer(lac_compress, bases[GROUPED], text.at, text.length, 0, &with, &out, NULL, NULL) == LAC_CANCELLED);
		free(out.at);
		n_left = n < 4 ? n : 1;
		CHECK(transfer(lac_decompress, NULL, archive.at, archive.length, 0, &options, &out, NULL, NULL) == LAC_CANCELLED && out.length == 0);
		free(out.at);
	}
	free(archive.at);
	free(text.at);
}

struct changing_source {
	struct memory_source source;
	uint8_t *at, value; /* what is there from the first read on */
};

static bool read_and_change(void *payload, void *buffer, size_t capacity, size_t *n_read)
{
	struct changing_source *changing = payload;

	*changing->at = changing->value;
	return memory_read(&changing->source, buffer, capacity, n_read);
}

/* A file that is mapped can be written to by others after it was compared with the model. */
static void a_file_that_changes_is_not_carried(void)
{
	struct bytes text = text_of(&samples[2]);
	struct lac_file carried[3];
	struct lac_options with;

	list_files(carried, &samples[2]);
	with = compressing(&samples[2], carried);
	for (unsigned i = 0; i < 3; i++) {
		struct memory_sink sink = { .capacity = 0 };
		struct lac_error error = { .status = LAC_OK };
		uint8_t *at = (uint8_t *)(uintptr_t)carried[i].bytes + carried[i].n_bytes - 1;
		const uint8_t before = *at;
		struct changing_source source = { { .at = text.at, .left = text.length }, at, (uint8_t)~before };

		CHECK(lac_compress(bases[GROUPED], (struct lac_source){ read_and_change, &source }, (struct lac_sink){ memory_write, &sink }, &with, NULL,
			&error) == LAC_READ_FAILED && strstr(error.text, "was changed while it was carried"));
		*at = before;
		free(sink.bytes.at);
	}
	free(text.at);
}

int main(void)
{
	open_models();
	LAW(an_archive_is_restored_by_who_has_no_model);
	LAW(nothing_is_opened_unless_asked_for);
	LAW(models_at_hand_are_not_opened_again);
	LAW(what_is_carried_is_counted);
	LAW(the_rest_of_the_archive_is_as_without);
	LAW(an_empty_text_carries_nothing);
	LAW(a_published_model_is_declared);
	LAW(single_records_need_no_model_either);
	LAW(a_record_begins_behind_the_files);
	LAW(concatenated_archives_bring_their_own);
	LAW(a_long_file_is_cut_into_pieces);
	LAW(a_file_is_given_back);
	LAW(only_the_very_files_are_carried);
	LAW(another_file_is_told);
	LAW(a_file_has_one_form);
	LAW(what_is_made_knows_nothing_of_what_was_read);
	LAW(a_file_can_be_cancelled);
	LAW(a_file_that_changes_is_not_carried);
	close_models();
	return test_report();
}
