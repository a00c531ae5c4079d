/* Laws of indexes (format.md section 5.10): test_index [DIRECTORY]. Archives are composed of stored
 * blocks, so that trees are large at no cost, of any fan-out; whoever reads them from the beginning
 * refuses an index that lies, and whoever reads single records reads little. */
#include "test.h"
#include "random_io.h"

#include "format/check.h"
#include "format/frame_parse.h"
#include "format/index.h"

static struct lac_context *context; /* without a model: stored blocks need none */

/* ---- Composing ----------------------------------------------------------------------- */

struct composer {
	struct lac_buffer out, text;
	struct lac_index index;
	uint64_t ordinal, state;
	uint32_t fan_out;
	size_t largest_frame, largest_index;
};

static void put_frame(struct composer *c, const struct lac_frame *frame)
{
	const size_t before = c->out.length;
	size_t n;

	lac_frame_write(&c->out, frame, c->ordinal++);
	n = c->out.length - before;
	if (!lac_index_add(&c->index, frame, n, LAC_RECORDS_LINES))
		abort();
	if (frame->type == LAC_FRAME_INDEX && n > c->largest_index)
		c->largest_index = n;
	if (frame->type != LAC_FRAME_INDEX && n > c->largest_frame)
		c->largest_frame = n;
}

static void put_index(struct composer *c, uint32_t level, bool is_last)
{
	struct lac_frame frame = lac_index_frame(&c->index, level);

	frame.is_last = is_last;
	put_frame(c, &frame);
}

/* Full indexes, then a frame. */
static void put(struct composer *c, const struct lac_frame *frame)
{
	for (uint32_t level = 1; level < LAC_INDEX_LEVELS_MAX && c->index.levels[level - 1].n >= c->fan_out; level++)
		put_index(c, level, false);
	put_frame(c, frame);
}

static void put_stored(struct composer *c, const uint8_t *text, size_t n)
{
	struct lac_frame frame = { .type = LAC_FRAME_STORED, .n_streams = 1, .n_text_bytes = n, .streams = { text }, .stream_bytes = { n } };

	frame.is_open = text[n - 1] != '\n';
	put(c, &frame);
	lac_buffer_append(&c->text, text, n);
}

static void put_model(struct composer *c)
{
	const struct lac_frame frame = { .type = LAC_FRAME_MODEL, .model = { .arithmetic_version = 1, .window = 64, .name = "unused" } };

	put(c, &frame);
}

static void end(struct composer *c)
{
	const uint32_t top = lac_index_top(&c->index);

	for (uint32_t level = 1; level <= top; level++)
		if (c->index.levels[level - 1].n)
			put_index(c, level, level == top);
}

/* A few short records, numbered; the last of one block in five goes on in the next, of one in
 * eleven blocks nothing ends. */
static void put_block(struct composer *c, uint64_t number)
{
	char text[160];
	size_t n = 0;

	for (unsigned i = 0; number % 11 && i < 1 + number % 3; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%llu.%u\n", (unsigned long long)number, i);
	if (number % 5 == 0 || number % 11 == 0)
		n += (size_t)snprintf(text + n, sizeof text - n, "%llu...", (unsigned long long)number);
	if (number % 17 == 3)
		put_model(c);
	put_stored(c, (const uint8_t *)text, n);
}

static void compose(struct composer *c, uint32_t fan_out, uint64_t n_blocks)
{
	*c = (struct composer){ .fan_out = fan_out };
	lac_header_write(&c->out, &(struct lac_header){ LAC_RECORDS_LINES });
	for (uint64_t i = 0; i < n_blocks; i++)
		put_block(c, i);
	end(c);
	if (c->out.failed || c->text.failed)
		abort();
}

static void free_composer(struct composer *c)
{
	lac_buffer_free(&c->out);
	lac_buffer_free(&c->text);
	lac_index_free(&c->index);
}

static struct bytes text_of(const struct composer *c)
{
	return (struct bytes){ c->text.bytes, c->text.length };
}

static enum lac_status decompress(const struct lac_buffer *archive, struct bytes *text, struct lac_stats *stats, struct lac_error *error)
{
	return transfer(lac_decompress, NULL, archive->bytes, archive->length, 0, NULL, text, stats, error);
}

/* ---- Reading --------------------------------------------------------------------------- */

/* Reads records from an archive that is opened anew, and says how many bytes that took. */
static uint64_t try_records(const struct composer *c, const struct pieces *pieces, uint64_t first, uint64_t n)
{
	struct random_memory memory = { .at = c->out.bytes, .length = c->out.length };
	const size_t begin = pieces->begins[first];
	struct lac_error error = { 0 };
	struct lac_stats stats;
	struct bytes found;
	enum lac_status s = read_records(context, &memory, first, n, &found, &stats, &error);

	CHECK_NOTE(!s && same_bytes(found, c->text.bytes + begin, pieces->begins[first + n] - begin), "fan-out %u, records %llu and %llu more: %s",
		c->fan_out, (unsigned long long)first, (unsigned long long)n, error.text);
	CHECK(s || (stats.bytes_in == memory.n_read && stats.n_records == n && stats.bytes_out == found.length));
	free(found.at);
	return memory.n_read;
}

/* Levels from 1 to 8, by fan-outs from 1 to 7: each record, and each range from some. */
static void records_are_found_in_trees_of_every_shape(void)
{
	static const struct { uint32_t fan_out; uint64_t n_blocks; } shapes[] = { { 1, 1 }, { 1, 6 }, { 2, 1 }, { 2, 2 }, { 2, 3 }, { 2, 64 }, { 2, 97 },
		{ 3, 200 }, { 7, 340 }, { 256, 20 } };

	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		struct composer c;
		struct pieces pieces;
		struct bytes text;
		struct lac_stats stats;
		struct lac_error error = { 0 };

		compose(&c, shapes[i].fan_out, shapes[i].n_blocks);
		pieces = cut_records(text_of(&c), '\n');
		CHECK_NOTE(!decompress(&c.out, &text, &stats, &error), "%s", error.text);
		CHECK(same_bytes(text, c.text.bytes, c.text.length) && stats.n_records == pieces.n && stats.n_indexed == 1);
		for (size_t r = 0; r < pieces.n; r++)
			(void)try_records(&c, &pieces, r, 1);
		for (size_t r = 0; r < pieces.n; r += 1 + pieces.n / 13)
			for (size_t n = 0; n <= pieces.n - r; n += 1 + n)
				(void)try_records(&c, &pieces, r, n);
		(void)try_records(&c, &pieces, 0, pieces.n);
		free(text.at);
		free(pieces.begins);
		free_composer(&c);
	}
}

/* Three levels as the encoder makes them: the header, an index a level, and the block. Of a record
 * that begins in an earlier block two places are looked up, and at most three more blocks are
 * read. */
static void little_is_read_of_much(void)
{
	struct composer c;
	struct pieces pieces;
	uint64_t most[2] = { 0 }, state = 9;

	compose(&c, LAC_INDEX_ENTRIES_MAX, 66000);
	CHECK(c.index.levels[3].n == 1); /* a root of level 3 */
	pieces = cut_records(text_of(&c), '\n');
	for (unsigned i = 0; i < 600; i++) {
		const uint64_t r = i < 40 ? i : i < 80 ? pieces.n - 1 - (i - 40) : test_random(&state) % pieces.n;
		const uint64_t n_read = try_records(&c, &pieces, r, 1);
		const bool goes_on = memmem(c.text.bytes + pieces.begins[r], pieces.begins[r + 1] - pieces.begins[r], "...", 3);
		const uint64_t allowed = LAC_HEADER_BYTES + (goes_on ? 5 : 3) * c.largest_index + (goes_on ? 4 : 1) * c.largest_frame;

		if (n_read > most[goes_on])
			most[goes_on] = n_read;
		CHECK_NOTE(n_read <= allowed, "record %llu of %zu: %llu bytes, not %llu", (unsigned long long)r, pieces.n,
			(unsigned long long)n_read, (unsigned long long)allowed);
	}
	printf("        at most %llu of %zu bytes for one of %zu records, %llu if it goes through several blocks\n",
		(unsigned long long)most[0], c.out.length, pieces.n, (unsigned long long)most[1]);
	CHECK(most[0] && most[1]);
	free(pieces.begins);
	free_composer(&c);
}

/* What is beyond the last record, and sources that fail. */
static void what_is_not_there_is_told(void)
{
	struct composer c;
	struct pieces pieces;
	struct bytes found;
	struct lac_error error = { 0 };
	struct random_memory memory;

	compose(&c, 3, 100);
	pieces = cut_records(text_of(&c), '\n');
	memory = (struct random_memory){ .at = c.out.bytes, .length = c.out.length };
	for (uint64_t over = 0; over < 2; over++) {
		char count[32];

		CHECK(read_records(context, &memory, pieces.n + over * 1000, 1, &found, NULL, &error) == LAC_BAD_ARGUMENT && !found.length);
		snprintf(count, sizeof count, "there are %zu", pieces.n);
		CHECK_NOTE(strstr(error.text, count), "%s", error.text);
		CHECK(read_records(context, &memory, 5, pieces.n - 4, &found, NULL, &error) == LAC_BAD_ARGUMENT && !found.length);
		CHECK(read_records(context, &memory, UINT64_MAX, UINT64_MAX, &found, NULL, &error) == LAC_BAD_ARGUMENT);
	}
	memory.n_reads = 0;
	CHECK(!read_records(context, &memory, 40, 20, &found, NULL, &error));
	for (uint64_t n = memory.n_reads; n; n--) {
		struct bytes part;

		memory.n_reads = 0;
		memory.fails_at = n;
		CHECK_NOTE(read_records(context, &memory, 40, 20, &part, NULL, &error) == LAC_READ_FAILED && error.status == LAC_READ_FAILED &&
			part.length < found.length && (!part.length || memcmp(part.at, found.at, part.length) == 0), "read %llu: %s",
			(unsigned long long)n, error.text);
		free(part.at);
	}
	free(found.at);
	free(pieces.begins);
	free_composer(&c);
}

static bool reads_right(struct lac_archive *archive, const struct composer *c, const struct pieces *pieces, uint64_t first, uint64_t n)
{
	const size_t begin = pieces->begins[first];
	struct memory_sink sink = { .capacity = 0 };
	enum lac_status s = lac_archive_read(archive, first, n, (struct lac_sink){ memory_write, &sink }, NULL, NULL);
	const bool is_right = !s && same_bytes(sink.bytes, c->text.bytes + begin, pieces->begins[first + n] - begin);

	free(sink.bytes.at);
	return is_right;
}

/* Whichever read fails, the archive stays open and gives the same records when the source is well
 * again. */
static void a_failed_read_leaves_the_archive_good(void)
{
	struct composer c;
	struct pieces pieces;

	compose(&c, 3, 100);
	pieces = cut_records(text_of(&c), '\n');
	for (uint64_t n = 1; n < 40; n++) {
		struct random_memory memory = { .at = c.out.bytes, .length = c.out.length };
		struct lac_archive *archive = NULL;

		CHECK(!lac_archive_open(&archive, context, random_source(&memory), NULL));
		CHECK(reads_right(archive, &c, &pieces, 0, 1));
		memory.fails_at = memory.n_reads + n;
		(void)reads_right(archive, &c, &pieces, pieces.n - 20, 20);
		memory.fails_at = 0;
		CHECK_NOTE(reads_right(archive, &c, &pieces, 0, 1) && reads_right(archive, &c, &pieces, pieces.n - 20, 20) &&
			reads_right(archive, &c, &pieces, pieces.n / 2, 1), "read %llu failed", (unsigned long long)n);
		lac_archive_close(&archive);
	}
	free(pieces.begins);
	free_composer(&c);
}

/* ---- Lies ---------------------------------------------------------------------------------- */

/* Where the frames of an archive are. */
struct frame_place {
	size_t begin, body, end;
};

static size_t list_frames(const struct lac_buffer *archive, struct frame_place *places, size_t capacity)
{
	size_t n = 0, at = LAC_HEADER_BYTES;

	while (at < archive->length) {
		struct lac_reader cursor = { archive->bytes + at + 1, archive->length - at - 1 };
		uint64_t length;

		if (n == capacity || !lac_read_varint(&cursor, &length))
			abort();
		places[n].begin = at;
		places[n].body = (size_t)(cursor.at - archive->bytes);
		at = places[n].body + (size_t)length;
		places[n++].end = at;
		at += lac_frame_check_bytes(archive->bytes[places[n - 1].begin]);
	}
	return n;
}

/* Random reading may believe a mended lie, but not crash, nor read outside. */
static void try_random(const struct lac_buffer *archive)
{
	struct random_memory memory = { .at = archive->bytes, .length = archive->length };
	struct lac_archive *opened = NULL;
	struct lac_error error = { 0 };

	if (lac_archive_open(&opened, context, random_source(&memory), &error)) {
		CHECK(error.text[0] && !opened);
		return;
	}
	for (uint64_t r = 0; r < 80 && r < lac_archive_n_records(opened); r += 7) {
		struct memory_sink sink = { .capacity = 0 };

		(void)!lac_archive_read(opened, r, 2, (struct lac_sink){ memory_write, &sink }, NULL, &error);
		free(sink.bytes.at);
	}
	lac_archive_close(&opened);
}

/* Every bit of every index, and of the last flags, under mended checks: whoever reads from the
 * beginning refuses it. */
static void every_lie_of_an_index_is_told(void)
{
	struct composer c;
	struct frame_place places[256];
	size_t n_frames, n_indexes = 0;

	compose(&c, 3, 40);
	n_frames = list_frames(&c.out, places, 256);
	for (size_t f = 0; f < n_frames; f++) {
		struct frame_place *p = &places[f];
		const bool is_index = (c.out.bytes[p->begin] & LAC_TAG_TYPE) == LAC_FRAME_INDEX;

		n_indexes += is_index;
		for (size_t bit = 8 * p->begin; bit < 8 * p->end; bit++) {
			struct lac_error error = { 0 };
			struct lac_buffer copy = { 0 };
			struct bytes text;
			enum lac_status s;
			uint64_t check;

			if (bit / 8 == p->begin ? bit % 8 != 7 && !is_index : bit / 8 < p->body || !is_index)
				continue;
			lac_buffer_append(&copy, c.out.bytes, c.out.length);
			copy.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			check = lac_frame_check(copy.bytes + p->begin, p->end - p->begin, f);
			for (size_t i = 0; i < lac_frame_check_bytes(copy.bytes[p->begin]); i++)
				copy.bytes[p->end + i] = (uint8_t)(check >> 8 * i);
			s = decompress(&copy, &text, NULL, &error);
			CHECK_NOTE(s && text.length <= c.text.length && (!text.length || memcmp(text.at, c.text.bytes, text.length) == 0), "frame %zu, bit %zu",
				f, bit - 8 * p->begin);
			try_random(&copy);
			free(text.at);
			lac_buffer_free(&copy);
		}
	}
	CHECK(n_indexes > 20);
	free_composer(&c);
}

static enum lac_status read_composed(struct composer *c, struct lac_error *error)
{
	struct bytes text;
	enum lac_status s = decompress(&c->out, &text, NULL, error);

	free(text.at);
	return s;
}

static struct composer begin_composing(uint32_t fan_out)
{
	struct composer c = { .fan_out = fan_out };

	lac_header_write(&c.out, &(struct lac_header){ LAC_RECORDS_LINES });
	return c;
}

static void expect(struct composer *c, enum lac_status expected, const char *what)
{
	struct lac_error error = { 0 };
	const enum lac_status s = read_composed(c, &error);

	CHECK_NOTE(s == expected, "%s: %d, %s", what, (int)s, error.text);
	free_composer(c);
}

/* Indexes in other places than format.md gives them. */
static void an_index_out_of_place_is_corrupt(void)
{
	struct composer c = begin_composing(4);
	struct lac_frame frame;

	put_block(&c, 1);
	put_block(&c, 2);
	put_index(&c, 1, true);
	expect(&c, LAC_OK, "two blocks and their index");

	c = begin_composing(4);
	put_block(&c, 1);
	put_index(&c, 1, false);
	put_block(&c, 2);
	put_index(&c, 1, true);
	expect(&c, LAC_CORRUPT, "the last index covers a part");

	c = begin_composing(4);
	put_block(&c, 1);
	put_index(&c, 1, false);
	frame = (struct lac_frame){ .type = LAC_FRAME_STORED, .n_streams = 1, .streams = { (const uint8_t *)"x\n" }, .stream_bytes = { 2 }, .is_last = true };
	put_frame(&c, &frame);
	expect(&c, LAC_CORRUPT, "a block is last after an index");

	c = begin_composing(4);
	put_block(&c, 1);
	put_index(&c, 1, false);
	put_block(&c, 2);
	put_index(&c, 2, false); /* what it describes is not just before it */
	put_index(&c, 1, false);
	put_index(&c, 2, false);
	put_index(&c, 3, true);
	expect(&c, LAC_CORRUPT, "a level above does not follow the level below");

	c = begin_composing(300); /* never by itself */
	for (uint64_t i = 0; i < 257; i++)
		put_stored(&c, (const uint8_t *)"x\n", 2);
	c.index.levels[0].n = 256; /* what can be written */
	put_index(&c, 1, true);
	expect(&c, LAC_CORRUPT, "257 frames under one index");

	/* a root of level 8, and one that would be of level 9 cannot be written */
	c = begin_composing(1);
	put_block(&c, 1);
	for (uint32_t level = 1; level <= 8; level++)
		put_index(&c, level, level == 8);
	expect(&c, LAC_OK, "eight levels");
}

static void try_truncated(const struct composer *c, size_t n)
{
	struct random_memory memory = { .at = c->out.bytes, .length = n };
	struct lac_error error = { 0 };
	struct bytes found;

	CHECK_NOTE(read_records(context, &memory, 0, 1, &found, NULL, &error) && error.text[0], "cut at %zu", n);
	free(found.at);
}

/* Without mending: whatever bit is flipped, a record comes out right or not at all. */
static void damage_is_told_or_does_not_matter(void)
{
	struct composer c;
	struct pieces pieces;

	compose(&c, 2, 9);
	pieces = cut_records(text_of(&c), '\n');
	for (size_t n = 0; n < c.out.length; n++)
		try_truncated(&c, n);
	for (size_t bit = 0; bit < 8 * c.out.length; bit++) {
		c.out.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		for (size_t r = 0; r < pieces.n; r++) {
			struct random_memory memory = { .at = c.out.bytes, .length = c.out.length };
			const size_t begin = pieces.begins[r], n = pieces.begins[r + 1] - begin;
			struct lac_error error = { 0 };
			struct bytes found;
			enum lac_status s = read_records(context, &memory, r, 1, &found, NULL, &error);

			CHECK_NOTE(s ? error.text[0] && error.status == s && s != LAC_UNSUPPORTED : same_bytes(found, c.text.bytes + begin, n),
				"bit %zu, record %zu: %s", bit, r, error.text);
			free(found.at);
		}
		c.out.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	free(pieces.begins);
	free_composer(&c);
}

/* ---- One form -------------------------------------------------------------------------------- */

static bool is_canonical(uint8_t tag, const uint8_t *body, size_t n, const struct lac_frame_scope *scope, bool *is_parsed)
{
	struct lac_frame frame;
	struct lac_buffer out = { 0 };
	struct lac_reader cursor;
	uint64_t length;
	bool is_same;

	*is_parsed = !lac_frame_parse(&frame, tag, (struct lac_reader){ body, n }, scope, (struct lac_place){ 0 }, NULL);
	if (!*is_parsed)
		return true;
	lac_frame_write(&out, &frame, 0);
	cursor = (struct lac_reader){ out.bytes + 1, out.length - 1 };
	is_same = lac_read_varint(&cursor, &length) && length == n && memcmp(cursor.at, body, n) == 0 && lac_frame_bytes(&frame) == out.length;
	lac_buffer_free(&out);
	return is_same;
}

static struct lac_frame make_group(uint64_t *state, uint8_t *payload)
{
	struct lac_frame frame = { .type = LAC_FRAME_GROUP, .n_text_bytes = 5000, .n_tokens = 400, .text_hash = test_random(state) };
	const unsigned spread = 1 + (unsigned)(test_random(state) % 200);

	frame.n_streams = 1 + (uint32_t)(test_random(state) % 64);
	for (uint32_t i = 0; i < frame.n_streams; i++) {
		frame.routes[i].model_index = (uint32_t)(test_random(state) % (1 + frame.n_streams / 4));
		frame.routes[i].is_published = test_random(state) % 5 == 0;
		frame.stream_bytes[i] = (size_t)(test_random(state) % spread);
		frame.streams[i] = payload;
		frame.stream_checks[i] = (uint8_t)test_random(state);
	}
	return frame;
}

/* What is accepted is what would be written: groups of every shape, each changed in many ways. */
static void a_group_has_one_form(void)
{
	const struct lac_frame_scope scope = { .records = LAC_RECORDS_LINES, .n_models = 20 };
	uint64_t state = 77;
	uint8_t payload[256];
	unsigned n_accepted = 0;

	for (unsigned round = 0; round < 400; round++) {
		const struct lac_frame frame = make_group(&state, payload);
		struct lac_buffer out = { 0 };
		struct lac_reader cursor;
		uint64_t length;
		uint8_t *body;
		bool is_parsed;

		lac_frame_write(&out, &frame, 0);
		cursor = (struct lac_reader){ out.bytes + 1, out.length - 1 };
		if (!lac_read_varint(&cursor, &length))
			abort();
		body = out.bytes + (cursor.at - out.bytes);
		CHECK_NOTE(is_canonical(LAC_FRAME_GROUP, body, (size_t)length, &scope, &is_parsed) && is_parsed, "group %u", round);
		for (size_t change = 0; change < 300; change++) {
			const size_t at = (size_t)(test_random(&state) % (length < 100 ? length : 100));
			const uint8_t before = body[at];

			body[at] = (uint8_t)(change % 2 ? before ^ 1u << test_random(&state) % 8 : test_random(&state));
			CHECK_NOTE(is_canonical(LAC_FRAME_GROUP, body, (size_t)length, &scope, &is_parsed), "group %u, byte %zu: %u", round, at, body[at]);
			n_accepted += is_parsed;
			body[at] = before;
		}
		lac_buffer_free(&out);
	}
	/* else nothing was tried */
	CHECK_NOTE(n_accepted > 10000 && n_accepted < 90000, "%u", n_accepted);
}

/* One field of a group after the other, written in another way. */
static void a_group_written_otherwise_is_corrupt(void)
{
	static const struct { const char *what, *body; size_t n; bool is_right; } cases[] = {
#define CASE(what, body, is_right) { what, body, sizeof(body) - 1, is_right }
		CASE("two records of one model", "\x05\x02" "12345678" "\x02" "\x01\x00" "\x00\x05" "ab" "xy", true),
		CASE("lengths 1 and 1 with w 0: 10 10", "\x05\x02" "12345678" "\x02" "\x01\x00" "\x00\x05" "ab" "xy", true),
		CASE("w 1, which takes as many bits: 0 1 0 1", "\x05\x02" "12345678" "\x02" "\x01\x00" "\x01\x0a" "ab" "xy", false),
		CASE("w 25", "\x05\x02" "12345678" "\x02" "\x01\x00" "\x19\x05" "ab" "xy", false),
		CASE("a bit after the lengths", "\x05\x02" "12345678" "\x02" "\x01\x00" "\x00\x15" "ab" "xy", false),
		CASE("two models", "\x05\x02" "12345678" "\x02" "\x02\x00\x02" "\x02" "\x00\x05" "ab" "xy", true),
		CASE("the second is named first", "\x05\x02" "12345678" "\x02" "\x02\x00\x02" "\x01" "\x00\x05" "ab" "xy", false),
		CASE("the second is not named", "\x05\x02" "12345678" "\x02" "\x02\x00\x02" "\x00" "\x00\x05" "ab" "xy", false),
		CASE("the same twice", "\x05\x02" "12345678" "\x02" "\x02\x02\x02" "\x02" "\x00\x05" "ab" "xy", false),
		CASE("a bit after the choices", "\x05\x02" "12345678" "\x02" "\x02\x00\x02" "\x06" "\x00\x05" "ab" "xy", false),
		CASE("a model that is not declared", "\x05\x02" "12345678" "\x02" "\x01\x28" "\x00\x05" "ab" "xy", false),
		CASE("no model", "\x05\x02" "12345678" "\x02" "\x00" "\x00\x05" "ab" "xy", false),
		CASE("three models of two records", "\x05\x02" "12345678" "\x02" "\x03\x00\x02\x04" "\x04" "\x00\x05" "ab" "xy", false),
		CASE("choice 3 of 3", "\x05\x02" "12345678" "\x03" "\x03\x00\x02\x04" "\x34" "\x00\x15" "abc" "xyz", false),
		CASE("choices 0 1 2 of 3", "\x05\x02" "12345678" "\x03" "\x03\x00\x02\x04" "\x24" "\x00\x15" "abc" "xyz", true),
		CASE("no record", "\x05\x02" "12345678" "\x00" "\x01\x00" "\x00", false),
		CASE("65 records", "\x05\x02" "12345678" "\x41" "\x01\x00" "\x00\x05" "ab" "xy", false),
		CASE("a byte after the payloads", "\x05\x02" "12345678" "\x02" "\x01\x00" "\x00\x05" "ab" "xyz", false),
		CASE("a payload is cut", "\x05\x02" "12345678" "\x02" "\x01\x00" "\x00\x05" "ab" "x", false),
		CASE("the checks are cut", "\x05\x02" "12345678" "\x02" "\x01\x00" "\x00\x05" "a", false),
		CASE("the lengths are cut", "\x05\x02" "12345678" "\x02" "\x01\x00" "\x00", false),
		CASE("ones without an end", "\x05\x02" "12345678" "\x02" "\x01\x00" "\x00\xff\xff", false),
		CASE("more tokens than bytes", "\x05\x06" "12345678" "\x02" "\x01\x00" "\x00\x05" "ab" "xy", false),
		CASE("2^24 + 1 bytes", "\x81\x80\x80\x08\x02" "12345678" "\x02" "\x01\x00" "\x00\x05" "ab" "xy", false),
	};
	const struct lac_frame_scope scope = { .records = LAC_RECORDS_LINES, .n_models = 20 };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct lac_error error = { 0 };
		struct lac_frame frame;
		enum lac_status s = lac_frame_parse(&frame, LAC_FRAME_GROUP, (struct lac_reader){ (const uint8_t *)cases[i].body, cases[i].n }, &scope,
			(struct lac_place){ 0 }, &error);

		CHECK_NOTE(s == (cases[i].is_right ? LAC_OK : LAC_CORRUPT), "%s: %d, %s", cases[i].what, (int)s, error.text);
	}
}

/* The same of indexes. What its entries say is for others to compare. */
static void an_index_has_one_form(void)
{
	const struct lac_frame_scope scope = { .records = LAC_RECORDS_LINES };
	struct composer c;
	struct frame_place places[256];
	size_t n_frames;
	uint64_t state = 78;

	compose(&c, 5, 60);
	n_frames = list_frames(&c.out, places, 256);
	for (size_t f = 0; f < n_frames; f++) {
		uint8_t *body = c.out.bytes + places[f].body;
		const size_t n = places[f].end - places[f].body;
		bool is_parsed;

		if ((c.out.bytes[places[f].begin] & LAC_TAG_TYPE) != LAC_FRAME_INDEX)
			continue;
		CHECK(is_canonical(LAC_FRAME_INDEX, body, n, &scope, &is_parsed) && is_parsed);
		for (size_t change = 0; change < 2000; change++) {
			const size_t at = (size_t)(test_random(&state) % n);
			const uint8_t before = body[at];

			body[at] = (uint8_t)test_random(&state);
			CHECK_NOTE(is_canonical(LAC_FRAME_INDEX, body, n, &scope, &is_parsed), "frame %zu, byte %zu: %u", f, at, body[at]);
			body[at] = before;
		}
	}
	free_composer(&c);
}

/* Counts whose sums would pass 2^64. */
static void sums_do_not_overflow(void)
{
	const struct lac_frame_scope scope = { .records = LAC_RECORDS_LINES };
	struct lac_buffer body = { 0 };
	struct lac_frame frame;

	for (unsigned n = 1; n <= 4; n++) {
		const size_t n_entries = 2 + n * (9 + 1 + 1), n_whole = 1 + 1 + n_entries + 4 + 8;

		lac_buffer_clear(&body);
		lac_buffer_varint(&body, 1);
		lac_buffer_varint(&body, n);
		for (unsigned i = 0; i < n; i++) {
			lac_buffer_varint(&body, UINT64_C(1) << 62);
			lac_buffer_varint(&body, 0);
			lac_buffer_varint(&body, 0);
		}
		lac_buffer_u32(&body, (uint32_t)n_whole);
		CHECK_NOTE(!lac_frame_parse(&frame, LAC_FRAME_INDEX, (struct lac_reader){ body.bytes, body.length }, &scope, (struct lac_place){ 0 }, NULL) ==
			(n < 2), "%u entries of 2^62 bytes", n);
	}
	lac_buffer_free(&body);
}

int main(void)
{
	if (lac_context_open(&context, NULL, NULL, NULL))
		return 1;
	LAW(records_are_found_in_trees_of_every_shape);
	LAW(little_is_read_of_much);
	LAW(what_is_not_there_is_told);
	LAW(a_failed_read_leaves_the_archive_good);
	LAW(every_lie_of_an_index_is_told);
	LAW(an_index_out_of_place_is_corrupt);
	LAW(damage_is_told_or_does_not_matter);
	LAW(a_group_has_one_form);
	LAW(a_group_written_otherwise_is_corrupt);
	LAW(an_index_has_one_form);
	LAW(sums_do_not_overflow);
	lac_context_close(&context);
	return test_report();
}
