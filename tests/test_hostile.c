/* Laws of tests/golden/hostile: test_hostile [DIRECTORY] [--short] [--write]. Every file is
 * refused, or read, as its line in the list says; and the cases of hostile_*.h make the files as
 * they are. With --write they are made anew (make golden). From the project's folder. */
#include "test.h"
#include "hostile_archives.h"
#include "hostile_models.h"

#include <dirent.h>

#define FOLDER "tests/golden/hostile/"
#define MODELS "tests/golden/models/"

#define SLOW "bomb-sum.lac" /* a megabyte is decoded before it is refused */

static struct lac_model *base, *adapted[2];
static bool is_short; /* for slow builds */

/* ---- The files as the cases make them --------------------------------------------- */

struct hyphened { char text[32]; };

static struct hyphened name_status(enum lac_status status)
{
	struct hyphened name;

	snprintf(name.text, sizeof name.text, "%s", lac_status_name(status));
	for (char *c = name.text; *c; c++)
		if (*c == ' ')
			*c = '-';
	return name;
}

typedef void with_file(const char *name, const char *needs, enum lac_status status, const char *offset, const char *why, struct lac_buffer file,
	void *payload);

/* Archives and models; and beside good archives their texts, which have no line in the list. */
static void for_each_case(with_file *use, void *payload)
{
	for (size_t i = 0; i < N_HOSTILE_ARCHIVES; i++) {
		const struct hostile_archive *h = &hostile_archives[i];
		char name[64], place[24];
		uint64_t offset;
		struct lac_buffer file = make_hostile_archive(h, &offset);

		snprintf(name, sizeof name, "%s.lac", h->name);
		snprintf(place, sizeof place, "%llu", (unsigned long long)offset);
		use(name, hostile_needs[h->base], h->status, h->status ? place : "-", h->why, file, payload);
		lac_buffer_free(&file);
		if (h->text) {
			file = make_hostile_text(h);
			snprintf(name, sizeof name, "%s.txt", h->name);
			use(name, NULL, LAC_OK, NULL, NULL, file, payload);
			lac_buffer_free(&file);
		}
	}
	for (size_t i = 0; i < N_HOSTILE_MODELS; i++) {
		const struct hostile_model *h = &hostile_model_files[i];
		struct lac_buffer file = make_hostile_model(h);
		char name[64];

		snprintf(name, sizeof name, "%s.gguf", h->name);
		use(name, h->is_adapter ? "grouped" : "-", h->status, "-", h->why, file, payload);
		lac_buffer_free(&file);
	}
}

static void print_line(const char *name, const char *needs, enum lac_status status, const char *offset, const char *why,
	struct lac_buffer file, void *payload)
{
	(void)file;
	if (needs)
		fprintf(payload, "%-36s %-22s %-18s %6s  %s\n", name, needs, name_status(status).text, offset, why);
}

static struct bytes make_list(void)
{
	char *text = NULL;
	size_t n = 0;
	FILE *file = open_memstream(&text, &n);

	if (!file)
		abort();
	fprintf(file, "%-36s %-22s %-18s %6s  %s\n", "# file", "models", "status", "offset", "why");
	for_each_case(print_line, file);
	if (fclose(file))
		abort();
	return (struct bytes){ (uint8_t *)text, n };
}

static void write_file(const char *name, const void *bytes, size_t n)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof path, FOLDER "%s", name);
	file = fopen(path, "wb");
	if (!file || fwrite(bytes, 1, n, file) != n || fclose(file)) {
		fprintf(stderr, "cannot write %s\n", path);
		exit(1);
	}
}

static void write_case(const char *name, const char *needs, enum lac_status status, const char *offset, const char *why,
	struct lac_buffer file, void *payload)
{
	(void)needs, (void)status, (void)offset, (void)why, (void)payload;
	write_file(name, file.bytes, file.length);
}

static int write_all(void)
{
	struct bytes list = make_list();

	write_file("list", list.at, list.length);
	free(list.at);
	for_each_case(write_case, NULL);
	return 0;
}

/* ---- Laws ----------------------------------------------------------------------- */

static void compare_case(const char *name, const char *needs, enum lac_status status, const char *offset, const char *why,
	struct lac_buffer file, void *payload)
{
	struct bytes found;
	char path[128];

	(void)needs, (void)status, (void)offset, (void)why;
	snprintf(path, sizeof path, FOLDER "%s", name);
	found = read_file(path);
	CHECK_NOTE(same_bytes(found, file.bytes, file.length), "%s", path);
	free(found.at);
	++*(size_t *)payload;
}

static void the_files_are_what_the_cases_make(void)
{
	struct bytes list = make_list(), found = read_file(FOLDER "list");
	size_t n_cases = 0, n_files = 0;
	DIR *folder = opendir(FOLDER);

	CHECK(same_bytes(found, list.at, list.length));
	free(found.at);
	free(list.at);
	for_each_case(compare_case, &n_cases);
	for (struct dirent *entry; folder && (entry = readdir(folder));)
		n_files += entry->d_name[0] != '.' && strcmp(entry->d_name, "list") != 0;
	CHECK_NOTE(n_files == n_cases, "%zu files, %zu cases", n_files, n_cases);
	closedir(folder);
}

static void compare_text(const char *name, struct bytes found)
{
	struct bytes wanted;
	char path[128];

	snprintf(path, sizeof path, FOLDER "%.*s.txt", (int)(strlen(name) - strlen(".lac")), name);
	wanted = read_file(path);
	CHECK_NOTE(same_bytes(found, wanted.at, wanted.length), "%s", name);
	free(wanted.at);
}

static enum lac_status read_archive(const char *name, struct bytes file, const char *needs, struct lac_error *error)
{
	struct lac_options options = LAC_OPTIONS_DEFAULT;
	struct bytes text;
	enum lac_status s;

	options.limit_bytes = strncmp(name, "bomb-", 5) == 0 ? BOMB_LIMIT : 0;
	options.adapted = (const struct lac_model *const *)adapted;
	options.n_adapted = strchr(needs, '+') ? 2 : 0;
	options.opens_carried = true;
	s = transfer(lac_decompress, strcmp(needs, "-") ? base : NULL, file.at, file.length, 0, &options, &text, NULL, error);
	CHECK_NOTE(!options.limit_bytes || text.length <= BOMB_LIMIT, "%s", name);
	if (strncmp(name, "good-", 5) == 0)
		compare_text(name, text);
	free(text.at);
	return s;
}

static enum lac_status open_gguf(struct bytes file, const char *needs, struct lac_error *error)
{
	struct lac_model *model = NULL;
	enum lac_status s = strcmp(needs, "-") ? lac_model_adapt_memory(&model, base, file.at, file.length, error)
		: lac_model_open_memory(&model, file.at, file.length, NULL, error);

	CHECK(!s == (model != NULL));
	lac_model_close(&model);
	return s;
}

/* What a stranger's decoder would do: read the list, and see. */
static void every_file_is_taken_as_the_list_says(void)
{
	char line[512], name[64], needs[64], status[32], offset[24], path[128];
	FILE *list = fopen(FOLDER "list", "r");

	while (list && fgets(line, sizeof line, list)) {
		struct lac_error error = { .status = LAC_OK };
		struct bytes file, copy;
		enum lac_status s;

		if (line[0] == '#')
			continue;
		if (sscanf(line, "%63s %63s %31s %23s", name, needs, status, offset) != 4)
			exit(1);
		if (is_short && strcmp(name, SLOW) == 0)
			continue;
		snprintf(path, sizeof path, FOLDER "%s", name);
		file = read_file(path);
		/* so that the sanitizers see a read past it */
		copy = (struct bytes){ malloc(file.length + !file.length), file.length };
		memcpy(copy.at, file.at, file.length);
		s = strstr(name, ".gguf") ? open_gguf(copy, needs, &error) : read_archive(name, copy, needs, &error);
		CHECK_NOTE(strcmp(name_status(s).text, status) == 0, "%s: %s, not %s: %s", name, name_status(s).text, status, error.text);
		CHECK_NOTE(!s == !error.text[0] && (!s || error.status == s), "%s: %s", name, error.text);
		if (strcmp(offset, "-") != 0)
			CHECK_NOTE(error.offset == strtoull(offset, NULL, 10), "%s: %s", name, error.text);
		free(file.at);
		free(copy.at);
	}
	CHECK(list);
	if (list)
		fclose(list);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--write") == 0)
		return write_all();
	is_short = test_effort(argc, argv) == SHORT;
	if (lac_model_open_file(&base, MODELS "grouped.gguf", NULL, NULL) ||
	    lac_model_adapt_file(&adapted[0], base, MODELS "leaning.gguf", NULL) ||
	    lac_model_adapt_file(&adapted[1], base, MODELS "tilted.gguf", NULL))
		return 1;
	LAW(the_files_are_what_the_cases_make);
	LAW(every_file_is_taken_as_the_list_says);
	if (is_short)
		SKIP(SLOW, "slow here; the whole test reads it");
	lac_model_close(&adapted[0]);
	lac_model_close(&adapted[1]);
	lac_model_close(&base);
	return test_report();
}
