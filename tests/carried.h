/* What the tests of archives that carry their models (format.md section 4.5) share: models and
 * adapters of tests/golden, which their archives carry. For programs that are run from the
 * project's folder. */
#ifndef LAC_CARRIED_H
#define LAC_CARRIED_H

#include "test.h"
#include "random_io.h"

#include "archive/context.h"
#include "format/check.h"
#include "engine/session.h"

#define ARCHIVES "tests/golden/archives/"
#define MODELS "tests/golden/models/"

enum { GROUPED, ESCAPES, N_BASES };

static struct lac_model *bases[N_BASES], *adapted[2]; /* of GROUPED */
static struct bytes files[N_BASES], adapters[2];

static inline void open_models(void)
{
	static const char *const base_paths[] = { MODELS "grouped.gguf", MODELS "escapes.gguf" };
	static const char *const adapter_paths[] = { MODELS "leaning.gguf", MODELS "tilted.gguf" };

	for (unsigned i = 0; i < N_BASES; i++) {
		files[i] = read_file(base_paths[i]);
		if (lac_model_open_memory(&bases[i], files[i].at, files[i].length, NULL, NULL))
			exit(1);
	}
	for (unsigned i = 0; i < 2; i++) {
		adapters[i] = read_file(adapter_paths[i]);
		if (lac_model_adapt_memory(&adapted[i], bases[GROUPED], adapters[i].at, adapters[i].length, NULL))
			exit(1);
	}
}

static inline void close_models(void)
{
	for (unsigned i = 0; i < 2; i++) {
		lac_model_close(&adapted[i]);
		free(adapters[i].at);
	}
	for (unsigned i = 0; i < N_BASES; i++) {
		lac_model_close(&bases[i]);
		free(files[i].at);
	}
}

/* ---- Archives --------------------------------------------------------------------- */

/* What is compressed, and how. */
struct sample {
	const char *text;
	enum lac_records records;
	bool is_indexed, is_adapted;
	unsigned base;
};

static const struct sample samples[] = {
	{ "one-block", LAC_RECORDS_NONE, false, false, GROUPED },
	{ "raw", LAC_RECORDS_NONE, false, false, ESCAPES },
	{ "adapted", LAC_RECORDS_NONE, false, true, GROUPED },
	{ "adapted-lines", LAC_RECORDS_LINES, false, true, GROUPED },
	{ "indexed-lines", LAC_RECORDS_LINES, true, false, GROUPED },
	{ "indexed-nul", LAC_RECORDS_NUL, true, false, GROUPED },
	{ "indexed-adapted", LAC_RECORDS_LINES, true, true, GROUPED },
	{ "indexed-open", LAC_RECORDS_LINES, true, false, GROUPED },
	{ "stored", LAC_RECORDS_NONE, false, true, GROUPED }, /* no block names a model */
};
#define N_SAMPLES (sizeof samples / sizeof *samples)

static inline struct bytes text_of(const struct sample *sample)
{
	char path[128];

	snprintf(path, sizeof path, ARCHIVES "%s.txt", sample->text);
	return read_file(path);
}

/* The sample's files: [1 + adapted]. */
static inline void list_files(struct lac_file out[3], const struct sample *sample)
{
	out[0] = (struct lac_file){ files[sample->base].at, files[sample->base].length };
	for (unsigned i = 0; i < 2; i++)
		out[i + 1] = (struct lac_file){ adapters[i].at, adapters[i].length };
}

static inline uint64_t carried_bytes(const struct sample *sample)
{
	return files[sample->base].length + (sample->is_adapted ? adapters[0].length + adapters[1].length : 0);
}

static inline struct lac_options compressing(const struct sample *sample, const struct lac_file *carried)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;

	options.n_threads = 2;
	options.records = sample->records;
	options.is_indexed = sample->is_indexed;
	options.block_bytes = LAC_BLOCK_BYTES_MIN;
	options.adapted = (const struct lac_model *const *)adapted;
	options.n_adapted = sample->is_adapted ? 2 : 0;
	options.carried = carried;
	return options;
}

static inline struct bytes compress(const struct sample *sample, struct bytes text, struct lac_stats *stats)
{
	struct lac_error error = { .status = LAC_OK };
	struct lac_file carried[3];
	struct lac_options options;
	struct bytes archive;

	list_files(carried, sample);
	options = compressing(sample, carried);
	if (transfer(lac_compress, bases[sample->base], text.at, text.length, 0, &options, &archive, stats, &error)) {
		fprintf(stderr, "%s: %s\n", sample->text, error.text);
		exit(1);
	}
	return archive;
}

static inline struct lac_options opening(void)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;

	options.n_threads = 2;
	options.opens_carried = true;
	return options;
}

/* With nothing at hand, or a model that is another. */
static inline enum lac_status restore(const struct lac_model *model, struct bytes archive, size_t chunk, const struct lac_options *options,
	struct bytes *text, struct lac_stats *stats, struct lac_error *error)
{
	*error = (struct lac_error){ .status = LAC_OK };
	return transfer(lac_decompress, model, archive.at, archive.length, chunk, options, text, stats, error);
}

static inline void expect_text(struct bytes archive, const struct lac_model *model, const struct lac_options *options, struct bytes text,
	const char *note)
{
	struct lac_error error;
	struct bytes found;
	const enum lac_status s = restore(model, archive, 0, options, &found, NULL, &error);

	CHECK_NOTE(!s && same_bytes(found, text.at, text.length), "%s: %d, %s; %zu bytes, not %zu", note, (int)s, error.text, found.length,
		text.length);
	free(found.at);
}

static inline void expect_failure(struct bytes archive, const struct lac_model *model, const struct lac_options *options, enum lac_status wanted,
	const char *said, const char *note)
{
	struct lac_error error;
	struct bytes found;
	const enum lac_status s = restore(model, archive, 0, options, &found, NULL, &error);

	CHECK_NOTE(s == wanted && error.status == wanted && strstr(error.text, said), "%s: %d, not %d: %s", note, (int)s, (int)wanted, error.text);
	free(found.at);
}

/* ---- Made by hand ----------------------------------------------------------------- */

static inline void append(struct bytes *to, struct bytes more)
{
	to->at = realloc(to->at, to->length + more.length);
	if (!to->at)
		abort();
	memcpy(to->at + to->length, more.at, more.length);
	to->length += more.length;
}

#define PADDED_BYTES (2 * LAC_FILE_PIECE_BYTES + 12345) /* of a file: three pieces */

/* The model's file with as many zeros behind it as make it long. */
static inline struct bytes pad_file(struct bytes file)
{
	struct bytes out = { calloc(1, PADDED_BYTES), PADDED_BYTES };

	if (!out.at)
		abort();
	memcpy(out.at, file.at, file.length);
	return out;
}

static inline struct bytes copy_of(struct lac_buffer *out)
{
	struct bytes copy = { malloc(out->length), out->length };

	if (out->failed || !copy.at)
		abort();
	memcpy(copy.at, out->bytes, out->length);
	lac_buffer_free(out);
	return copy;
}

/* The archive of a model that says it is another; `file` is carried for it. */
static inline struct bytes forge(const uint8_t identity[16], struct bytes file)
{
	struct lac_frame frames[3] = {
		{ .type = LAC_FRAME_MODEL, .model = { .arithmetic_version = 1, .window = 16, .name = "forged" } },
		{ .type = LAC_FRAME_FILE, .n_streams = 1, .streams = { file.at }, .stream_bytes = { file.length } },
		{ .type = LAC_FRAME_STORED, .is_last = true, .n_text_bytes = 4, .n_streams = 1, .streams = { (const uint8_t *)"text" },
			.stream_bytes = { 4 } },
	};
	struct lac_buffer out = { 0 };

	memcpy(frames[0].model.identity, identity, 16);
	lac_header_write(&out, &(struct lac_header){ LAC_RECORDS_NONE });
	for (unsigned i = 0; i < 3; i++)
		lac_frame_write(&out, &frames[i], i);
	return copy_of(&out);
}

#endif
