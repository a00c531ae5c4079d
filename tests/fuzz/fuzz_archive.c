/* fuzz_archive.c: any bytes as an archive. The frames are read once by the reader alone, and what
 * they promise is held against what decoding, listing and decoding otherwise say. mutate_archive.c
 * makes the checks fit again, which mutations break. */
#include "fuzz_models.h"

#include "base/hash.h"
#include "format/frame.h"

/* Bytes of text that are decoded, with a limit: where a model is asked, each may cost an evaluation
 * (format.md section 7). */
#define MODELLED_BYTES_MAX 1200u
#define OTHER_BYTES_MAX (12u << 10)

/* What a block's frame says of its text. */
struct promise {
	uint64_t hash, n_bytes;
	uint64_t offset; /* of the frame */
	bool is_coded;
};

struct scan {
	enum lac_status status; /* with which the frames end */
	struct lac_error error;
	struct promise *blocks; /* before that */
	size_t n_blocks;
	uint64_t limit_bytes;
	const struct fuzz_model *model;
	bool has_file;
};

struct result {
	enum lac_status status;
	struct lac_error error;
	struct lac_stats stats;
	struct bytes text;
};

/* ---- The frames alone ------------------------------------------------------------ */

/* Fields have one form only: what was read is written as it was. */
static void check_canonical(const struct lac_frame *frame, uint64_t ordinal, const uint8_t *bytes, size_t n_bytes)
{
	struct lac_buffer again = { 0 };

	lac_frame_write(&again, frame, ordinal);
	MUST(!again.failed && again.length == n_bytes && memcmp(again.bytes, bytes, n_bytes) == 0,
		"frame %llu of type %d is written otherwise than it was read", (unsigned long long)ordinal, (int)frame->type);
	MUST(lac_frame_bytes(frame) == n_bytes, "frame %llu of type %d", (unsigned long long)ordinal, (int)frame->type);
	lac_buffer_free(&again);
}

/* Decoding is given the model that the archive declares first, if it is known here. */
static void note_model(struct scan *scan, const struct lac_model_frame *frame)
{
	for (unsigned i = 0; !scan->model && i < FUZZ_MODELS; i++)
		if (memcmp(lac_model_info(fuzz_model(i)->model)->identity, frame->identity, 16) == 0)
			scan->model = fuzz_model(i);
}

static void note_block(struct scan *scan, const struct lac_frame *frame, uint64_t offset)
{
	struct promise *promise = &scan->blocks[scan->n_blocks++];

	*promise = (struct promise){ frame->text_hash, frame->n_text_bytes, offset, frame->type != LAC_FRAME_STORED };
	if (frame->type == LAC_FRAME_STORED)
		promise->hash = lac_hash64(frame->streams[0], frame->stream_bytes[0], 0);
	else if (frame->type != LAC_FRAME_MIXED)
		scan->limit_bytes = MODELLED_BYTES_MAX;
	if (lac_frame_holds_records(frame->type))
		promise->n_bytes += frame->n_streams - frame->is_open;
}

static enum lac_status scan_archive(struct scan *scan, struct lac_frame_reader *reader, const uint8_t *data)
{
	struct lac_frame frame = { .is_last = false };
	struct lac_buffer body = { 0 };
	enum lac_status s = LAC_OK;

	for (uint64_t ordinal = 0; !s && !frame.is_last; ordinal++) {
		const uint64_t offset = lac_frame_reader_offset(reader);

		s = lac_frame_reader_next(reader, &body, &frame, &scan->error);
		if (s)
			break;
		check_canonical(&frame, ordinal, data + offset, lac_frame_reader_offset(reader) - offset);
		if (frame.type == LAC_FRAME_MODEL)
			note_model(scan, &frame.model);
		scan->has_file |= frame.type == LAC_FRAME_FILE;
		if (lac_frame_is_block(frame.type))
			note_block(scan, &frame, offset);
	}
	lac_buffer_free(&body);
	return s;
}

static struct scan scan_frames(const uint8_t *data, size_t size)
{
	struct memory_source source = { .at = data, .left = size };
	struct scan scan = { .limit_bytes = OTHER_BYTES_MAX };
	struct lac_frame_reader *reader;
	struct lac_header header;
	bool at_end = false;

	scan.blocks = calloc(size / 10 + 1, sizeof *scan.blocks); /* no block is shorter */
	if (!scan.blocks)
		abort();
	scan.status = lac_frame_reader_create(&reader, (struct lac_source){ memory_read, &source }, &scan.error);
	while (!scan.status) {
		scan.status = lac_frame_reader_header(reader, &header, &at_end, &scan.error);
		if (scan.status || at_end)
			break;
		scan.status = scan_archive(&scan, reader, data);
	}
	lac_frame_reader_free(&reader);
	if (!scan.model)
		scan.model = fuzz_model(0);
	return scan;
}

/* ---- Laws ------------------------------------------------------------------------ */

static bool is_of_archives(enum lac_status s)
{
	return (s >= LAC_CORRUPT && s <= LAC_NOT_ARCHIVE) || s == LAC_UNSUPPORTED || s == LAC_OTHER_MODEL || s == LAC_OTHER_ADAPTER ||
		s == LAC_OVER_LIMIT;
}

/* An error is told in full, and lies within the file. What is carried may take more than is
 * allowed. */
static void check_error(enum lac_status s, const struct lac_error *error, size_t size)
{
	if (s)
		MUST((is_of_archives(s) || (s == LAC_NO_MEMORY && strstr(error->text, "carries"))) && error->status == s && error->text[0] && error->offset <= size, "%s at %llu: %s", lac_status_name(s),
			(unsigned long long)error->offset, error->text);
	else
		MUST(!error->status && !error->text[0], "%s", error->text);
}

/* The block that is said to be corrupt is one of those. */
static bool is_blamed(const struct scan *scan, const struct result *result, bool is_coded)
{
	for (size_t i = 0; result->status == LAC_CORRUPT && i < scan->n_blocks; i++)
		if (scan->blocks[i].offset == result->error.offset && scan->blocks[i].is_coded == is_coded)
			return true;
	return false;
}

/* Listing reads the frames, and refuses besides only what this build could never decode, and what
 * contradicts itself in view. */
static void check_list(const struct scan *scan, const struct result *list, size_t size)
{
	check_error(list->status, &list->error, size);
	if (list->status == LAC_UNSUPPORTED || is_blamed(scan, list, false))
		return;
	MUST(list->status == scan->status && list->error.offset == scan->error.offset, "reading: %s; listing: %s", scan->error.text,
		list->error.text);
}

/* Nothing is passed on that a hash does not cover: the text is that of the first blocks, of all if
 * there was no error. */
static void check_text(const struct scan *scan, const struct result *result)
{
	size_t at = 0, i = 0;

	for (; i < scan->n_blocks && at < result->text.length; i++) {
		const struct promise *promise = &scan->blocks[i];

		MUST(promise->n_bytes <= result->text.length - at, "block %zu is cut", i);
		MUST(lac_hash64(result->text.at + at, promise->n_bytes, 0) == promise->hash, "block %zu is wrong", i);
		at += promise->n_bytes;
	}
	MUST(at == result->text.length, "%zu bytes of text are of no block", result->text.length - at);
	MUST(result->status || i == scan->n_blocks, "%zu blocks of %zu were written", i, scan->n_blocks);
}

/* What cannot be listed is not decoded to its end; what can be is, given the models, unless what
 * was coded is wrong. */
static void check_agreement(const struct scan *scan, const struct result *list, const struct result *decoded)
{
	const struct lac_stats *a = &list->stats, *b = &decoded->stats;

	if (list->status) {
		MUST(decoded->status && decoded->error.offset <= list->error.offset, "listing: %s; decoding: %s", list->error.text,
			decoded->error.text);
		return;
	}
	if (decoded->status) {
		MUST(decoded->status == LAC_OTHER_MODEL || decoded->status == LAC_OTHER_ADAPTER || is_blamed(scan, decoded, true) ||
			strstr(decoded->error.text, "coded with a context of") || (decoded->status == LAC_OVER_LIMIT && a->bytes_out > scan->limit_bytes),
			"listing is well; decoding: %s", decoded->error.text);
		return;
	}
	MUST(a->bytes_in == b->bytes_in && a->bytes_out == b->bytes_out && a->n_tokens == b->n_tokens && a->n_records == b->n_records &&
		a->n_blocks == b->n_blocks && a->n_mixed_blocks == b->n_mixed_blocks && a->n_stored_blocks == b->n_stored_blocks &&
		a->n_archives == b->n_archives && a->n_models == b->n_models && a->n_adapters == b->n_adapters,
		"listing and decoding count otherwise: %llu and %llu bytes, %llu and %llu records", (unsigned long long)a->bytes_out,
		(unsigned long long)b->bytes_out, (unsigned long long)a->n_records, (unsigned long long)b->n_records);
	MUST(a->n_carried == b->n_carried && a->carried_bytes == b->carried_bytes, "listing and decoding count other files");
	MUST(memcmp(a->models, b->models, sizeof a->models) == 0 && memcmp(a->adapters, b->adapters, sizeof a->adapters) == 0,
		"listing and decoding name other models");
	MUST(b->bytes_out == decoded->text.length, "%llu bytes are said to be written", (unsigned long long)b->bytes_out);
}

/* ---- Decoding -------------------------------------------------------------------- */

static struct result decode(const struct scan *scan, const uint8_t *data, size_t size, size_t chunk, const struct lac_options *how)
{
	const struct lac_model *adapted[2];
	struct lac_options options = *how;
	struct result result = { .status = LAC_OK };

	for (uint32_t i = 0; i < scan->model->n_adapters; i++)
		adapted[i] = scan->model->adapted[i];
	options.adapted = adapted;
	options.n_adapted = scan->model->n_adapters;
	options.limit_bytes = scan->limit_bytes;
	result.status = transfer(lac_decompress, scan->model->model, data, size, chunk, &options, &result.text, &result.stats, &result.error);
	check_error(result.status, &result.error, size);
	MUST(result.text.length <= scan->limit_bytes, "%zu bytes", result.text.length);
	check_text(scan, &result);
	return result;
}

/* Neither threads nor memory nor the sizes of reads change anything but which of a block's records
 * is blamed. */
static void check_same(const struct result *a, const struct result *b)
{
	MUST(a->status == b->status && a->error.offset == b->error.offset, "\"%s\" or \"%s\"", a->error.text, b->error.text);
	MUST(same_bytes(a->text, b->text.at, b->text.length), "%zu or %zu bytes", a->text.length, b->text.length);
}

static void check_decoding(const struct scan *scan, const struct result *list, const uint8_t *data, size_t size)
{
	const struct lac_options plain = { .n_threads = 1, .memory_bytes = 1 << 18 };
	const struct lac_options otherwise = { .n_threads = 2, .memory_bytes = 1, .batch_rows = 1 };
	struct result once = decode(scan, data, size, 0, &plain), again = decode(scan, data, size, 1 + size % 13, &otherwise);

	check_agreement(scan, list, &once);
	check_same(&once, &again);
	free(once.text.at);
	free(again.text.at);
}

/* What is carried, and not at hand, is opened: then blocks may be decoded that were not, and
 * nothing that was is otherwise. */
static void check_opening(const struct scan *scan, const uint8_t *data, size_t size)
{
	const struct lac_options closed = { .n_threads = 1, .memory_bytes = 1 << 24 };
	const struct lac_options opening = { .n_threads = 1, .memory_bytes = 1 << 24, .opens_carried = true };
	struct result without = decode(scan, data, size, 0, &closed), with = decode(scan, data, size, 0, &opening);

	if (without.status && without.status != LAC_OTHER_MODEL && without.status != LAC_OTHER_ADAPTER)
		MUST(with.status, "opened: no error; else %s", without.error.text);
	if (!with.status && !without.status)
		check_same(&with, &without);
	free(without.text.at);
	free(with.text.at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory_source source = { .at = data, .left = size, .chunk = 1 + size % 7 };
	struct scan scan = scan_frames(data, size);
	struct result list = { .status = LAC_OK };

	list.status = lac_list((struct lac_source){ memory_read, &source }, &list.stats, &list.error);
	check_list(&scan, &list, size);
	check_decoding(&scan, &list, data, size);
	if (scan.has_file)
		check_opening(&scan, data, size);
	free(scan.blocks);
	return 0;
}
