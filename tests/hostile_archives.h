/* hostile_archives.h: archives that no encoder writes, or that only a later one may, and a few that
 * are odd but right. Their checks are mended: a decoder that compares these alone accepts them. */
#ifndef LAC_TESTS_HOSTILE_ARCHIVES_H
#define LAC_TESTS_HOSTILE_ARCHIVES_H

#include "archive_builder.h"
#include "hostile_models.h"

#include "base/hash.h"
#include "format/group.h"
#include "format/index.h"

#define ARCHIVES "tests/golden/archives/"

/* What a case changes. Offsets in bodies are of the golden archives, format.md sections 4 and 5. */
enum hostile_base {
	/* one-block.lac: model; text: 0 model, 1-2 text bytes (151), 3 tokens (117), 4-11 hash, 12
	 * payload */
	TEXT,
	/* nul.lac: model; records: 0 model, 1-2 text bytes, 3 tokens, 4-11 hash, 12 records (3),
	 * 13-15 lengths, payloads; */
	RECORDS,
	         /* open records: 0 model, 1 text bytes (26), 2 tokens (22), 3-10 hash, 11 records
	          * (1), 12 length (13), 13 payload */
	/* adapted-lines.lac without its longer block: model, two adapted, routed: 0-1, 2-3, 4-11,
	 * 12 records (26), 13 model, 14 length */
	ROUTED,
	MIXED,   /* ones.lac: 0 arithmetic version, 1-2 text bytes (3000), 3-10 hash, no payload */
	STORED,  /* two blocks, "first" and "last" */
	EMPTY,   /* empty.lac: end */
	/* indexed-nul.lac: model; group: 0-1 text bytes, 2 tokens (113), 3-10 hash, 11 records (3),
	 * 12 models (1), 13 model, 14 w (4), */
	GROUP,
	         /* 15-17 lengths (20 bits), 18-20 checks, payloads; stored, open; index: 0 level, 1
	          * entries (3), 2-4, 5-7, 8-10 entries, 11-14 length */
	/* model, adapted model, its file, text: 0 left, 1-576 good-adapter.gguf; the block is
	 * one-block.lac's */
	CARRIED,
	/* mixed-records.lac: 0 arithmetic version, 1-2 text bytes (3255), 3-10 hash, 11 records
	 * (64), 12 payload; more blocks */
	MIXED_RECORDS,
	/* indexed-adapted.lac without its longer groups: model, two adapted, group: 0-1, 2-3, 4-11,
	 * 12 records (2), 13 models (2), 14-15 */
	CHOICES
	         /* their numbers (2, 1), 16 choices, 17 w; an index of more than this */
};

static const char *const hostile_needs[] = { "grouped", "grouped", "grouped+leaning+tilted", "-", "-", "-", "grouped", "grouped", "grouped", "grouped+leaning+tilted" };

#define BYTES(text) text, sizeof(text) - 1
#define HEADER (-1)

struct hostile_archive {
	const char *name;
	enum hostile_base base;
	/* the frame at which the error is, HEADER, or the number of frames: where the archive ends.
	 * Of good ones the same number */
	int told;
	enum lac_status status;
	const char *why;
	/* In the body of a frame, n_old bytes from `at` on (from the end, if negative) become
	 * others: */
	unsigned frame;
	int at;
	size_t n_old;
	const char *bytes;
	size_t n_bytes;
	/* or: */
	void (*edit)(struct archive_builder *builder);
	void (*spoil)(struct lac_buffer *out); /* the written file */
	const char *text; /* of good ones: itself, or "=" and the names of golden texts */
};

/* ---- Edits ----------------------------------------------------------------------- */

static inline void set_length(struct archive_builder *builder, size_t frame, const char *bytes, size_t n)
{
	lac_buffer_append(&builder->frames[frame].length, bytes, n);
}

static inline void edit_length_padded(struct archive_builder *b) { set_length(b, 0, BYTES("\x85\x00")); }
static inline void edit_length_large(struct archive_builder *b) { set_length(b, 0, BYTES("\x81\x80\xc0\x08")); }
static inline void edit_length_long(struct archive_builder *b) { set_length(b, 0, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")); }
static inline void edit_length_claimed(struct archive_builder *b) { set_length(b, 1, BYTES("\x80\x80\x80\x08")); }
static inline void edit_version_0(struct archive_builder *b) { b->version = 0; }
static inline void edit_version_2(struct archive_builder *b) { b->version = 2; }
static inline void edit_flags_3(struct archive_builder *b) { b->flags = 3; }
static inline void edit_flags_4(struct archive_builder *b) { b->flags = 4; }
static inline void edit_to_lines(struct archive_builder *b) { b->flags = LAC_RECORDS_LINES; }
static inline void edit_to_text(struct archive_builder *b) { b->flags = LAC_RECORDS_NONE; }
static inline void edit_check(struct archive_builder *b) { b->frames[1].check_change = 1; }
static inline void edit_check_half(struct archive_builder *b) { b->frames[1].check_change = UINT64_C(1) << 32; }
static inline void edit_place(struct archive_builder *b) { b->frames[1].is_swapped = true; }
static inline void edit_last_dropped(struct archive_builder *b) { archive_drop(b, b->n - 1); }
static inline void edit_first_dropped(struct archive_builder *b) { archive_drop(b, 0); }
static inline void edit_no_frame(struct archive_builder *b) { while (b->n) archive_drop(b, 0); }
static inline void edit_open_ended(struct archive_builder *b) { b->is_open_ended = true; }
static inline void edit_last_early(struct archive_builder *b) { b->frames[0].tag |= LAC_TAG_LAST; }
static inline void edit_type_15(struct archive_builder *b) { b->frames[1].tag = 15; }
static inline void edit_reserved_16(struct archive_builder *b) { b->frames[1].tag |= 0x10; }
static inline void edit_reserved_32(struct archive_builder *b) { b->frames[1].tag |= 0x20; }
static inline void edit_open_0(struct archive_builder *b) { b->frames[0].tag |= LAC_TAG_OPEN; }
static inline void edit_open_1(struct archive_builder *b) { b->frames[1].tag |= LAC_TAG_OPEN; }
static inline void edit_closed_2(struct archive_builder *b) { b->frames[2].tag &= (uint8_t)~LAC_TAG_OPEN; }
static inline void edit_end_added(struct archive_builder *b) { archive_add(b, LAC_FRAME_END); }
static inline void edit_stored_added(struct archive_builder *b) { lac_buffer_append(&archive_add(b, LAC_FRAME_STORED)->body, "more", 4); }
static inline void edit_again(struct archive_builder *b) { archive_copy(b, &b->frames[1]); }

static inline void edit_open_and_empty(struct archive_builder *b)
{
	const uint64_t hash = lac_hash64("", 0, 0);

	b->frames[2].body.length = 0;
	lac_buffer_append(&b->frames[2].body, "\0\0\0", 3);
	lac_buffer_u64(&b->frames[2].body, hash);
	lac_buffer_append(&b->frames[2].body, "\1\0", 2);
}

/* Records that end with NUL are said to be lines; some hold a line feed. The hash is that of the
 * lines. */
static inline void edit_separators_inside(struct archive_builder *b)
{
	struct bytes text = read_file(ARCHIVES "nul.txt");
	const size_t n_first = 161 + 3;
	struct lac_buffer hash = { 0 };

	edit_to_lines(b);
	for (size_t i = 0; i < text.length; i++)
		text.at[i] = text.at[i] ? text.at[i] : '\n';
	lac_buffer_u64(&hash, lac_hash64(text.at, n_first, 0));
	splice(&b->frames[1].body, 4, 8, hash.bytes, 8);
	lac_buffer_free(&hash);
	free(text.at);
}

static inline void edit_stored_lines(struct archive_builder *b)
{
	b->flags = LAC_RECORDS_LINES;
	splice(&b->frames[1].body, 4, 0, "\n", 1);
	b->frames[0].tag |= LAC_TAG_OPEN;
}

static inline void edit_stored_closed(struct archive_builder *b)
{
	edit_stored_lines(b);
	b->frames[0].tag = LAC_FRAME_STORED;
}

static inline void edit_no_name(struct archive_builder *b) { splice(&b->frames[0].body, 18, 12, "\0", 1); }

static inline void edit_two_models(struct archive_builder *b)
{
	struct built_frame text;

	archive_copy(b, &b->frames[1]);
	text = b->frames[1];
	b->frames[1] = b->frames[2];
	b->frames[2] = text;
	splice(&b->frames[1].body, 0, b->frames[1].body.length, b->frames[0].body.bytes, b->frames[0].body.length);
	b->frames[1].tag = LAC_FRAME_MODEL;
	b->frames[1].body.bytes[1] ^= 1; /* never used */
}

/* The second last frame is the last. */
static inline void edit_two_dropped(struct archive_builder *b)
{
	edit_last_dropped(b);
	edit_last_dropped(b);
}

static inline void add_index(struct archive_builder *b, const char *body, size_t n)
{
	lac_buffer_append(&archive_add(b, LAC_FRAME_INDEX)->body, body, n);
}

/* Of an archive whose only index describes all: after it a block. */
static inline void edit_index_early(struct archive_builder *b)
{
	edit_stored_added(b);
	b->frames[b->n - 1].tag |= LAC_TAG_OPEN;
}

static inline void edit_index_level_2(struct archive_builder *b)
{
	edit_last_dropped(b);
	add_index(b, BYTES("\2\1" "\xc6\1" "\3\3\3" "\x15\0\0\0"));
}

static inline void edit_index_twice(struct archive_builder *b)
{
	archive_copy(b, &b->frames[3]);
}

static inline void edit_index_of_text(struct archive_builder *b)
{
	add_index(b, BYTES("\1\2" "\x0f\0\0" "\x0e\0\0" "\x16\0\0\0"));
}

/* Two indexes of level 1 under one of level 2, though one would do. */
static inline void edit_index_deep(struct archive_builder *b)
{
	struct built_frame stored;

	edit_last_dropped(b);
	add_index(b, BYTES("\1\2" "\x24\0\2" "\x7e\3\0" "\x16\0\0\0"));
	stored = b->frames[2];
	b->frames[2] = b->frames[3];
	b->frames[3] = stored;
	add_index(b, BYTES("\1\1" "\x24\0\1" "\x13\0\0\0"));
	add_index(b, BYTES("\2\2" "\xb8\1\3\3\2" "\x37\2\0\1" "\x19\0\0\0"));
}

/* Blocks of type 4 may have one too: 36, 115 and 32 bytes. */
static inline void edit_index_of_records(struct archive_builder *b)
{
	add_index(b, BYTES("\1\3" "\x24\0\2" "\x73\3\0" "\x20\0\1" "\x19\0\0\0"));
}

/* The frames of nul.txt: model, records, open records. Coded with a context of so many tokens. */
struct coded_records {
	struct lac_buffer bodies[3];
	struct lac_frame frames[3]; /* borrow them */
};

static inline void code_records(struct coded_records *out, uint32_t window)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct bytes text = read_file(ARCHIVES "nul.txt"), archive = { NULL, 0 };
	struct lac_frame_reader *reader = NULL;
	struct lac_model *model = NULL;
	struct memory_source source;
	struct lac_header header;
	bool at_end;

	options.kernels = "scalar"; /* plain C is the definition */
	options.records = LAC_RECORDS_NUL;
	options.window = window;
	if (lac_model_open_file(&model, "tests/golden/models/grouped.gguf", &options, NULL) ||
	    transfer(lac_compress, model, text.at, text.length, 0, &options, &archive, NULL, NULL))
		abort();
	source = (struct memory_source){ .at = archive.at, .left = archive.length };
	*out = (struct coded_records){ .bodies = { { 0 } } };
	if (lac_frame_reader_create(&reader, (struct lac_source){ memory_read, &source }, NULL) ||
	    lac_frame_reader_header(reader, &header, &at_end, NULL))
		abort();
	for (unsigned i = 0; i < 3; i++)
		if (lac_frame_reader_next(reader, &out->bodies[i], &out->frames[i], NULL))
			abort();
	lac_frame_reader_free(&reader);
	lac_model_close(&model);
	free(archive.at);
	free(text.at);
}

static inline void set_frame(struct archive_builder *b, size_t at, const struct lac_frame *frame, struct lac_index *index)
{
	struct lac_buffer out = { 0 };
	struct lac_reader cursor;
	uint64_t n;

	lac_frame_write(&out, frame, 0);
	if (!lac_index_add(index, frame, out.length, LAC_RECORDS_NUL))
		abort();
	cursor = (struct lac_reader){ out.bytes + 1, out.length - 1 };
	if (!lac_read_varint(&cursor, &n))
		abort();
	while (b->n <= at)
		archive_add(b, 0);
	b->frames[at].tag = out.bytes[0];
	b->frames[at].body.length = 0;
	lac_buffer_append(&b->frames[at].body, cursor.at, (size_t)n);
	lac_buffer_free(&out);
}

/* Checks of a group's records. */
static inline void add_checks(struct lac_frame *frame, const uint8_t *text)
{
	for (uint32_t i = 0; i < frame->n_streams; i++) {
		const size_t n = strlen((const char *)text);

		frame->stream_checks[i] = lac_group_check(text, n);
		text += n + 1;
	}
}

/* Blocks of that type, whose first record has 48 tokens of context, which it fills, and the others
 * 24, which two of them do. */
static inline void edit_windows(struct archive_builder *b, enum lac_frame_type type)
{
	struct bytes text = read_file(ARCHIVES "nul.txt");
	struct lac_index index = { .last_level = 0 };
	struct coded_records large, small;
	const uint8_t *at = text.at;

	text.at[text.length] = 0; /* there is room, and the last record has no separator */
	code_records(&large, 48);
	code_records(&small, 24);
	set_frame(b, 0, &large.frames[0], &index);
	set_frame(b, 1, &small.frames[0], &index);
	for (unsigned block = 1; block < 3; block++) {
		struct lac_frame *frame = &small.frames[block];

		frame->type = type;
		frame->is_last = false;
		for (uint32_t i = 0; i < frame->n_streams; i++)
			frame->routes[i].model_index = 1;
		if (block == 1) {
			frame->routes[0].model_index = 0;
			frame->streams[0] = large.frames[1].streams[0];
			frame->stream_bytes[0] = large.frames[1].stream_bytes[0];
		}
		add_checks(frame, at);
		set_frame(b, block + 1, frame, &index);
		at += lac_frame_text_bytes(frame);
	}
	if (type == LAC_FRAME_GROUP) {
		const struct lac_frame root = lac_index_frame(&index, 1);

		set_frame(b, 4, &root, &index);
	}
	for (unsigned i = 0; i < 3; i++) {
		lac_buffer_free(&large.bodies[i]);
		lac_buffer_free(&small.bodies[i]);
	}
	lac_index_free(&index);
	free(text.at);
}

static inline void edit_routed_windows(struct archive_builder *b) { edit_windows(b, LAC_FRAME_ROUTED); }
static inline void edit_group_windows(struct archive_builder *b) { edit_windows(b, LAC_FRAME_GROUP); }

/* Moves the last frame before another. */
static inline void move_last(struct archive_builder *b, size_t to)
{
	const struct built_frame last = b->frames[b->n - 1];

	memmove(&b->frames[to + 1], &b->frames[to], (b->n - 1 - to) * sizeof last);
	b->frames[to] = last;
}

static inline void copy_before(struct archive_builder *b, size_t from, size_t to)
{
	archive_copy(b, &b->frames[from]);
	move_last(b, to);
}

static inline void edit_file_first(struct archive_builder *b) { copy_before(b, 2, 0); }
static inline void edit_file_twice(struct archive_builder *b) { copy_before(b, 2, 3); }
static inline void edit_file_after(struct archive_builder *b) { copy_before(b, 2, 4); archive_copy(b, &b->frames[3]); }
static inline void edit_file_open(struct archive_builder *b) { b->frames[2].tag |= LAC_TAG_OPEN; }
static inline void edit_file_check(struct archive_builder *b) { b->frames[2].check_change = UINT64_C(1) << 32; }

static inline void edit_file_late(struct archive_builder *b)
{
	archive_copy(b, &b->frames[3]);
	move_last(b, 1);
}

/* The block is said to be coded with what the file makes. */
static inline void use_file(struct archive_builder *b) { b->frames[3].body.bytes[0] = 2; }
static inline void edit_file_identity(struct archive_builder *b) { use_file(b); b->frames[1].body.bytes[1] ^= 1; }
static inline void edit_file_magic(struct archive_builder *b) { use_file(b); b->frames[2].body.bytes[1] ^= 1; }

static inline void put_file(struct archive_builder *b, const char *name)
{
	const struct hostile_model *h = hostile_model_files;
	struct lac_buffer file;

	while (strcmp(h->name, name) != 0)
		h++;
	file = make_hostile_model(h);
	b->frames[2].body.length = 1;
	lac_buffer_append(&b->frames[2].body, file.bytes, file.length);
	lac_buffer_free(&file);
}

static inline void edit_file_newer(struct archive_builder *b)
{
	use_file(b);
	put_file(b, "unsupported-adapter-alpha");
}

/* Of a model that is at hand, so that nobody looks what is in it. */
static inline void add_any_file(struct archive_builder *b, const char *entry)
{
	lac_buffer_append(&archive_add(b, LAC_FRAME_FILE)->body, "\0any", 4);
	move_last(b, 1);
	splice(&b->frames[4].body, 5, 0, entry, 3);
	b->frames[4].body.bytes[1] = 4;
	b->frames[4].body.bytes[14] = 0x1c;
}

static inline void edit_index_of_file(struct archive_builder *b) { add_any_file(b, "\x0e\0\0"); }
static inline void edit_index_file_model(struct archive_builder *b) { add_any_file(b, "\x0e\0\2"); }
static inline void edit_index_file_record(struct archive_builder *b) { add_any_file(b, "\x0e\1\0"); }

/* ---- Spoils ---------------------------------------------------------------------- */

static inline void spoil_cut_1(struct lac_buffer *out) { out->length--; }
static inline void spoil_cut_to_header(struct lac_buffer *out) { out->length = 7; }
static inline void spoil_cut_to_length(struct lac_buffer *out) { out->length = LAC_HEADER_BYTES + 1; }
static inline void spoil_cut_to_nothing(struct lac_buffer *out) { out->length = 0; }
static inline void spoil_magic(struct lac_buffer *out) { out->bytes[0] = 'L'; }
static inline void spoil_header_check(struct lac_buffer *out) { out->bytes[6] ^= 1; }
static inline void spoil_byte_after(struct lac_buffer *out) { lac_buffer_append(out, "x", 1); }
static inline void spoil_zeros_after(struct lac_buffer *out) { lac_buffer_append(out, "\0\0\0\0\0\0\0\0\0\0\0", 11); }
static inline void spoil_magic_after(struct lac_buffer *out) { lac_buffer_append(out, LAC_MAGIC, 3); }

static inline void spoil_header_after(struct lac_buffer *out)
{
	archive_write_header(out, LAC_FORMAT_VERSION, LAC_RECORDS_NONE);
	out->bytes[out->length - 1] ^= 1;
}

static inline void spoil_version_after(struct lac_buffer *out) { archive_write_header(out, LAC_FORMAT_VERSION + 1, LAC_RECORDS_NONE); }

static inline void spoil_twice(struct lac_buffer *out)
{
	const size_t n = out->length;

	for (size_t i = 0; i < n; i++)
		lac_buffer_u8(out, out->bytes[i]);
}

/* 2^20 / 3000 archives fit into the limit. */
static inline void spoil_400_times(struct lac_buffer *out)
{
	const size_t n = out->length;

	for (size_t i = 0; i < 399 * n; i++)
		lac_buffer_u8(out, out->bytes[i]);
}

/* ---- Cases ----------------------------------------------------------------------- */

#define CORRUPT(frame) frame, LAC_CORRUPT
#define NEWER(frame) frame, LAC_UNSUPPORTED
#define CUT(frame) frame, LAC_TRUNCATED
#define SPLICE(frame, at, n_old, bytes) frame, at, n_old, BYTES(bytes), NULL, NULL, NULL
#define EDIT(how) 0, 0, 0, NULL, 0, edit_##how, NULL, NULL
#define SPOIL(how) 0, 0, 0, NULL, 0, NULL, spoil_##how, NULL
#define GOOD_SPLICE(frame, at, n_old, bytes, text) frame, at, n_old, BYTES(bytes), NULL, NULL, text
#define GOOD_EDIT(how, text) 0, 0, 0, NULL, 0, edit_##how, NULL, text
#define GOOD_SPOIL(how, text) 0, 0, 0, NULL, 0, NULL, spoil_##how, text
#define BOMB_LIMIT (UINT64_C(1) << 20) /* of text, where the status is over-limit */

static const struct hostile_archive hostile_archives[] = {
	/* header */
	{ "bad-nothing", EMPTY, HEADER, LAC_NOT_ARCHIVE, "no byte at all", SPOIL(cut_to_nothing) },
	{ "bad-magic", STORED, HEADER, LAC_NOT_ARCHIVE, "the first byte of the magic is another", SPOIL(magic) },
	{ "bad-header-cut", STORED, CUT(HEADER), "the file ends in its header", SPOIL(cut_to_header) },
	{ "bad-header-check", STORED, CORRUPT(HEADER), "the header's check", SPOIL(header_check) },
	{ "unsupported-version-0", STORED, NEWER(HEADER), "format version 0, which was experimental", EDIT(version_0) },
	{ "unsupported-version-2", STORED, NEWER(HEADER), "format version 2", EDIT(version_2) },
	{ "unsupported-records-3", STORED, NEWER(HEADER), "a kind of records that is reserved", EDIT(flags_3) },
	{ "unsupported-header-bit", STORED, NEWER(HEADER), "a reserved bit of the header's flags", EDIT(flags_4) },
	/* frames */
	{ "bad-no-frame", EMPTY, CUT(0), "a header alone", EDIT(no_frame) },
	{ "bad-frame-cut", STORED, CUT(1), "the last byte of the last check is missing", SPOIL(cut_1) },
	{ "bad-tag-alone", STORED, CUT(0), "the file ends after the first frame's tag", SPOIL(cut_to_length) },
	{ "bad-no-last", STORED, CUT(2), "no frame has the last flag", EDIT(open_ended) },
	{ "bad-last-early", STORED, CORRUPT(1), "a last flag before the last frame: what follows is no archive", EDIT(last_early) },
	{ "bad-length-padded", STORED, CORRUPT(0), "the body's length 5 as a varint of two bytes", EDIT(length_padded) },
	{ "bad-length-large", STORED, CORRUPT(0), "a length of 2^24 + 2^20 + 1", EDIT(length_large) },
	{ "bad-length-long", STORED, CORRUPT(0), "a varint of ten bytes", EDIT(length_long) },
	{ "bad-length-claimed", STORED, CUT(1), "a length of 2^24 and 5 bytes: a reader must not take 2^24 for it", EDIT(length_claimed) },
	{ "bad-check", STORED, CORRUPT(1), "the second block's check, low half", EDIT(check) },
	{ "bad-check-half", STORED, CORRUPT(1), "a stored block's check is 8 bytes: the high half differs", EDIT(check_half) },
	{ "bad-check-text", TEXT, CORRUPT(1), "a text block's check", EDIT(check) },
	{ "bad-place", STORED, CORRUPT(1), "the second block's check is seeded as the third's", EDIT(place) },
	{ "bad-first-dropped", TEXT, CORRUPT(0), "the model frame is missing: the block names what was not declared", EDIT(first_dropped) },
	{ "bad-open-in-text", STORED, CORRUPT(1), "an open flag in an archive of one text", EDIT(open_1) },
	{ "bad-open-model", RECORDS, CORRUPT(0), "an open flag of a frame that is no block", EDIT(open_0) },
	{ "unsupported-type", STORED, NEWER(1), "a frame of type 15", EDIT(type_15) },
	{ "unsupported-bit-4", STORED, NEWER(1), "bit 4 of a tag", EDIT(reserved_16) },
	{ "unsupported-bit-5", STORED, NEWER(1), "bit 5 of a tag", EDIT(reserved_32) },
	{ "bad-end-after-block", STORED, CORRUPT(2), "an end frame after blocks", EDIT(end_added) },
	{ "bad-end-not-last", EMPTY, CORRUPT(0), "a block after an end frame", EDIT(stored_added) },
	{ "bad-end-with-body", EMPTY, CORRUPT(0), "an end frame of one byte", SPLICE(0, 0, 0, "x") },
	{ "bad-stored-empty", STORED, CORRUPT(1), "a stored block without a byte", SPLICE(1, 0, 4, "") },
	/* declarations */
	{ "bad-model-last", TEXT, CORRUPT(0), "a model frame is an archive's last", EDIT(last_dropped) },
	{ "unsupported-arithmetic-0", TEXT, NEWER(0), "arithmetic version 0, which was experimental", SPLICE(0, 0, 1, "\0") },
	{ "unsupported-arithmetic-2", TEXT, NEWER(0), "arithmetic version 2", SPLICE(0, 0, 1, "\2") },
	{ "other-model", TEXT, 1, LAC_OTHER_MODEL, "a byte of the model's identity", SPLICE(0, 1, 1, "\xb4") },
	{ "bad-window-1", TEXT, CORRUPT(0), "a window of one position", SPLICE(0, 17, 1, "\1") },
	{ "bad-window-large", TEXT, CORRUPT(0), "a window of 2^20 + 1 positions", SPLICE(0, 17, 1, "\x81\x80\x40") },
	{ "bad-window-padded", TEXT, CORRUPT(0), "the window as a varint of two bytes", SPLICE(0, 17, 1, "\xb0\x00") },
	{ "unsupported-window", TEXT, NEWER(1), "a window of 49 positions of a model that was made for 48", SPLICE(0, 17, 1, "\x31") },
	{ "bad-name-32", TEXT, CORRUPT(0), "a name of 32 bytes", SPLICE(0, 18, 12, "\x20" "a name that is one byte too long") },
	{ "bad-name-control", TEXT, CORRUPT(0), "a name with a line feed", SPLICE(0, 19, 1, "\n") },
	{ "bad-name-latin", TEXT, CORRUPT(0), "a name with a byte above 7E", SPLICE(0, 19, 1, "\x7f") },
	{ "bad-name-cut", TEXT, CORRUPT(0), "a model frame ends in its name", SPLICE(0, -1, 1, "") },
	{ "bad-model-long", TEXT, CORRUPT(0), "a byte after a model's name", SPLICE(0, 30, 0, "x") },
	{ "bad-model-short", TEXT, CORRUPT(0), "a model frame ends in its identity", SPLICE(0, 9, 21, "") },
	{ "other-adapter", ROUTED, 3, LAC_OTHER_ADAPTER, "a byte of an adapter's identity", SPLICE(1, 1, 1, "\xb9") },
	{ "bad-base-undeclared", ROUTED, CORRUPT(1), "an adapter of a model that is declared after it", SPLICE(1, 0, 1, "\4") },
	{ "bad-base-adapted", ROUTED, CORRUPT(2), "an adapter of an adapted model", SPLICE(2, 0, 1, "\2") },
	{ "bad-adapted-last", ROUTED, CORRUPT(2), "a frame of an adapted model is an archive's last", EDIT(last_dropped) },
	{ "bad-adapted-long", ROUTED, CORRUPT(2), "a byte after an adapter's name", SPLICE(2, 37, 0, "x") },
	/* files; who may open them does so */
	{ "bad-file-first", CARRIED, CORRUPT(0), "a file before what it is of is declared", EDIT(file_first) },
	{ "bad-file-twice", CARRIED, CORRUPT(3), "the same file twice", EDIT(file_twice) },
	{ "bad-file-after", CARRIED, CORRUPT(4), "a file after a block", EDIT(file_after) },
	{ "bad-file-late", CARRIED, CORRUPT(3), "a model is declared after a block, and its file follows", EDIT(file_late) },
	{ "bad-file-last", CARRIED, CORRUPT(2), "a file is an archive's last frame", EDIT(last_dropped) },
	{ "bad-file-open", CARRIED, CORRUPT(2), "an open flag of a file", EDIT(file_open) },
	{ "bad-file-check", CARRIED, CORRUPT(2), "a file's check is 8 bytes: the high half differs", EDIT(file_check) },
	{ "bad-file-empty", CARRIED, CORRUPT(2), "a piece of no byte", SPLICE(2, 1, 576, "") },
	{ "bad-file-nothing", CARRIED, CORRUPT(2), "a file frame without a body", SPLICE(2, 0, 577, "") },
	{ "bad-file-short", CARRIED, CORRUPT(2), "a piece of 576 bytes, and more are to come", SPLICE(2, 0, 1, "\1") },
	{ "bad-file-padded", CARRIED, CORRUPT(2), "what is left as a varint of two bytes", SPLICE(2, 0, 1, "\x80\x00") },
	{ "bad-file-identity", CARRIED, CORRUPT(2), "a byte of the identity that the file must have", EDIT(file_identity) },
	{ "bad-file-magic", CARRIED, CORRUPT(2), "the file is no GGUF file", EDIT(file_magic) },
	{ "unsupported-file", CARRIED, NEWER(2), "an adapter whose alpha is not a number", EDIT(file_newer) },
	/* text blocks */
	{ "bad-text-undeclared", TEXT, CORRUPT(1), "model 1, where only 0 is declared", SPLICE(1, 0, 1, "\2") },
	{ "bad-text-model-padded", TEXT, CORRUPT(1), "model 0 as a varint of two bytes", SPLICE(1, 0, 1, "\x80\x00") },
	{ "unsupported-published", TEXT, NEWER(1), "published model 60000", SPLICE(1, 0, 1, "\xc1\xa9\x07") },
	{ "bad-published-large", TEXT, CORRUPT(1), "published model 65536", SPLICE(1, 0, 1, "\x81\x80\x08") },
	{ "bad-text-bytes-0", TEXT, CORRUPT(1), "a text of 0 bytes", SPLICE(1, 1, 3, "\0\0") },
	{ "bad-text-bytes-less", TEXT, CORRUPT(1), "150 bytes of text, where there are 151", SPLICE(1, 1, 2, "\x96\x01") },
	{ "bad-text-bytes-more", TEXT, CORRUPT(1), "152 bytes of text, where there are 151", SPLICE(1, 1, 2, "\x98\x01") },
	{ "bad-text-bytes-large", TEXT, CORRUPT(1), "2^24 + 1 bytes of text", SPLICE(1, 1, 2, "\x81\x80\x80\x08") },
	{ "bad-text-bytes-padded", TEXT, CORRUPT(1), "the text's bytes as a varint of three", SPLICE(1, 1, 2, "\x97\x81\x00") },
	{ "bad-tokens-0", TEXT, CORRUPT(1), "no token", SPLICE(1, 3, 1, "\0") },
	{ "bad-tokens-less", TEXT, CORRUPT(1), "116 tokens, where there are 117", SPLICE(1, 3, 1, "\x74") },
	{ "bad-tokens-more", TEXT, CORRUPT(1), "118 tokens, where there are 117", SPLICE(1, 3, 1, "\x76") },
	{ "bad-tokens-large", TEXT, CORRUPT(1), "more tokens than bytes", SPLICE(1, 3, 1, "\x98\x01") },
	{ "bad-text-hash", TEXT, CORRUPT(1), "a byte of the text's hash", SPLICE(1, 4, 1, "\x46") },
	{ "bad-text-short", TEXT, CORRUPT(1), "a text block ends in its hash", SPLICE(1, 8, 51, "") },
	{ "bad-payload-none", TEXT, CORRUPT(1), "no payload", SPLICE(1, 12, 47, "") },
	{ "bad-payload-cut", TEXT, CORRUPT(1), "the payload's last byte is missing", SPLICE(1, -1, 1, "") },
	{ "bad-payload-zero", TEXT, CORRUPT(1), "a zero byte after the payload", SPLICE(1, 59, 0, "\0") },
	{ "bad-payload-byte", TEXT, CORRUPT(1), "a byte after the payload: the same symbols, but not what an encoder ends with", SPLICE(1, 59, 0, "\1") },
	{ "bad-payload-long", TEXT, CORRUPT(1), "nine bytes after the payload", SPLICE(1, 59, 0, "\0\0\0\0\0\0\0\0\1") },
	{ "bad-payload-first", TEXT, CORRUPT(1), "the payload's first byte", SPLICE(1, 12, 1, "\x74") },
	{ "bad-payload-high", TEXT, CORRUPT(1), "a payload above every symbol", SPLICE(1, 12, 47, "\xff\xff\xff\xff\xff\xff\xff\xff\xff") },
	/* records */
	{ "bad-text-in-records", TEXT, CORRUPT(1), "a text block in an archive of records", EDIT(to_lines) },
	{ "bad-records-in-text", RECORDS, CORRUPT(1), "a records block in an archive of one text", EDIT(to_text) },
	{ "bad-mixed-in-records", MIXED, CORRUPT(0), "a mixed block in an archive of records", EDIT(to_lines) },
	{ "bad-routed-in-text", ROUTED, CORRUPT(3), "a routed block in an archive of one text", EDIT(to_text) },
	{ "bad-records-0", RECORDS, CORRUPT(1), "a block of no record", SPLICE(1, 12, 1, "\0") },
	{ "bad-records-65", RECORDS, CORRUPT(1), "a block of 65 records", SPLICE(1, 12, 1, "\x41") },
	{ "bad-records-more", RECORDS, CORRUPT(1), "one record more than there are", SPLICE(1, 12, 1, "\4") },
	{ "bad-records-less", RECORDS, CORRUPT(1), "one record less than there are: bytes are left over", SPLICE(1, 12, 1, "\2") },
	{ "bad-record-length", RECORDS, CORRUPT(1), "a payload is longer than its block", SPLICE(1, 13, 1, "\x7f") },
	{ "bad-record-length-padded", RECORDS, CORRUPT(1), "a payload's length as a varint of two bytes", SPLICE(1, 14, 1, "\x82\x00") },
	{ "bad-record-zero", RECORDS, CORRUPT(2), "a zero byte after a record's payload, and its length says so", SPLICE(2, 12, 14,
		"\x0e" "\xc0\xa8\x6e\x57\x24\x79\xf3\x37\xd7\x94\x6f\x33\x24\x00") },
	{ "bad-records-long", RECORDS, CORRUPT(2), "a byte after the last payload", SPLICE(2, 26, 0, "x") },
	{ "bad-records-tokens", RECORDS, CORRUPT(2), "21 tokens, where there are 22", SPLICE(2, 2, 1, "\x15") },
	{ "bad-records-bytes", RECORDS, CORRUPT(2), "25 bytes of text, where there are 26", SPLICE(2, 1, 1, "\x19") },
	{ "bad-records-hash", RECORDS, CORRUPT(2), "a byte of the hash of the second block's text", SPLICE(2, 3, 1, "\x54") },
	{ "bad-open-flag", RECORDS, CORRUPT(1), "an open flag where the text ends with a separator", EDIT(open_1) },
	{ "bad-no-open-flag", RECORDS, CORRUPT(2), "no open flag where the last record is not ended", EDIT(closed_2) },
	{ "bad-open-empty", RECORDS, CORRUPT(2), "the open record is empty", EDIT(open_and_empty) },
	{ "bad-separator-inside", RECORDS, CORRUPT(1), "a record holds the separator", EDIT(separators_inside) },
	{ "bad-stored-not-open", STORED, CORRUPT(0), "a stored block of records without an open flag does not end with a separator", EDIT(stored_closed) },
	{ "bad-route-undeclared", ROUTED, CORRUPT(3), "a record's model is not declared", SPLICE(3, 13, 1, "\6") },
	{ "bad-route-other", ROUTED, CORRUPT(3), "a record is said to be coded with another of the models", SPLICE(3, 13, 1, "\4") },
	/* mixed blocks */
	{ "unsupported-mixed-arithmetic", MIXED, NEWER(0), "arithmetic version 2 of a mixed block", SPLICE(0, 0, 1, "\2") },
	{ "bad-mixed-bytes-0", MIXED, CORRUPT(0), "a mixed block of 0 bytes", SPLICE(0, 1, 2, "\0") },
	{ "bad-mixed-bytes-less", MIXED, CORRUPT(0), "2999 bytes of text, where there are 3000", SPLICE(0, 1, 2, "\xb7\x17") },
	{ "bad-mixed-bytes-large", MIXED, CORRUPT(0), "2^24 + 1 bytes of text", SPLICE(0, 1, 2, "\x81\x80\x80\x08") },
	{ "bad-mixed-bytes-padded", MIXED, CORRUPT(0), "the text's bytes as a varint of three", SPLICE(0, 1, 2, "\xb8\x97\x00") },
	{ "bad-mixed-hash", MIXED, CORRUPT(0), "a byte of the hash", SPLICE(0, 3, 1, "\x6b") },
	{ "bad-mixed-zero", MIXED, CORRUPT(0), "a payload of one zero byte, where an empty one is right", SPLICE(0, 11, 0, "\0") },
	{ "bad-mixed-byte", MIXED, CORRUPT(0), "nine bytes of payload, the last not zero, for an empty one", SPLICE(0, 11, 0, "\0\0\0\0\0\0\0\0\1") },
	/* mixed records blocks */
	{ "bad-mixed-records-in-text", MIXED_RECORDS, CORRUPT(0), "a mixed records block in an archive of one text", EDIT(to_text) },
	{ "unsupported-mixed-records-arithmetic", MIXED_RECORDS, NEWER(0), "arithmetic version 2 of a mixed records block", SPLICE(0, 0, 1, "\2") },
	{ "bad-mixed-records-bytes-0", MIXED_RECORDS, CORRUPT(0), "a mixed records block of 0 bytes", SPLICE(0, 1, 2, "\0") },
	{ "bad-mixed-records-less", MIXED_RECORDS, CORRUPT(0), "63 records, where there are 64", SPLICE(0, 11, 1, "\x3f") },
	{ "bad-mixed-records-more", MIXED_RECORDS, CORRUPT(0), "65 records, where there are 64", SPLICE(0, 11, 1, "\x41") },
	{ "bad-mixed-records-large", MIXED_RECORDS, CORRUPT(0), "a record more than the text has bytes", SPLICE(0, 11, 1, "\xb8\x19") },
	{ "bad-mixed-records-padded", MIXED_RECORDS, CORRUPT(0), "the number of records as a varint of two bytes", SPLICE(0, 11, 1, "\xc0\0") },
	{ "bad-mixed-records-hash", MIXED_RECORDS, CORRUPT(0), "a byte of the hash", SPLICE(0, 3, 1, "\x47") },
	{ "bad-mixed-records-payload", MIXED_RECORDS, CORRUPT(0), "the payload's last byte is missing", SPLICE(0, -1, 1, "") },
	{ "bad-mixed-records-open", MIXED_RECORDS, CORRUPT(0), "an open flag where the text ends with a separator", EDIT(open_0) },
	/* groups and indexes */
	{ "bad-group-in-text", GROUP, CORRUPT(1), "a group in an archive of one text", EDIT(to_text) },
	{ "bad-group-last", GROUP, CORRUPT(1), "a group is an archive's last frame", EDIT(two_dropped) },
	{ "bad-group-tokens", GROUP, CORRUPT(1), "112 tokens, where there are 113", SPLICE(1, 2, 1, "\x70") },
	{ "bad-group-hash", GROUP, CORRUPT(1), "a byte of the hash of the group's text", SPLICE(1, 3, 1, "\xda") },
	{ "bad-group-check", GROUP, CORRUPT(1), "the check of the second record", SPLICE(1, 19, 1, "\xc3") },
	{ "bad-group-models-0", GROUP, CORRUPT(1), "a group of no model", SPLICE(1, 12, 1, "\0") },
	{ "bad-group-models-4", GROUP, CORRUPT(1), "four models for three records", SPLICE(1, 12, 1, "\4") },
	{ "bad-group-undeclared", GROUP, CORRUPT(1), "a group's model is not declared", SPLICE(1, 13, 1, "\2") },
	{ "bad-group-width-25", GROUP, CORRUPT(1), "w is 25", SPLICE(1, 14, 1, "\x19") },
	{ "bad-group-width", GROUP, CORRUPT(1), "the same lengths with w 6, where 4 takes fewer bits", SPLICE(1, 14, 4, "\6\x30\x42\x05") },
	{ "bad-group-padding", GROUP, CORRUPT(1), "a bit after the lengths", SPLICE(1, 17, 1, "\x15") },
	{ "bad-choice-first", CHOICES, CORRUPT(3), "the second model is named first", SPLICE(3, 16, 1, "\1") },
	{ "bad-choice-unused", CHOICES, CORRUPT(3), "the second model is not named", SPLICE(3, 16, 1, "\0") },
	{ "bad-choice-padding", CHOICES, CORRUPT(3), "a bit after the choices", SPLICE(3, 16, 1, "\6") },
	{ "bad-choice-twice", CHOICES, CORRUPT(3), "the same model twice", SPLICE(3, 14, 2, "\4\4") },
	{ "bad-choice-other", CHOICES, CORRUPT(3), "each record is said to be coded with the other's model", SPLICE(3, 14, 2, "\2\4") },
	{ "bad-index-none", GROUP, CORRUPT(2), "an archive with a group ends without an index", EDIT(last_dropped) },
	{ "bad-index-bytes", GROUP, CORRUPT(3), "an entry has one byte more than its frame", SPLICE(3, 2, 1, "\x25") },
	{ "bad-index-records", GROUP, CORRUPT(3), "an entry has 2 records of 3", SPLICE(3, 6, 1, "\2") },
	{ "bad-index-models", GROUP, CORRUPT(3), "an entry does not tell a model", SPLICE(3, 4, 1, "\0") },
	{ "bad-index-open", GROUP, CORRUPT(3), "an entry does not tell that its block is open", SPLICE(3, 10, 1, "\0") },
	{ "bad-index-level-0", GROUP, CORRUPT(3), "level 0", SPLICE(3, 0, 1, "\0") },
	{ "bad-index-level-9", GROUP, CORRUPT(3), "level 9", SPLICE(3, 0, 1, "\x09") },
	{ "bad-index-level-2", GROUP, CORRUPT(3), "an index of level 2 over blocks", EDIT(index_level_2) },
	{ "bad-index-entries-0", GROUP, CORRUPT(3), "an index of no entry", SPLICE(3, 1, 10, "\0") },
	{ "bad-index-entries-2", GROUP, CORRUPT(3), "two entries for three frames", SPLICE(3, 1, 14, "\2" "\x24\0\2" "\x7e\3\0" "\x16\0\0\0") },
	{ "bad-index-length", GROUP, CORRUPT(3), "another length than that of the frame", SPLICE(3, 11, 1, "\x1a") },
	{ "bad-index-early", GROUP, CORRUPT(4), "a block after the last index", EDIT(index_early) },
	{ "bad-index-twice", GROUP, CORRUPT(4), "an index of level 1 after another", EDIT(index_twice) },
	{ "bad-index-in-text", STORED, CORRUPT(2), "an index in an archive of one text", EDIT(index_of_text) },
	{ "bad-index-file-model", GROUP, CORRUPT(4), "an entry has a model, and the frame is a file", EDIT(index_file_model) },
	{ "bad-index-file-record", GROUP, CORRUPT(4), "an entry has a record, and the frame is a file", EDIT(index_file_record) },
	/* after the archive */
	{ "bad-byte-after", STORED, CORRUPT(2), "a byte after the archive", SPOIL(byte_after) },
	{ "bad-zeros-after", TEXT, CORRUPT(2), "zeros after the archive", SPOIL(zeros_after) },
	{ "bad-magic-after", STORED, CUT(2), "three bytes of another archive", SPOIL(magic_after) },
	{ "bad-header-after", STORED, CORRUPT(2), "another archive's header is damaged", SPOIL(header_after) },
	{ "unsupported-version-after", STORED, NEWER(2), "another archive has format version 2", SPOIL(version_after) },
	/* more text than one should like: decode with a limit of 2^20 bytes */
	{ "bomb-text", TEXT, 1, LAC_OVER_LIMIT, "2^24 bytes of text from no payload", SPLICE(1, 1, 58, "\x80\x80\x80\x08\x01" "\1\2\3\4\5\6\7\x08") },
	{ "bomb-mixed", MIXED, 0, LAC_OVER_LIMIT, "2^24 bytes of text from no payload", SPLICE(0, 1, 2, "\x80\x80\x80\x08") },
	{ "bomb-sum", MIXED, 349, LAC_OVER_LIMIT, "400 archives of 3000 bytes each", SPOIL(400_times) },
	/* odd, but right */
	{ "good-name-31", TEXT, 2, LAC_OK, "a name of 31 bytes", GOOD_SPLICE(0, 18, 12, "\x1f" "a name that is just short enoug", "=one-block") },
	{ "good-no-name", TEXT, 2, LAC_OK, "a name of no byte", GOOD_EDIT(no_name, "=one-block") },
	{ "good-two-models", TEXT, 3, LAC_OK, "a model is declared that no block uses", GOOD_EDIT(two_models, "=one-block") },
	{ "good-text-twice", TEXT, 3, LAC_OK, "two equal blocks", GOOD_EDIT(again, "=one-block one-block") },
	{ "good-open-stored", STORED, 2, LAC_OK, "a record that goes on from one stored block to the next", GOOD_EDIT(stored_lines, "firstlast\n") },
	{ "good-index-deep", GROUP, 6, LAC_OK, "two indexes under a third, where one would do", GOOD_EDIT(index_deep, "=indexed-nul") },
	{ "good-index-of-records", RECORDS, 4, LAC_OK, "records blocks with an index", GOOD_EDIT(index_of_records, "=nul") },
	{ "good-routed-windows", RECORDS, 4, LAC_OK, "routed blocks whose records have one model with two windows", GOOD_EDIT(routed_windows, "=nul") },
	{ "good-group-windows", RECORDS, 5, LAC_OK, "the same as groups", GOOD_EDIT(group_windows, "=nul") },
	{ "good-file", CARRIED, 4, LAC_OK, "an adapter that no block uses, with its file", GOOD_SPLICE(2, 0, 0, "", "=one-block") },
	{ "good-index-of-file", GROUP, 5, LAC_OK, "an index that describes a file", GOOD_EDIT(index_of_file, "=indexed-nul") },
	{ "good-empty-twice", EMPTY, 1, LAC_OK, "two archives of nothing", GOOD_SPOIL(twice, "") },
};
#define N_HOSTILE_ARCHIVES (sizeof hostile_archives / sizeof *hostile_archives)

/* Of "good-adapter". */
static inline void carry(struct archive_builder *b)
{
	static const uint8_t identity[16] = { 0x97, 0xad, 0x94, 0xd2, 0x76, 0x2c, 0x1c, 0x57, 0x65, 0x79, 0xb7, 0xf6, 0x5d, 0xc1, 0xf1, 0x83 };
	struct built_frame *frame;

	archive_copy(b, &b->frames[1]);
	archive_copy(b, &b->frames[1]);
	frame = &b->frames[1];
	frame->tag = LAC_FRAME_ADAPTED;
	frame->body.length = 0;
	lac_buffer_u8(&frame->body, 0); /* of model 0 */
	lac_buffer_append(&frame->body, identity, sizeof identity);
	lac_buffer_u8(&frame->body, 0); /* no name */
	frame = &b->frames[2];
	frame->tag = LAC_FRAME_FILE;
	frame->body.length = 0;
	lac_buffer_u8(&frame->body, 0);
	put_file(b, "good-adapter");
}

static inline void hostile_base(struct archive_builder *builder, enum hostile_base base)
{
	static const char *const files[] = { "one-block", "nul", "adapted-lines", "ones", NULL, "empty", "indexed-nul", "one-block", "mixed-records", "indexed-adapted" };
	char path[64];

	*builder = (struct archive_builder){ .version = LAC_FORMAT_VERSION };
	if (base == STORED) {
		lac_buffer_append(&archive_add(builder, LAC_FRAME_STORED)->body, "first", 5);
		lac_buffer_append(&archive_add(builder, LAC_FRAME_STORED)->body, "last", 4);
		return;
	}
	snprintf(path, sizeof path, ARCHIVES "%s.lac", files[base]);
	archive_load(builder, path);
	if (base == ROUTED)
		archive_drop(builder, 3);
	if (base == CARRIED)
		carry(builder);
	if (base == CHOICES) {
		archive_drop(builder, 5);
		archive_drop(builder, 3);
		archive_drop(builder, 1);
	}
}

/* The file, and where its error is. */
static inline struct lac_buffer make_hostile_archive(const struct hostile_archive *h, uint64_t *offset)
{
	size_t starts[17] = { 0 };
	struct archive_builder builder;
	struct lac_buffer out = { 0 };

	hostile_base(&builder, h->base);
	if (h->edit)
		h->edit(&builder);
	if (h->bytes) {
		struct lac_buffer *body = &builder.frames[h->frame].body;

		splice(body, h->at < 0 ? body->length - (size_t)-h->at : (size_t)h->at, h->n_old, h->bytes, h->n_bytes);
	}
	archive_write(&out, &builder, starts);
	*offset = h->told == HEADER ? 0 : h->told > 16 ? (uint64_t)h->told * out.length + LAC_HEADER_BYTES : starts[h->told];
	if (h->spoil)
		h->spoil(&out);
	archive_free(&builder);
	return out;
}

/* The text of a good one. */
static inline struct lac_buffer make_hostile_text(const struct hostile_archive *h)
{
	struct lac_buffer out = { 0 };
	char names[64], path[128], *save = NULL;

	if (h->text[0] != '=') {
		lac_buffer_append(&out, h->text, strlen(h->text));
		return out;
	}
	snprintf(names, sizeof names, "%s", h->text + 1);
	for (char *name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		struct bytes text;

		snprintf(path, sizeof path, ARCHIVES "%s.txt", name);
		text = read_file(path);
		lac_buffer_append(&out, text.at, text.length);
		free(text.at);
	}
	return out;
}

#endif
