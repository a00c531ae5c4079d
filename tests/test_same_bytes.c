/* The law that everything here stands on: test_same_bytes DIRECTORY_OF_MODELS [--short|--long]. The
 * bytes of an archive, and of the text it is read to, are the same for every instruction set, every
 * number of threads and every size of batch (arithmetic.md section 1). The texts are ones that the
 * models win, so that their blocks are the model's, and pass through many windows. */
#include "base/strict_float.h"
#include "memory_io.h"
#include "sampled_text.h"

static const char *directory;
static enum test_effort effort;

/* Heads that share keys; keys of one head, bytes missing, no end token, an odd window; no length a
 * multiple of anything. */
static const struct {
	const char *folder, *name; /* NULL: the directory of models */
} files[] = { { "tests/golden/models", "grouped" }, { "tests/golden/models", "escapes" }, { NULL, "wide" } };
enum { N_FILES = sizeof files / sizeof *files };

static struct lac_model *open_model(unsigned file, const char *kernels)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct lac_model *model = NULL;
	struct lac_error error = { 0 };
	char path[4096];

	options.kernels = kernels;
	snprintf(path, sizeof path, "%s/%s.gguf", files[file].folder ? files[file].folder : directory, files[file].name);
	if (lac_model_open_file(&model, path, &options, &error)) {
		fprintf(stderr, "%s: %s\n", path, error.text);
		exit(1);
	}
	return model;
}

/* ---- Texts ---------------------------------------------------------------------- */

/* Lines of so many bytes, each drawn from a fresh context. */
static struct bytes sample_lines(const struct lac_model *model, size_t n_lines, size_t line_bytes)
{
	struct sampler sampler = sampler_create(model, line_bytes);
	struct memory_sink sink = { .capacity = 0 };

	for (size_t i = 0; i < n_lines; i++) {
		/* many: of all lengths, none too */
		sample_stream(&sampler, n_lines > 8 ? i * line_bytes % 61 : line_bytes);
		(void)memory_write(&sink, sampler.text, sampler.n_bytes);
		(void)memory_write(&sink, "\n", 1);
	}
	sampler_free(&sampler);
	return sink.bytes;
}

/* ---- The law ---------------------------------------------------------------------- */

struct subject {
	unsigned file;
	enum lac_records records;
	struct bytes text, archive; /* the archive of plain C, one thread, one row at a time */
};

static size_t first_difference(struct bytes a, struct bytes b)
{
	size_t i = 0;

	while (i < a.length && i < b.length && a.at[i] == b.at[i])
		i++;
	return i;
}

static void check_same(const struct subject *subject, const char *what, struct bytes found, struct bytes wanted,
	const struct lac_options *options)
{
	CHECK_NOTE(same_bytes(found, wanted.at, wanted.length), "%s: model %s, %s, kernels %s, %u threads, batch %u: %zu bytes for %zu, "
		"other from byte %zu on", what, files[subject->file].name, subject->records ? "records" : "text", options->kernels,
		(unsigned)options->n_threads, (unsigned)options->batch_rows, found.length, wanted.length, first_difference(found, wanted));
}

static void try_options(const struct subject *subject, const struct lac_model *model, const struct lac_options *options)
{
	struct lac_error error = { 0 };
	struct bytes archive, text;

	CHECK_NOTE(!transfer(lac_compress, model, subject->text.at, subject->text.length, 0, options, &archive, NULL, &error), "%s",
		error.text);
	check_same(subject, "compressed", archive, subject->archive, options);
	CHECK_NOTE(!transfer(lac_decompress, model, subject->archive.at, subject->archive.length, 0, options, &text, NULL, &error),
		"%s", error.text);
	check_same(subject, "decompressed", text, subject->text, options);
	free(archive.at);
	free(text.at);
}

static void try_matrix(struct subject *subject)
{
	static const uint32_t threads[] = { 1, 2, 3, 8 }, batches[] = { 1, 7, 64 };
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct lac_model *model = open_model(subject->file, "scalar");
	struct lac_stats stats = { 0 };

	options.records = subject->records;
	options.block_bytes = LAC_BLOCK_BYTES_MIN;
	options.n_threads = options.batch_rows = 1;
	CHECK(!transfer(lac_compress, model, subject->text.at, subject->text.length, 0, &options, &subject->archive, &stats, NULL));
	CHECK_NOTE(stats.n_blocks > stats.n_mixed_blocks + stats.n_stored_blocks, "%s: the model won no block", files[subject->file].name);
	lac_model_close(&model);
	for (unsigned k = 0; lac_kernels_name(k); k++) {
		options.kernels = lac_kernels_name(k);
		model = open_model(subject->file, options.kernels);
		for (unsigned i = 0; i < 12; i += effort == SHORT ? 5 : 1) {
			options.n_threads = threads[i / 3];
			options.batch_rows = batches[i % 3];
			try_options(subject, model, &options);
		}
		lac_model_close(&model);
	}
	free(subject->archive.at);
}

static void neither_kernels_nor_threads_nor_batches_change_a_byte(void)
{
	for (unsigned file = 0; file < N_FILES; file++)
		for (int records = LAC_RECORDS_NONE; records <= LAC_RECORDS_LINES; records++) {
			struct subject subject = { .file = file, .records = (enum lac_records)records };
			struct lac_model *model = open_model(file, NULL);

			if (records)
				subject.text = sample_lines(model, effort == SHORT ? 9 : 40, 17);
			else
				subject.text = effort == SHORT ? sample_lines(model, 1, 300) : sample_lines(model, 3, effort == LONG ? 960 : 400);
			lac_model_close(&model);
			try_matrix(&subject);
			free(subject.text.at);
		}
}

int main(int argc, char **argv)
{
	directory = argc > 1 ? argv[1] : "build/models";
	effort = test_effort(argc, argv);
	lac_float_environment_enter(); /* texts are drawn by this thread */
	LAW(neither_kernels_nor_threads_nor_batches_change_a_byte);
	return test_report();
}
