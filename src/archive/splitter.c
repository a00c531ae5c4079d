#include "archive/splitter.h"
#include "base/hash.h"
#include "base/memory.h"
#include "format/records.h"

#include <string.h>

static enum lac_status fill(struct lac_splitter *splitter, struct lac_error *error)
{
	const size_t capacity = (size_t)splitter->block_bytes + 1;

	while (splitter->length < capacity && !splitter->at_end) {
		size_t n = 0;

		if (!splitter->source.read(splitter->source.payload, splitter->buffer + splitter->length,
		    capacity - splitter->length, &n) || n > capacity - splitter->length)
			return lac_fail(error, LAC_READ_FAILED, splitter->n_read, "reading the input failed at byte %llu",
				(unsigned long long)splitter->n_read);
		lac_hash128_update(splitter->hash, splitter->buffer + splitter->length, n);
		splitter->length += n;
		splitter->n_read += n;
		splitter->at_end = n == 0;
	}
	return LAC_OK;
}

enum lac_status lac_splitter_create(struct lac_splitter *splitter, struct lac_source source, enum lac_records records,
	uint32_t block_bytes, struct lac_error *error)
{
	*splitter = (struct lac_splitter){ .source = source, .records = records, .block_bytes = block_bytes };
	splitter->buffer = lac_malloc((size_t)block_bytes + 1, 1);
	splitter->hash = lac_hash128_create();
	if (!splitter->buffer || !splitter->hash)
		return lac_fail_memory(error, (size_t)block_bytes + 1, "a block of input");
	return fill(splitter, error);
}

void lac_splitter_free(struct lac_splitter *splitter)
{
	uint8_t unused[16];

	lac_hash128_finish(&splitter->hash, unused);
	lac_free(splitter->buffer);
	splitter->buffer = NULL;
}

/* The best place to cut within the last eighth: after a line, else before a space (a space begins
 * its word's token), else between characters. */
static size_t find_cut(const uint8_t *text, size_t n)
{
	const size_t earliest = n - n / 8;
	size_t cut;

	for (cut = n; cut > earliest; cut--)
		if (text[cut - 1] == '\n')
			return cut;
	for (cut = n; cut > earliest; cut--)
		if (text[cut] == ' ')
			return cut;
	for (cut = n; cut > n - 4 && (text[cut] & 0xc0) == 0x80; cut--)
		;
	return (text[cut] & 0xc0) == 0x80 ? n : cut;
}

/* Records: as many whole ones as fit, at most 64; a longer one is cut like text and goes on in the
 * next block. */
static size_t find_records_cut(const struct lac_splitter *splitter, size_t limit)
{
	const uint8_t separator = lac_records_separator(splitter->records);
	const uint8_t *at = splitter->buffer;
	size_t left = limit;

	for (unsigned i = 0; i < LAC_GROUP_RECORDS_MAX && left; i++) {
		const uint8_t *end = memchr(at, separator, left);

		if (!end)
			break;
		left -= (size_t)(end + 1 - at);
		at = end + 1;
	}
	if (at != splitter->buffer)
		return (size_t)(at - splitter->buffer);
	return limit < splitter->length ? find_cut(splitter->buffer, limit) : limit;
}

static struct lac_block *make_records(const uint8_t *bytes, size_t n, uint8_t separator, bool *is_open)
{
	uint32_t n_streams = 0;
	struct lac_block *block;

	for (size_t i = 0; i < n; i++)
		n_streams += bytes[i] == separator;
	*is_open = bytes[n - 1] != separator;
	n_streams += *is_open;
	block = lac_block_create(n_streams);
	if (!block)
		return NULL;
	lac_buffer_append(&block->bytes, bytes, n);
	for (uint32_t i = 0; !block->bytes.failed && i < n_streams; i++) {
		const uint8_t *at = i ? block->streams[i - 1].in + block->streams[i - 1].in_bytes + 1 : block->bytes.bytes;
		size_t left = (size_t)(block->bytes.bytes + n - at);
		const uint8_t *end = memchr(at, separator, left);

		block->streams[i].in = at;
		block->streams[i].in_bytes = end ? (size_t)(end - at) : left;
		block->streams[i].kind = LAC_STREAM_RECORD;
	}
	return block;
}

static struct lac_block *make_text(const uint8_t *bytes, size_t n)
{
	struct lac_block *block = lac_block_create(1);

	if (!block)
		return NULL;
	lac_buffer_append(&block->bytes, bytes, n);
	block->streams[0].in = block->bytes.bytes;
	block->streams[0].in_bytes = n;
	return block;
}

enum lac_status lac_splitter_next(struct lac_splitter *splitter, struct lac_piece *piece, struct lac_error *error)
{
	size_t limit = splitter->length < splitter->block_bytes ? splitter->length : splitter->block_bytes, cut;

	*piece = (struct lac_piece){ 0 };
	if (splitter->length == 0)
		return LAC_OK;
	if (splitter->records != LAC_RECORDS_NONE) {
		cut = find_records_cut(splitter, limit);
		piece->block = make_records(splitter->buffer, cut, lac_records_separator(splitter->records), &piece->is_open);
	} else {
		cut = limit < splitter->length ? find_cut(splitter->buffer, limit) : limit;
		piece->block = make_text(splitter->buffer, cut);
	}
	if (!piece->block || piece->block->bytes.failed) {
		lac_block_free(&piece->block);
		return lac_fail_memory(error, cut, "a block of input");
	}
	splitter->length -= cut;
	memmove(splitter->buffer, splitter->buffer + cut, splitter->length);
	return fill(splitter, error);
}
