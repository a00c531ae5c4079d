/* memory_io.h: sources and sinks over memory, with reads of a chosen size and failures on
 * request. */
#ifndef LAC_TESTS_MEMORY_IO_H
#define LAC_TESTS_MEMORY_IO_H

#include "laconic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
	uint8_t *at; /* owned */
	size_t length;
};

struct memory_source {
	const uint8_t *at;
	size_t left;
	size_t chunk;      /* bytes a read, 0: all */
	bool fails_at_end; /* instead of ending */
};

static inline bool memory_read(void *payload, void *buffer, size_t capacity, size_t *n_read)
{
	struct memory_source *source = payload;
	size_t n = source->left < capacity ? source->left : capacity;

	if (source->chunk && n > source->chunk)
		n = source->chunk;
	if (n == 0 && source->fails_at_end)
		return false;
	if (n) { /* where there is none, nor need there be a pointer */
		memcpy(buffer, source->at, n);
		source->at += n;
		source->left -= n;
	}
	*n_read = n;
	return true;
}

struct memory_sink {
	struct bytes bytes;
	size_t capacity;
	size_t limit; /* fails past it; 0: none */
};

static inline bool memory_write(void *payload, const void *bytes, size_t n)
{
	struct memory_sink *sink = payload;

	if (sink->limit && sink->bytes.length + n > sink->limit)
		return false;
	if (sink->bytes.length + n > sink->capacity) {
		sink->capacity = 2 * (sink->bytes.length + n);
		sink->bytes.at = realloc(sink->bytes.at, sink->capacity);
		if (!sink->bytes.at)
			abort();
	}
	if (n)
		memcpy(sink->bytes.at + sink->bytes.length, bytes, n);
	sink->bytes.length += n;
	return true;
}

typedef enum lac_status transfer_function(const struct lac_model *, struct lac_source, struct lac_sink,
	const struct lac_options *, struct lac_stats *, struct lac_error *);

/* lac_compress or lac_decompress from memory to memory; *out is to be freed whatever the result. */
static inline enum lac_status transfer(transfer_function *function, const struct lac_model *model, const void *in, size_t n_in,
	size_t chunk, const struct lac_options *options, struct bytes *out, struct lac_stats *stats, struct lac_error *error)
{
	struct memory_source source = { .at = in, .left = n_in, .chunk = chunk };
	struct memory_sink sink = { { NULL, 0 }, 0, 0 };
	enum lac_status s = function(model, (struct lac_source){ memory_read, &source }, (struct lac_sink){ memory_write, &sink },
		options, stats, error);

	*out = sink.bytes;
	return s;
}

static inline bool same_bytes(struct bytes a, const void *b, size_t n)
{
	return a.length == n && (n == 0 || memcmp(a.at, b, n) == 0);
}

/* The file, or exit: tests cannot go on without it. */
static inline struct bytes read_file(const char *path)
{
	struct bytes bytes = { NULL, 0 };
	FILE *file = fopen(path, "rb");
	long n;

	if (!file || fseek(file, 0, SEEK_END) || (n = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) ||
	    !(bytes.at = malloc((size_t)n + 1)) || fread(bytes.at, 1, (size_t)n, file) != (size_t)n) {
		fprintf(stderr, "cannot read %s\n", path);
		exit(1);
	}
	bytes.length = (size_t)n;
	fclose(file);
	return bytes;
}

#endif
