#include "model/packed_file.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/threads.h"

#include <stdatomic.h>
#include <string.h>

/* The numbers are little-endian, but for the mark, which is as weights are: in the machine's own order. Weights, 64 bytes apart as in the
 * arena, begin at HEADER_BYTES; behind them comes a hash of all before: the XXH3-128 of the header and of the XXH3-128 of each chunk of them. */
#define HEADER_BYTES 64u
#define HASH_BYTES 16u
#define MARK UINT32_C(0x01020304)
#define CHUNK_BYTES ((size_t)2 << 20) /* a huge page, and worth a thread */

static const uint8_t magic[8] = { 'L', 'A', 'C', 'P', 'A', 'C', 'K', LAC_PACKED_FILE_VERSION };

struct header {
	uint8_t file_hash[16], identity[16];
	uint64_t n_bytes; /* of weights */
};

/* ---- Writing --------------------------------------------------------------------- */

struct writer {
	struct lac_sink sink;
	struct lac_hash128 *hash, *chunk; /* owned */
	size_t n_chunk; /* bytes of weights that are in it */
	struct lac_error *error;
};

static enum lac_status put(struct writer *writer, const void *bytes, size_t n_bytes)
{
	if (writer->sink.write(writer->sink.payload, bytes, n_bytes))
		return LAC_OK;
	return lac_fail(writer->error, LAC_WRITE_FAILED, 0, "a packed model could not be written");
}

static enum lac_status put_header(struct writer *writer, const struct lac_model *model, uint64_t n_weights)
{
	uint8_t header[HEADER_BYTES] = { 0 };
	const uint32_t mark = MARK;

	memcpy(header, magic, 8);
	memcpy(header + 8, &mark, 4);
	memcpy(header + 16, model->info.file_hash, 16);
	memcpy(header + 32, model->info.identity, 16);
	for (int i = 0; i < 8; i++)
		header[48 + i] = (uint8_t)(n_weights >> 8 * i);
	lac_hash128_update(writer->hash, header, sizeof header);
	return put(writer, header, sizeof header);
}

static void end_chunk(struct writer *writer)
{
	uint8_t hash[HASH_BYTES];

	if (!writer->chunk)
		return;
	lac_hash128_finish(&writer->chunk, hash);
	lac_hash128_update(writer->hash, hash, sizeof hash);
	writer->n_chunk = 0;
}

/* Chunks do not end where pieces of the arena do. */
static enum lac_status hash_weights(struct writer *writer, const uint8_t *weights, size_t n_bytes)
{
	while (n_bytes) {
		const size_t room = CHUNK_BYTES - writer->n_chunk, n = n_bytes < room ? n_bytes : room;

		if (!writer->chunk)
			writer->chunk = lac_hash128_create();
		if (!writer->chunk)
			return lac_fail_memory(writer->error, 1024, "the hash of a packed model");
		lac_hash128_update(writer->chunk, weights, n);
		writer->n_chunk += n;
		if (n == room)
			end_chunk(writer);
		weights += n;
		n_bytes -= n;
	}
	return LAC_OK;
}

static enum lac_status put_all(struct writer *writer, const struct lac_model *model)
{
	const struct lac_arena *arena = &model->weights.arena;
	const void *piece;
	uint64_t n_weights = 0;
	size_t n_bytes;
	enum lac_status s;

	for (size_t i = 0; lac_arena_piece(arena, i, &n_bytes); i++)
		n_weights += n_bytes;
	s = put_header(writer, model, n_weights);
	for (size_t i = 0; !s && (piece = lac_arena_piece(arena, i, &n_bytes)); i++) {
		s = put(writer, piece, n_bytes);
		if (!s)
			s = hash_weights(writer, piece, n_bytes);
	}
	end_chunk(writer);
	return s;
}

enum lac_status lac_packed_file_write(const struct lac_model *model, struct lac_sink sink, struct lac_error *error)
{
	struct writer writer = { .sink = sink, .hash = lac_hash128_create(), .error = error };
	uint8_t hash[HASH_BYTES];
	enum lac_status s;

	if (!writer.hash)
		return lac_fail_memory(error, 1024, "the hash of a packed model");
	s = put_all(&writer, model);
	lac_hash128_finish(&writer.hash, hash);
	return s ? s : put(&writer, hash, sizeof hash);
}

/* ---- Reading --------------------------------------------------------------------- */

static enum lac_status read_header(struct header *header, struct lac_reader *reader, struct lac_error *error)
{
	const struct lac_reader whole = *reader;
	const uint8_t *at;
	uint32_t mark;

	if (!lac_read_bytes(reader, 8, &at) || memcmp(at, magic, 7) != 0)
		return lac_fail(error, LAC_NOT_ARCHIVE, 0, "this is no packed model");
	if (at[7] != magic[7])
		return lac_fail(error, LAC_UNSUPPORTED, 7, "the packed model is of version %u, not %u", (unsigned)at[7], (unsigned)magic[7]);
	if (whole.left < HEADER_BYTES + HASH_BYTES)
		return lac_fail(error, LAC_TRUNCATED, whole.left, "the packed model ends too early");
	memcpy(&mark, at + 8, 4);
	if (mark != MARK)
		return lac_fail(error, LAC_UNSUPPORTED, 8, "the packed model is of another byte order");
	memcpy(header->file_hash, at + 16, 16);
	memcpy(header->identity, at + 32, 16);
	*reader = (struct lac_reader){ at + 48, HEADER_BYTES - 48 };
	(void)lac_read_u64(reader, &header->n_bytes); /* they are there */
	*reader = (struct lac_reader){ at + HEADER_BYTES, whole.left - HEADER_BYTES - HASH_BYTES };
	if (header->n_bytes > reader->left)
		return lac_fail(error, LAC_TRUNCATED, whole.left, "the packed model ends too early");
	if (header->n_bytes < reader->left || header->n_bytes % 64)
		return lac_fail(error, LAC_CORRUPT, 48, "the packed model is not as long as it says");
	return LAC_OK;
}

struct copying {
	uint8_t *to;
	const uint8_t *from;
	size_t n_bytes, n_chunks;
	uint8_t (*hashes)[HASH_BYTES]; /* owned: of the chunks; what was mapped may change while it is read, so it is the copy that is hashed */
	atomic_size_t next;
};

static void copy(void *context, uint32_t thread, uint32_t n_threads)
{
	struct copying *c = context;
	size_t chunk;

	(void)thread;
	(void)n_threads;
	while ((chunk = atomic_fetch_add(&c->next, 1)) < c->n_chunks) {
		const size_t begin = chunk * CHUNK_BYTES, n = c->n_bytes - begin < CHUNK_BYTES ? c->n_bytes - begin : CHUNK_BYTES;

		memcpy(c->to + begin, c->from + begin, n);
		lac_hash128(c->to + begin, n, c->hashes[chunk]);
	}
}

/* By threads: it is the first touch of the memory, which the kernel clears. */
static enum lac_status copy_weights(struct copying *copying, uint32_t n_threads, struct lac_error *error)
{
	struct lac_threads *threads = NULL;
	enum lac_status s = LAC_OK;

	if (n_threads > copying->n_chunks)
		n_threads = (uint32_t)copying->n_chunks;
	if (n_threads > 1)
		s = lac_threads_create(&threads, n_threads, error);
	if (threads)
		lac_threads_run(threads, copy, copying);
	else if (!s || s == LAC_NO_THREAD)
		copy(copying, 0, 1);
	lac_threads_free(&threads);
	return s == LAC_NO_THREAD ? LAC_OK : s;
}

static enum lac_status check_hash(const struct lac_file *packed, const struct copying *copying, struct lac_error *error)
{
	struct lac_hash128 *state = lac_hash128_create();
	uint8_t hash[HASH_BYTES];

	if (!state)
		return lac_fail_memory(error, 1024, "the hash of a packed model");
	lac_hash128_update(state, packed->bytes, HEADER_BYTES);
	lac_hash128_update(state, copying->hashes, copying->n_chunks * HASH_BYTES);
	lac_hash128_finish(&state, hash);
	return memcmp(hash, copying->from + copying->n_bytes, HASH_BYTES) == 0 ? LAC_OK
		: lac_fail(error, LAC_CORRUPT, 0, "the packed model is damaged: its hash differs");
}

enum lac_status lac_packed_file_read(struct lac_arena *arena, const struct lac_file *packed, const uint8_t file_hash[16],
	uint32_t n_threads, uint8_t identity[16], struct lac_error *error)
{
	struct lac_reader reader = { packed->bytes, packed->n_bytes };
	struct header header;
	struct copying copying = { .next = 0 };
	enum lac_status s = read_header(&header, &reader, error);

	if (s)
		return s;
	if (memcmp(header.file_hash, file_hash, 16) != 0)
		return lac_fail(error, LAC_OTHER_MODEL, 16, "the packed model is of another file");
	copying.from = reader.at;
	copying.n_bytes = reader.left;
	copying.n_chunks = reader.left / CHUNK_BYTES + (reader.left % CHUNK_BYTES != 0);
	copying.hashes = lac_malloc(copying.n_chunks, sizeof *copying.hashes);
	copying.to = copying.hashes ? lac_arena_fill(arena, reader.left) : NULL;
	s = copying.to ? copy_weights(&copying, n_threads, error) : lac_fail_memory(error, reader.left, "weights");
	if (!s)
		s = check_hash(packed, &copying, error);
	lac_free(copying.hashes);
	memcpy(identity, header.identity, 16);
	return s;
}
