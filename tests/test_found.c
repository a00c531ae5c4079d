/* Laws of models that are found while an archive is read (laconic.h, find_model; format.md section
 * 1): test_found. From the project's folder. */
#include "test.h"
#include "memory_io.h"

#include <pthread.h>
#include <unistd.h>

#define GOLDEN "tests/golden/"

/* ---- Who finds ----------------------------------------------------------------------------- */

static const char *const files[] = { "grouped", "biased", "sliding", "leaning", "tilted" };
enum { N_BASES = 3, N_FILES = sizeof files / sizeof *files };

struct finder {
	bool has[N_FILES];
	bool gives_another;   /* than was asked for */
	unsigned n_asked, n_bases, n_adapters; /* asked for, of bases, of adapters */
	struct lac_model_wanted last;
};

static struct lac_model *open_file(unsigned i, const struct lac_model *base)
{
	struct lac_model *model = NULL;
	struct lac_error error = { 0 };
	char path[100];

	snprintf(path, sizeof path, GOLDEN "models/%s.gguf", files[i]);
	if (base ? lac_model_adapt_file(&model, base, path, &error) : lac_model_open_file(&model, path, NULL, &error)) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
	return model;
}

static bool find(void *payload, const struct lac_model_wanted *wanted, struct lac_model **out)
{
	struct finder *finder = payload;

	finder->n_asked++;
	*(wanted->base ? &finder->n_adapters : &finder->n_bases) += 1;
	finder->last = *wanted;
	for (unsigned i = wanted->base ? N_BASES : 0; i < (wanted->base ? N_FILES : N_BASES); i++) {
		struct lac_model *model = finder->has[i] ? open_file(i, wanted->base) : NULL;
		const struct lac_model_info *info = model ? lac_model_info(model) : NULL;

		if (info && (memcmp(wanted->base ? info->adapter_identity : info->identity, wanted->identity, 16) == 0) != finder->gives_another) {
			*out = model;
			return true;
		}
		lac_model_close(&model);
	}
	return false;
}

static struct lac_options finding(struct finder *finder)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;

	options.find_model = find;
	options.find_payload = finder;
	options.n_threads = 2;
	return options;
}

/* ---- What is read ---------------------------------------------------------------------------- */

/* Golden files, one behind the other, of a kind. */
static struct bytes join(const char *const *names, size_t n, const char *kind)
{
	struct memory_sink all = { { NULL, 0 }, 0, 0 };

	for (size_t i = 0; i < n; i++) {
		char path[100];
		struct bytes one;

		snprintf(path, sizeof path, GOLDEN "archives/%s.%s", names[i], kind);
		one = read_file(path);
		memory_write(&all, one.at, one.length);
		free(one.at);
	}
	return all.bytes;
}

static void check_text(struct bytes text, const char *const *names, size_t n)
{
	struct bytes wanted = join(names, n, "txt");

	CHECK(same_bytes(text, wanted.at, wanted.length));
	free(wanted.at);
}

struct writer {
	struct bytes bytes;
	int file;
};

static void *write_all(void *payload)
{
	struct writer *writer = payload;

	for (size_t at = 0; at < writer->bytes.length;) {
		const ssize_t n = write(writer->file, writer->bytes.at + at, writer->bytes.length - at);

		if (n <= 0)
			break;
		at += (size_t)n;
	}
	close(writer->file);
	return NULL;
}

static bool read_pipe(void *payload, void *buffer, size_t capacity, size_t *n_read)
{
	const ssize_t n = read(*(int *)payload, buffer, capacity);

	*n_read = n > 0 ? (size_t)n : 0;
	return n >= 0;
}

/* ---- Laws ------------------------------------------------------------------------------------ */

static const char *const three[] = { "one-block", "biased", "sliding", "published", "one-block", "lines" };
enum { N_THREE = sizeof three / sizeof *three };

/* In one call, from what cannot be read twice. */
static void three_models_are_found_from_a_pipe(void)
{
	struct finder finder = { .has = { true, true, true } };
	const struct lac_options options = finding(&finder);
	struct writer writer = { join(three, N_THREE, "lac"), -1 };
	struct memory_sink text = { { NULL, 0 }, 0, 0 };
	struct lac_model *given = NULL;
	struct lac_error error = { 0 };
	struct lac_stats stats;
	pthread_t thread;
	int ends[2];

	if (pipe(ends) != 0 || lac_model_open_default(&given, NULL, &error))
		exit(1);
	writer.file = ends[1];
	if (pthread_create(&thread, NULL, write_all, &writer) != 0)
		exit(1);
	CHECK_NOTE(!lac_decompress(given, (struct lac_source){ read_pipe, &ends[0] }, (struct lac_sink){ memory_write, &text }, &options,
		&stats, &error), "%s", error.text);
	close(ends[0]);
	pthread_join(thread, NULL);
	check_text(text.bytes, three, N_THREE);
	CHECK(stats.n_models == 4 && stats.n_archives == N_THREE);
	/* the first was closed for the second, and is asked for again */
	CHECK(finder.n_asked == 4);
	free(text.bytes.at);
	free(writer.bytes.at);
	lac_model_close(&given);
}

static const char *const adapted[] = { "adapted", "biased", "adapted-lines" };

static void adapters_are_found_for_their_base(void)
{
	struct finder finder = { .has = { true, true, false, true, true } };
	const struct lac_options options = finding(&finder);
	struct bytes archive = join(adapted, 3, "lac"), text;
	struct lac_error error = { 0 };

	CHECK_NOTE(!transfer(lac_decompress, NULL, archive.at, archive.length, 7, &options, &text, NULL, &error), "%s", error.text);
	check_text(text, adapted, 3);
	CHECK(finder.n_bases == 3 && finder.n_adapters >= 2);
	free(text.at);
	/* one is missing: what comes before it is there */
	finder = (struct finder){ .has = { true, true, false, true, false } };
	CHECK(transfer(lac_decompress, NULL, archive.at, archive.length, 0, &options, &text, NULL, &error) == LAC_OTHER_ADAPTER);
	CHECK(finder.last.base != NULL);
	free(text.at);
	free(archive.at);
}

static void who_finds_nothing_is_told_what_is_missing(void)
{
	struct finder finder = { .has = { true, false, true } };
	const struct lac_options options = finding(&finder);
	struct bytes archive = join(three, N_THREE, "lac"), text;
	struct lac_error error = { 0 };
	struct lac_model *biased = open_file(1, NULL);

	CHECK(transfer(lac_decompress, NULL, archive.at, archive.length, 0, &options, &text, NULL, &error) == LAC_OTHER_MODEL);
	check_text(text, three, 1);
	CHECK(memcmp(finder.last.identity, lac_model_info(biased)->identity, 16) == 0 && !finder.last.base && finder.last.name[0]);
	free(text.at);
	free(archive.at);
	lac_model_close(&biased);
}

static void another_model_than_the_one_asked_for_is_refused(void)
{
	struct finder finder = { .has = { true, true, true }, .gives_another = true };
	const struct lac_options options = finding(&finder);
	struct bytes archive = join(three, 1, "lac"), text;
	struct lac_error error = { 0 };

	CHECK_NOTE(transfer(lac_decompress, NULL, archive.at, archive.length, 0, &options, &text, NULL, &error) == LAC_BAD_ARGUMENT &&
		strstr(error.text, "find_model"), "%s", error.text);
	CHECK(!text.length);
	free(text.at);
	free(archive.at);
}

/* What is given or was found before is not asked for. */
static void what_is_at_hand_is_not_asked_for(void)
{
	struct finder finder = { .has = { true } };
	const struct lac_options options = finding(&finder);
	struct bytes archive = join(three, 1, "lac"), text;
	struct lac_model *grouped = open_file(0, NULL);
	struct lac_context *context = NULL;

	CHECK(!transfer(lac_decompress, grouped, archive.at, archive.length, 0, &options, &text, NULL, NULL) && finder.n_asked == 0);
	free(text.at);
	CHECK(!lac_context_open(&context, NULL, &options, NULL));
	for (unsigned i = 0; i < 3; i++) {
		struct memory_source source = { .at = archive.at, .left = archive.length };

		CHECK(!lac_context_decompress(context, (struct lac_source){ memory_read, &source }, (struct lac_sink){ NULL, NULL }, NULL, NULL));
	}
	CHECK(finder.n_asked == 1);
	lac_context_close(&context);
	lac_model_close(&grouped);
	free(archive.at);
}

static bool read_at(void *payload, uint64_t offset, void *buffer, size_t n_bytes)
{
	memcpy(buffer, ((const struct bytes *)payload)->at + offset, n_bytes);
	return true;
}

/* A range over archives of different models. */
static void single_records_have_the_models_of_their_archives(void)
{
	static const char *const names[] = { "indexed-lines", "indexed-adapted", "indexed-published", "indexed-lines" };
	struct finder finder = { .has = { true, true, true, true, true } };
	const struct lac_options options = finding(&finder);
	struct bytes bytes = join(names, 4, "lac");
	struct memory_sink text = { { NULL, 0 }, 0, 0 };
	struct lac_context *context = NULL;
	struct lac_archive *archive = NULL;
	struct lac_model *given = NULL;
	struct lac_error error = { 0 };

	CHECK(!lac_model_open_default(&given, NULL, NULL) && !lac_context_open(&context, given, &options, NULL));
	CHECK(!lac_archive_open(&archive, context, (struct lac_random_source){ read_at, &bytes, bytes.length }, &error));
	CHECK_NOTE(!lac_archive_read(archive, 0, lac_archive_n_records(archive), (struct lac_sink){ memory_write, &text }, NULL, &error), "%s",
		error.text);
	check_text(text.bytes, names, 4);
	lac_archive_close(&archive);
	lac_context_close(&context);
	lac_model_close(&given);
	free(text.bytes.at);
	free(bytes.at);
}

int main(void)
{
	LAW(three_models_are_found_from_a_pipe);
	LAW(adapters_are_found_for_their_base);
	LAW(who_finds_nothing_is_told_what_is_missing);
	LAW(another_model_than_the_one_asked_for_is_refused);
	LAW(what_is_at_hand_is_not_asked_for);
	LAW(single_records_have_the_models_of_their_archives);
	return test_report();
}
