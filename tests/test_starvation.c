/* Laws of a library that lacks something: test_starvation MODELS [--short|--long]. Memory, reads,
 * writes, the caller's consent and threads are denied at the Nth time, N = 1, 2, 3 and on, until
 * they are not asked for so often. The call then says what it lacked, holds no memory, has written
 * nothing but a beginning of what is right, and succeeds when it is made again. */
#include "starving.h"
#include "memory_io.h"

#include "base/error.h"

#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

static enum test_effort effort;

/* ---- What is done ---------------------------------------------------------------------- */

enum way { COMPRESS, DECOMPRESS, LIST, READ_RECORDS, PACK_MESSAGE, UNPACK_MESSAGE, N_WAYS };
static const char *const way_names[N_WAYS] = { "compress", "decompress", "list", "records of", "pack", "unpack" };

#define WAY(way) (1u << (way))
#define BOTH (WAY(COMPRESS) | WAY(DECOMPRESS) | WAY(LIST))
#define MESSAGE (WAY(PACK_MESSAGE) | WAY(UNPACK_MESSAGE))

/* Texts and archives of tests/golden: every kind of block and frame. */
static const struct {
	const char *name;
	enum lac_records records;
	uint32_t block_bytes, n_adapted;
	bool is_indexed;
	unsigned ways;
} files[] = {
	{ "all-kinds", LAC_RECORDS_NONE, 1024, 0, false, BOTH },
	{ "adapted", LAC_RECORDS_NONE, 1024, 2, false, BOTH },
	{ "adapted-lines", LAC_RECORDS_LINES, 0, 2, false, BOTH },
	{ "open", LAC_RECORDS_LINES, 1024, 0, false, BOTH },
	{ "stored", LAC_RECORDS_NONE, 0, 0, false, BOTH },
	{ "empty", LAC_RECORDS_NONE, 0, 0, false, BOTH },
	{ "concatenated", LAC_RECORDS_NONE, 0, 0, false, WAY(DECOMPRESS) | WAY(LIST) },
	{ "indexed-stored", LAC_RECORDS_LINES, 1024, 0, true, BOTH | WAY(READ_RECORDS) },
	{ "indexed-lines", LAC_RECORDS_LINES, 0, 0, true, WAY(READ_RECORDS) },
	/* of another model */
	{ "carried", LAC_RECORDS_NONE, 0, 0, false, WAY(DECOMPRESS) | WAY(LIST) },
	{ "carried-lines", LAC_RECORDS_LINES, 0, 0, true, WAY(DECOMPRESS) | WAY(READ_RECORDS) },
	{ "message", LAC_RECORDS_NONE, 0, 0, false, MESSAGE },
	{ "message-mixed", LAC_RECORDS_NONE, 0, 0, false, MESSAGE },
	{ "message-stored", LAC_RECORDS_NONE, 0, 0, false, MESSAGE },
};
enum { N_FILES = sizeof files / sizeof *files };
static struct bytes texts[N_FILES], archives[N_FILES];

enum { N_ADAPTERS = 2 };
static const char *const adapters[N_ADAPTERS] = { "tests/golden/models/leaning.gguf", "tests/golden/models/tilted.gguf" };
static struct lac_model *base;
static const struct lac_model *adapted[N_ADAPTERS];

struct attempt {
	unsigned file;
	enum way way;
	uint32_t n_threads;
	struct lac_context *context; /* NULL: none is kept */
	enum lac_status status;
	struct lac_error error;
	struct bytes out;
};

static struct denial reads = { .of = "a read" }, writes = { .of = "a write" }, consents = { .of = "consent" };

static bool read_some(void *payload, void *buffer, size_t capacity, size_t *n_read)
{
	return !is_denied(&reads) && memory_read(payload, buffer, capacity, n_read);
}

static bool write_all(void *payload, const void *bytes, size_t n_bytes)
{
	return !is_denied(&writes) && memory_write(payload, bytes, n_bytes);
}

static bool consent(void *payload, uint64_t bytes_in, uint64_t bytes_out)
{
	(void)payload;
	(void)bytes_in;
	(void)bytes_out;
	return !is_denied(&consents);
}

static bool read_at(void *payload, uint64_t offset, void *buffer, size_t n_bytes)
{
	const struct bytes *archive = payload;

	if (is_denied(&reads))
		return false;
	memcpy(buffer, archive->at + offset, n_bytes);
	return true;
}

static struct lac_options options_of(const struct attempt *a)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;

	options.n_threads = a->n_threads;
	options.records = files[a->file].records;
	options.block_bytes = files[a->file].block_bytes;
	options.is_indexed = files[a->file].is_indexed && a->way == COMPRESS;
	options.opens_carried = true;
	options.progress = consent;
	options.adapted = adapted;
	options.n_adapted = files[a->file].n_adapted;
	return options;
}

static enum lac_status read_records(struct attempt *a, struct lac_context *context, struct lac_sink sink)
{
	struct bytes *in = &archives[a->file];
	struct lac_archive *archive = NULL;
	enum lac_status s = lac_archive_open(&archive, context, (struct lac_random_source){ read_at, in, in->length }, &a->error);

	if (!s)
		s = lac_archive_read(archive, 0, lac_archive_n_records(archive), sink, NULL, &a->error);
	lac_archive_close(&archive);
	return s;
}

/* Out of memory and into it: nothing is written but what is right. */
static enum lac_status pass_message(struct attempt *a, struct lac_context *context, struct memory_sink *sink)
{
	const struct bytes *in = a->way == PACK_MESSAGE ? &texts[a->file] : &archives[a->file];
	uint8_t out[4096];
	size_t n_out = 0;
	enum lac_status s = a->way == PACK_MESSAGE
		? lac_message_compress(context, in->at, in->length, out, sizeof out, &n_out, &a->error)
		: lac_message_decompress(context, in->at, in->length, out, texts[a->file].length, &n_out, &a->error);

	if (!s)
		(void)memory_write(sink, out, n_out);
	return s;
}

static enum lac_status make_with(struct attempt *a, struct lac_context *context, struct lac_source source, struct lac_sink sink)
{
	switch (a->way) {
	case COMPRESS: return lac_context_compress(context, source, sink, NULL, &a->error);
	case DECOMPRESS: return lac_context_decompress(context, source, sink, NULL, &a->error);
	case READ_RECORDS: return read_records(a, context, sink);
	default: return pass_message(a, context, sink.payload);
	}
}

static enum lac_status make_alone(struct attempt *a, struct lac_source source, struct lac_sink sink)
{
	const struct lac_options options = options_of(a);
	struct lac_context *context = NULL;
	enum lac_status s;

	switch (a->way) {
	case COMPRESS: return lac_compress(base, source, sink, &options, NULL, &a->error);
	case DECOMPRESS: return lac_decompress(base, source, sink, &options, NULL, &a->error);
	case LIST: return lac_list(source, NULL, &a->error);
	default: break;
	}
	s = lac_context_open(&context, base, &options, &a->error);
	if (!s)
		s = make_with(a, context, source, sink);
	lac_context_close(&context);
	return s;
}

static void make(struct attempt *a)
{
	const struct bytes *in = a->way == COMPRESS ? &texts[a->file] : &archives[a->file];
	struct memory_source reading = { .at = in->at, .left = in->length, .chunk = 700 };
	struct memory_sink writing = { .capacity = 0 };
	const struct lac_source source = { read_some, &reading };
	const struct lac_sink sink = { write_all, &writing };

	a->error = (struct lac_error){ .status = LAC_OK };
	a->status = a->context ? make_with(a, a->context, source, sink) : make_alone(a, source, sink);
	a->out = writing.bytes;
}

/* ---- What is right ----------------------------------------------------------------------- */

static char doing[160]; /* replays a failure */

static void begin(const char *format, ...) LAC_PRINTF(1, 2);

static void begin(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(doing, sizeof doing, format, arguments);
	va_end(arguments);
	alarm(60);
}

static void on_alarm(int number)
{
	(void)number;
	(void)!write(STDERR_FILENO, "FAIL a call does not end: ", 26);
	(void)!write(STDERR_FILENO, doing, strlen(doing));
	(void)!write(STDERR_FILENO, "\n", 1);
	_exit(2);
}

static void check_error(enum lac_status status, const struct lac_error *error, enum lac_status expected)
{
	CHECK_NOTE(status == LAC_OK || status == expected, "%s: %s, \"%s\"", doing, lac_status_name(status), error->text);
	CHECK_NOTE(status == error->status && !status == !error->text[0], "%s: %s, \"%s\"", doing, lac_status_name(status), error->text);
	CHECK_NOTE(status != LAC_NO_MEMORY || strstr(error->text, "memory"), "%s: \"%s\"", doing, error->text);
}

static void check_bytes(const struct attempt *a)
{
	const struct bytes *right = a->way == COMPRESS || a->way == PACK_MESSAGE ? &archives[a->file] : &texts[a->file];
	const size_t whole = a->way == LIST ? 0 : right->length;

	CHECK_NOTE(a->out.length <= whole && (!a->out.length || memcmp(a->out.at, right->at, a->out.length) == 0),
		"%s: %zu bytes are not the right ones", doing, a->out.length);
	CHECK_NOTE(a->status || a->out.length == whole, "%s: %zu bytes of %zu", doing, a->out.length, whole);
}

/* Makes the call without what is denied from its first to its last time. True: it asked so
 * often. */
static bool try(struct attempt *a, struct denial *denial, unsigned long first, unsigned long last, enum lac_status expected)
{
	const long n_before = atomic_load(&n_held);
	bool was_denied;

	begin("%s %s%s, %u threads, without %s from the time %lu to %lu", way_names[a->way], files[a->file].name,
		a->context ? " in a context" : "", (unsigned)a->n_threads, denial->of, first, last);
	deny(denial, first, last);
	make(a);
	was_denied = first && atomic_load(&denial->n_asked) >= first;
	deny(denial, 0, 0);
	check_error(a->status, &a->error, was_denied ? expected : LAC_OK);
	check_bytes(a);
	CHECK_NOTE(a->context || atomic_load(&n_held) == n_before, "%s: %ld blocks are left", doing, atomic_load(&n_held) - n_before);
	free(a->out.at);
	return was_denied;
}

/* ---- Laws of calls that transfer ----------------------------------------------------------- */

typedef void attempt_function(struct attempt *a, struct denial *denial, enum lac_status expected);

/* The N after this one: with several threads no two calls ask in the same order, so that every N is
 * no more than many are. */
static unsigned long next(unsigned long n, uint32_t n_threads)
{
	return n + 1 + (effort == LONG ? 0 : n / (effort == SHORT ? 2 : n_threads == 1 ? 24 : 8));
}

static bool asks(enum way way, const struct denial *denial)
{
	if (denial == &reads)
		return way <= READ_RECORDS;
	if (denial == &writes)
		return way == COMPRESS || way == DECOMPRESS || way == READ_RECORDS;
	return denial != &consents || way == COMPRESS || way == DECOMPRESS;
}

/* That time only; of some, from it on, and then nothing is denied. Nobody does without. */
static void starve(struct attempt *a, struct denial *denial, enum lac_status expected)
{
	const int n_failures = test_failures_in_law;
	bool was_denied = true;

	for (unsigned long n = 1; was_denied && test_failures_in_law == n_failures; n = next(n, a->n_threads)) {
		was_denied = try(a, denial, n, n, expected);
		CHECK_NOTE(!was_denied || a->status, "%s: the call succeeds", doing);
		CHECK_NOTE(was_denied || n > 1 || texts[a->file].length == 0, "%s: it was not asked for", doing);
		if (effort != LONG && n % 8 != 1)
			continue;
		if (try(a, denial, n, ULONG_MAX, expected))
			CHECK_NOTE(a->status, "%s: the call succeeds", doing);
		(void)try(a, denial, 0, 0, LAC_OK);
	}
}

static void each(attempt_function *function, struct denial *denial, enum lac_status expected, uint32_t n_threads)
{
	for (unsigned file = 0; file < N_FILES; file++)
		for (enum way way = COMPRESS; way < N_WAYS; way++) {
			struct attempt a = { .file = file, .way = way, .n_threads = n_threads };

			if (files[file].ways & WAY(way) && asks(way, denial))
				function(&a, denial, expected);
		}
}

static void who_lacks_memory_says_so(void)
{
	each(starve, &memory, LAC_NO_MEMORY, 1);
}

static void so_do_many_threads(void)
{
	each(starve, &memory, LAC_NO_MEMORY, 3);
}

static void a_failed_read_is_told(void)
{
	each(starve, &reads, LAC_READ_FAILED, 2);
}

static void a_failed_write_is_told(void)
{
	each(starve, &writes, LAC_WRITE_FAILED, 2);
}

static void who_may_not_go_on_stops(void)
{
	each(starve, &consents, LAC_CANCELLED, 2);
}

static void starve_context(struct attempt *a, struct denial *denial, enum lac_status expected)
{
	const struct lac_options options = options_of(a);
	const int n_failures = test_failures_in_law;
	bool was_denied = a->way != LIST;

	for (unsigned long n = 1; was_denied && test_failures_in_law == n_failures; n = effort == SHORT ? 4 * n : next(n, 3)) {
		const long n_before = atomic_load(&n_held);

		CHECK(!lac_context_open(&a->context, base, &options, &a->error));
		was_denied = try(a, denial, n, n, expected);
		(void)try(a, denial, 0, 0, LAC_OK);
		lac_context_close(&a->context);
		CHECK_NOTE(atomic_load(&n_held) == n_before, "%s: %ld blocks are left", doing, atomic_load(&n_held) - n_before);
	}
}

static void a_context_that_failed_can_be_used_again(void)
{
	each(starve_context, &memory, LAC_NO_MEMORY, 1);
	each(starve_context, &reads, LAC_READ_FAILED, 2);
	each(starve_context, &writes, LAC_WRITE_FAILED, 2);
	each(starve_context, &consents, LAC_CANCELLED, 2);
	each(starve_context, &threads, LAC_NO_THREAD, 1);
}

/* One thread is enough, none is not. */
static void lack_threads(struct attempt *a, struct denial *denial, enum lac_status expected)
{
	for (unsigned long first = 1; first <= 3; first++)
		for (unsigned only = 0; only < 2; only++) {
			const bool was_denied = try(a, denial, first, only ? first : ULONG_MAX, expected);

			CHECK_NOTE((was_denied && first == 1) == (a->status == expected), "%s: %s", doing, lac_status_name(a->status));
		}
}

static void one_thread_is_enough_and_none_is_told(void)
{
	each(lack_threads, &threads, LAC_NO_THREAD, 3);
}

/* ---- Laws of models -------------------------------------------------------------------------- */

static struct bytes base_file, packed_file, adapter_file;
static const char base_path[] = "tests/golden/models/grouped.gguf";

static enum lac_status open_from_memory(struct lac_model **out, struct lac_error *error)
{
	return lac_model_open_memory(out, base_file.at, base_file.length, NULL, error);
}

static bool lend_packed(void *payload, const uint8_t file_hash[16], struct lac_source *packed)
{
	struct memory_source *source = payload;

	(void)file_hash;
	*source = (struct memory_source){ .at = packed_file.at, .left = packed_file.length };
	*packed = (struct lac_source){ memory_read, source };
	return true;
}

static enum lac_status open_packed(struct lac_model **out, struct lac_error *error)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct memory_source source;

	options.find_packed = lend_packed;
	options.packed_payload = &source;
	return lac_model_open_memory(out, base_file.at, base_file.length, &options, error);
}

static enum lac_status open_from_file(struct lac_model **out, struct lac_error *error)
{
	return lac_model_open_file(out, base_path, NULL, error);
}

/* With user-defined tokens. */
static enum lac_status open_smollm(struct lac_model **out, struct lac_error *error)
{
	return lac_model_open_file(out, "tests/golden/models/smollm.gguf", NULL, error);
}

static enum lac_status adapt_from_memory(struct lac_model **out, struct lac_error *error)
{
	return lac_model_adapt_memory(out, base, adapter_file.at, adapter_file.length, error);
}

static enum lac_status adapt_from_file(struct lac_model **out, struct lac_error *error)
{
	return lac_model_adapt_file(out, base, adapters[1], error);
}

typedef enum lac_status open_function(struct lac_model **out, struct lac_error *error);

/* True: memory was denied. */
static bool try_to_open(open_function *function, unsigned long first, unsigned long last)
{
	const long n_before = atomic_load(&n_held);
	/* what a call is given to fill means nothing */
	struct lac_model *model = (struct lac_model *)&n_held;
	struct lac_error error = { .status = LAC_OK };
	enum lac_status status;
	bool was_denied;

	deny(&memory, first, last);
	status = function(&model, &error);
	was_denied = first && atomic_load(&memory.n_asked) >= first;
	deny(&memory, 0, 0);
	check_error(status, &error, LAC_NO_MEMORY);
	/* what a packed form lacks, converting may not */
	CHECK_NOTE((was_denied || !status) && (!was_denied || status || (function == open_packed && first == last)) && !status == (model != NULL),
		"%s: %s", doing, lac_status_name(status));
	lac_model_close(&model);
	CHECK_NOTE(atomic_load(&n_held) == n_before, "%s: %ld blocks are left", doing, atomic_load(&n_held) - n_before);
	return was_denied;
}

static void a_model_without_memory_is_not_opened(void)
{
	static const struct {
		const char *name;
		open_function *open;
	} ways[] = { { "open_memory", open_from_memory }, { "open_memory with a packed form", open_packed }, { "open_file", open_from_file }, { "open_file of smollm", open_smollm },
		{ "adapt_memory", adapt_from_memory }, { "adapt_file", adapt_from_file } };

	for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++) {
		bool was_denied = true;

		for (unsigned long n = 1; was_denied && !test_failures_in_law; n = next(n, 1)) {
			begin("%s, without memory at the time %lu", ways[i].name, n);
			was_denied = try_to_open(ways[i].open, n, n);
			if (effort != LONG && n % 8 != 1)
				continue;
			(void)try_to_open(ways[i].open, n, ULONG_MAX);
			CHECK_NOTE(!try_to_open(ways[i].open, 0, 0), "%s", doing);
		}
	}
}

static void a_packed_form_without_memory_is_not_written(void)
{
	const long n_before = atomic_load(&n_held);
	struct memory_sink sink = { .capacity = 0 };
	struct lac_error error = { .status = LAC_OK };

	begin("write_packed, without memory");
	deny(&memory, 1, 1);
	check_error(lac_model_write_packed(base, (struct lac_sink){ memory_write, &sink }, &error), &error, LAC_NO_MEMORY);
	CHECK(error.status == LAC_NO_MEMORY && sink.bytes.length == 0 && atomic_load(&n_held) == n_before);
	deny(&memory, 0, 0);
}

/* What the embedded model, which is worth three threads to open, makes of a text: as many as there
 * are, or only some can be started. */
static struct bytes archive_of_default(uint32_t n_threads, unsigned long first, unsigned long last, uint8_t identity[16])
{
	static const char text[] = "A model that is converted by several threads is the same model: its rows are, and their order.";
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct lac_error error = { .status = LAC_OK };
	struct lac_model *model = NULL;
	struct bytes archive = { NULL, 0 };
	const long n_before = atomic_load(&n_held);

	begin("the embedded model, %u threads, without those from %lu to %lu", (unsigned)n_threads, first, last);
	options.n_threads = n_threads;
	deny(&threads, first, last);
	CHECK_NOTE(!lac_model_open_default(&model, &options, &error), "%s: %s", doing, error.text);
	CHECK_NOTE(atomic_load(&threads.n_asked) == (first == 1 ? 1 : n_threads < 3 ? n_threads - 1 : 2), "%s: %lu were asked for", doing,
		atomic_load(&threads.n_asked));
	deny(&threads, 0, 0);
	memcpy(identity, lac_model_info(model)->identity, 16);
	CHECK_NOTE(!transfer(lac_compress, model, text, sizeof text - 1, 0, &options, &archive, NULL, &error), "%s: %s", doing, error.text);
	lac_model_close(&model);
	CHECK_NOTE(atomic_load(&n_held) == n_before, "%s: %ld blocks are left", doing, atomic_load(&n_held) - n_before);
	return archive;
}

static void any_number_of_threads_opens_the_same_model(void)
{
	static const struct {
		uint32_t n_threads;
		unsigned long first, last;
	} ways[] = { { 2, 0, 0 }, { 3, 0, 0 }, { 8, 0, 0 }, { 3, 1, ULONG_MAX }, { 3, 2, ULONG_MAX } };
	uint8_t identity[16], other_identity[16];
	struct bytes archive = archive_of_default(1, 0, 0, identity);

	for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct bytes other = archive_of_default(ways[i].n_threads, ways[i].first, ways[i].last, other_identity);

		CHECK_NOTE(memcmp(identity, other_identity, 16) == 0, "%s: another identity", doing);
		CHECK_NOTE(same_bytes(other, archive.at, archive.length), "%s: another archive", doing);
		free(other.at);
	}
	free(archive.at);
}

static void an_allocator_is_not_changed_under_an_open_model(void)
{
	const struct lac_allocator lacking[] = { { starving_allocate, NULL, NULL }, { NULL, starving_release, NULL } };
	struct lac_error error = { .status = LAC_OK };
	struct attempt a = { .file = 0, .way = COMPRESS, .n_threads = 1 };

	for (unsigned i = 0; i < 2; i++)
		CHECK(lac_set_allocator(&lacking[i], &error) == LAC_BAD_ARGUMENT && strstr(error.text, "both"));
	CHECK(lac_set_allocator(NULL, &error) == LAC_BAD_ARGUMENT && strstr(error.text, "in use"));
	CHECK(!try(&a, &memory, 0, 0, LAC_OK)); /* nothing is changed */
}

/* ---- */

static struct bytes read_golden(const char *name, const char *suffix)
{
	char path[200];

	snprintf(path, sizeof path, "tests/golden/archives/%s.%s", name, suffix);
	return read_file(path);
}

static void open_all(void)
{
	struct memory_sink packing = { .capacity = 0 };
	struct lac_error error = { .status = LAC_OK };

	for (unsigned i = 0; i < N_FILES; i++) {
		texts[i] = read_golden(files[i].name, "txt");
		archives[i] = read_golden(files[i].name, "lac");
	}
	base_file = read_file(base_path);
	adapter_file = read_file(adapters[0]);
	if (lac_set_allocator(&starving, &error) || lac_model_open_file(&base, base_path, NULL, &error) ||
	    lac_model_write_packed(base, (struct lac_sink){ memory_write, &packing }, &error)) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
	packed_file = packing.bytes;
	for (unsigned i = 0; i < N_ADAPTERS; i++)
		if (lac_model_adapt_file((struct lac_model **)&adapted[i], base, adapters[i], &error)) {
			fprintf(stderr, "%s\n", error.text);
			exit(1);
		}
}

static void close_all(void)
{
	for (unsigned i = 0; i < N_ADAPTERS; i++)
		lac_model_close((struct lac_model **)&adapted[i]);
	lac_model_close(&base);
	for (unsigned i = 0; i < N_FILES; i++) {
		free(texts[i].at);
		free(archives[i].at);
	}
	free(base_file.at);
	free(packed_file.at);
	free(adapter_file.at);
}

/* After all is closed. */
static void an_allocator_gives_way_to_libc(void)
{
	struct lac_error error = { .status = LAC_OK };
	struct lac_model *model = NULL;

	CHECK(atomic_load(&n_held) == 0);
	CHECK(!lac_set_allocator(NULL, &error));
	deny(&memory, 1, ULONG_MAX);
	CHECK_NOTE(!lac_model_open_file(&model, base_path, NULL, &error), "%s", error.text);
	CHECK(atomic_load(&memory.n_asked) == 0);
	lac_model_close(&model);
}

int main(int argc, char **argv)
{
	effort = test_effort(argc, argv);
	signal(SIGALRM, on_alarm);
	setvbuf(stdout, NULL, _IOLBF, 0);
	open_all();
	LAW(an_allocator_is_not_changed_under_an_open_model);
	LAW(a_model_without_memory_is_not_opened);
	LAW(a_packed_form_without_memory_is_not_written);
	LAW(any_number_of_threads_opens_the_same_model);
	LAW(who_lacks_memory_says_so);
	LAW(so_do_many_threads);
	LAW(a_failed_read_is_told);
	LAW(a_failed_write_is_told);
	LAW(who_may_not_go_on_stops);
	LAW(one_thread_is_enough_and_none_is_told);
	LAW(a_context_that_failed_can_be_used_again);
	close_all();
	LAW(an_allocator_gives_way_to_libc);
	return test_report();
}
