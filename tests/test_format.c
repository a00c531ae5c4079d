/* Laws of headers and frames (format.md). */
#include "test.h"
#include "memory_io.h"

#include "format/check.h"
#include "format/published.h"

static const struct lac_frame model_frame = {
	.type = LAC_FRAME_MODEL,
	.model = { .arithmetic_version = 1, .window = 512, .identity = { 1, 2, 3, 0xff }, .name = "a model" },
};

static struct lac_frame stored_frame(const char *text)
{
	return (struct lac_frame){ .type = LAC_FRAME_STORED, .n_streams = 1, .n_text_bytes = strlen(text),
		.streams = { (const uint8_t *)text }, .stream_bytes = { strlen(text) } };
}

static struct lac_frame text_frame(void)
{
	return (struct lac_frame){ .type = LAC_FRAME_TEXT, .n_text_bytes = 300, .n_tokens = 120, .n_streams = 1,
		.text_hash = UINT64_C(0x123456789abcdef0), .streams = { (const uint8_t *)"payload" }, .stream_bytes = { 7 } };
}

static struct lac_frame mixed_frame(void)
{
	return (struct lac_frame){ .type = LAC_FRAME_MIXED, .arithmetic_version = 1, .n_text_bytes = 3000, .n_streams = 1, .text_hash = 5,
		.streams = { (const uint8_t *)"mixed" }, .stream_bytes = { 5 } };
}

static struct lac_frame records_frame(void)
{
	return (struct lac_frame){ .type = LAC_FRAME_RECORDS, .n_text_bytes = 300, .n_tokens = 120, .n_streams = 3,
		.text_hash = 77, .streams = { (const uint8_t *)"one", NULL, (const uint8_t *)"three" }, .stream_bytes = { 3, 0, 5 } };
}

/* Of the archive's first model. */
static const struct lac_frame adapted_frame = { .type = LAC_FRAME_ADAPTED, .model = { .identity = { 9, 8, 0xfe }, .name = "an adapter" } };

static struct lac_frame routed_frame(void)
{
	struct lac_frame frame = records_frame();

	frame.type = LAC_FRAME_ROUTED;
	frame.routes[0].model_index = 1;
	frame.routes[2] = (struct lac_model_reference){ true, 0 };
	return frame;
}

/* A whole archive: header, then the frames, the last one marked. */
static void write_archive(struct lac_buffer *out, enum lac_records records, const struct lac_frame *frames, unsigned n)
{
	lac_header_write(out, &(struct lac_header){ records });
	for (unsigned i = 0; i < n; i++) {
		struct lac_frame frame = frames[i];
		const size_t before = out->length;

		frame.is_last = i == n - 1;
		lac_frame_write(out, &frame, i);
		CHECK(out->length - before == lac_frame_bytes(&frame));
	}
}

/* Reads a whole archive; *n_frames counts the frames that were accepted. */
static enum lac_status read_archive(const uint8_t *bytes, size_t n, size_t chunk, unsigned *n_frames, struct lac_frame *last,
	struct lac_error *error)
{
	struct memory_source source = { .at = bytes, .left = n, .chunk = chunk };
	struct lac_frame_reader *reader = NULL;
	struct lac_buffer body = { 0 };
	struct lac_frame frame = { .is_last = false };
	struct lac_header header;
	bool at_end = false;
	enum lac_status s = lac_frame_reader_create(&reader, (struct lac_source){ memory_read, &source }, error);

	*n_frames = 0;
	while (!s && !at_end) {
		s = lac_frame_reader_header(reader, &header, &at_end, error);
		for (frame.is_last = false; !s && !at_end && !frame.is_last; *n_frames += !s)
			s = lac_frame_reader_next(reader, &body, &frame, error);
		if (last && !at_end)
			*last = frame;
	}
	if (!s)
		CHECK(lac_frame_reader_offset(reader) == n);
	lac_frame_reader_free(&reader);
	lac_buffer_free(&body);
	return s;
}

static enum lac_status try_frames(enum lac_records records, const struct lac_frame *frames, unsigned n)
{
	struct lac_buffer archive = { 0 };
	struct lac_error error = { 0 };
	unsigned n_frames;
	enum lac_status s;

	write_archive(&archive, records, frames, n);
	s = read_archive(archive.bytes, archive.length, 0, &n_frames, NULL, &error);
	if (s)
		CHECK(error.text[0] && error.status == s);
	lac_buffer_free(&archive);
	return s;
}

static void what_is_written_is_read(void)
{
	const struct lac_frame texts[] = { stored_frame("first"), model_frame, text_frame(), stored_frame("last") };
	const struct lac_frame records[] = { model_frame, records_frame(), records_frame() };
	const struct lac_frame end = { .type = LAC_FRAME_END };
	const struct lac_frame adapted[] = { model_frame, adapted_frame, routed_frame(), records_frame(), routed_frame() };

	CHECK(!try_frames(LAC_RECORDS_NONE, texts, 4));
	CHECK(!try_frames(LAC_RECORDS_LINES, adapted, 5));
	CHECK(!try_frames(LAC_RECORDS_NUL, adapted, 3));
	CHECK(!try_frames(LAC_RECORDS_LINES, records, 3));
	CHECK(!try_frames(LAC_RECORDS_NUL, records, 3));
	CHECK(!try_frames(LAC_RECORDS_NONE, &end, 1));
	CHECK(!try_frames(LAC_RECORDS_LINES, &end, 1));
}

static void fields_come_back(void)
{
	const struct lac_frame frames[] = { model_frame, records_frame() };
	struct lac_buffer archive = { 0 };
	struct lac_frame last = { 0 };
	unsigned n_frames;

	write_archive(&archive, LAC_RECORDS_LINES, frames, 2);
	for (size_t chunk = 0; chunk < 5; chunk++) {
		CHECK(!read_archive(archive.bytes, archive.length, chunk, &n_frames, &last, NULL));
		CHECK(n_frames == 2 && last.type == LAC_FRAME_RECORDS && last.is_last && !last.is_open);
		CHECK(last.n_text_bytes == 300 && last.n_tokens == 120 && last.text_hash == 77 && last.n_streams == 3);
		CHECK(last.stream_bytes[0] == 3 && last.stream_bytes[1] == 0 && last.stream_bytes[2] == 5);
	}
	lac_buffer_free(&archive);
}

static void routes_come_back(void)
{
	const struct lac_frame frames[] = { model_frame, adapted_frame, routed_frame() };
	struct lac_buffer archive = { 0 };
	struct lac_frame last = { 0 };
	unsigned n_frames;

	write_archive(&archive, LAC_RECORDS_LINES, frames, 3);
	CHECK(!read_archive(archive.bytes, archive.length, 3, &n_frames, &last, NULL));
	CHECK(n_frames == 3 && last.type == LAC_FRAME_ROUTED && last.n_text_bytes == 300 && last.n_tokens == 120 && last.n_streams == 3);
	CHECK(!last.routes[0].is_published && last.routes[0].model_index == 1);
	CHECK(!last.routes[1].is_published && last.routes[1].model_index == 0);
	CHECK(last.routes[2].is_published && last.routes[2].model_index == 0);
	CHECK(last.stream_bytes[0] == 3 && last.stream_bytes[1] == 0 && last.stream_bytes[2] == 5);
	lac_buffer_free(&archive);
}

/* format.md sections 4.4 and 5.7. */
static void contradictions_of_adapted_models_are_corrupt(void)
{
	struct lac_frame frames[5] = { model_frame, adapted_frame, routed_frame() };

	CHECK(try_frames(LAC_RECORDS_LINES, frames, 3) == LAC_OK);
	/* a routed block outside an archive of records */
	CHECK(try_frames(LAC_RECORDS_NONE, frames, 3) == LAC_CORRUPT);
	CHECK(try_frames(LAC_RECORDS_LINES, frames, 2) == LAC_CORRUPT); /* a declaration is last */
	CHECK(try_frames(LAC_RECORDS_LINES, frames + 1, 2) == LAC_CORRUPT); /* no base */
	frames[1].model_index = 1; /* itself */
	CHECK(try_frames(LAC_RECORDS_LINES, frames, 3) == LAC_CORRUPT);
	frames[1].is_published = true; /* not known yet: whoever looks for the model says so */
	CHECK(try_frames(LAC_RECORDS_LINES, frames, 3) == LAC_OK);
	frames[1].model_index = LAC_FRAME_MODELS_MAX + 1;
	CHECK(try_frames(LAC_RECORDS_LINES, frames, 3) == LAC_CORRUPT);
	frames[1] = frames[2] = adapted_frame;
	frames[3] = routed_frame();
	CHECK(try_frames(LAC_RECORDS_LINES, frames, 4) == LAC_OK);
	frames[2].model_index = 1; /* an adapted model */
	CHECK(try_frames(LAC_RECORDS_LINES, frames, 4) == LAC_CORRUPT);
	frames[2] = model_frame;
	frames[3] = adapted_frame;
	frames[3].model_index = 2; /* the other model */
	frames[4] = routed_frame();
	CHECK(try_frames(LAC_RECORDS_LINES, frames, 5) == LAC_OK);
	frames[4].routes[1].model_index = 3;
	CHECK(try_frames(LAC_RECORDS_LINES, frames, 5) == LAC_OK);
	frames[4].routes[1].model_index = 4;
	CHECK(try_frames(LAC_RECORDS_LINES, frames, 5) == LAC_CORRUPT);
	frames[4] = routed_frame();
	frames[4].is_open = true;
	CHECK(try_frames(LAC_RECORDS_LINES, frames, 5) == LAC_OK);
	frames[4].n_tokens = 301;
	CHECK(try_frames(LAC_RECORDS_LINES, frames, 5) == LAC_CORRUPT);
	frames[3].model.name[1] = 0x7f;
	frames[4] = routed_frame();
	CHECK(try_frames(LAC_RECORDS_LINES, frames, 5) == LAC_CORRUPT);
}

/* format.md section 1: 10 bytes of header and 12 of frame for a stored block below 16 KiB. */
static void a_stored_block_costs_22_bytes(void)
{
	const struct lac_frame frame = stored_frame("0123456789");
	struct lac_buffer archive = { 0 };

	write_archive(&archive, LAC_RECORDS_NONE, &frame, 1);
	CHECK(archive.length == 10 + 10 + 10);
	lac_buffer_free(&archive);
}

/* Every cut and every flipped bit of an archive of every kind of frame. */
static void damage_is_told(void)
{
	const struct lac_frame texts[] = { stored_frame("first"), model_frame, text_frame(), stored_frame("last") };
	struct lac_buffer archive = { 0 };
	unsigned n_frames;

	write_archive(&archive, LAC_RECORDS_NONE, texts, 4);
	for (size_t n = 0; n < archive.length; n++) {
		struct lac_error error = { 0 };
		enum lac_status s = read_archive(archive.bytes, n, 0, &n_frames, NULL, &error);

		CHECK_NOTE(s == (n ? LAC_TRUNCATED : LAC_NOT_ARCHIVE), "cut at %zu: %d", n, (int)s);
		CHECK(error.text[0] && n_frames < 4);
	}
	for (size_t bit = 0; bit < 8 * archive.length; bit++) {
		struct lac_error error = { 0 };
		enum lac_status s;

		archive.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		s = read_archive(archive.bytes, archive.length, 0, &n_frames, NULL, &error);
		/* a flipped length may reach past the end; nothing damaged is ever called
		 * unsupported */
		CHECK_NOTE(s == (bit < 8 * LAC_MAGIC_BYTES ? LAC_NOT_ARCHIVE : LAC_CORRUPT) ||
			(s == LAC_TRUNCATED && bit >= 8 * LAC_HEADER_BYTES), "bit %zu: %d", bit, (int)s);
		archive.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	lac_buffer_free(&archive);
}

/* Frames carry their ordinal in their check. */
static void frames_cannot_change_places(void)
{
	struct lac_buffer archive = { 0 };
	const struct lac_frame a = stored_frame("first"), b = stored_frame("other");
	struct lac_frame last = stored_frame("last!");
	struct lac_error error = { 0 };
	unsigned n_frames;

	last.is_last = true;
	lac_header_write(&archive, &(struct lac_header){ LAC_RECORDS_NONE });
	lac_frame_write(&archive, &b, 1);
	lac_frame_write(&archive, &a, 0);
	lac_frame_write(&archive, &last, 2);
	CHECK(read_archive(archive.bytes, archive.length, 0, &n_frames, NULL, &error) == LAC_CORRUPT && n_frames == 0);
	lac_buffer_free(&archive);
}

static struct lac_frame changed(struct lac_frame frame, unsigned how)
{
	switch (how) {
	case 0: frame.model_index = 1; break;
	case 1: frame.n_text_bytes = LAC_BLOCK_BYTES_MAX + 1; break;
	case 2: frame.n_tokens = frame.n_text_bytes + 1; break;
	case 3: frame.is_open = true; break;
	case 4: frame.n_text_bytes = 0; frame.n_tokens = 0; break;
	}
	return frame;
}

/* format.md section 4.3: a number needs no model frame, and its table is what the writer uses. */
static void a_published_model_needs_no_frame(void)
{
	const struct lac_model_frame *published = lac_published_model(0);
	struct lac_frame frame = text_frame();
	struct lac_model_frame other;
	uint32_t number = 9;

	CHECK(published && lac_published_number(published, &number) && number == 0);
	other = *published;
	other.window /= 2;
	CHECK(!lac_published_number(&other, &number));
	other = *published;
	other.identity[15] ^= 1;
	CHECK(!lac_published_number(&other, &number));
	CHECK(!lac_published_model(LAC_FRAME_MODELS_MAX));
	frame.is_published = true;
	CHECK(try_frames(LAC_RECORDS_NONE, &frame, 1) == LAC_OK);
	/* not known yet: whoever looks for the model says so */
	frame.model_index = LAC_FRAME_MODELS_MAX;
	CHECK(try_frames(LAC_RECORDS_NONE, &frame, 1) == LAC_OK);
	frame.model_index++;
	CHECK(try_frames(LAC_RECORDS_NONE, &frame, 1) == LAC_CORRUPT);
}

static void contradictions_are_corrupt(void)
{
	const struct lac_frame end = { .type = LAC_FRAME_END };
	struct lac_frame frames[3] = { model_frame, text_frame(), end };

	for (unsigned how = 0; how < 5; how++) {
		frames[1] = changed(text_frame(), how);
		CHECK_NOTE(try_frames(LAC_RECORDS_NONE, frames, 2) == LAC_CORRUPT, "text, change %u", how);
		frames[1] = changed(records_frame(), how);
		if (how < 3)
			CHECK_NOTE(try_frames(LAC_RECORDS_LINES, frames, 2) == LAC_CORRUPT, "records, change %u", how);
	}
	frames[1] = mixed_frame();
	CHECK(try_frames(LAC_RECORDS_NONE, frames, 2) == LAC_OK);
	/* a mixed block among records */
	CHECK(try_frames(LAC_RECORDS_LINES, frames, 2) == LAC_CORRUPT);
	frames[1].n_text_bytes = 0;
	CHECK(try_frames(LAC_RECORDS_NONE, frames, 2) == LAC_CORRUPT);
	frames[1].n_text_bytes = LAC_BLOCK_BYTES_MAX + 1;
	CHECK(try_frames(LAC_RECORDS_NONE, frames, 2) == LAC_CORRUPT);
	frames[1] = records_frame();
	frames[1].n_streams = 1;
	frames[1].n_text_bytes = frames[1].n_tokens = 0;
	CHECK(try_frames(LAC_RECORDS_LINES, frames, 2) == LAC_OK);
	frames[1].is_open = true; /* an open record that is empty */
	CHECK(try_frames(LAC_RECORDS_LINES, frames, 2) == LAC_CORRUPT);
	frames[1] = text_frame();
	/* a text block among records */
	CHECK(try_frames(LAC_RECORDS_LINES, frames, 2) == LAC_CORRUPT);
	frames[1] = records_frame();
	CHECK(try_frames(LAC_RECORDS_NONE, frames, 2) == LAC_CORRUPT);
	CHECK(try_frames(LAC_RECORDS_NONE, frames, 1) == LAC_CORRUPT); /* a model frame is last */
	CHECK(try_frames(LAC_RECORDS_NONE, frames + 1, 2) == LAC_CORRUPT); /* no model declared */
	frames[1] = text_frame();
	/* an end frame after a block */
	CHECK(try_frames(LAC_RECORDS_NONE, frames, 3) == LAC_CORRUPT);
	frames[0] = stored_frame("");
	CHECK(try_frames(LAC_RECORDS_NONE, frames, 1) == LAC_CORRUPT);
	frames[0] = model_frame;
	frames[0].model.window = 1;
	CHECK(try_frames(LAC_RECORDS_NONE, frames, 2) == LAC_CORRUPT);
	frames[0].model.window = (1u << 20) + 1;
	CHECK(try_frames(LAC_RECORDS_NONE, frames, 2) == LAC_CORRUPT);
	frames[0] = model_frame;
	frames[0].model.name[2] = '\n';
	CHECK(try_frames(LAC_RECORDS_NONE, frames, 2) == LAC_CORRUPT);
}

/* Intact, but from the future: told apart from damage. */
static void newer_archives_are_unsupported(void)
{
	for (unsigned tag = 0; tag < 256; tag++) {
		struct lac_buffer archive = { 0 };
		struct lac_error error = { 0 };
		unsigned n_frames;
		enum lac_status s;

		lac_header_write(&archive, &(struct lac_header){ LAC_RECORDS_NONE });
		lac_buffer_u8(&archive, (uint8_t)tag);
		lac_buffer_u8(&archive, 0);
		if (lac_frame_check_bytes((uint8_t)tag) == 8)
			lac_buffer_u64(&archive, lac_frame_check(archive.bytes + LAC_HEADER_BYTES, 2, 0));
		else
			lac_buffer_u32(&archive, (uint32_t)lac_frame_check(archive.bytes + LAC_HEADER_BYTES, 2, 0));
		s = read_archive(archive.bytes, archive.length, 0, &n_frames, NULL, &error);
		if ((tag & LAC_TAG_TYPE) > LAC_FRAME_MIXED_RECORDS || (tag & LAC_TAG_RESERVED))
			CHECK_NOTE(s == LAC_UNSUPPORTED, "tag %02x: %d", tag, (int)s);
		else
			CHECK_NOTE(s == (tag == (LAC_FRAME_END | LAC_TAG_LAST) ? LAC_OK : LAC_CORRUPT), "tag %02x: %d", tag, (int)s);
		lac_buffer_free(&archive);
	}
	for (unsigned at = 4; at < 6; at++) {
		uint8_t bytes[LAC_HEADER_BYTES] = { 0x8c, 'L', 'A', 'C' };
		struct lac_error error = { 0 };
		unsigned n_frames;
		uint32_t check;

		bytes[at] = 3;
		check = lac_header_check(bytes);
		for (unsigned b = 0; b < 4; b++)
			bytes[6 + b] = (uint8_t)(check >> 8 * b);
		CHECK(read_archive(bytes, sizeof bytes, 0, &n_frames, NULL, &error) == LAC_UNSUPPORTED);
	}
}

/* A length up to 16 MiB is claimed and nothing follows: memory grows with what arrives. The
 * sanitizers' allocator would notice. */
static void a_claimed_length_allocates_nothing(void)
{
	struct lac_buffer archive = { 0 };
	struct lac_error error = { 0 };
	unsigned n_frames;

	lac_header_write(&archive, &(struct lac_header){ LAC_RECORDS_NONE });
	lac_buffer_u8(&archive, LAC_FRAME_STORED);
	lac_buffer_varint(&archive, LAC_FRAME_BODY_MAX);
	CHECK(read_archive(archive.bytes, archive.length, 0, &n_frames, NULL, &error) == LAC_TRUNCATED);
	archive.length -= 4;
	lac_buffer_varint(&archive, LAC_FRAME_BODY_MAX + 1);
	CHECK(read_archive(archive.bytes, archive.length, 0, &n_frames, NULL, &error) == LAC_CORRUPT);
	lac_buffer_free(&archive);
}

/* Section 2.3: the shortest form only. */
static void varints_are_canonical(void)
{
	static const uint8_t padded[] = { 0x80, 0x00 }, endless[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01 };
	struct lac_reader reader = { padded, 2 };
	struct lac_buffer buffer = { 0 };
	uint64_t value;

	CHECK(!lac_read_varint(&reader, &value) && reader.left == 2);
	reader = (struct lac_reader){ endless, sizeof endless };
	CHECK(!lac_read_varint(&reader, &value));
	for (unsigned bits = 0; bits < 63; bits++)
		for (int off = -1; off <= 1; off++) {
			const uint64_t number = (UINT64_C(1) << bits) + (uint64_t)off;

			lac_buffer_clear(&buffer);
			lac_buffer_varint(&buffer, number);
			for (size_t n = 0; n < buffer.length; n++) {
				reader = (struct lac_reader){ buffer.bytes, n };
				CHECK(!lac_read_varint(&reader, &value));
			}
			reader = (struct lac_reader){ buffer.bytes, buffer.length };
			CHECK(lac_read_varint(&reader, &value) && value == number && reader.left == 0);
		}
	lac_buffer_free(&buffer);
}

int main(void)
{
	LAW(what_is_written_is_read);
	LAW(fields_come_back);
	LAW(routes_come_back);
	LAW(a_stored_block_costs_22_bytes);
	LAW(damage_is_told);
	LAW(frames_cannot_change_places);
	LAW(a_published_model_needs_no_frame);
	LAW(contradictions_are_corrupt);
	LAW(contradictions_of_adapted_models_are_corrupt);
	LAW(newer_archives_are_unsupported);
	LAW(a_claimed_length_allocates_nothing);
	LAW(varints_are_canonical);
	return test_report();
}
