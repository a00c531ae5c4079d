/* message.c: one short text without an archive around it (format.md section 7). */
#include "archive/block.h"
#include "archive/context.h"
#include "archive/reporter.h"
#include "coder/mixing.h"

#include <string.h>

enum form { FORM_STORED = 0, FORM_MIXED = 1 }; /* the byte before a last byte of 0 */

#define MARK_BYTES 2u

size_t lac_message_bound(size_t n_bytes)
{
	return n_bytes + MARK_BYTES;
}

static void mark(struct lac_buffer *message, enum form form)
{
	lac_buffer_u8(message, (uint8_t)form);
	lac_buffer_u8(message, 0);
}

/* Codes or decodes the only stream of `block` with the context's model, saying how far it is: of
 * text. */
static enum lac_status run_stream(struct lac_context *context, struct lac_workers *workers, struct lac_block *block, struct lac_error *error)
{
	struct lac_reporter reporter = { .options = &context->options };
	struct lac_stream *stream = block->streams;
	enum lac_status s;

	stream->kind = LAC_STREAM_RECORD;
	stream->model = context->shelf.given.at[0];
	stream->window = lac_context_window(context);
	s = lac_workers_push(workers, &block->tally, stream, 1, error);
	while (!s && !lac_workers_wait(workers, &block->tally))
		s = lac_report(&reporter, lac_block_done(block), 0, error);
	if (s) {
		lac_context_stop(context);
		return s;
	}
	if (stream->error.status && error)
		*error = stream->error;
	if (stream->error.status == LAC_NO_MEMORY)
		/* a worker that found no memory has none for the next call either */
		lac_context_stop(context);
	return stream->error.status;
}

static enum lac_status check(const struct lac_context *context, size_t n_bytes, size_t most, struct lac_error *error)
{
	if (!context->shelf.given.n)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "a message needs a model, and the context has none");
	if (n_bytes > most)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "a message of %zu bytes is longer than %zu", n_bytes, most);
	return lac_context_check(context, false, error);
}

/* ---- Compression --------------------------------------------------------------------- */

/* The payload as the model codes it. */
static enum lac_status code(struct lac_context *context, const void *text, size_t n_bytes, struct lac_buffer *out, struct lac_error *error)
{
	struct lac_block *block = lac_block_create(1);
	struct lac_workers *workers;
	enum lac_status s;

	if (!block)
		return lac_fail_memory(error, sizeof *block, "a message");
	block->streams[0].in = text;
	block->streams[0].in_bytes = n_bytes;
	s = lac_context_encoders(context, &workers, error);
	if (!s)
		s = run_stream(context, workers, block, error);
	if (!s) {
		*out = block->streams[0].out;
		block->streams[0].out = (struct lac_buffer){ 0 };
	}
	lac_block_free(&block);
	return s;
}

/* Takes the other form if it is shorter. */
static void take_shorter(struct lac_buffer *best, struct lac_buffer *other)
{
	const struct lac_buffer old = *best;

	if (other->length >= best->length)
		return;
	*best = *other;
	*other = old;
}

/* The smallest form. False: there is no memory to tell. */
static bool consider_others(const void *text, size_t n_bytes, struct lac_buffer *best)
{
	struct lac_buffer stored = { 0 }, mixed = { 0 };
	bool is_done;

	lac_buffer_append(&stored, text, n_bytes);
	mark(&stored, FORM_STORED);
	lac_buffer_varint(&mixed, n_bytes);
	if (!lac_mixing_encode(text, n_bytes, &mixed))
		mixed.failed = true;
	mark(&mixed, FORM_MIXED);
	is_done = !stored.failed && !mixed.failed;
	take_shorter(best, &stored);
	take_shorter(best, &mixed);
	lac_buffer_free(&stored);
	lac_buffer_free(&mixed);
	return is_done;
}

enum lac_status lac_message_compress(struct lac_context *context, const void *text, size_t n_bytes, void *out, size_t capacity,
	size_t *n_out, struct lac_error *error)
{
	struct lac_buffer message = { 0 };
	enum lac_status s = check(context, n_bytes, LAC_MESSAGE_TEXT_MAX, error);

	if (!s)
		s = code(context, text, n_bytes, &message, error);
	if (s)
		return s;
	if (!consider_others(text, n_bytes, &message))
		s = lac_fail_memory(error, n_bytes + lac_mixing_bytes(n_bytes), "a message");
	else if (message.length > capacity)
		s = lac_fail(error, LAC_BAD_ARGUMENT, 0, "the message has %zu bytes, and there is room for %zu; lac_message_bound() is enough",
			message.length, capacity);
	if (!s && message.length)
		memcpy(out, message.bytes, message.length);
	if (!s)
		*n_out = message.length;
	lac_buffer_free(&message);
	return s;
}

/* ---- Decompression ------------------------------------------------------------------- */

static enum lac_status fail_length(struct lac_error *error, size_t capacity)
{
	return lac_fail(error, LAC_OVER_LIMIT, 0, "the text is longer than the limit of %zu bytes", capacity);
}

static enum lac_status decode(struct lac_context *context, const uint8_t *payload, size_t n_bytes, uint8_t *out, size_t capacity,
	size_t *n_out, struct lac_error *error)
{
	struct lac_block *block = lac_block_create(1);
	struct lac_workers *workers;
	struct lac_stream *stream;
	enum lac_status s;

	if (!block)
		return lac_fail_memory(error, sizeof *block, "a message");
	stream = block->streams;
	stream->in = payload;
	stream->in_bytes = n_bytes;
	stream->text_bytes = capacity < LAC_MESSAGE_TEXT_MAX ? capacity : LAC_MESSAGE_TEXT_MAX;
	block->text_left = stream->text_bytes;
	stream->is_limited = true;
	/* an archive before may have brought another, or another window */
	s = lac_context_turn_to(context, context->shelf.given.at[0], lac_context_window(context), (struct lac_place){ 0 }, error);
	if (!s)
		s = lac_context_decoders(context, &workers, error);
	if (!s)
		s = run_stream(context, workers, block, error);
	if (!s && stream->out.length)
		memcpy(out, stream->out.bytes, stream->out.length);
	if (!s)
		*n_out = stream->out.length;
	lac_block_free(&block);
	return s;
}

static enum lac_status unstore(const uint8_t *text, size_t n_bytes, uint8_t *out, size_t capacity, size_t *n_out, struct lac_error *error)
{
	if (n_bytes > capacity)
		return fail_length(error, capacity);
	if (n_bytes)
		memcpy(out, text, n_bytes);
	*n_out = n_bytes;
	return LAC_OK;
}

static enum lac_status unmix(struct lac_reader message, uint8_t *out, size_t capacity, size_t *n_out, struct lac_error *error)
{
	enum lac_mixing_result result;
	uint64_t n_bytes;

	if (!lac_read_varint(&message, &n_bytes) || n_bytes > LAC_MESSAGE_TEXT_MAX)
		return lac_fail(error, LAC_CORRUPT, 0, "the message's length is damaged");
	if (n_bytes > capacity)
		return fail_length(error, capacity);
	result = lac_mixing_decode(message.at, message.left, out, (size_t)n_bytes);
	if (result == LAC_MIXING_NO_MEMORY)
		return lac_fail_memory(error, lac_mixing_bytes((size_t)n_bytes), "a message");
	if (result == LAC_MIXING_CORRUPT)
		return lac_fail(error, LAC_CORRUPT, 0, "the message is not what an encoder writes for any text of its length");
	*n_out = (size_t)n_bytes;
	return LAC_OK;
}

enum lac_status lac_message_decompress(struct lac_context *context, const void *message, size_t n_bytes, void *out, size_t capacity,
	size_t *n_out, struct lac_error *error)
{
	const uint8_t *bytes = message;
	enum lac_status s = check(context, n_bytes, SIZE_MAX, error);

	if (s)
		return s;
	if (!n_bytes || bytes[n_bytes - 1] != 0)
		return decode(context, bytes, n_bytes, out, capacity, n_out, error);
	if (n_bytes < MARK_BYTES)
		return lac_fail(error, LAC_CORRUPT, 0, "a message of a single zero byte");
	if (bytes[n_bytes - 2] == FORM_STORED)
		return unstore(bytes, n_bytes - MARK_BYTES, out, capacity, n_out, error);
	if (bytes[n_bytes - 2] == FORM_MIXED)
		return unmix((struct lac_reader){ bytes, n_bytes - MARK_BYTES }, out, capacity, n_out, error);
	return lac_fail(error, LAC_UNSUPPORTED, 0, "a message of form %u, which needs a newer laconic", (unsigned)bytes[n_bytes - 2]);
}
