/* estimate.c: compress --estimate. A sample is compressed as it would be, on one thread, into
 * nothing. */
#include "advice.h"
#include "command.h"
#include "io/files.h"
#include "io/report.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define PIECES 4u
#define PIECE_BYTES 16384u /* long beside what a model remembers: the joints cost little */

struct sample {
	char bytes[PIECES * PIECE_BYTES];
	size_t n_bytes, n_read;
	uint64_t text_bytes; /* of the file */
	unsigned n_pieces;
	uint64_t n_written;
};

struct estimate {
	uint64_t text_bytes, archive_bytes, memory_bytes;
	double seconds;
	unsigned n_threads;
};

/* ---- The sample ------------------------------------------------------------------- */

/* Of records, whole ones: from behind the first separator to the last. */
static size_t cut_records(char *piece, size_t n_bytes, enum lac_records records, bool is_first)
{
	const int separator = records == LAC_RECORDS_NUL ? 0 : '\n';
	const char *first = is_first ? NULL : memchr(piece, separator, n_bytes);
	const char *last = memrchr(piece, separator, n_bytes);
	const size_t from = first && first != last ? (size_t)(first + 1 - piece) : 0;
	const size_t to = last && last != first ? (size_t)(last + 1 - piece) : n_bytes;

	memmove(piece, piece + from, to - from);
	return to - from;
}

/* Behind what is there, up to the end of the file, if that comes before n_bytes. Says why it
 * cannot. */
static bool read_piece(struct sample *sample, const struct input *input, uint64_t offset, size_t n_bytes, size_t *n_read)
{
	*n_read = 0;
	while (*n_read < n_bytes) {
		const ssize_t n = pread(input->file, sample->bytes + sample->n_bytes + *n_read, n_bytes - *n_read, (off_t)(offset + *n_read));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			complain("%s: %s", input->name, strerror(errno));
		if (n <= 0)
			return n == 0;
		*n_read += (size_t)n;
	}
	return true;
}

/* From the beginning of a file to its end. */
static bool take_pieces(struct sample *sample, const struct input *input, enum lac_records records)
{
	size_t n_read;

	sample->n_bytes = 0;
	sample->n_pieces = PIECES;
	sample->text_bytes = (uint64_t)input->info.st_size;
	for (unsigned i = 0; i < PIECES; i++) {
		if (!read_piece(sample, input, (sample->text_bytes - PIECE_BYTES) / (PIECES - 1) * i, PIECE_BYTES, &n_read))
			return false;
		if (n_read < PIECE_BYTES) {
			complain("%s: it became shorter", input->name);
			return false;
		}
		sample->n_bytes += records ? cut_records(sample->bytes + sample->n_bytes, n_read, records, i == 0) : n_read;
	}
	return true;
}

static bool count_rest(struct sample *sample, const struct input *input)
{
	char buffer[PIECE_BYTES];
	ssize_t n;

	do {
		n = pread(input->file, buffer, sizeof buffer, (off_t)sample->text_bytes);
		sample->text_bytes += n > 0 ? (uint64_t)n : 0;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		complain("%s: %s", input->name, strerror(errno));
	return n == 0;
}

/* All of a short file; else pieces of it. A size is not believed until so much was read: that of
 * /proc/cpuinfo is told as 0. */
static bool take_sample(struct sample *sample, const struct input *input, enum lac_records records)
{
	size_t n_read;

	if (!read_piece(sample, input, 0, sizeof sample->bytes, &n_read))
		return false;
	sample->n_pieces = 1;
	sample->n_bytes = n_read;
	sample->text_bytes = n_read;
	if (sample->n_bytes < sizeof sample->bytes)
		return true;
	return (uint64_t)input->info.st_size > sample->n_bytes ? take_pieces(sample, input, records) : count_rest(sample, input);
}

static bool read_sample(void *payload, void *buffer, size_t capacity, size_t *n_read)
{
	struct sample *sample = payload;
	const size_t n_left = sample->n_bytes - sample->n_read;

	*n_read = n_left < capacity ? n_left : capacity;
	memcpy(buffer, sample->bytes + sample->n_read, *n_read);
	sample->n_read += *n_read;
	return true;
}

static bool count_bytes(void *payload, const void *bytes, size_t n_bytes)
{
	struct sample *sample = payload;

	(void)bytes;
	sample->n_written += n_bytes;
	return true;
}

/* ---- What follows from it ------------------------------------------------------------- */

static uint64_t peak_memory(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss * 1024 : 0;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* Threads that find work: each takes blocks, or records. */
static unsigned count_threads(const struct lac_options *options, uint64_t text_bytes)
{
	const uint64_t block = options->records ? LAC_BLOCK_BYTES_MIN : options->block_bytes ? options->block_bytes : LAC_BLOCK_BYTES_DEFAULT;
	const uint64_t n_blocks = text_bytes / block + 1;
	cpu_set_t cpus;
	const int n_cpus = sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? CPU_COUNT(&cpus) : 1;
	const uint64_t n_threads = options->n_threads ? options->n_threads : (uint64_t)n_cpus;

	return (unsigned)(n_threads < n_blocks ? n_threads : n_blocks);
}

static bool predict(struct estimate *out, const struct command *command, const struct models *models, const struct input *input,
	struct sample *sample)
{
	static uint64_t before; /* the first file's: a peak does not fall */
	struct lac_options options = command->options;
	struct lac_error error = { .status = LAC_OK };
	const double start = now();

	if (!before)
		before = peak_memory();
	options.n_threads = 1;
	options.adapted = (const struct lac_model *const *)models->adapted;
	options.n_adapted = models->n_adapted;
	if (lac_compress(models->base, (struct lac_source){ read_sample, sample }, (struct lac_sink){ count_bytes, sample }, &options, NULL, &error)) {
		complain_of(command, input->name, &error);
		return false;
	}
	*out = (struct estimate){ .text_bytes = sample->text_bytes, .archive_bytes = sample->n_written };
	out->n_threads = count_threads(&command->options, out->text_bytes);
	out->seconds = now() - start;
	if (sample->n_bytes < out->text_bytes) {
		const double scale = (double)out->text_bytes / (double)sample->n_bytes;

		out->archive_bytes = (uint64_t)((double)sample->n_written * scale);
		out->seconds *= scale / out->n_threads;
	}
	for (uint32_t i = 0; out->text_bytes && models->files[0].bytes && i < 1 + models->n_adapted; i++)
		out->archive_bytes += models->files[i].n_bytes;
	out->memory_bytes = before + (peak_memory() - before) * out->n_threads;
	return true;
}

static void print_text(const char *name, const struct estimate *e, const struct sample *sample)
{
	const unsigned long seconds = (unsigned long)(e->seconds + 0.5);

	tell(stdout, "%s: about %s -> %s (ratio %.4f, %.3f bits per byte) in %lu:%02lu:%02lu with %s and %.0f MiB of memory; from ", name,
		group_digits(e->text_bytes).text, count_of(e->archive_bytes, "byte").text, ratio_of(e->archive_bytes, e->text_bytes),
		8 * ratio_of(e->archive_bytes, e->text_bytes), seconds / 3600, seconds / 60 % 60, seconds % 60,
		count_of(e->n_threads, "thread").text, (double)e->memory_bytes / (1 << 20));
	if (sample->n_bytes == e->text_bytes)
		printf("all of it\n");
	else
		printf("%s in %s\n", count_of(sample->n_bytes, "byte").text, count_of(sample->n_pieces, "place").text);
}

static void print_json(const char *file, const struct estimate *e, const struct sample *sample)
{
	printf("{\"status\": \"ok\", \"file\": ");
	print_json_string(stdout, file);
	printf(", \"bytes_in\": %llu, \"bytes_out\": %llu, ", (unsigned long long)e->text_bytes, (unsigned long long)e->archive_bytes);
	if (e->text_bytes)
		printf("\"ratio\": %.6f, \"bits_per_byte\": %.6f, ", ratio_of(e->archive_bytes, e->text_bytes),
			8 * ratio_of(e->archive_bytes, e->text_bytes));
	else
		printf("\"ratio\": null, \"bits_per_byte\": null, ");
	printf("\"seconds\": %.3f, \"threads\": %u, \"memory_bytes\": %llu, \"sample_bytes\": %llu, \"sample_pieces\": %u}\n", e->seconds, e->n_threads,
		(unsigned long long)e->memory_bytes, (unsigned long long)sample->n_bytes, sample->n_pieces);
}

static bool estimate(const struct command *command, const struct models *models, const struct input *input)
{
	struct sample *sample;
	struct estimate found;
	bool is_done;

	if (!S_ISREG(input->info.st_mode)) {
		complain("%s: an estimate looks at several places of a file, and this is none", input->name);
		return false;
	}
	sample = calloc(1, sizeof *sample);
	if (!sample) {
		complain("out of memory");
		return false;
	}
	is_done = take_sample(sample, input, command->options.records) && predict(&found, command, models, input, sample);
	if (is_done)
		(command->json ? print_json : print_text)(input->name, &found, sample);
	free(sample);
	return is_done;
}

int estimate_file(const struct command *command, const struct models *models, const char *file)
{
	struct input input;
	bool is_skipped;
	int status;

	if (!input_open(&input, file, false, &is_skipped))
		return is_skipped ? EXIT_WARNING : EXIT_ERROR;
	status = estimate(command, models, &input) ? EXIT_OK : EXIT_ERROR;
	input_close(&input);
	return status;
}
