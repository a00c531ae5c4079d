/* random_io.h: archives in memory that are read at any place, with failures on request. */
#ifndef LAC_TESTS_RANDOM_IO_H
#define LAC_TESTS_RANDOM_IO_H

#include "memory_io.h"

struct random_memory {
	const uint8_t *at;
	uint64_t length;
	uint64_t n_reads, n_read; /* so far: calls, bytes */
	uint64_t fails_at;        /* the call that fails, from 1; 0: none */
};

static inline bool random_read(void *payload, uint64_t offset, void *buffer, size_t n_bytes)
{
	struct random_memory *memory = payload;

	if (offset > memory->length || n_bytes > memory->length - offset) {
		fprintf(stderr, "read of %zu bytes at %llu of %llu\n", n_bytes, (unsigned long long)offset, (unsigned long long)memory->length);
		abort(); /* the library promises not to */
	}
	memory->n_read += n_bytes;
	if (++memory->n_reads == memory->fails_at)
		return false;
	memcpy(buffer, memory->at + offset, n_bytes);
	return true;
}

static inline struct lac_random_source random_source(struct random_memory *memory)
{
	return (struct lac_random_source){ random_read, memory, memory->length };
}

/* Opens, reads n records from `first` on, closes; *out is to be freed whatever the result. */
static inline enum lac_status read_records(struct lac_context *context, struct random_memory *memory, uint64_t first, uint64_t n,
	struct bytes *out, struct lac_stats *stats, struct lac_error *error)
{
	struct memory_sink sink = { .capacity = 0 };
	struct lac_archive *archive = NULL;
	enum lac_status s = lac_archive_open(&archive, context, random_source(memory), error);

	if (!s)
		s = lac_archive_read(archive, first, n, (struct lac_sink){ memory_write, &sink }, stats, error);
	lac_archive_close(&archive);
	*out = sink.bytes;
	return s;
}

/* ---- What should come out ------------------------------------------------------------ */

struct pieces {
	size_t *begins; /* owned: [n + 1] */
	size_t n;
};

/* Where records begin, the separators being theirs. */
static inline struct pieces cut_records(struct bytes text, uint8_t separator)
{
	struct pieces pieces = { malloc((text.length + 2) * sizeof *pieces.begins), 0 };

	pieces.begins[0] = 0;
	for (size_t i = 0; i < text.length; i++)
		if (text.at[i] == separator || i + 1 == text.length)
			pieces.begins[++pieces.n] = i + 1;
	return pieces;
}

#endif
