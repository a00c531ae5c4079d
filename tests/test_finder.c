/* Laws of finding models in folders (laconic.h, "Finding models"): test_finder. From the project's
 * folder. */
#include "test.h"
#include "memory_io.h"

#include <sys/stat.h>
#include <unistd.h>

#define GOLDEN "tests/golden/"

static char work[] = "/tmp/laconic-finder-XXXXXX";

/* A path in the folder of work. Static: for one call at a time. */
static const char *in_work(const char *name)
{
	static char path[300];

	snprintf(path, sizeof path, "%s/%s", work, name);
	return path;
}

static void copy_file(const char *from, const char *name)
{
	struct bytes bytes = read_file(from);
	FILE *file = fopen(in_work(name), "wb");

	if (!file || fwrite(bytes.at, 1, bytes.length, file) != bytes.length || fclose(file) != 0)
		exit(1);
	free(bytes.at);
}

static void write_text(const char *name, const char *text)
{
	FILE *file = fopen(in_work(name), "wb");

	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		exit(1);
}

static struct lac_finder *open_finder(const struct lac_finder_options *options)
{
	struct lac_finder *finder = NULL;

	if (lac_finder_open(&finder, options, NULL))
		exit(1);
	return finder;
}

/* Decompresses golden archives, one behind the other, with what a finder finds. */
static enum lac_status read_with(struct lac_finder *finder, const char *const *names, size_t n, struct lac_error *error)
{
	struct lac_options options = { .find_model = lac_finder_find, .find_payload = finder, .n_threads = 1 };
	struct memory_sink archives = { .capacity = 0 }, wanted = { .capacity = 0 };
	struct bytes text;
	enum lac_status s;

	for (size_t i = 0; i < n; i++)
		for (unsigned kind = 0; kind < 2; kind++) {
			char path[100];
			struct bytes one;

			snprintf(path, sizeof path, GOLDEN "archives/%s.%s", names[i], kind ? "txt" : "lac");
			one = read_file(path);
			memory_write(kind ? &wanted : &archives, one.at, one.length);
			free(one.at);
		}
	s = transfer(lac_decompress, NULL, archives.bytes.at, archives.bytes.length, 100, &options, &text, NULL, error);
	CHECK(s || same_bytes(text, wanted.bytes.at, wanted.bytes.length));
	free(text.at);
	free(wanted.bytes.at);
	free(archives.bytes.at);
	return s;
}

static const char *const golden_folders[] = { "/nowhere/at/all", GOLDEN "models" };

/* ---- Laws ------------------------------------------------------------------------------------ */

static void three_models_and_their_adapters_are_found_in_one_call(void)
{
	static const char *const names[] = { "one-block", "biased-adapted", "sliding", "adapted", "published" };
	struct lac_finder *finder = open_finder(&(struct lac_finder_options){ .folders = golden_folders, .n_folders = 2 });
	struct lac_error error = { 0 };

	CHECK_NOTE(!read_with(finder, names, 5, &error), "%s", error.text);
	lac_finder_close(&finder);
	CHECK(!finder);
}

static void what_is_nowhere_is_not_found(void)
{
	static const char *const names[] = { "one-block" };
	struct lac_finder *nowhere = open_finder(&(struct lac_finder_options){ .n_folders = 0 });
	struct lac_error error = { 0 };
	size_t n = 1;

	CHECK(read_with(nowhere, names, 1, &error) == LAC_OTHER_MODEL);
	CHECK(!lac_finder_list(nowhere, &n, NULL) && n == 0 && !lac_finder_file(nowhere, 0));
	CHECK(!lac_finder_named(nowhere, "grouped", LAC_FOUND_MODEL));
	lac_finder_close(&nowhere);
}

/* A pipe is not waited for, and a damaged file is told. */
static void files_that_are_no_models_are_listed_as_such(void)
{
	const char *folder = work;
	struct lac_finder *finder = open_finder(&(struct lac_finder_options){ .folders = &folder, .n_folders = 1 });
	size_t n = 0;

	copy_file(GOLDEN "models/grouped.gguf", "good.gguf");
	write_text("bad.gguf", "GGUF, it says");
	if (mkfifo(in_work("pipe.gguf"), 0600) != 0)
		exit(1);
	CHECK(!lac_finder_list(finder, &n, NULL) && n == 3);
	for (size_t i = 0; i < n; i++) {
		const struct lac_found *found = lac_finder_file(finder, i);
		const bool is_good = strstr(found->path, "good.gguf") != NULL;

		CHECK_NOTE((found->kind == LAC_FOUND_MODEL) == is_good, "%s", found->path);
		CHECK(is_good ? found->file_bytes > 1000 && strcmp(found->architecture, "llama") == 0 : found->error.text[0] != 0);
	}
	lac_finder_close(&finder);
	unlink(in_work("pipe.gguf"));
	unlink(in_work("bad.gguf"));
}

static void names_are_those_of_files_or_models(void)
{
	const char *folder = work;
	struct lac_finder *finder = open_finder(&(struct lac_finder_options){ .folders = &folder, .n_folders = 1 });
	struct lac_model *model = NULL;
	char identity[33];

	CHECK(!lac_model_open_file(&model, GOLDEN "models/grouped.gguf", NULL, NULL));
	for (unsigned i = 0; i < 16; i++)
		snprintf(identity + 2 * i, 3, "%02x", lac_model_info(model)->identity[i]);
	CHECK(lac_finder_named(finder, "good", LAC_FOUND_MODEL) && lac_finder_named(finder, "good.gguf", LAC_FOUND_MODEL));
	CHECK(lac_finder_named(finder, lac_model_info(model)->name, LAC_FOUND_MODEL) && lac_finder_named(finder, identity, LAC_FOUND_MODEL));
	CHECK(!lac_finder_named(finder, identity, LAC_FOUND_ADAPTER) && !lac_finder_named(finder, "goo", LAC_FOUND_MODEL));
	/* which is no name */
	CHECK(!lac_finder_named(finder, in_work("good.gguf"), LAC_FOUND_MODEL));
	lac_model_close(&model);
	lac_finder_close(&finder);
}

/* What is remembered may be wrong, and is then not believed. */
static void a_memory_that_lies_changes_nothing(void)
{
	static const char *const names[] = { "one-block" };
	const char *folder = work;
	char identities[300], line[600];
	struct lac_finder *finder;
	struct bytes remembered;
	struct stat info;

	snprintf(identities, sizeof identities, "%s/a/new/folder/identities", work);
	finder = open_finder(&(struct lac_finder_options){ .folders = &folder, .n_folders = 1, .identities = identities });
	CHECK(!read_with(finder, names, 1, NULL));
	remembered = read_file(identities);
	CHECK(remembered.length > 100 && memcmp(remembered.at, "laconic identities 1\nm ", 23) == 0);
	free(remembered.at);
	if (stat(in_work("good.gguf"), &info) != 0)
		exit(1);
	snprintf(line, sizeof line, "laconic identities 1\nm 00112233445566778899aabbccddeeff %llu %lld %ld llama\tanother\t%s\n",
		(unsigned long long)info.st_size, (long long)info.st_mtim.tv_sec, info.st_mtim.tv_nsec, in_work("good.gguf"));
	write_text("a/new/folder/identities", line);
	CHECK(lac_finder_named(finder, "another", LAC_FOUND_MODEL)); /* so it is looked at */
	CHECK(!read_with(finder, names, 1, NULL));
	write_text("a/new/folder/identities", "laconic identities 1\nm \xff\xff\n\n\tm\t\n");
	CHECK(!read_with(finder, names, 1, NULL));
	lac_finder_close(&finder);
}

static bool refuse(void *payload, const struct lac_model_wanted *wanted, const struct lac_model *model, const char *path)
{
	CHECK(!wanted->base && memcmp(lac_model_info(model)->identity, wanted->identity, 16) == 0 && strstr(path, ".gguf"));
	++*(unsigned *)payload;
	return false;
}

static void what_the_caller_refuses_is_not_used(void)
{
	static const char *const names[] = { "one-block" };
	const char *folder = work;
	unsigned n_asked = 0;
	struct lac_finder *finder = open_finder(&(struct lac_finder_options){ .folders = &folder, .n_folders = 1, .found = refuse, .payload = &n_asked });

	CHECK(read_with(finder, names, 1, NULL) == LAC_OTHER_MODEL && n_asked > 0);
	lac_finder_close(&finder);
}

static void packed_forms_are_kept_and_taken(void)
{
	const char *folder = work;
	char packed[300];
	struct lac_finder *finder;
	struct lac_model *model = NULL;

	snprintf(packed, sizeof packed, "%s/packed", work);
	finder = open_finder(&(struct lac_finder_options){ .folders = &folder, .n_folders = 1, .packed = packed, .packed_bytes = 1 << 20 });
	for (unsigned i = 0; i < 2; i++) {
		CHECK(!lac_finder_open_file(finder, &model, in_work("good.gguf"), NULL, NULL));
		CHECK(lac_model_info(model)->is_packed == (i == 1));
		CHECK_NOTE(strstr(lac_finder_told(finder), i ? "from" : "kept in"), "%s", lac_finder_told(finder));
		lac_model_close(&model);
	}
	lac_finder_close(&finder);
}

int main(void)
{
	char command[400];

	if (!mkdtemp(work))
		return 1;
	LAW(three_models_and_their_adapters_are_found_in_one_call);
	LAW(what_is_nowhere_is_not_found);
	LAW(files_that_are_no_models_are_listed_as_such);
	LAW(names_are_those_of_files_or_models);
	LAW(a_memory_that_lies_changes_nothing);
	LAW(what_the_caller_refuses_is_not_used);
	LAW(packed_forms_are_kept_and_taken);
	snprintf(command, sizeof command, "rm -r '%s'", work);
	return system(command) | test_report();
}
