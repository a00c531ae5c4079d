/* Laws of archives of records with an index, of reading single records, and of contexts:
 * test_records [DIRECTORY] [--short]. The texts are drawn from the model, so that it codes them.
 * From the project's folder. */
#include "base/strict_float.h"
#include "test.h"
#include "random_io.h"
#include "sampled_text.h"
#include "built_adapter.h"

#include "format/check.h"
#include "format/frame.h"

#define MODELS "tests/golden/models/"

static struct lac_model *base, *adapted[2];
static bool is_short; /* for slow builds */

/* ---- Texts ---------------------------------------------------------------------------- */

enum lengths { SHORT_ONES, EMPTY_ONES, LONG_ONES, MIXED_LENGTHS, N_LENGTHS };
static const char *const lengths_names[] = { "short", "some empty", "long", "of all lengths" };

static size_t length_of(enum lengths lengths, uint64_t random)
{
	switch (lengths) {
	case SHORT_ONES: return 1 + random % 40;
	case EMPTY_ONES: return random % 3 ? random % 20 : 0;
	case LONG_ONES: return 300 + random % 900;
	default: return random % 16 ? random % 100 : 2000 + random % 1000;
	}
}

static void draw_into(struct memory_sink *sink, const struct lac_model *model, uint64_t seed, size_t n_bytes)
{
	struct sampler sampler = sampler_create(model, seed);

	sample_stream(&sampler, n_bytes);
	(void)memory_write(sink, sampler.text, sampler.n_bytes);
	sampler_free(&sampler);
}

static struct bytes draw(enum lengths lengths, size_t n, uint8_t separator, bool is_ended)
{
	struct memory_sink sink = { .capacity = 0 };
	uint64_t state = (uint64_t)lengths * 1000 + n;

	for (size_t i = 0; i < n; i++) {
		draw_into(&sink, base, i, length_of(lengths, test_random(&state)));
		if (i + 1 < n || is_ended)
			(void)memory_write(&sink, &separator, 1);
	}
	return sink.bytes;
}

/* ---- Archives -------------------------------------------------------------------------- */

static struct lac_options options_for(enum lac_records records)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;

	options.records = records;
	options.is_indexed = true;
	return options;
}

static struct bytes compress(const struct lac_options *options, struct bytes text)
{
	struct lac_error error = { 0 };
	struct bytes archive;

	CHECK_NOTE(!transfer(lac_compress, base, text.at, text.length, 0, options, &archive, NULL, &error), "%s", error.text);
	return archive;
}

static struct lac_context *open_context(const struct lac_options *options)
{
	struct lac_context *context = NULL;
	struct lac_error error = { 0 };

	if (lac_context_open(&context, base, options, &error)) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
	return context;
}

/* What an archive of one level consists of. */
struct anatomy {
	size_t largest_block, n_models_bytes, n_index, n_payload;
	uint64_t n_blocks, n_groups, n_models;
};

static struct anatomy dissect(struct bytes archive)
{
	struct memory_source source = { .at = archive.at, .left = archive.length };
	struct lac_frame_reader *reader = NULL;
	struct anatomy a = { .n_blocks = 0 };
	struct lac_buffer body = { 0 };
	struct lac_frame frame = { .is_last = false };
	struct lac_header header;
	bool at_end;

	if (lac_frame_reader_create(&reader, (struct lac_source){ memory_read, &source }, NULL) ||
	    lac_frame_reader_header(reader, &header, &at_end, NULL))
		abort();
	while (!frame.is_last) {
		if (lac_frame_reader_next(reader, &body, &frame, NULL))
			abort();
		if (lac_frame_is_block(frame.type) && body.length > a.largest_block)
			a.largest_block = body.length;
		a.n_blocks += lac_frame_is_block(frame.type);
		a.n_groups += frame.type == LAC_FRAME_GROUP;
		a.n_models += lac_frame_declares_model(frame.type);
		a.n_models_bytes += lac_frame_declares_model(frame.type) ? body.length : 0;
		a.n_index += frame.type == LAC_FRAME_INDEX ? body.length : 0;
		for (uint32_t i = 0; frame.type == LAC_FRAME_GROUP && i < frame.n_streams; i++)
			a.n_payload += frame.stream_bytes[i];
	}
	lac_frame_reader_free(&reader);
	lac_buffer_free(&body);
	return a;
}

static size_t count_tokens(const uint8_t *text, size_t n_bytes)
{
	struct lac_symbols symbols = { 0 };
	size_t n;

	if (lac_tokenize(base->tokenizer, text, n_bytes, &symbols, NULL))
		abort();
	n = symbols.length;
	lac_symbols_free(&symbols);
	return n;
}

/* ---- Coming back ------------------------------------------------------------------------ */

/* One record: its bytes, its tokens and no others unless blocks cut it, and little read. */
static void try_record(struct lac_context *context, const struct anatomy *a, struct bytes archive, struct bytes text, const struct pieces *pieces,
	size_t r, uint8_t separator, const char *what)
{
	struct random_memory memory = { .at = archive.at, .length = archive.length };
	const uint8_t *begin = text.at + pieces->begins[r];
	const size_t n = pieces->begins[r + 1] - pieces->begins[r];
	const size_t n_tokens = count_tokens(begin, n && begin[n - 1] == separator ? n - 1 : n);
	const bool is_cut = a->n_blocks > a->n_groups || n > 900; /* stored, or not in one block */
	struct lac_stats stats = { 0 };
	struct lac_error error = { 0 };
	struct bytes found;
	enum lac_status s = read_records(context, &memory, r, 1, &found, &stats, &error);

	CHECK_NOTE(!s && same_bytes(found, begin, n), "%s, record %zu of %zu: %s", what, r, pieces->n, error.text);
	CHECK_NOTE(is_cut || stats.n_tokens == n_tokens, "%s, record %zu: %llu tokens, not %zu", what, r, (unsigned long long)stats.n_tokens, n_tokens);
	CHECK_NOTE(stats.bytes_in == memory.n_read && (n > 900 ||
		memory.n_read <= LAC_HEADER_BYTES + a->n_index + a->n_models_bytes + 2 * a->largest_block), "%s, record %zu: %llu bytes", what, r,
		(unsigned long long)memory.n_read);
	free(found.at);
}

static void try_text(enum lengths lengths, size_t n, uint32_t block_bytes, enum lac_records records, bool is_ended)
{
	const uint8_t separator = records == LAC_RECORDS_NUL ? 0 : '\n';
	struct bytes text = draw(lengths, n, separator, is_ended), archive, back;
	struct lac_options options = options_for(records);
	struct lac_stats listed = { 0 };
	struct lac_error error = { 0 };
	struct memory_source source;
	struct lac_context *context;
	struct pieces pieces = cut_records(text, separator);
	struct anatomy a;
	char what[100];

	snprintf(what, sizeof what, "%zu records, %s, blocks of %u, separator %u", n, lengths_names[lengths], block_bytes, separator);
	options.block_bytes = block_bytes;
	archive = compress(&options, text);
	CHECK_NOTE(!transfer(lac_decompress, base, archive.at, archive.length, 0, NULL, &back, NULL, &error), "%s: %s", what, error.text);
	CHECK_NOTE(same_bytes(back, text.at, text.length), "%s", what);
	source = (struct memory_source){ .at = archive.at, .left = archive.length, .chunk = 11 };
	CHECK(!lac_list((struct lac_source){ memory_read, &source }, &listed, &error));
	CHECK_NOTE(listed.n_records == pieces.n && listed.n_indexed == 1 && listed.bytes_out == text.length, "%s: %llu records", what,
		(unsigned long long)listed.n_records);
	a = dissect(archive);
	context = open_context(NULL);
	for (size_t r = 0; r < pieces.n; r += is_short ? 1 + pieces.n / 5 : 1 + pieces.n / 60)
		try_record(context, &a, archive, text, &pieces, r, separator, what);
	if (pieces.n)
		try_record(context, &a, archive, text, &pieces, pieces.n - 1, separator, what);
	for (size_t r = 0; r < pieces.n; r += 1 + pieces.n / (is_short ? 2 : 9)) {
		struct random_memory memory = { .at = archive.at, .length = archive.length };
		const size_t n_here = (pieces.n - r + 1) / 2 + r % 2;
		struct bytes found;

		if (r + n_here > pieces.n)
			continue;
		CHECK_NOTE(!read_records(context, &memory, r, n_here, &found, NULL, &error) &&
			same_bytes(found, text.at + pieces.begins[r], pieces.begins[r + n_here] - pieces.begins[r]), "%s, %zu records from %zu: %s", what,
			n_here, r, error.text);
		free(found.at);
	}
	lac_context_close(&context);
	free(pieces.begins);
	free(text.at);
	free(archive.at);
	free(back.at);
}

static void records_come_back_whole_and_singly(void)
{
	static const size_t counts[] = { 1, 2, 63, 64, 65, 129 };

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		try_text(SHORT_ONES, counts[i], 0, LAC_RECORDS_LINES, i % 2);
		try_text(EMPTY_ONES, counts[i], 0, i % 2 ? LAC_RECORDS_LINES : LAC_RECORDS_NUL, i % 3);
	}
	try_text(MIXED_LENGTHS, 40, LAC_BLOCK_BYTES_MIN, LAC_RECORDS_LINES, true);
	try_text(MIXED_LENGTHS, 40, LAC_BLOCK_BYTES_MIN, LAC_RECORDS_NUL, false);
	try_text(LONG_ONES, 12, LAC_BLOCK_BYTES_MIN, LAC_RECORDS_LINES, false);
	try_text(LONG_ONES, 12, 0, LAC_RECORDS_NUL, true);
}

/* format.md section 5.9, of records that a tiny model codes to some 14 bytes; where they are longer
 * only their lengths cost more. */
static void a_record_costs_three_bytes_beside_its_payload(void)
{
	struct lac_options options = options_for(LAC_RECORDS_LINES);
	struct bytes text = draw(SHORT_ONES, 640, '\n', true), archive = compress(&options, text);
	const struct anatomy a = dissect(archive);
	const double beside = (double)(archive.length - LAC_HEADER_BYTES - a.n_models_bytes - a.n_payload) / 640;

	CHECK_NOTE(a.n_groups == 10 && a.n_blocks == 10 && beside < 3, "%.3f bytes a record, %llu groups", beside, (unsigned long long)a.n_groups);
	printf("        %.2f bytes a record beside payloads of %.1f\n", beside, (double)a.n_payload / 640);
	free(text.at);
	free(archive.at);
}

/* ---- Models ------------------------------------------------------------------------------- */

static struct bytes draw_of_three(void)
{
	struct memory_sink sink = { .capacity = 0 };

	for (size_t i = 0; i < 63; i++) {
		draw_into(&sink, i % 3 ? adapted[i % 3 - 1] : base, i, 120);
		(void)memory_write(&sink, "\n", 1);
	}
	return sink.bytes;
}

/* Only the models of what is read need be there. */
static void a_record_needs_its_own_model_only(void)
{
	struct lac_options options = options_for(LAC_RECORDS_LINES);
	struct bytes text = draw_of_three(), archive;
	struct pieces pieces = cut_records(text, '\n');
	struct lac_context *with, *without;
	struct lac_stats stats;

	options.adapted = (const struct lac_model *const *)adapted;
	options.n_adapted = 2;
	CHECK(!transfer(lac_compress, base, text.at, text.length, 0, &options, &archive, &stats, NULL));
	CHECK(stats.n_adapters == 2 && dissect(archive).n_models == 3);
	with = open_context(&options);
	options.n_adapted = 0;
	without = open_context(&options);
	for (size_t r = 0; r < pieces.n; r += is_short ? 7 : 1) {
		struct random_memory memory = { .at = archive.at, .length = archive.length };
		struct lac_error error = { 0 };
		struct bytes found;
		const uint8_t *wanted = text.at + pieces.begins[r];
		const size_t n = pieces.begins[r + 1] - pieces.begins[r];
		enum lac_status s;

		CHECK(!read_records(with, &memory, r, 1, &found, &stats, &error) && same_bytes(found, wanted, n));
		free(found.at);
		s = read_records(without, &memory, r, 1, &found, NULL, &error);
		CHECK_NOTE(stats.n_adapters ? s == LAC_OTHER_ADAPTER && !found.length : !s && same_bytes(found, wanted, n), "record %zu, %u adapters: %d",
			r, (unsigned)stats.n_adapters, (int)s);
		free(found.at);
	}
	lac_context_close(&with);
	lac_context_close(&without);
	free(pieces.begins);
	free(text.at);
	free(archive.at);
}

/* A group whose first record, not wanted, has a model that need not be read: the base of the wanted
 * one is published and has no frame. */
static void a_record_before_need_not_have_a_known_model(void)
{
	struct lac_options options = options_for(LAC_RECORDS_LINES);
	struct lac_model *published = NULL, *other;
	struct lac_context *context = NULL;
	struct memory_sink text = { .capacity = 0 };
	struct random_memory memory;
	struct bytes archive, found;
	struct pieces pieces;
	struct lac_error error = { 0 };

	CHECK(!lac_model_open_default(&published, NULL, &error));
	other = adapt_or_exit(published, "other", 8, 16.0f, 0x40, 1);
	draw_into(&text, other, 1, 300);
	(void)memory_write(&text, "\n", 1);
	draw_into(&text, published, 2, 100);
	(void)memory_write(&text, "\n", 1);
	options.adapted = (const struct lac_model *const *)&other;
	options.n_adapted = 1;
	CHECK(!transfer(lac_compress, published, text.bytes.at, text.bytes.length, 0, &options, &archive, NULL, &error));
	CHECK(dissect(archive).n_models == 1 && dissect(archive).n_groups == 1);
	pieces = cut_records(text.bytes, '\n');
	memory = (struct random_memory){ .at = archive.at, .length = archive.length };
	CHECK(!lac_context_open(&context, published, NULL, &error));
	CHECK_NOTE(!read_records(context, &memory, 1, 1, &found, NULL, &error) &&
		same_bytes(found, text.bytes.at + pieces.begins[1], pieces.begins[2] - pieces.begins[1]), "%s", error.text);
	free(found.at);
	CHECK(read_records(context, &memory, 0, 1, &found, NULL, &error) == LAC_OTHER_ADAPTER);
	free(found.at);
	lac_context_close(&context);
	free(pieces.begins);
	free(archive.at);
	free(text.bytes.at);
	lac_model_close(&other);
	lac_model_close(&published);
}

/* ---- Several archives ----------------------------------------------------------------------- */

static struct bytes concatenate(const struct bytes *archives, size_t n)
{
	struct memory_sink sink = { .capacity = 0 };

	for (size_t i = 0; i < n; i++)
		(void)memory_write(&sink, archives[i].at, archives[i].length);
	return sink.bytes;
}

static void records_are_counted_through_archives(void)
{
	struct lac_options lines = options_for(LAC_RECORDS_LINES), nul = options_for(LAC_RECORDS_NUL), plain = LAC_OPTIONS_DEFAULT;
	struct bytes texts[5] = { draw(SHORT_ONES, 70, '\n', false), { NULL, 0 }, draw(SHORT_ONES, 3, 0, true), { NULL, 0 }, draw(EMPTY_ONES, 9, '\n', true) };
	struct bytes archives[6], all, broken;
	struct lac_context *context = open_context(NULL);
	struct random_memory memory;
	struct bytes found;
	struct lac_error error = { 0 };
	size_t r = 0;

	for (size_t i = 0; i < 5; i++)
		archives[i] = compress(i == 2 ? &nul : &lines, texts[i]);
	all = concatenate(archives, 5);
	memory = (struct random_memory){ .at = all.at, .length = all.length };
	for (size_t i = 0; i < 5; i++) {
		struct pieces pieces = cut_records(texts[i], i == 2 ? 0 : '\n');

		for (size_t k = 0; k < pieces.n; k += is_short ? 9 : 1) {
			CHECK_NOTE(!read_records(context, &memory, r + k, 1, &found, NULL, &error) &&
				same_bytes(found, texts[i].at + pieces.begins[k], pieces.begins[k + 1] - pieces.begins[k]), "archive %zu, record %zu: %s", i, k,
				error.text);
			free(found.at);
		}
		r += pieces.n;
		free(pieces.begins);
	}
	CHECK(r == 82);
	CHECK(!read_records(context, &memory, 0, r, &found, NULL, &error)); /* all of it */
	CHECK(found.length == texts[0].length + texts[2].length + texts[4].length && memcmp(found.at, texts[0].at, texts[0].length) == 0);
	free(found.at);
	/* one of them has no index: at the beginning, or at the end */
	plain.records = LAC_RECORDS_LINES;
	archives[5] = compress(&plain, texts[0]);
	for (unsigned k = 0; k < 2; k++) {
		const struct bytes two[] = { archives[k ? 0 : 5], archives[k ? 5 : 0] };

		broken = concatenate(two, 2);
		memory = (struct random_memory){ .at = broken.at, .length = broken.length };
		CHECK_NOTE(read_records(context, &memory, 0, 1, &found, NULL, &error) == LAC_NO_INDEX && strstr(error.text, "records with an index"), "%s", error.text);
		free(broken.at);
	}
	for (size_t i = 0; i < 6; i++)
		free(archives[i].at);
	for (size_t i = 0; i < 5; i++)
		free(texts[i].at);
	free(all.at);
	lac_context_close(&context);
}

/* What is no archive of records with an index. */
static void what_cannot_be_read_singly_is_told(void)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct bytes text = draw(SHORT_ONES, 5, '\n', true), archive, found;
	struct lac_context *context = open_context(NULL), *of_adapted;
	struct lac_error error = { 0 };
	struct random_memory memory = { .at = NULL };

	CHECK(read_records(context, &memory, 0, 1, &found, NULL, &error) == LAC_NOT_ARCHIVE);
	memory = (struct random_memory){ .at = (const uint8_t *)"hello, world", .length = 12 };
	CHECK(read_records(context, &memory, 0, 1, &found, NULL, &error) == LAC_NOT_ARCHIVE);
	archive = compress(&options, text);
	memory = (struct random_memory){ .at = archive.at, .length = archive.length };
	CHECK_NOTE(read_records(context, &memory, 0, 1, &found, NULL, &error) == LAC_NO_INDEX && strstr(error.text, "not records"), "%s", error.text);
	free(archive.at);
	options.is_indexed = true;
	CHECK(transfer(lac_compress, base, text.at, text.length, 0, &options, &archive, NULL, &error) == LAC_BAD_ARGUMENT);
	free(archive.at);
	options.records = LAC_RECORDS_LINES;
	archive = compress(&options, text);
	memory = (struct random_memory){ .at = archive.at, .length = archive.length };
	CHECK(!lac_context_open(&of_adapted, adapted[0], NULL, NULL));
	CHECK(read_records(of_adapted, &memory, 0, 1, &found, NULL, &error) == LAC_BAD_ARGUMENT);
	lac_context_close(&of_adapted);
	CHECK(!lac_context_open(&of_adapted, NULL, NULL, NULL));
	CHECK(read_records(of_adapted, &memory, 0, 1, &found, NULL, &error) == LAC_OTHER_MODEL && !found.length);
	lac_context_close(&of_adapted);
	free(archive.at);
	free(text.at);
	lac_context_close(&context);
}

/* ---- Damage ---------------------------------------------------------------------------------- */

static void try_damaged(struct lac_context *context, struct bytes archive, size_t n, struct bytes text, const struct pieces *pieces, const char *what,
	size_t where)
{
	for (size_t r = 0; r < pieces->n; r++) {
		struct random_memory memory = { .at = archive.at, .length = n };
		struct lac_error error = { 0 };
		struct bytes found;
		enum lac_status s = read_records(context, &memory, r, 1, &found, NULL, &error);

		CHECK_NOTE(s ? error.text[0] && error.status == s && !found.length :
			same_bytes(found, text.at + pieces->begins[r], pieces->begins[r + 1] - pieces->begins[r]), "%s %zu, record %zu: %s", what, where, r,
			error.text);
		/* a cut leaves no root */
		CHECK_NOTE(s || n == archive.length, "%s %zu, record %zu", what, where, r);
		free(found.at);
	}
}

/* Every cut and every flipped bit of an archive: a record comes out right or not at all. */
static void damage_gives_no_wrong_record(void)
{
	struct lac_options options = options_for(LAC_RECORDS_LINES);
	struct lac_context *context;
	struct bytes text = draw(SHORT_ONES, 4, '\n', true), archive;
	struct pieces pieces = cut_records(text, '\n');

	options.n_threads = 1;
	archive = compress(&options, text);
	context = open_context(&options);
	for (size_t n = 0; n < archive.length; n += is_short ? 5 : 1)
		try_damaged(context, archive, n, text, &pieces, "cut at", n);
	for (size_t bit = 0; bit < 8 * archive.length; bit += is_short ? 13 : 1) {
		archive.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
		try_damaged(context, archive, archive.length, text, &pieces, "bit", bit);
		archive.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	lac_context_close(&context);
	free(pieces.begins);
	free(text.at);
	free(archive.at);
}

static void mend(struct bytes archive, size_t begin, size_t n_hashed, uint64_t ordinal)
{
	const uint64_t check = lac_frame_check(archive.at + begin, n_hashed, ordinal);

	for (unsigned i = 0; i < 8; i++)
		archive.at[begin + n_hashed + i] = (uint8_t)(check >> 8 * i);
}

/* Whether some record of an archive is refused; what is not is right. */
static bool some_is_refused(struct lac_context *context, struct bytes archive, struct bytes text, const struct pieces *pieces, size_t at)
{
	bool is_told = false;

	for (size_t r = 0; r < pieces->n; r++) {
		struct random_memory memory = { .at = archive.at, .length = archive.length };
		struct bytes found;
		enum lac_status s = read_records(context, &memory, r, 1, &found, NULL, NULL);

		is_told |= s == LAC_CORRUPT;
		CHECK_NOTE(s == LAC_CORRUPT || same_bytes(found, text.at + pieces->begins[r], pieces->begins[r + 1] - pieces->begins[r]),
			"byte %zu, record %zu: %d", at, r, (int)s);
		free(found.at);
	}
	return is_told;
}

/* Under a mended check of the group, a changed payload is found by its own form or the record's
 * check, and a changed check by the text, whether one record is wanted or all. */
static void a_record_has_a_check_of_its_own(void)
{
	struct lac_options options = options_for(LAC_RECORDS_LINES);
	struct lac_context *context = open_context(&options);
	struct bytes text = draw(SHORT_ONES, 6, '\n', true), archive = compress(&options, text), found;
	struct pieces pieces = cut_records(text, '\n');
	size_t begin = LAC_HEADER_BYTES, n_hashed, n_told = 0;
	struct lac_reader cursor;
	uint64_t length, ordinal = 1;

	cursor = (struct lac_reader){ archive.at + begin + 1, archive.length };
	CHECK(lac_read_varint(&cursor, &length)); /* the model frame */
	begin = (size_t)(cursor.at - archive.at) + (size_t)length + 4;
	cursor = (struct lac_reader){ archive.at + begin + 1, archive.length };
	CHECK(archive.at[begin] == LAC_FRAME_GROUP && lac_read_varint(&cursor, &length));
	n_hashed = (size_t)(cursor.at - archive.at) + (size_t)length - begin;
	/* from w on */
	for (size_t at = (size_t)(cursor.at - archive.at) + 14; at < begin + n_hashed; at++) {
		archive.at[at] ^= 0x10;
		mend(archive, begin, n_hashed, ordinal);
		CHECK_NOTE(some_is_refused(context, archive, text, &pieces, at - begin), "byte %zu", at - begin);
		CHECK_NOTE(transfer(lac_decompress, base, archive.at, archive.length, 0, NULL, &found, NULL, NULL) == LAC_CORRUPT, "byte %zu", at - begin);
		free(found.at);
		archive.at[at] ^= 0x10;
		mend(archive, begin, n_hashed, ordinal);
		n_told++;
	}
	CHECK(n_told > 30);
	lac_context_close(&context);
	free(pieces.begins);
	free(text.at);
	free(archive.at);
}

/* ---- The caller's wishes --------------------------------------------------------------------- */

static bool count_down(void *payload, uint64_t bytes_in, uint64_t bytes_out)
{
	(void)bytes_in;
	(void)bytes_out;
	return --*(int *)payload > 0;
}

static void a_caller_can_cancel_limit_and_fail(void)
{
	struct lac_options options = options_for(LAC_RECORDS_LINES);
	struct bytes text = draw(SHORT_ONES, 300, '\n', true), archive = compress(&options, text), found;
	struct random_memory memory = { .at = archive.at, .length = archive.length };
	struct pieces pieces = cut_records(text, '\n');
	struct lac_context *context;
	struct lac_archive *opened = NULL;
	struct lac_error error = { 0 };
	int calls = 2;

	options.progress = count_down;
	options.progress_payload = &calls;
	context = open_context(&options);
	CHECK(read_records(context, &memory, 0, 300, &found, NULL, &error) == LAC_CANCELLED);
	CHECK(found.length && found.length < text.length && memcmp(found.at, text.at, found.length) == 0);
	free(found.at);
	calls = 100; /* the same context again */
	CHECK(!read_records(context, &memory, 0, 300, &found, NULL, &error) && same_bytes(found, text.at, text.length));
	free(found.at);
	CHECK(!lac_archive_open(&opened, context, random_source(&memory), &error));
	for (size_t limit = 1; limit < 60; limit += 20) {
		struct memory_sink sink = { .limit = limit };

		CHECK(lac_archive_read(opened, 10, 100, (struct lac_sink){ memory_write, &sink }, NULL, &error) == LAC_WRITE_FAILED);
		free(sink.bytes.at);
	}
	lac_archive_close(&opened);
	lac_context_close(&context);

	for (size_t r = 0; r < 300; r += 37)
		for (int over = -1; over <= 1; over++) {
			const size_t n = pieces.begins[r + 1] - pieces.begins[r];
			enum lac_status s;

			if ((int)n + over <= 0)
				continue;
			options = options_for(LAC_RECORDS_LINES);
			options.limit_bytes = (uint64_t)((int64_t)n + over);
			context = open_context(&options);
			s = read_records(context, &memory, r, 1, &found, NULL, &error);
			CHECK_NOTE(s == (over < 0 ? LAC_OVER_LIMIT : LAC_OK), "record %zu of %zu bytes, limit %+d: %d, %s", r, n, over, (int)s, error.text);
			CHECK(over < 0 ? found.length == 0 : same_bytes(found, text.at + pieces.begins[r], n));
			free(found.at);
			CHECK(read_records(context, &memory, 0, 300, &found, NULL, &error) == LAC_OVER_LIMIT && found.length <= options.limit_bytes);
			free(found.at);
			lac_context_close(&context);
		}
	free(pieces.begins);
	free(text.at);
	free(archive.at);
}

/* ---- Contexts -------------------------------------------------------------------------------- */

static enum lac_status compress_with(struct lac_context *context, struct bytes text, struct bytes *out)
{
	struct memory_source source = { .at = text.at, .left = text.length };
	struct memory_sink sink = { .capacity = 0 };
	enum lac_status s = lac_context_compress(context, (struct lac_source){ memory_read, &source }, (struct lac_sink){ memory_write, &sink }, NULL, NULL);

	*out = sink.bytes;
	return s;
}

static enum lac_status decompress_with(struct lac_context *context, struct bytes archive, struct bytes *out)
{
	struct memory_source source = { .at = archive.at, .left = archive.length };
	struct memory_sink sink = { .capacity = 0 };
	enum lac_status s = lac_context_decompress(context, (struct lac_source){ memory_read, &source }, (struct lac_sink){ memory_write, &sink }, NULL, NULL);

	*out = sink.bytes;
	return s;
}

/* Calls of every kind one after the other, failed ones among them, with few threads and many. */
static void a_context_gives_what_single_calls_give(void)
{
	static const uint32_t threads[] = { 1, 3 };

	for (unsigned t = 0; t < 2; t++) {
		struct lac_options options = options_for(LAC_RECORDS_LINES);
		struct lac_context *context;
		int calls = 1 << 30;

		options.adapted = (const struct lac_model *const *)adapted;
		options.n_adapted = t ? 2 : 0;
		options.n_threads = threads[t];
		options.progress = count_down;
		options.progress_payload = &calls;
		context = open_context(&options);
		for (unsigned round = 0; round < (is_short ? 3 : 12); round++) {
			struct bytes text = round % 3 == 2 ? (struct bytes){ NULL, 0 } : draw(SHORT_ONES, 1 + 30 * round, '\n', round % 2), wanted, found, back;
			char message[64], copy[64];
			size_t n, n_copy;

			wanted = compress(&options, text);
			CHECK_NOTE(!compress_with(context, text, &found) && same_bytes(found, wanted.at, wanted.length), "round %u", round);
			CHECK(!decompress_with(context, wanted, &back) && same_bytes(back, text.at, text.length));
			free(back.at);
			CHECK(!lac_message_compress(context, "the context's", 13, message, sizeof message, &n, NULL));
			CHECK(!lac_message_decompress(context, message, n, copy, sizeof copy, &n_copy, NULL) && n_copy == 13 && !memcmp(copy, "the context's", 13));
			if (text.length) {
				const int left = calls;

				found.at[found.length - 1] ^= 1;
				CHECK(decompress_with(context, found, &back) == LAC_CORRUPT);
				free(back.at);
				calls = 1;
				CHECK(compress_with(context, text, &back) == LAC_CANCELLED);
				free(back.at);
				calls = left;
			}
			free(text.at);
			free(wanted.at);
			free(found.at);
		}
		lac_context_close(&context);
	}
}

int main(int argc, char **argv)
{
	is_short = test_effort(argc, argv) == SHORT;
	lac_float_environment_enter(); /* texts are drawn by this thread */
	if (lac_model_open_file(&base, MODELS "grouped.gguf", NULL, NULL) || lac_model_adapt_file(&adapted[0], base, MODELS "leaning.gguf", NULL) ||
	    lac_model_adapt_file(&adapted[1], base, MODELS "tilted.gguf", NULL))
		return 1;
	LAW(records_come_back_whole_and_singly);
	LAW(a_record_costs_three_bytes_beside_its_payload);
	LAW(a_record_needs_its_own_model_only);
	LAW(a_record_before_need_not_have_a_known_model);
	LAW(records_are_counted_through_archives);
	LAW(what_cannot_be_read_singly_is_told);
	LAW(damage_gives_no_wrong_record);
	LAW(a_record_has_a_check_of_its_own);
	LAW(a_caller_can_cancel_limit_and_fail);
	LAW(a_context_gives_what_single_calls_give);
	for (unsigned i = 0; i < 2; i++)
		lac_model_close(&adapted[i]);
	lac_model_close(&base);
	return test_report();
}
