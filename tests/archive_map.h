/* archive_map.h: where the headers and frames of intact archives lie, and what text comes before
 * each. */
#ifndef LAC_TESTS_ARCHIVE_MAP_H
#define LAC_TESTS_ARCHIVE_MAP_H

#include "memory_io.h"

#include "format/check.h"

/* A header or a frame. */
struct part {
	struct lac_place place; /* counted here, not asked of the reader */
	size_t begin, end;    /* in the input */
	size_t text_begin;    /* bytes of text before it */
	bool is_header;
	uint64_t ordinal;     /* frames */
	/* of a model: the frame's last bytes before its check, which nothing depends on */
	size_t n_name;
};

struct archive_map {
	struct part parts[32];
	size_t n; /* parts[n] is the end of the input */
};

static inline struct part *map_add(struct archive_map *map)
{
	if (map->n + 1 == sizeof map->parts / sizeof *map->parts)
		abort();
	return &map->parts[map->n++];
}

static inline void map_frames(struct archive_map *map, struct lac_frame_reader *reader, uint64_t archive, size_t *n_text)
{
	struct lac_frame frame = { .is_last = false };
	struct lac_buffer body = { 0 };
	uint64_t block = 1;

	for (uint64_t ordinal = 0; !frame.is_last; ordinal++) {
		struct part *part = map_add(map);

		part->begin = (size_t)lac_frame_reader_offset(reader);
		if (lac_frame_reader_next(reader, &body, &frame, NULL))
			abort();
		part->place = (struct lac_place){ archive, block, part->begin };
		block += lac_frame_is_block(frame.type);
		part->end = (size_t)lac_frame_reader_offset(reader);
		part->text_begin = *n_text;
		part->ordinal = ordinal;
		part->n_name = frame.type == LAC_FRAME_MODEL || frame.type == LAC_FRAME_ADAPTED ? strlen(frame.model.name) : 0;
		*n_text += (size_t)lac_frame_text_bytes(&frame);
	}
	lac_buffer_free(&body);
}

/* The archives must be intact. */
static inline void map_archives(struct archive_map *map, const uint8_t *bytes, size_t n)
{
	struct memory_source source = { .at = bytes, .left = n };
	struct lac_frame_reader *reader;
	struct lac_header header;
	size_t n_text = 0;
	bool at_end;

	*map = (struct archive_map){ .n = 0 };
	if (lac_frame_reader_create(&reader, (struct lac_source){ memory_read, &source }, NULL))
		abort();
	for (uint64_t archive = 1;; archive++) {
		struct part part = { .begin = (size_t)lac_frame_reader_offset(reader), .text_begin = n_text, .is_header = true };

		if (lac_frame_reader_header(reader, &header, &at_end, NULL))
			abort();
		part.place = (struct lac_place){ archive, 0, part.begin };
		part.end = (size_t)lac_frame_reader_offset(reader);
		if (at_end) {
			map->parts[map->n] = part;
			break;
		}
		*map_add(map) = part;
		map_frames(map, reader, archive, &n_text);
	}
	lac_frame_reader_free(&reader);
}

/* Makes a frame's check right again after a change within it. */
static inline void mend_frame(uint8_t *bytes, const struct part *part, uint8_t tag)
{
	const size_t n_check = lac_frame_check_bytes(tag), n_hashed = part->end - part->begin - n_check;
	const uint64_t check = lac_frame_check(bytes + part->begin, n_hashed, part->ordinal);

	for (size_t i = 0; i < n_check; i++)
		bytes[part->begin + n_hashed + i] = (uint8_t)(check >> 8 * i);
}

#endif
