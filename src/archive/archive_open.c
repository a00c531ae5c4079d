/* archive_open.c: from the end of a source to the archives in it (format.md section 5.10). */
#include "archive/archive.h"
#include "base/memory.h"
#include "format/check.h"
#include "format/frame_parse.h"

#include <string.h>

#define EMPTY_BYTES (LAC_HEADER_BYTES + 6u) /* an archive of no text: a header, an end frame */

static enum lac_status add_part(struct lac_archive *a, struct lac_archive_part part, struct lac_error *error)
{
	if (a->n_parts == a->capacity) {
		const size_t capacity = a->capacity ? 2 * a->capacity : 1;
		struct lac_archive_part *parts = lac_realloc(a->parts, a->capacity, capacity, sizeof *parts);

		if (!parts)
			return lac_fail_memory(error, capacity * sizeof *parts, "the list of archives");
		a->parts = parts;
		a->capacity = capacity;
	}
	a->parts[a->n_parts++] = part;
	a->n_records += part.n_records;
	return LAC_OK;
}

/* What ends at `end` has no index: why, from what the source begins with. */
static enum lac_status fail_without_index(struct lac_archive *a, uint64_t end, struct lac_error *error)
{
	const bool is_whole = end == a->reader.source.n_bytes;
	struct lac_buffer bytes = { 0 };
	struct lac_header header = { LAC_RECORDS_LINES };
	enum lac_status s = LAC_OK;

	if (is_whole && end >= LAC_HEADER_BYTES)
		s = lac_random_read(&a->reader, 0, LAC_HEADER_BYTES, &bytes, error);
	if (!s && is_whole && (!bytes.length || memcmp(bytes.bytes, LAC_MAGIC, LAC_MAGIC_BYTES) != 0))
		s = lac_fail(error, LAC_NOT_ARCHIVE, 0, "not a laconic archive: its first bytes are others");
	if (!s && bytes.length)
		s = lac_header_unpack(&header, bytes.bytes, (struct lac_place){ 0 }, error);
	lac_buffer_free(&bytes);
	if (s)
		return s;
	return lac_fail(error, LAC_NO_INDEX, end, "the archive that ends at byte %llu %s; single records can be read of one that "
		"was made of records with an index", (unsigned long long)end, header.records ? "has no index, or its end is damaged" :
		"holds one text, not records");
}

/* An archive of no text has no index, and no records. *is_empty = false: it is another. */
static enum lac_status look_for_empty(struct lac_archive *a, uint64_t end, bool *is_empty, struct lac_error *error)
{
	struct lac_frame_scope scope = { .is_first = true };
	struct lac_buffer bytes = { 0 };
	struct lac_header header;
	struct lac_frame frame;
	enum lac_status s;

	*is_empty = false;
	if (end < EMPTY_BYTES)
		return LAC_OK;
	s = lac_random_read(&a->reader, end - EMPTY_BYTES, EMPTY_BYTES, &bytes, error);
	if (!s && memcmp(bytes.bytes, LAC_MAGIC, LAC_MAGIC_BYTES) == 0 &&
	    !lac_header_unpack(&header, bytes.bytes, (struct lac_place){ 0 }, NULL) &&
	    !lac_frame_unpack(&frame, bytes.bytes + LAC_HEADER_BYTES, 6, 0, &scope, (struct lac_place){ 0 }, NULL))
		*is_empty = header.records != LAC_RECORDS_NONE && frame.type == LAC_FRAME_END;
	lac_buffer_free(&bytes);
	return s;
}

/* The header before what the root covers. */
static enum lac_status read_header(struct lac_archive *a, struct lac_error *error)
{
	struct lac_place place = { .archive = a->tree.archive, .offset = a->tree.begin };
	struct lac_buffer bytes = { 0 };
	struct lac_header header = { LAC_RECORDS_NONE };
	enum lac_status s;

	if (a->tree.begin < LAC_HEADER_BYTES)
		return lac_fail_at(error, LAC_CORRUPT, place, "there is no room for the archive's header before what its index covers");
	place.offset -= LAC_HEADER_BYTES;
	s = lac_random_read(&a->reader, place.offset, LAC_HEADER_BYTES, &bytes, error);
	if (!s && memcmp(bytes.bytes, LAC_MAGIC, LAC_MAGIC_BYTES) != 0)
		s = lac_fail_at(error, LAC_CORRUPT, place, "the archive's header is not where its index says");
	if (!s)
		s = lac_header_unpack(&header, bytes.bytes, place, error);
	lac_buffer_free(&bytes);
	if (!s && !header.records)
		s = lac_fail_at(error, LAC_CORRUPT, place, "an index in an archive of one text");
	a->tree.records = header.records;
	return s;
}

/* Makes the archive that ends at `end` the current one. */
static enum lac_status open_tree(struct lac_archive *a, uint64_t end, bool *is_index, struct lac_error *error)
{
	enum lac_status s;

	lac_index_tree_free(&a->tree);
	lac_declared_clear(&a->declared);
	memset(&a->scope, 0, sizeof a->scope);
	s = lac_index_tree_open(&a->tree, &a->reader, end, is_index, error);
	if (!s && *is_index)
		s = read_header(a, error);
	a->scope.records = a->tree.records;
	return s;
}

/* The archive that ends at *end, which becomes where it begins. */
static enum lac_status open_part(struct lac_archive *a, uint64_t *end, struct lac_error *error)
{
	struct lac_archive_part part = { .end = *end };
	struct lac_index_entry sum;
	bool is_index, is_empty;
	enum lac_status s = open_tree(a, *end, &is_index, error);

	if (!s && !is_index) {
		s = look_for_empty(a, *end, &is_empty, error);
		if (!s && !is_empty)
			s = fail_without_index(a, *end, error);
		*end -= EMPTY_BYTES;
	} else if (!s) {
		sum = lac_index_tree_sum(&a->tree);
		part.n_records = sum.n_records + sum.is_open;
		*end = a->tree.begin - LAC_HEADER_BYTES;
	}
	return s ? s : add_part(a, part, error);
}

/* They were found from the last to the first. */
static void number_parts(struct lac_archive *a)
{
	uint64_t first = 0;

	for (size_t i = 0; i < a->n_parts / 2; i++) {
		const struct lac_archive_part part = a->parts[i];

		a->parts[i] = a->parts[a->n_parts - 1 - i];
		a->parts[a->n_parts - 1 - i] = part;
	}
	for (size_t i = 0; i < a->n_parts; i++) {
		a->parts[i].first = first;
		first += a->parts[i].n_records;
	}
	a->tree.archive = 1;
}

enum lac_status lac_archive_open(struct lac_archive **out, struct lac_context *context, struct lac_random_source source,
	struct lac_error *error)
{
	struct lac_archive *a = lac_calloc(1, sizeof *a);
	uint64_t end = source.n_bytes;
	enum lac_status s;

	*out = a;
	if (!a)
		return lac_fail_memory(error, sizeof *a, "an archive");
	a->context = context;
	a->reader.source = source;
	s = lac_context_check(context, true, error);
	if (!s && !end)
		s = lac_fail(error, LAC_NOT_ARCHIVE, 0, "not a laconic archive: it is empty");
	while (!s && end)
		s = open_part(a, &end, error);
	if (s)
		lac_archive_close(out);
	else
		number_parts(a);
	return s;
}

void lac_archive_close(struct lac_archive **archive)
{
	struct lac_archive *a = *archive;

	if (!a)
		return;
	lac_index_tree_free(&a->tree);
	lac_declared_free(&a->declared);
	lac_free(a->parts);
	lac_free(a);
	*archive = NULL;
}

uint64_t lac_archive_n_records(const struct lac_archive *archive)
{
	return archive->n_records;
}

enum lac_status lac_archive_turn_to(struct lac_archive *a, size_t number, struct lac_error *error)
{
	bool is_index;
	enum lac_status s;

	if (a->current == number && a->tree.n_levels)
		return LAC_OK;
	s = open_tree(a, a->parts[number].end, &is_index, error);
	a->current = number;
	a->tree.archive = number + 1;
	if (!s && !is_index)
		s = lac_fail(error, LAC_CORRUPT, a->parts[number].end, "the archive that ended at byte %llu has changed",
			(unsigned long long)a->parts[number].end);
	if (s)
		a->tree.n_levels = 0; /* it is not current */
	return s;
}
