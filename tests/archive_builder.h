/* archive_builder.h: archives made of frames, well-formed or not. Checks are right whatever the
 * frames hold, unless a frame says otherwise. */
#ifndef LAC_TESTS_ARCHIVE_BUILDER_H
#define LAC_TESTS_ARCHIVE_BUILDER_H

#include "memory_io.h"

#include "format/check.h"

struct built_frame {
	uint8_t tag;              /* without the last flag, unless it is to be set out of place */
	struct lac_buffer body;   /* owned */
	/* owned: what is written for the body's length; empty: that length */
	struct lac_buffer length;
	uint64_t check_change;    /* added to the check */
	bool is_swapped;          /* its check is that of the next place */
};

struct archive_builder {
	uint8_t version, flags;
	struct built_frame frames[16];
	size_t n;
	bool is_open_ended; /* no frame is marked as the last */
};

static inline struct built_frame *archive_add(struct archive_builder *builder, unsigned tag)
{
	struct built_frame *frame = &builder->frames[builder->n];

	if (builder->n++ == sizeof builder->frames / sizeof *builder->frames)
		abort();
	*frame = (struct built_frame){ .tag = (uint8_t)tag };
	return frame;
}

static inline void archive_copy(struct archive_builder *builder, const struct built_frame *frame)
{
	const struct lac_buffer body = frame->body;

	lac_buffer_append(&archive_add(builder, frame->tag)->body, body.bytes, body.length);
}

static inline void archive_drop(struct archive_builder *builder, size_t at)
{
	lac_buffer_free(&builder->frames[at].body);
	lac_buffer_free(&builder->frames[at].length);
	memmove(&builder->frames[at], &builder->frames[at + 1], (--builder->n - at) * sizeof *builder->frames);
}

static inline void archive_free(struct archive_builder *builder)
{
	while (builder->n)
		archive_drop(builder, builder->n - 1);
}

/* The frames of an intact archive. */
static inline void archive_load(struct archive_builder *builder, const char *path)
{
	struct bytes file = read_file(path);
	size_t at = LAC_HEADER_BYTES;

	*builder = (struct archive_builder){ .version = file.at[4], .flags = file.at[5] };
	while (at < file.length) {
		const uint8_t tag = file.at[at];
		struct lac_reader cursor = { file.at + at + 1, file.length - at - 1 };
		const uint8_t *body;
		uint64_t n;

		if (!lac_read_varint(&cursor, &n) || !lac_read_bytes(&cursor, (size_t)n, &body))
			abort();
		lac_buffer_append(&archive_add(builder, tag & ~LAC_TAG_LAST)->body, body, (size_t)n);
		at = (size_t)(cursor.at - file.at) + lac_frame_check_bytes(tag);
	}
	free(file.at);
}

/* Puts `n_new` bytes in the place of `n_old`. */
static inline void splice(struct lac_buffer *buffer, size_t at, size_t n_old, const void *new_bytes, size_t n_new)
{
	struct lac_buffer out = { 0 };

	lac_buffer_append(&out, buffer->bytes, at);
	lac_buffer_append(&out, new_bytes, n_new);
	if (buffer->length > at + n_old)
		lac_buffer_append(&out, buffer->bytes + at + n_old, buffer->length - at - n_old);
	lac_buffer_free(buffer);
	*buffer = out;
}

static inline void archive_write_header(struct lac_buffer *out, unsigned version, unsigned flags)
{
	const size_t at = out->length;

	lac_buffer_append(out, LAC_MAGIC, LAC_MAGIC_BYTES);
	lac_buffer_u8(out, (uint8_t)version);
	lac_buffer_u8(out, (uint8_t)flags);
	lac_buffer_u32(out, lac_header_check(out->bytes + at));
}

static inline void archive_write_frame(struct lac_buffer *out, const struct built_frame *frame, uint64_t ordinal, bool is_last)
{
	const uint8_t tag = (uint8_t)(frame->tag | (is_last ? LAC_TAG_LAST : 0u));
	const size_t at = out->length;
	uint64_t check;

	lac_buffer_u8(out, tag);
	if (frame->length.length)
		lac_buffer_append(out, frame->length.bytes, frame->length.length);
	else
		lac_buffer_varint(out, frame->body.length);
	lac_buffer_append(out, frame->body.bytes, frame->body.length);
	check = lac_frame_check(out->bytes + at, out->length - at, ordinal + frame->is_swapped) + frame->check_change;
	for (size_t i = 0; i < lac_frame_check_bytes(tag); i++)
		lac_buffer_u8(out, (uint8_t)(check >> 8 * i));
}

/* Appends the archive; returns where its frames begin: starts[n] is the end. `starts` may be
 * NULL. */
static inline void archive_write(struct lac_buffer *out, const struct archive_builder *builder, size_t *starts)
{
	archive_write_header(out, builder->version, builder->flags);
	for (size_t i = 0; i < builder->n; i++) {
		if (starts)
			starts[i] = out->length;
		archive_write_frame(out, &builder->frames[i], i, i + 1 == builder->n && !builder->is_open_ended);
	}
	if (starts)
		starts[builder->n] = out->length;
	if (out->failed)
		abort();
}

#endif
