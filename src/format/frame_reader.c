/* frame_reader.c: pulls bytes from a source and hands out verified frames, one at a time. Memory
 * grows with the bytes that arrive, never with a length that the archive claims. */
#include "format/check.h"
#include "base/memory.h"
#include "format/frame_parse.h"
#include "format/index.h"

#include <string.h>

#define CHUNK_BYTES 65536u

struct lac_frame_reader {
	struct lac_source source;
	bool at_end; /* of the source */
	uint8_t chunk[CHUNK_BYTES];
	size_t begin, end; /* what is in the chunk */
	uint64_t offset;   /* bytes handed out */
	uint64_t n_archives, n_blocks; /* begun; of the last one, read */
	uint64_t ordinal;  /* of the next frame in its archive */
	struct lac_place place; /* of what is read */
	struct lac_frame_scope scope;
	struct lac_index index; /* what it should say */
	struct lac_error *error; /* of the call under way */
};

enum lac_status lac_frame_reader_create(struct lac_frame_reader **out, struct lac_source source, struct lac_error *error)
{
	*out = lac_calloc(1, sizeof **out);
	if (!*out)
		return lac_fail_memory(error, sizeof **out, "reading an archive");
	(*out)->source = source;
	return LAC_OK;
}

void lac_frame_reader_free(struct lac_frame_reader **reader)
{
	if (*reader)
		lac_index_free(&(*reader)->index);
	lac_free(*reader);
	*reader = NULL;
}

uint64_t lac_frame_reader_offset(const struct lac_frame_reader *reader)
{
	return reader->offset;
}

struct lac_place lac_frame_reader_place(const struct lac_frame_reader *reader)
{
	return reader->place;
}

/* Afterwards the chunk is empty only at the end of the source. */
static enum lac_status refill(struct lac_frame_reader *reader)
{
	size_t n = 0;

	if (reader->begin < reader->end || reader->at_end)
		return LAC_OK;
	if (!reader->source.read(reader->source.payload, reader->chunk, sizeof reader->chunk, &n) || n > sizeof reader->chunk)
		return lac_fail(reader->error, LAC_READ_FAILED, reader->offset, "reading the archive failed at byte %llu",
			(unsigned long long)reader->offset);
	reader->begin = 0;
	reader->end = n;
	reader->at_end = n == 0;
	return LAC_OK;
}

/* Appends up to n_bytes to `out`: fewer only at the end of the source. */
static enum lac_status pull(struct lac_frame_reader *reader, struct lac_buffer *out, size_t n_bytes)
{
	while (n_bytes) {
		enum lac_status s = refill(reader);
		size_t n = reader->end - reader->begin;

		if (s)
			return s;
		if (n == 0)
			return LAC_OK;
		if (n > n_bytes)
			n = n_bytes;
		lac_buffer_append(out, reader->chunk + reader->begin, n);
		if (out->failed)
			return lac_fail_memory(reader->error, out->length + n, "a frame");
		reader->begin += n;
		reader->offset += n;
		n_bytes -= n;
	}
	return LAC_OK;
}

static enum lac_status fail_truncated(struct lac_frame_reader *reader)
{
	return lac_fail_at(reader->error, LAC_TRUNCATED, reader->place, "the archive is cut off: it ends at byte %llu, where more must follow",
		(unsigned long long)reader->offset);
}

/* Appends n_bytes, all of them. */
static enum lac_status need(struct lac_frame_reader *reader, struct lac_buffer *out, size_t n_bytes)
{
	const uint64_t offset = reader->offset;
	enum lac_status s = pull(reader, out, n_bytes);

	return s ? s : reader->offset - offset < n_bytes ? fail_truncated(reader) : LAC_OK;
}

static enum lac_status read_header(struct lac_frame_reader *reader, struct lac_header *header, bool *at_end,
	struct lac_buffer *bytes)
{
	enum lac_status s;

	reader->place = (struct lac_place){ .archive = reader->n_archives + 1, .offset = reader->offset };
	s = pull(reader, bytes, LAC_HEADER_BYTES);
	if (s)
		return s;
	if (bytes->length == 0 && reader->n_archives) {
		*at_end = true;
		return LAC_OK;
	}
	if (bytes->length == 0)
		return lac_fail(reader->error, LAC_NOT_ARCHIVE, 0, "not a laconic archive: it is empty");
	if (memcmp(bytes->bytes, LAC_MAGIC, bytes->length < LAC_MAGIC_BYTES ? bytes->length : LAC_MAGIC_BYTES) != 0)
		return reader->n_archives
			? lac_fail_at(reader->error, LAC_CORRUPT, reader->place, "what follows the archive before is not another one")
			: lac_fail(reader->error, LAC_NOT_ARCHIVE, 0, "not a laconic archive: its first bytes are others");
	if (bytes->length < LAC_HEADER_BYTES)
		return fail_truncated(reader);
	return lac_header_unpack(header, bytes->bytes, reader->place, reader->error);
}

enum lac_status lac_frame_reader_header(struct lac_frame_reader *reader, struct lac_header *header, bool *at_end,
	struct lac_error *error)
{
	struct lac_buffer bytes = { 0 };
	enum lac_status s;

	*at_end = false;
	reader->error = error;
	s = read_header(reader, header, at_end, &bytes);
	lac_buffer_free(&bytes);
	if (s || *at_end)
		return s;
	reader->n_archives++;
	reader->ordinal = reader->n_blocks = 0;
	reader->scope = (struct lac_frame_scope){ .records = header->records, .is_first = true };
	lac_index_clear(&reader->index);
	return LAC_OK;
}

/* The tag and the length: as many bytes as it takes. */
static enum lac_status read_length(struct lac_frame_reader *reader, struct lac_buffer *bytes, uint64_t *length)
{
	enum lac_status s = need(reader, bytes, 2);
	struct lac_reader cursor;

	while (!s && bytes->bytes[bytes->length - 1] & 0x80 && bytes->length < 1 + LAC_VARINT_BYTES_MAX)
		s = need(reader, bytes, 1);
	if (s)
		return s;
	cursor = (struct lac_reader){ bytes->bytes + 1, bytes->length - 1 };
	if (!lac_read_varint(&cursor, length) || *length > LAC_FRAME_BODY_MAX)
		return lac_fail_at(reader->error, LAC_CORRUPT, reader->place, "a frame's length is damaged");
	return LAC_OK;
}

static enum lac_status read_frame(struct lac_frame_reader *reader, struct lac_buffer *bytes, struct lac_frame *frame)
{
	uint64_t length;
	enum lac_status s = read_length(reader, bytes, &length);

	if (!s)
		s = need(reader, bytes, (size_t)length + lac_frame_check_bytes(bytes->bytes[0]));
	return s ? s : lac_frame_unpack(frame, bytes->bytes, bytes->length, reader->ordinal, &reader->scope, reader->place, reader->error);
}

/* What the archive's index has to say of this frame, or an index said of those before (format.md
 * section 5.10). */
static enum lac_status follow_index(struct lac_frame_reader *reader, const struct lac_frame *frame, size_t n_bytes)
{
	lac_complaint why;

	if (reader->scope.records == LAC_RECORDS_NONE || frame->type == LAC_FRAME_END)
		return LAC_OK;
	why = lac_index_check(&reader->index, frame);
	if (why)
		return lac_fail_at(reader->error, LAC_CORRUPT, reader->place, "%s", why);
	if (!lac_index_add(&reader->index, frame, n_bytes, reader->scope.records))
		return lac_fail_memory(reader->error, n_bytes, "an index");
	return LAC_OK;
}

enum lac_status lac_frame_reader_next(struct lac_frame_reader *reader, struct lac_buffer *body, struct lac_frame *frame,
	struct lac_error *error)
{
	enum lac_status s;

	reader->error = error;
	reader->place = (struct lac_place){ reader->n_archives, reader->n_blocks + 1, reader->offset };
	lac_buffer_clear(body);
	s = read_frame(reader, body, frame);
	if (!s)
		s = follow_index(reader, frame, body->length);
	if (s)
		return s;
	reader->ordinal++;
	reader->n_blocks += lac_frame_is_block(frame->type);
	lac_frame_scope_add(&reader->scope, frame);
	return LAC_OK;
}
